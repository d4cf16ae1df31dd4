"""Free loopback ports, below the range from which the kernel takes ports of outgoing connections,
so that no connection of a test can steal one between choosing and listening."""
import random
import socket

_given = set()


def free_port():
    """A TCP port on 127.0.0.1 that nobody listens on, given out once per test program."""
    for _ in range(1000):
        port = random.randint(12000, 32000)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError("no free port between 12000 and 32000 on 127.0.0.1")
