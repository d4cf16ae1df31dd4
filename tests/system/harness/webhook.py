"""A webhook receiver that records what it got, and misbehaves as told while it runs."""
import datetime
import functools
import http.server
import json
import re
import socket
import struct
import threading
import time

from harness import wait
from harness.ports import free_port


def seconds_of(text):
    """Unix time of an RFC 3339 time, also with nanoseconds."""
    text = re.sub(r"(\.\d{6})\d+", r"\1", text).replace("Z", "+00:00")
    return datetime.datetime.fromisoformat(text).timestamp()


class Received:
    """One request. `accepted` says whether it was answered with 2xx."""

    def __init__(self, path, headers, body, accepted):
        self.at = time.time()
        self.path = path
        self.headers = headers
        self.body = body
        self.accepted = accepted

    @functools.cached_property
    def json(self):
        return json.loads(self.body)

    @property
    def key(self):
        return self.headers.get("Idempotency-Key")

    @property
    def alerts(self):
        return self.json["alerts"]


class _Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    allow_reuse_address = True
    request_queue_size = 128

    def handle_error(self, request, client_address):
        pass  # the agent that is killed in the middle of a request is what some tests are about


class WebhookReceiver:
    """`mode` is "ok", "slow" (takes it, answers 300 ms later), "hang" (reads, never answers),
    "reset" (RST after reading), or a status such as 500; headers of such an answer stand in
    `reply_headers`. down() and up() close and reopen the port."""

    def __init__(self):
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}/hook"
        self.mode = "ok"
        self.reply_headers = {}
        self._received = []
        self._changed = threading.Condition()
        self._stopping = threading.Event()
        self._server = None
        self.up()

    def up(self):
        if self._server:
            return
        receiver = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver._serve(self)

            def log_message(self, *_):
                pass

        self._server = _Server(("127.0.0.1", self.port), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def down(self):
        """Connections are refused until up()."""
        if self._server:
            self._server.shutdown()
            self._server.server_close()
            self._server = None

    def close(self):
        self._stopping.set()
        self.down()

    def received(self, accepted=None):
        """All requests so far, in order; only those with that `accepted` where it is given."""
        with self._changed:
            return [r for r in self._received if accepted is None or r.accepted == accepted]

    def until(self, matches, seconds=15, what="a notice"):
        """The first accepted request for which matches(request) holds."""
        return wait.until(lambda: next((r for r in self.received(True) if matches(r)), None),
                          seconds, f"{what} at the webhook; got {self._summary()}")

    def until_alert(self, status, seconds=15, **labels):
        """The first accepted request with such an alert."""
        def matches(request):
            return any(a["status"] == status and labels.items() <= a["labels"].items()
                       for a in request.alerts)
        return self.until(matches, seconds, f"alert {status} {labels}")

    def _summary(self):
        return [(r.accepted, r.json.get("status"), len(r.alerts)) for r in self.received()][-10:]

    def _serve(self, handler):
        length = int(handler.headers.get("Content-Length", 0))
        body = handler.rfile.read(length)
        if len(body) < length:  # who sends it was killed meanwhile
            handler.close_connection = True
            return
        mode = self.mode
        status = 200 if mode in ("ok", "slow") else mode
        accepted = isinstance(status, int) and 200 <= status < 300
        with self._changed:
            self._received.append(Received(handler.path, handler.headers, body, accepted))
        handler.close_connection = not accepted
        if mode == "slow":
            self._stopping.wait(0.3)
        if mode == "hang":
            self._stopping.wait(60)
        elif mode == "reset":
            linger = struct.pack("ii", 1, 0)
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            handler.connection.close()
        else:
            handler.send_response(status)
            for name, value in self.reply_headers.items():
                handler.send_header(name, value)
            handler.send_header("Content-Length", "0")
            handler.end_headers()
