#!/usr/bin/env python3
"""Unit tests of rules through `seamwatch test rules`: promtool's verdict on each published test file,
run in its folder. Without the published files (SEAMWATCH_CONFORMANCE names the folder that holds
rules-test/ and promql/unittest/) our own example alone, beside promtool where that is installed.
Usage: rule_tests.py [BUILD_DIR] [WORD]   With WORD only files whose path holds it.
The last line is `N passed, N failed, N skipped`."""
import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys
import time

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
WORD = sys.argv[2] if len(sys.argv) > 2 else ""
OWN = pathlib.Path(__file__).resolve().parents[1] / "testdata" / "rules_test" / "promtool_test.yml"


def run(program, path):
    started = time.monotonic()
    done = subprocess.run([*program, "test", "rules", path.name], cwd=path.parent,
                          capture_output=True, text=True, timeout=300, check=False)
    return done.returncode, done.stdout + done.stderr, time.monotonic() - started


def rows(table, column):
    """Path and verdict of each file in a table of verdicts."""
    lines = table.read_text(encoding="utf-8").splitlines()
    index = lines[0].split("\t").index(column)
    for line in lines[1:]:
        columns = line.split("\t")
        yield table.parent / columns[0], columns[index]


def published(root):
    for folder, column in [("rules-test", "verdict(3.5.3)"), ("promql/unittest", "promtool3.5")]:
        if (root / folder / "VERDICTS.tsv").is_file():
            yield from rows(root / folder / "VERDICTS.tsv", column)
    for path in sorted((root / "templates" / "prometheus-unittest").glob("*test.y*ml")):
        yield path, "pass"


def main():
    cases = [(OWN, "pass")]
    if shutil.which("promtool"):
        cases = [(OWN, "pass" if run(["promtool"], OWN)[0] == 0 else "fail")]
    skipped = 0
    found = list(published(pathlib.Path(os.environ.get("SEAMWATCH_CONFORMANCE") or "/nonexistent")))
    if not found:
        print("skipped: no published test files; set SEAMWATCH_CONFORMANCE to their folder")
        skipped = 1
    cases = [case for case in cases + found if WORD in str(case[0])]
    passed = failed = 0
    slowest = (0, "")
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        results = pool.map(lambda case: run([BUILD / "seamwatch"], case[0]), cases)
        for (path, verdict), (code, output, seconds) in zip(cases, results):
            slowest = max(slowest, (seconds, str(path)))
            # A file is good or not; anything but 0 and 1 is a crash.
            if code == (0 if verdict == "pass" else 1):
                passed += 1
            else:
                failed += 1
                print(f"{path}: wanted {verdict}, got exit {code}\n{output[:1500]}")
    if cases:
        print(f"slowest: {slowest[0]:.1f} s, {slowest[1]}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
