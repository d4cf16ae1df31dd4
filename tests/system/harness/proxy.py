"""Proxies that keep what they were asked, and lead every host to 127.0.0.1: an HTTP proxy with
CONNECT and plain requests, plain or over TLS, and SOCKS5 (RFC 1928, RFC 1929)."""
import base64
import select
import socket
import socketserver
import ssl
import struct
import threading

from harness.ports import free_port


def _join(client, port, first=b""):
    """Copies both ways between `client` and that port until one of them ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as server:
        server.sendall(first)
        ends = {client: server, server: client}
        try:
            while True:
                # What a TLS socket has decrypted already, no select() shows.
                ready = [client] if getattr(client, "pending", int)() else \
                    select.select(list(ends), [], [], 30)[0]
                for source in ready:
                    data = source.recv(65536)
                    if not data:
                        return
                    ends[source].sendall(data)
                if not ready:
                    return
        except OSError:
            pass


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass


class _Proxy:
    def __init__(self, serve, leaf=None):
        proxy = self
        context = None
        if leaf:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(leaf.cert_file, leaf.key_file)

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                if not context:
                    serve(proxy, self.request)
                    return
                with context.wrap_socket(self.request, server_side=True) as secure:
                    serve(proxy, secure)

        self.port = free_port()
        self.asked = []
        self._server = _Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class HttpProxy(_Proxy):
    """`asked` holds (request line, headers by name in lower case). With `leaf` it speaks TLS; with
    `login`, "user:password", it asks for it."""

    def __init__(self, leaf=None, login=""):
        super().__init__(HttpProxy._serve, leaf)
        self._login = login
        at = f"{login}@" if login else ""
        self.place = f"{'https' if leaf else 'http'}://127.0.0.1:{self.port}"
        self.url = self.place.replace("://", f"://{at}")

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(65536)
            if not data:
                return
            head += data
        head, rest = head.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = {name.lower(): value for name, value in (line.split(": ", 1) for line in lines[1:])}
        self.asked.append((lines[0], headers))
        login = "Basic " + base64.b64encode(self._login.encode()).decode()
        if self._login and headers.get("proxy-authorization") != login:
            client.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                           b"Proxy-Authenticate: Basic realm=x\r\nContent-Length: 0\r\n\r\n")
            return
        method, target, version = lines[0].split(" ")
        if method == "CONNECT":
            client.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            _join(client, int(target.rsplit(":", 1)[1]), rest)
            return
        authority, _, path = target.removeprefix("http://").partition("/")
        kept = [line for line in lines[1:] if not line.lower().startswith(("proxy-", "connection"))]
        first = "\r\n".join([f"{method} /{path} {version}", *kept, "Connection: close", "", ""])
        _join(client, int(authority.rsplit(":", 1)[1]), first.encode() + rest)


class SocksProxy(_Proxy):
    """`asked` holds (host or address, port). With `login`, "user:password", it asks for it; it
    answers every request with `reply`, 0 for success."""

    def __init__(self, login="", reply=0):
        super().__init__(SocksProxy._serve)
        self._login, self._reply = login, reply
        self.place = f"socks5://127.0.0.1:{self.port}"
        self.url = self.place.replace("://", f"://{login}@") if login else self.place

    def _serve(self, client):
        stream = client.makefile("rb", buffering=0)
        _, methods = stream.read(2)
        wanted = 2 if self._login else 0
        if wanted not in stream.read(methods):
            client.sendall(b"\x05\xff")
            return
        client.sendall(bytes([5, wanted]))
        if self._login and not self._logged_in(client, stream):
            return
        kind = stream.read(4)[3]
        if kind == 3:
            host = stream.read(stream.read(1)[0]).decode()
        else:
            host = socket.inet_ntop(*((socket.AF_INET, stream.read(4)) if kind == 1
                                      else (socket.AF_INET6, stream.read(16))))
        port = struct.unpack("!H", stream.read(2))[0]
        self.asked.append((host, port))
        client.sendall(bytes([5, self._reply, 0, 1]) + bytes(6))
        if self._reply == 0:
            _join(client, port)

    def _logged_in(self, client, stream):
        stream.read(1)
        user = stream.read(stream.read(1)[0])
        password = stream.read(stream.read(1)[0])
        good = user + b":" + password == self._login.encode()
        client.sendall(bytes([1, 0 if good else 1]))
        return good
