"""Servers on loopback that answer as a scenario of the published probe cases says: HTTP routes, or a
TCP conversation. Each has a port of its own; all end with the process."""
import gzip
import http.server
import re
import socket
import ssl
import threading
import time


def _self_in(text, base):
    return text.replace("{{self}}", base)


class _Routes(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    routes = {}
    base = ""

    def log_message(self, *arguments):
        del arguments

    def version_string(self):
        return "scripted"

    def _refused(self, required):
        """The status where the request is not what the route requires; 0 where it is."""
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        wrong = (required.get("method", self.command) != self.command or
                 required.get("body", body) != body or
                 any(self.headers.get(name) != value
                     for name, value in required.get("headers", {}).items()))
        return required.get("else", 400) if wrong else 0

    def _answer(self):
        route = self.routes.get(self.path, {"status": 404})
        time.sleep(route.get("delay_s", 0))  # is part of what the case describes
        refused = self._refused(route.get("require", {}))
        body = b"" if refused else route.get("body", "").encode()
        if route.get("encode") == "gzip":
            body = gzip.compress(body)
        self.send_response(refused or route.get("status", 200))
        for name, value in route.get("headers", {}).items():
            self.send_header(name, _self_in(value, self.base))
        if route.get("chunked"):
            self.send_header("Transfer-Encoding", "chunked")
            body = b"%x\r\n%s\r\n0\r\n\r\n" % (len(body), body)
        elif route.get("status") != 204:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    do_GET = do_POST = do_HEAD = do_PUT = do_DELETE = do_OPTIONS = _answer


class _HttpServer(http.server.ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request, client_address):
        """A client that turns away from our certificate is what some cases are about."""


def _converse(connection, script, context, held):
    """Plays `script` on the connection, then waits for the client's end, or `held` seconds."""
    connection.settimeout(10)
    try:
        lines = connection.makefile("rb")
        for step in script:
            if "send" in step:
                connection.sendall(step["send"].encode())
            elif "expect_line" in step:
                if lines.readline().decode().rstrip("\r\n") != step["expect_line"]:
                    return
            elif step.get("starttls"):
                connection = context.wrap_socket(connection, server_side=True)
                lines = connection.makefile("rb")
        connection.settimeout(held)
        while connection.recv(4096):
            pass
    except OSError:
        pass  # the client ended the conversation, as some cases want
    finally:
        connection.close()


def _accept(listener, server, context):
    while True:
        connection, _ = listener.accept()
        try:
            if server.get("tls"):
                connection = context.wrap_socket(connection, server_side=True)
        except OSError:
            continue
        threading.Thread(target=_converse, daemon=True, args=(
            connection, server.get("script", []), context, server.get("hold", 5))).start()


def start(server, leaf):
    """Starts what `server` describes; `leaf` is its certificate. Its port."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(leaf.cert_file, leaf.key_file)
    if server["kind"] == "http":
        scheme = "https" if server.get("tls") else "http"
        handler = type("Routes", (_Routes,), {"routes": server["routes"]})
        web = _HttpServer(("127.0.0.1", 0), handler)
        handler.base = f"{scheme}://127.0.0.1:{web.server_port}"
        if server.get("tls"):
            web.socket = context.wrap_socket(web.socket, server_side=True,
                                             do_handshake_on_connect=False)
        threading.Thread(target=web.serve_forever, daemon=True).start()
        return web.server_port
    listener = socket.create_server(("127.0.0.1", 0))
    port = listener.getsockname()[1]
    if server["kind"] == "closed":
        listener.close()
    else:
        assert server["kind"] == "tcp", server
        threading.Thread(target=_accept, daemon=True, args=(listener, server, context)).start()
    return port


def fill_in(text, port, ca_file):
    """`text` of a case with what is known only now."""
    return re.sub(r"\{\{(port|ca_file)\}\}",
                  lambda found: str(port if found.group(1) == "port" else ca_file), text)
