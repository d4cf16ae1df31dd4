#!/usr/bin/env python3
"""Holds the style guide's bounds for functions: 60 lines from brace to brace, and 5 parameters. Test
cases are apart, as they are tables; callbacks of C libraries, which are handed a void*, have the
parameters that the library says. Prints one line a fault; exit 1 if any."""
import pathlib
import re
import sys

ROOT = pathlib.Path(__file__).resolve().parents[2]
LINES_MAX = 60
PARAMETERS_MAX = 5

# Comments, raw strings, strings and character literals (but not the ' of 1'000).
NOT_CODE = re.compile(
    r'//[^\n]*|/\*.*?\*/|R"(?P<end>[^(\s]*)\(.*?\)(?P=end)"|"(?:\\.|[^"\\\n])*"'
    r"|(?<![0-9a-fA-F])'(?:\\.|[^'\\\n])+'", re.S)
TYPE = re.compile(r"\b(namespace|class|struct|union|enum|extern)\b[^()]*$")
NAME = re.compile(r"(operator\s*\(\)|operator\s*[^\s(]+|[\w:~]+)\s*$")


def blanked(text):
    """The text with all that is no code blanked, line for line."""
    return NOT_CODE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), text)


def parameters(head):
    """Name and number of the parameters of a function whose text up to its body is `head`."""
    start = head.find("(")
    if head[:start].rstrip().endswith("operator"):
        start = head.find("(", start + 1)
    name = NAME.search(head[:start])
    depth, angle, count, some = 0, 0, 0, False
    for letter in head[start:]:
        if letter in "([{":
            depth += 1
        elif letter in ")]}":
            depth -= 1
            if depth == 0:
                break
        elif letter in "<>":
            angle += 1 if letter == "<" else -1
        elif letter == "," and depth == 1 and angle <= 0:
            count += 1
        some = some or (depth >= 1 and not letter.isspace() and letter != "(")
    if re.search(r"\bvoid\s*\*\s*\w*\s*\)", head):
        count = 0
    return (name.group(1) if name else "?"), count + 1 if some else 0


def functions(text):
    """Name, first line, lines and parameters of each function that is defined in the text."""
    text = re.sub(r"(?m)^\s*#[^\n]*(?:\\\n[^\n]*)*", lambda found: re.sub(r"[^\n]", " ", found.group()),
                  blanked(text))
    stack = []  # of (kind, head, line)
    begin, line, parens = 0, 1, 0
    for at, letter in enumerate(text):
        line += letter == "\n"
        inside = any(kind == "function" for kind, _, _ in stack)
        if letter in "()" and not inside:
            parens += 1 if letter == "(" else -1
        elif letter == "{":
            head = text[begin:at]
            is_function = not inside and parens == 0 and "(" in head and not TYPE.search(head) \
                and not re.search(r"=\s*$|\breturn\b", head) and not re.search(r"[\w>]\s*$", re.sub(
                    r"\b(const|noexcept|override|final|mutable|try)\b|->[^(){}]*$", ")", head))
            stack.append(("function" if is_function else "other", head, line))
            if not inside and (is_function or TYPE.search(head)):
                begin = at + 1
        elif letter == "}" and stack:
            kind, head, first = stack.pop()
            if kind == "function":
                name, count = parameters(head)
                yield name, first, line - first - 1, count
            if not any(kind == "function" for kind, _, _ in stack) and parens == 0:
                begin = at + 1
        elif letter == ";" and not inside and parens == 0:
            begin = at + 1


def main():
    found = []
    for top in ("agent", "probes", "rules", "exporters", "tests"):
        for path in sorted((ROOT / top).rglob("*")):
            if path.suffix not in (".h", ".cc"):
                continue
            for name, first, lines, count in functions(path.read_text(encoding="utf-8")):
                if name in ("TEST_CASE", "TEMPLATE_TEST_CASE"):
                    continue
                place = f"{path.relative_to(ROOT)}:{first}: {name}"
                if lines > LINES_MAX:
                    found.append(f"{place} has {lines} lines; split it by idea")
                if count > PARAMETERS_MAX:
                    found.append(f"{place} has {count} parameters; give it a struct")
    print("\n".join(found)) if found else None
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
