#!/usr/bin/env python3
"""Random routes, inhibition rules, silences and alerts: the agent groups and holds back what a real
Alertmanager does."""
import datetime
import json
import unittest

from harness import runner, wait
from twins import labels
from twins.compare import Comparison, chance, times
from twins.servers import Servers

FEW = ["a", "b", "ab", "", "1", "x\ny"]
EMPTY = {"route": {"receiver": "all"}, "receivers": [{"name": "all"}]}


def at(**span):
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(**span)).isoformat(timespec="milliseconds")


def summary(answer):
    """The groups, with what holds each alert back. The receivers of an alert are in any order there."""
    return json.dumps(sorted(
        json.dumps([group["receiver"]["name"], group["labels"], sorted(
            json.dumps([alert["labels"], alert["status"]["state"], bool(alert["status"]["inhibitedBy"]),
                        len(alert["status"]["silencedBy"]), sorted(r["name"] for r in alert["receivers"])],
                       sort_keys=True) for alert in group["alerts"])], sort_keys=True)
        for group in answer.json), indent=0)


class TwinGroupsTest(unittest.TestCase):
    def round(self, servers, random):
        """One configuration with its alerts and silences; what both say in the end, and of what."""
        config = labels.config(random, inhibit_rules=[labels.inhibit_rule(random)
                                                      for _ in range(random.randint(0, 3))])
        for answer in servers.reload(config):
            self.assertEqual(answer.status, 200, answer)
        alerts = {json.dumps(labels.label_set(random, FEW), sort_keys=True) for _ in range(12)}
        alerts = [{"labels": json.loads(each)} for each in sorted(alerts)]
        servers.post(alerts)
        silences = [labels.silence(random, at(hours=random.choice((-1, -1, 1))), at(hours=2))
                    for _ in range(random.randint(0, 3))]
        placed = []
        for silence in silences:
            answers = servers.ask("/api/v2/silences", "POST", silence)
            self.assertEqual(*[answer.status for answer in answers], (silence, answers))
            if answers[0].status == 200:
                placed.append([answer.json["silenceID"] for answer in answers])
        try:
            found = wait.until(lambda: self.settled(servers), 6, "the same groups", 0.05)
        except AssertionError:
            found = [summary(answer) for answer in servers.ask("/api/v2/alerts/groups")]
        for theirs, ours in placed:
            servers.theirs.get("/api/v2/silence/" + theirs, method="DELETE")
            servers.ours.get("/api/v2/silence/" + ours, method="DELETE")
        servers.post([{**alert, "endsAt": at(seconds=-1)} for alert in alerts])
        wait.until(lambda: not any(answer.json for answer in servers.ask("/api/v2/alerts")), 10, "no alert")
        return found, json.dumps([config, alerts, silences], ensure_ascii=False)

    @staticmethod
    def settled(servers):
        theirs, ours = (summary(answer) for answer in servers.ask("/api/v2/alerts/groups"))
        return [theirs, ours] if theirs == ours and "unprocessed" not in theirs else None

    def test_groups(self):
        servers = Servers(type(self), EMPTY)
        random = chance("groups")
        comparison = Comparison("groups")
        for _ in range(times(80)):
            found, case = self.round(servers, random)
            comparison.add(case, *found, kind="rounds")
            for _ in json.loads(found[0]):
                comparison.add("", "", "", kind="groups")
        comparison.finish(self)


if __name__ == "__main__":
    runner.main()
