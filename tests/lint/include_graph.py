#!/usr/bin/env python3
"""Holds the include graph of the design: who may include whom, and which third-party headers may
stand in a header. Prints one line a fault; exit 1 if any."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
# First match wins. A folder may always include itself.
MAY = [
    ("agent/core", []),
    ("agent/io", ["agent/core"]),
    ("agent/oauth2", ["agent/core"]),
    ("agent/landscape", ["agent/core"]),
    ("agent/privacy", ["agent/core"]),
    ("agent/store", ["agent/core", "rules/series"]),
    ("agent/base", ["agent/core", "agent/privacy", "agent/store"]),
    ("agent/watch", ["agent/base", "agent/config", "agent/core", "agent/landscape", "agent/privacy",
                     "agent/store", "exporters/metrics", "probes", "rules"]),
    ("agent/deliver", ["agent/base", "agent/config", "agent/core", "agent/landscape",
                       "agent/oauth2", "agent/privacy", "agent/store", "exporters/sinks", "rules"]),
    ("agent/notify", ["agent/base", "agent/config", "agent/core", "agent/deliver",
                      "agent/landscape", "agent/privacy", "agent/store", "agent/watch",
                      "agent/web", "exporters/sinks", "rules"]),
    ("agent/web/alertmanager", ["agent/core", "agent/io", "agent/web", "rules"]),
    ("agent/web/prometheus", ["agent/core", "agent/io", "agent/web", "exporters/metrics", "rules"]),
    ("agent/web", ["agent/core", "agent/io", "exporters/metrics"]),
    ("probes", ["agent/core", "agent/oauth2"]),
    ("rules", ["agent/core"]),
    ("exporters", ["agent/core", "agent/oauth2"]),
    ("agent", ["agent", "probes", "rules", "exporters"]),
    ("tests", ["agent", "probes", "rules", "exporters", "tests"]),
]
# Pure code: no Asio, no SQLite, no YAML, no logging, no clock.
PURE = re.compile(r"<(boost/asio|boost/beast|sqlite3|yaml-cpp|spdlog|curl|openssl|unistd|fstream)")
THIRD_PARTY = re.compile(r"<(curl|openssl|sqlite3|yaml-cpp|spdlog|prometheus|re2|ares|amqp|rabbitmq|"
                         r"CLI|zlib|date)[/.]")
INCLUDE = re.compile(r'^\s*#include\s+(?:"([^"]+)"|(<[^>]+>))')


def rule(path):
    for folder, allowed in MAY:
        if path == folder or path.startswith(folder + "/"):
            return folder, allowed
    return None, []


def inside(path, folder):
    return path.startswith(folder + "/")


def faults(path):
    name = path.relative_to(ROOT).as_posix()
    folder, allowed = rule(name)
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = INCLUDE.match(line)
        if not match:
            continue
        own, other = match.groups()
        if own:
            if not (ROOT / own).is_file():
                yield f'{name}:{number}: "{own}" is not a path from the top of the tree'
            elif folder and not any(inside(own, f) for f in [folder, *allowed]):
                yield f"{name}:{number}: {folder} may not include {own}"
        elif folder == "rules" and PURE.match(other):
            yield f"{name}:{number}: rules is pure and may not include {other}"
        elif name.endswith(".h") and not name.startswith("tests/") and THIRD_PARTY.match(other):
            yield f"{name}:{number}: {other} belongs into a .cc file"


def main():
    found = []
    for top in ("agent", "probes", "rules", "exporters", "tests"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in (".h", ".cc"):
                found += faults(path)
    print("\n".join(found)) if found else None
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
