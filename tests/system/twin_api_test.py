#!/usr/bin/env python3
"""Random sequences of requests to Alertmanager's API: the agent answers what a real Alertmanager does,
with the same status, and with the same body but for times and identities."""
import datetime
import json
import re
import unittest

from harness import runner, wait
from twins.compare import Comparison, Known, chance, times
from twins.requests import Requests
from twins.servers import Servers

CONFIG = {"route": {"receiver": "r1", "group_by": ["alertname"], "group_wait": "0s", "group_interval": "1s", "routes": [
              {"receiver": "r2", "matchers": ["team=a"], "continue": True},
              {"receiver": "r3", "matchers": ["severity=~a|b"], "group_by": ["..."]}]},
          "inhibit_rules": [{"source_matchers": ["severity=a"], "target_matchers": ["severity=b"], "equal": ["team"]}],
          "receivers": [{"name": "r1"}, {"name": "r2"}, {"name": "r3"}]}
KNOWN = [
    Known("HEAD", "we answer it as GET, for probes", "^405", "^200", "^HEAD"),
    Known("identities of another form", "one without dashes is none of ours, and told so", "^(404|500)", "^422", "silence/"),
    Known("which of two faults", "there all alerts are read before one is judged", "^400", "^422", "^POST /api/v2/alerts"),
    Known("null for a silence", "there it is a silence without anything", "^422", "^400", "^POST /api/v2/silences null"),
    Known("no such silence", "those before 0.26 call it their own fault", "^500", "^404", "^DELETE"),
]
TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")


def instant(found, now):
    """A time as minutes from now where it is about now, and in UTC where not: 0.25 keeps the zone."""
    text = re.sub(r"\.\d+", "", found.group()).replace("Z", "+00:00")
    try:
        at = datetime.datetime.fromisoformat(text)
    except ValueError:
        return found.group()
    away = (at - now).total_seconds()
    return f"<{round(away / 60)} min>" if abs(away) < 86400 else str(at.astimezone(datetime.timezone.utc))


def apart(theirs, ours):
    """Of two lists only what the other has not, so that one sees it."""
    if theirs == ours or not (theirs.startswith("200 [") and ours.startswith("200 [")):
        return theirs, ours
    lists = [[json.dumps(entry, sort_keys=True) for entry in json.loads(text[4:])] for text in (theirs, ours)]
    return tuple(f"200, {len(one)}, of these apart: {sorted(set(one) - set(other))}"
                 for one, other in (lists, lists[::-1]))


class TwinApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.servers = Servers(cls, CONFIG)

    def setUp(self):
        self.placed = []  # the identities of silences at either

    def ask(self, side, request):
        method, path, body, headers = request

        def own(text):
            return re.sub(r"<(\d+)>", lambda found: self.placed[int(found.group(1))][side], text)

        server = (self.servers.theirs, self.servers.ours)[side]
        return server.get(own(path), method=method, body=None if body is None else own(body).encode(),
                          headers=headers)

    def told(self, side, answer):
        """Status and body without what is each server's own."""
        text = answer.text.strip()
        for number, identities in enumerate(self.placed):
            text = text.replace(identities[side], f"<{number}>")
        if answer.status >= 400:  # the words differ from version to version
            shape = re.sub(r'"message": ?".*"', '"message": "..."', text) if text.startswith("{") else text[:1]
            return f"{answer.status} {shape.replace(' ', '')}"
        now = datetime.datetime.now(datetime.timezone.utc)
        text = TIME.sub(lambda found: instant(found, now), text)
        try:
            value = json.loads(text)
        except ValueError:
            return f"{answer.status} {text}"
        if isinstance(value, dict) and "versionInfo" in value:
            value = sorted(value)
        if isinstance(value, list):
            for entry in value:
                if isinstance(entry, dict):
                    for alert in entry.get("alerts", [entry]):
                        alert.pop("updatedAt", None)
                        alert.get("status", {}).pop("mutedBy", None)  # 0.25 has none
                        alert.get("status", {}).get("silencedBy", []).sort()
                        if alert.get("status", {}).get("inhibitedBy"):
                            alert["status"]["inhibitedBy"] = ["..."]  # one of several, in no order there
                        for name in [key for key, text in alert.get("annotations", {}).items() if not text]:
                            del alert["annotations"][name]  # we keep none that is empty, as Prometheus
                        alert.get("receivers", []).sort(key=lambda receiver: receiver["name"])
                    entry.get("alerts", []).sort(key=lambda alert: json.dumps(alert["labels"], sort_keys=True))
            value = sorted(value, key=lambda entry: json.dumps(entry, sort_keys=True))
        elif isinstance(value, dict):
            value.pop("updatedAt", None)
        return f"{answer.status} {json.dumps(value, sort_keys=True, ensure_ascii=False)}"

    def test_sequences(self):
        requests = Requests(chance("requests"))
        comparison = Comparison("API", KNOWN)
        patience = 10  # after so many that stay different, none is waited for
        for _ in range(times(600)):
            request = requests.next()
            said = self.both(request)
            if request[0] == "GET" and said[0] != said[1] and patience > 0:
                try:  # what was posted may be on its way yet
                    wait.until(lambda: len(set(self.both(request))) == 1, 1, "the same", 0.05)
                except AssertionError:
                    patience -= 1
                said = self.both(request)
            requests.placed = len(self.placed)
            comparison.add(" ".join(map(str, request)), *apart(*said), kind=f"answers {said[0][:3]}")
        comparison.finish(self)

    def both(self, request):
        answers = [self.ask(side, request) for side in (0, 1)]
        if all(a.status == 200 and "silenceID" in a.text for a in answers):
            identities = [a.json["silenceID"] for a in answers]
            if identities not in self.placed:
                self.placed.append(identities)
        return [self.told(side, answer) for side, answer in enumerate(answers)]


if __name__ == "__main__":
    runner.main()
