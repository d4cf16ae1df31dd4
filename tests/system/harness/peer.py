"""An HTTP or HTTPS server that answers as told and keeps what it was asked."""
import http.server
import ssl
import threading

from harness.ports import free_port


class Asked:
    """One request; of a TLS connection also what was agreed on."""

    def __init__(self, path, headers, body, connection):
        self.path, self.headers, self.body = path, headers, body
        tls = isinstance(connection, ssl.SSLSocket)
        self.tls_version = connection.version() if tls else None
        self.client = connection.getpeercert() if tls else None

    def __iter__(self):
        return iter((self.path, self.headers, self.body))


class Peer:
    """Answers each request with `answers[path]`: (status, type, body), and after `delay` seconds;
    redirects where `redirects[path]` says to. With `leaf` it speaks TLS, wants a certificate of the
    client where `client_ca` is given, and takes versions up to `tls_max`; `alpn` are the protocols it
    would speak. `names` and `agreed` hold the server name and the protocol of each connection."""

    def __init__(self, leaf=None, client_ca=None, tls_max=None, alpn=()):
        self.answers, self.redirects, self.requests, self.delay = {}, {}, [], 0
        self.names, self.agreed = [], []
        self._stopping = threading.Event()
        peer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def setup(self):
                if isinstance(self.request, ssl.SSLSocket):
                    self.request.do_handshake()
                    peer.agreed.append(self.request.selected_alpn_protocol())
                super().setup()

            def do_POST(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
                peer.requests.append(Asked(self.path, self.headers, body, self.connection))
                peer._stopping.wait(peer.delay)
                path = self.path.split("?")[0]
                status, kind, text = peer.answers.get(path, (200, "text/plain", "ok"))
                if path in peer.redirects:
                    status = 307
                self.send_response(status)
                if path in peer.redirects:
                    self.send_header("Location", peer.redirects[path])
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(text)))
                self.end_headers()
                self.wfile.write(text.encode())

            do_GET = do_POST

            def log_message(self, *_):
                pass

        self.port = free_port()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        self._server.handle_error = lambda *_: None
        self.url = f"http://127.0.0.1:{self.port}"
        if leaf:
            context = self._context(leaf, client_ca, tls_max)
            if alpn:
                context.set_alpn_protocols(alpn)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True,
                                                      do_handshake_on_connect=False)
            self.url = f"https://127.0.0.1:{self.port}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def _context(self, leaf, client_ca, tls_max):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(leaf.cert_file, leaf.key_file)
        if tls_max:
            context.maximum_version = tls_max
        if client_ca:
            context.load_verify_locations(client_ca)
            context.verify_mode = ssl.CERT_REQUIRED
        context.sni_callback = lambda _, name, __: self.names.append(name)
        return context

    def close(self):
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
