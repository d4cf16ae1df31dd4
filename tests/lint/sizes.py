#!/usr/bin/env python3
"""Holds the style guide's sizes: headers stop at 250 lines, sources at 450. Prints one line a
fault; exit 1 if any."""
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
STOP = {".h": 250, ".cc": 450}


def main():
    found = []
    for top in ("agent", "probes", "rules", "exporters", "tests"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix in STOP:
                lines = path.read_text(encoding="utf-8").count("\n")
                if lines > STOP[path.suffix]:
                    found.append(f"{path.relative_to(ROOT)}: {lines} lines; split it by idea")
    print("\n".join(found)) if found else None
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
