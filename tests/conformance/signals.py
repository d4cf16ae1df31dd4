#!/usr/bin/env python3
"""Labelled error signals through `seamwatch classify --tsv`: how many rows of the protocols with a
table are right on persistence and on category. At least 98 % must be, on each. The rows of
tests/testdata/errors are always there; SEAMWATCH_SIGNALS names a fuller file in the same format.
Usage: signals.py [BUILD_DIR]   The last line is `N passed, N failed, N skipped`."""
import os
import pathlib
import subprocess
import sys

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
OWN = pathlib.Path(__file__).resolve().parents[1] / "testdata" / "errors" / "published_subset.tsv"
PROTOCOLS = {"http", "http2", "curl", "curl-proxy", "dns", "tls", "x509", "errno", "amqp0-9-1"}
WANTED = 0.98


def score(path):
    text = path.read_text(encoding="utf-8")
    rows = [line.split("\t") for line in text.splitlines() if line and not line.startswith("#")]
    rows = [row for row in rows if row[0] in PROTOCOLS]
    given = "".join("\t".join(row[:3]) + "\n" for row in rows)
    done = subprocess.run([BUILD / "seamwatch", "classify", "--tsv", "-"], input=given, text=True,
                          capture_output=True, timeout=60, check=True)
    answers = [line.split("\t") for line in done.stdout.splitlines()]
    assert len(answers) == len(rows), f"{len(rows)} rows in, {len(answers)} out"
    right = [0, 0]
    for row, answer in zip(rows, answers):
        for index in (0, 1):
            if answer[2 + index] == row[3 + index]:
                right[index] += 1
            else:
                print(f"{row[0]} {row[1]} ({row[2][:60]}): {answer[2 + index]}, "
                      f"labelled {row[3 + index]}")
    return len(rows), right


def main():
    files = [OWN]
    skipped = 0
    more = pathlib.Path(os.environ.get("SEAMWATCH_SIGNALS") or "/nonexistent")
    if more.is_file():
        files.append(more)
    else:
        print("skipped: no fuller file of signals; set SEAMWATCH_SIGNALS to it")
        skipped = 1
    passed = failed = 0
    for path in files:
        total, right = score(path)
        for name, count in zip(("persistence", "category"), right):
            print(f"{path.name}: {name} {count} of {total} right ({100 * count / total:.1f} %)")
            if count >= WANTED * total:
                passed += 1
            else:
                failed += 1
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
