#!/usr/bin/env python3
"""Random matchers as filters of alerts and of silences: the agent takes those that an Alertmanager takes,
and finds the same with them."""
import json
import unittest
import urllib.parse

from harness import runner, wait
from twins import labels
from twins.compare import Comparison, Known, chance, times
from twins.patterns import pattern
from twins.pools import MATCHERS, Raw
from twins.servers import Servers

CONFIG = {"route": {"receiver": "all"}, "receivers": [{"name": "all"}]}
# A name that the classic syntax does not know, or a quote that its values must not hold.
UTF8 = r"""^.[{,\s]*(\d|[^=!~]*[^a-zA-Z0-9_:\s{=!~,]|[^"]*[=~]\s*["`'])"""
KNOWN = [
    Known("UTF-8 matchers", "Alertmanagers from 0.27 take quoted names, and any letters in names", "^400$", case=UTF8),
    Known("braces around one matcher", "those from 0.27 refuse them", "", "^400$", r"^'\s*\{|\}(\\n| )*'$"),
    Known("a pattern that takes megabytes", "what it may take is bounded here", "", "^400$", r"\{1,?1000\}"),
]


def found(answer):
    if answer.status != 200:
        return f"{answer.status}"
    return json.dumps(sorted(json.dumps(entry["labels"], sort_keys=True, ensure_ascii=False)
                             for entry in answer.json), ensure_ascii=False)


class TwinMatchersTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.servers = Servers(cls, CONFIG)
        random = chance("alerts")
        sets = {json.dumps(labels.label_set(random), sort_keys=True) for _ in range(80)}
        cls.servers.post([{"labels": json.loads(each)} for each in sorted(sets)])
        wait.until(lambda: all(len(a.json) == len(sets) for a in cls.servers.ask("/api/v2/alerts")), 10,
                   "all alerts at both")

    def compare(self, name, texts):
        comparison = Comparison(name, KNOWN)
        for text in texts:
            path = "/api/v2/alerts?" + urllib.parse.urlencode({"filter": text})
            theirs, ours = self.servers.ask(path)
            comparison.add(repr(text), found(theirs), found(ours),
                           kind="good" if theirs.status == 200 else "bad")
        comparison.finish(self)

    def test_matchers_of_all_kinds(self):
        random = chance("matchers")
        self.compare("filters", [labels.matcher_text(random) for _ in range(times(400))])

    def test_patterns_that_match(self):
        random = chance("patterns")
        self.compare("patterns", [f"{random.choice(labels.NAMES)}{random.choice(('=~', '!~'))}"
                                  f"{labels.quoted(pattern(random))}" for _ in range(times(800))])

    def test_odd_texts(self):
        random = chance("texts")
        odd = [text for text in MATCHERS if not isinstance(text, Raw)]
        letters = list("ab=!~\"'`,{} \\.ä:-()[]*\n\t") + ["alertname", "team", "=~", "!=", "!~"]
        made = []
        for _ in range(times(800)):
            text = random.choice((random.choice(odd), labels.matcher_text(random),
                                  labels.matcher_text(random).replace('"', "")))
            for _ in range(random.randint(0, 2)):
                at = random.randint(0, len(text))
                text = text[:at] + random.choice(letters) + text[at + random.randint(0, 1):]
            made.append(text)
        self.compare("odd filters", made)


if __name__ == "__main__":
    runner.main()
