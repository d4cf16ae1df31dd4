"""An SMTP server that fails as told: greylists, ends conversations, hides STARTTLS, shows a bad
certificate, drops the connection once it has the message."""
import email
import email.policy
import socketserver
import ssl
import threading

from harness import wait
from harness.ports import free_port


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass


class ScriptedSmtp:
    """`replies` gives the reply to a verb (EHLO MAIL RCPT DATA) in place of the good one, each for
    one time: {"RCPT": ["451 4.7.1 greylisted"]}; one that starts with 421 ends the conversation.
    `drops` is how many messages it reads whole and then goes without a reply. With `leaf` it offers
    STARTTLS; `strips` makes it hide that. `taken` holds the messages that it took, `dropped` those
    that it had and did not answer; `commands` every line that came."""

    def __init__(self, leaf=None, strips=False):
        self.replies, self.drops = {}, 0
        self.taken, self.dropped, self.commands = [], [], []
        self._tls = None
        if leaf:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(leaf.cert_file, leaf.key_file)
        self._strips = strips
        server = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                server._converse(self.request)

        self.port = free_port()
        self.address = f"127.0.0.1:{self.port}"
        self._server = _Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def until_taken(self, count=1, seconds=20):
        wait.until(lambda: len(self.taken) >= count, seconds, f"{count} mails; {self.commands}")
        return self.taken

    def _converse(self, connection):
        stream = connection.makefile("rb")

        def say(text):
            connection.sendall(text.encode() + b"\r\n")

        say("220 mail.test ESMTP")
        while line := stream.readline().decode(errors="replace").strip():
            self.commands.append(line)
            verb = line.split(" ")[0].upper()
            waiting = self.replies.get(verb)
            if waiting:
                reply = waiting.pop(0)
                say(reply)
                if reply.startswith("421"):
                    return
            elif verb == "EHLO":
                offers = self._tls and not self._strips
                say("250-mail.test\r\n250 STARTTLS" if offers else "250 mail.test")
            elif verb == "STARTTLS":
                say("220 go ahead")
                connection = self._tls.wrap_socket(connection, server_side=True)
                stream = connection.makefile("rb")
            elif verb == "DATA":
                say("354 send it")
                if not self._take(stream):
                    return
                say("250 2.0.0 taken")
            elif verb == "QUIT":
                say("221 bye")
                return
            else:
                say("250 2.0.0 ok")

    def _take(self, stream):
        """Reads a message; False where the connection is to end without a word."""
        lines = []
        while (line := stream.readline()) and line != b".\r\n":
            lines.append(line[1:] if line.startswith(b"..") else line)
        message = email.message_from_bytes(b"".join(lines), policy=email.policy.default)
        if self.drops > 0:
            self.drops -= 1
            self.dropped.append(message)
            return False
        self.taken.append(message)
        return True
