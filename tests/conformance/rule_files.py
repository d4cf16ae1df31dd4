#!/usr/bin/env python3
"""Rule files through `seamwatch check rules`: promtool's verdict on each published file, and its count
of rules. Without the published files (SEAMWATCH_CONFORMANCE names the folder that holds
rules-check/) the shipped pack alone, beside promtool where that is installed.
Usage: rule_files.py [BUILD_DIR]   The last line is `N passed, N failed, N skipped`."""
import os
import pathlib
import re
import shutil
import subprocess
import sys

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
PACK = pathlib.Path(__file__).resolve().parents[2] / "rules" / "packs" / "default.yml"


def ours(path):
    done = subprocess.run([BUILD / "seamwatch", "check", "rules", path], capture_output=True,
                          text=True, timeout=60, check=False)
    count = re.search(r"good: (\d+) rule", done.stdout)
    return done.returncode, count.group(1) if count else "", done.stderr


def rows(folder):
    lines = (folder / "VERDICTS.tsv").read_text(encoding="utf-8").splitlines()[1:]
    for line in lines:
        columns = line.split("\t")
        yield folder / columns[0], columns[1], columns[2]


def main():
    cases = [(PACK, "ok", "")]
    skipped = 0
    if shutil.which("promtool"):
        done = subprocess.run(["promtool", "check", "rules", PACK], capture_output=True, text=True,
                              check=False)
        cases = [(PACK, "ok" if done.returncode == 0 else "fail",
                  re.search(r"(\d+) rules found", done.stdout).group(1))]
    folder = pathlib.Path(os.environ.get("SEAMWATCH_CONFORMANCE") or "/nonexistent") / "rules-check"
    if (folder / "VERDICTS.tsv").is_file():
        cases += rows(folder)
    else:
        print("skipped: no published rule files; set SEAMWATCH_CONFORMANCE to their folder")
        skipped = 1
    passed = failed = 0
    for path, verdict, rules in cases:
        code, count, errors = ours(path)
        right = (code == 0) == (verdict == "ok")
        counted = verdict != "ok" or rules in ("", "-", count)
        if right and counted:
            passed += 1
        else:
            failed += 1
            print(f"{path}: wanted {verdict} {rules}, got exit {code} {count}\n{errors[:300]}")
    print(f"{passed} passed, {failed} failed, {skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
