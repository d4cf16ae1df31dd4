"""One HTTP request by Python's own client: the answer whatever its status."""
import http.client
import json
import urllib.parse


class Answer:
    def __init__(self, status, headers, body):
        self.status = status
        self.headers = headers  # as http.client gives them: get() ignores case
        self.body = body

    @property
    def text(self):
        return self.body.decode(errors="replace")

    @property
    def json(self):
        return json.loads(self.body)

    def __repr__(self):
        return f"{self.status} {self.body[:500]!r}"


def fetch(url, method="GET", body=None, headers=None, timeout=10):
    """Sends one request and reads the whole answer; no redirects are followed. A `body` that is no
    bytes is sent as JSON. Raises OSError where there is no answer."""
    parts = urllib.parse.urlsplit(url)
    headers = dict(headers or {})
    if body is not None and not isinstance(body, bytes):
        body = json.dumps(body).encode()
        headers.setdefault("Content-Type", "application/json")
    connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=timeout)
    try:
        path = parts.path or "/"
        connection.request(method, f"{path}?{parts.query}" if parts.query else path, body, headers)
        response = connection.getresponse()
        return Answer(response.status, response.headers, response.read())
    except http.client.HTTPException as problem:
        raise ConnectionError(f"{method} {url}: {type(problem).__name__}: {problem}") from problem
    finally:
        connection.close()
