#!/usr/bin/env python3
"""Holds the folder maps of README.md and agent/README.md against the tree: every folder that a map
names exists, every folder with sources and every folder of tests is named, and nothing stands at the
top that the design has no place for. Prints one line a fault; exit 1 if any."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOP = {"CMakeLists.txt", "CMakePresets.json", "LICENSE", "CHANGELOG.md", "README.md", "agent",
       "probes", "rules", "exporters", "tests", "build"}
ROW = re.compile(r"^\|\s*`([\w./-]+/)`\s*\|")


def mapped(readme):
    path = ROOT / readme
    if not path.is_file():
        return {}
    rows = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        match = ROW.match(line)
        if match:
            rows[match.group(1).rstrip("/")] = number
    return rows


def main():
    found = []
    named = set()
    for readme in ("README.md", "agent/README.md"):
        for folder, number in mapped(readme).items():
            named.add(folder)
            if not (ROOT / folder).is_dir():
                found.append(f"{readme}:{number}: {folder}/ does not exist")
    for top in ("agent", "probes", "rules", "exporters"):
        for folder in sorted({p.parent for p in (ROOT / top).rglob("*.cc")}):
            name = folder.relative_to(ROOT).as_posix()
            if name not in named:
                found.append(f"README.md: no map names {name}/")
    for folder in sorted(p for p in (ROOT / "tests").iterdir() if p.is_dir()):
        if folder.name != "__pycache__" and f"tests/{folder.name}" not in named:
            found.append(f"README.md: no map names tests/{folder.name}/")
    for entry in sorted(ROOT.iterdir()):
        if entry.name not in TOP and not entry.name.startswith("."):
            found.append(f"{entry.name}: the design has no place for it at the top")
    print("\n".join(found)) if found else None
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
