"""Series as a Prometheus remote write request, 1.0: protobuf in a snappy block of literals alone."""
import struct


def _varint(number):
    number &= (1 << 64) - 1
    out = bytearray()
    while number > 0x7F:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _field(number, data):
    return _varint(number << 3 | 2) + _varint(len(data)) + data


def _label(name, value):
    return _field(1, _field(1, name.encode()) + _field(2, value.encode()))


def _sample(at_ms, value):
    return _field(2, b"\x09" + struct.pack("<d", value) + b"\x10" + _varint(at_ms))


def _literals(data):
    out = bytearray(_varint(len(data)))
    for start in range(0, len(data), 60000):
        part = data[start:start + 60000]
        out += b"\xf4" + struct.pack("<H", len(part) - 1) + part  # a literal with two bytes of length
    return bytes(out)


HEADERS = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy",
           "X-Prometheus-Remote-Write-Version": "0.1.0"}


def request(series):
    """The body that writes `series`: pairs of a map of labels and (milliseconds, value) in order."""
    return _literals(b"".join(
        _field(1, b"".join(_label(*pair) for pair in sorted(labels.items()))
               + b"".join(_sample(*sample) for sample in samples)) for labels, samples in series))
