#!/usr/bin/env python3
"""Random regular expressions in files: ours takes those that Go takes."""
import json
import unittest

from harness import runner
from harness.workspace import make_folder
from twins.check_notify import amtool, ours
from twins.compare import Comparison, Known, chance, times
from twins.patterns import pattern

KNOWN = [
    Known("parentheses that only theirs close", "there the text is put between ^(?: and )$ and read then",
          "^good$", "(unexpected|missing closing) [)]"),
    Known("expressions that take megabytes", "what they may take is bounded here", "^good$", "too large"),
    Known("a lone tilde", "their reader of YAML takes it for nothing", "unmarshal", case="^'~'$"),
]


class TwinRegexpTest(unittest.TestCase):
    def test_patterns(self):
        random = chance("patterns")
        patterns = [pattern(random) for _ in range(times(2000))]
        folder = make_folder("twin-regexp")
        paths = [folder / f"{number}.yml" for number in range(len(patterns))]
        for path, text in zip(paths, patterns):
            path.write_text(f"route: {{receiver: a, routes: [{{match_re: {{x: {json.dumps(text)}}}}}]}}\n"
                            "receivers: [{name: a}]\n", encoding="utf-8")
        theirs, own = amtool(paths), ours(paths)
        comparison = Comparison("regular expressions", KNOWN)
        for text, path in zip(patterns, map(str, paths)):
            verdicts = theirs[path], own[path]
            comparison.add(repr(text), *verdicts, (verdicts[0] == "good") == (verdicts[1] == "good"),
                           "good" if verdicts[0] == "good" else "bad")
        comparison.finish(self)


if __name__ == "__main__":
    runner.main()
