"""Proxies that keep what they were asked, and lead every host to 127.0.0.1: an HTTP proxy with
CONNECT and plain requests, and SOCKS5 without a login (RFC 1928)."""
import socket
import socketserver
import struct
import threading

from harness.ports import free_port


def _pump(source, sink):
    try:
        while data := source.recv(65536):
            sink.sendall(data)
    except OSError:
        pass
    finally:
        for end in (source, sink):
            try:
                end.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass


def _join(client, port, first=b""):
    """Copies both ways between `client` and that port until one of them ends."""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as server:
        server.sendall(first)
        threading.Thread(target=_pump, args=(server, client), daemon=True).start()
        _pump(client, server)


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True

    def handle_error(self, request, client_address):
        pass


class _Proxy:
    def __init__(self, serve):
        proxy = self

        class Handler(socketserver.BaseRequestHandler):
            def handle(self):
                serve(proxy, self.request)

        self.port = free_port()
        self.asked = []
        self._server = _Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


class HttpProxy(_Proxy):
    """`asked` holds (request line, headers by name in lower case)."""

    def __init__(self):
        super().__init__(HttpProxy._serve)
        self.url = f"http://127.0.0.1:{self.port}"

    def _serve(self, client):
        head = b""
        while b"\r\n\r\n" not in head:
            data = client.recv(65536)
            if not data:
                return
            head += data
        head, rest = head.split(b"\r\n\r\n", 1)
        lines = head.decode().split("\r\n")
        headers = dict(line.lower().split(": ", 1) for line in lines[1:])
        self.asked.append((lines[0], headers))
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
    """`asked` holds (host or address, port)."""

    def __init__(self):
        super().__init__(SocksProxy._serve)
        self.url = f"socks5://127.0.0.1:{self.port}"

    def _serve(self, client):
        stream = client.makefile("rb", buffering=0)
        _, methods = stream.read(2)
        stream.read(methods)
        client.sendall(b"\x05\x00")
        kind = stream.read(4)[3]
        if kind == 3:
            host = stream.read(stream.read(1)[0]).decode()
        else:
            host = socket.inet_ntop(*((socket.AF_INET, stream.read(4)) if kind == 1
                                      else (socket.AF_INET6, stream.read(16))))
        port = struct.unpack("!H", stream.read(2))[0]
        self.asked.append((host, port))
        client.sendall(b"\x05\x00\x00\x01" + bytes(6))
        _join(client, port)
