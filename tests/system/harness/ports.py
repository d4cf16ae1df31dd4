"""Free loopback ports, below the range from which the kernel takes ports of outgoing connections,
so that no connection of a test can steal one between choosing and listening. Test programs that
run beside each other say by SEAMWATCH_LANE, 0 or 1, which half of them they take."""
import os
import random
import socket

_given = set()
_FIRST = 12000 + 10000 * int(os.environ.get("SEAMWATCH_LANE", "0"))
_LAST = _FIRST + 9999


def free_port():
    """A TCP port on 127.0.0.1 that nobody listens on, given out once per test program."""
    for _ in range(1000):
        port = random.randint(_FIRST, _LAST)
        if port in _given:
            continue
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        _given.add(port)
        return port
    raise RuntimeError(f"no free port from {_FIRST} to {_LAST} on 127.0.0.1")
