"""An authorization server and an API behind it: POST /token gives tokens to clients that prove
themselves (RFC 6749 sections 2.3.1, 4.4 and 5), any other path answers 200 to a valid one."""
import base64
import http.server
import json
import threading
import time
import urllib.parse

from harness.ports import free_port


class TokenServer:
    """Knows `client` with `secret`, which may ask for `scopes`. A token lives for `lifetime`
    seconds; `status` other than 200 is the answer to every request for one. `grants` and `calls`
    count what was asked, `forms` holds the requests for tokens."""

    def __init__(self, client="watch", secret="s3cret/1", scopes=("orders",), lifetime=3600):
        self._client, self._secret, self._scopes = client, secret, scopes
        self.lifetime, self.status, self.in_body_only = lifetime, 200, False
        self.grants, self.calls, self.forms = 0, 0, []
        self._valid = {}  # token: until
        server = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                form = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                status, answer = server._token(self.path, self.headers, form)
                self._answer(status, answer)

            def do_GET(self):
                server.calls += 1
                kind, _, token = self.headers.get("Authorization", "").partition(" ")
                good = kind == "Bearer" and server._valid.get(token, 0) > time.monotonic()
                self._answer(200 if good else 401, {"orders": 3} if good else {})

            def _answer(self, status, answer):
                body = json.dumps(answer).encode()
                self.send_response(status)
                if status == 401:
                    self.send_header("WWW-Authenticate", "Bearer" if self.command == "GET"
                                     else "Basic realm=token")
                self.send_header("Content-Type", "application/json")
                self.send_header("Cache-Control", "no-store")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", self.port), Handler)
        self._server.daemon_threads = True
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()

    def revoke(self):
        """No token is valid any more."""
        self._valid.clear()

    def _token(self, path, headers, text):
        self.grants += 1
        if path != "/token" or self.status != 200:
            return (404 if path != "/token" else self.status), {}
        if headers["Content-Type"] != "application/x-www-form-urlencoded":
            return 400, {"error": "invalid_request"}
        form = urllib.parse.parse_qs(text, strict_parsing=True)
        self.forms.append(form)
        if not self._proves_itself(headers, form):
            return 401, {"error": "invalid_client", "error_description": self._secret}
        if form.get("grant_type") != ["client_credentials"]:
            return 400, {"error": "unsupported_grant_type"}
        wanted = form.get("scope", [""])[0].split()
        if not set(wanted) <= set(self._scopes):
            return 400, {"error": "invalid_scope"}
        token = f"token-{self.grants}-{self.port}"
        self._valid[token] = time.monotonic() + self.lifetime
        return 200, {"access_token": token, "token_type": "Bearer", "expires_in": self.lifetime}

    def _proves_itself(self, headers, form):
        given = (form.get("client_id", [""])[0], form.get("client_secret", [""])[0])
        kind, _, text = headers.get("Authorization", "").partition(" ")
        if kind == "Basic" and not self.in_body_only:
            user, _, password = base64.b64decode(text).decode().partition(":")
            given = (urllib.parse.unquote_plus(user), urllib.parse.unquote_plus(password))
        return given == (self._client, self._secret)
