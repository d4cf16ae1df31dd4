#!/usr/bin/env python3
"""GCC 12.2 destroys temporaries twice in some co_await statements. Legal are only
`co_await op(names);`, `auto x = co_await op(names);` (also `auto [a, b] =`) and
`co_return co_await op(names);`, with no brace, lambda or ?: in the statement, and an await never
inside a condition. Also: nothing is spawned detached. Prints one line a fault; exit 1 if any."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LEGAL = re.compile(r"^(?:(?:const )?(?:auto|[\w:<>]+)(?:&&)? (?:\w+|\[[\w, ]+\]) = |co_return )?co_await ")


def strip(text):
    """The text without comments and the contents of strings, newlines kept."""
    out, i = [], 0
    while i < len(text):
        two = text[i:i + 2]
        if two == "//":
            i = text.find("\n", i) if text.find("\n", i) >= 0 else len(text)
        elif two == "/*":
            end = text.find("*/", i) + 2
            out.append("\n" * text.count("\n", i, end))
            i = end
        elif text[i] in "\"'" and not (text[i] == "'" and i and text[i - 1].isalnum()):
            quote, i = text[i], i + 1
            while i < len(text) and text[i] != quote:
                i += 2 if text[i] == "\\" else 1
            out.append('""')
            i += 1
        else:
            out.append(text[i])
            i += 1
    return "".join(out)


def statements(text):
    """(line, statement) of each statement that awaits: from the ; { or } before to the ; behind."""
    for match in re.finditer(r"\bco_await\b", text):
        start = max(text.rfind(c, 0, match.start()) for c in ";{}") + 1
        depth, end = 0, match.start()
        while end < len(text) and not (text[end] == ";" and depth <= 0):
            depth += {"(": 1, ")": -1, "{": 1, "}": -1}.get(text[end], 0)
            end += 1
        yield text.count("\n", 0, match.start()) + 1, " ".join(text[start:end].split())


def faults(path):
    name = path.relative_to(ROOT).as_posix()
    raw = path.read_text(encoding="utf-8")
    if re.search(r"\basio::detached\b", raw):
        yield f"{name}: spawns detached, which drops exceptions; use TaskGroup"
    if "co_await" not in raw:
        return
    for line, statement in statements(strip(raw)):
        statement = re.sub(r"^(case [^:]+|default|public|private|protected):\s*", "", statement)
        reason = None
        if statement.count("co_await") > 1:
            reason = "awaits twice"
        elif not LEGAL.match(statement):
            reason = "is none of the three legal shapes"
        elif re.search(r"[{?]|\[[^\]]*\]\s*\(|\[\]", statement.split("co_await", 1)[1]):
            reason = "holds a brace, a lambda or ?:"
        if reason:
            yield f"{name}:{line}: `{statement[:90]}` {reason}; name the parts first"


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
