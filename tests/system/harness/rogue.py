"""Servers that behave as badly as broken peers can, a port each, since an agent asks one host and
port one thing at a time. Also a port that lets nobody finish connecting."""
import os
import socket
import struct
import threading

from harness.ports import free_port

HUGE_BYTES = 100 << 20


def _hang(connection, stopping):
    stopping.wait(60)


def _dribble(connection, stopping):
    """One byte every 100 ms of a head that never ends."""
    text = b"HTTP/1.1 200 OK\r\nX-Slow: " + b"a" * 10000
    for i in range(len(text)):
        if stopping.wait(0.1):
            return
        connection.send(text[i:i + 1])


def _dribble_body(connection, stopping):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\n")
    for _ in range(10000):
        if stopping.wait(0.1):
            return
        connection.send(b"a")


def _reset(connection, stopping):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))


def _reset_body(connection, stopping):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nhalf of it")
    stopping.wait(0.05)
    _reset(connection, stopping)


def _short(connection, stopping):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 10000\r\n\r\nhalf of it")


def _nothing(connection, stopping):
    pass


def _huge(connection, stopping):
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % HUGE_BYTES)
    block = b"x" * (1 << 20)
    for _ in range(HUGE_BYTES // len(block)):
        connection.sendall(block)


def _huge_head(connection, stopping):
    connection.sendall(b"HTTP/1.1 200 OK\r\nX-Huge: ")
    block = b"x" * (1 << 16)
    for _ in range(160):
        connection.sendall(block)


def _garbage(connection, stopping):
    connection.sendall(os.urandom(4096))


def _loop(connection, stopping):
    connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /\r\nContent-Length: 0\r\n\r\n")


BEHAVIOURS = {"hang": _hang, "dribble": _dribble, "dribble_body": _dribble_body,
              "reset": _reset, "reset_body": _reset_body, "short": _short, "nothing": _nothing,
              "huge": _huge, "huge_head": _huge_head, "garbage": _garbage, "loop": _loop}


class RogueServer:
    def __init__(self):
        self._stopping = threading.Event()
        self._ports = {}
        self._listeners = []
        for name, behave in BEHAVIOURS.items():
            port = free_port()
            listener = socket.create_server(("127.0.0.1", port), backlog=64)
            self._ports[name] = port
            self._listeners.append(listener)
            threading.Thread(target=self._accept, args=(listener, behave), daemon=True).start()

    def url(self, behaviour):
        """Where a server with that name of BEHAVIOURS is."""
        return f"http://127.0.0.1:{self._ports[behaviour]}/"

    def close(self):
        self._stopping.set()
        for listener in self._listeners:
            listener.close()

    def _accept(self, listener, behave):
        while not self._stopping.is_set():
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection, behave), daemon=True).start()

    def _serve(self, connection, behave):
        try:
            with connection:
                head = b""
                while b"\r\n\r\n" not in head:
                    more = connection.recv(4096)
                    if not more:
                        return
                    head += more
                behave(connection, self._stopping)
        except OSError:
            pass  # the agent went away first


class BlackHole:
    """A port on which a connection is neither accepted nor refused: its queue is full."""

    def __init__(self):
        self.port = free_port()
        self._listener = socket.create_server(("127.0.0.1", self.port), backlog=0)
        self._fill = []
        for _ in range(4):
            filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))
            self._fill.append(filler)

    def close(self):
        for filler in self._fill:
            filler.close()
        self._listener.close()
