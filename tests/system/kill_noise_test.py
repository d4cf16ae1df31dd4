#!/usr/bin/env python3
"""SIGKILL at random moments while noise control is at work: alerts that flap, systems that are down
and a storm of notices are told in the place of others. 10 times, 100 with SEAMWATCH_LONG=1, or as
often as SEAMWATCH_KILLS says. What must hold, however the moments fall:
- what fails and stays is told: by its own alert, as flapping, or by that of its system;
- everything that was told as firing is told as resolved, also what stood for others;
- the same content carries the same key;
- the database is sound after every kill, and nothing is left undelivered.
SEAMWATCH_SEED repeats the choices of a run; the moments also depend on the machine."""
import collections
import json
import re

from harness import killed, runner, wait
from harness.agent import one_probe

KILLS = killed.kills(10, 100)
# Short enough for a test: who is quiet for 15 s is stable, a system is back after 2 s.
NOISE = {"flapping": {"window": "15s", "start": 4, "stop": 1},
         "dependencies": {"grace": "2s", "share": 40},
         "storm": {"notices_per_minute": 20, "sinks": ["webhook"]}}


def label_set(alert):
    return tuple(sorted(alert["labels"].items()))


class KillNoiseTest(killed.KilledAgent):
    integrations = 12
    life_seconds_max = 2.0

    def setUp(self):
        super().setUp()
        self.watch_and_tell_one(noise=NOISE, retry_delay="1s", retry_delay_max="5s")

    def watched(self):
        """All to one system, with errors that do not pass: where enough fail, it is down."""
        return {name: one_probe(self.nginx.url(f"/barred/{name}")) for name in self.names}

    def open_alerts(self):
        """What the receiver last took of each alert, where that is firing."""
        last = {}
        for request in self.hook.received(True):
            for alert in request.alerts:
                last[label_set(alert)] = alert
        return [alert for alert in last.values() if alert["status"] == "firing"]

    def untold(self):
        told = self.open_alerts()
        named = json.dumps([alert["annotations"] for alert in told])
        speaking = {alert["labels"].get("integration") for alert in told}
        return sorted(name for name in self.failing
                      if name not in speaking and not re.search(rf"\b{name}\b", named))

    def summary(self):
        return "\n".join(
            f"{request.at:.3f} {request.key[:8]} {'taken' if request.accepted else 'refused'} "
            + ", ".join(f"{a['status']} {a['labels'].get('integration', a['labels'])}"
                        f"{' flapping' if 'flapping' in a['labels'] else ''}"
                        for a in request.alerts)
            for request in self.hook.received())

    def until_none(self, look, what):
        try:
            wait.until(lambda: not look(), 150, what, every=0.5)
        except AssertionError:
            self.fail(f"not {what}: {look()}\n{self.summary()}")

    def check_contents(self):
        keys = collections.defaultdict(set)
        for request in self.hook.received():
            self.assertTrue(request.key, "a notice without Idempotency-Key")
            content = tuple(sorted((label_set(a), a["startsAt"], a["status"])
                                   for a in request.alerts))
            keys[request.json["groupKey"], content].add(request.key)
        twice = [found for found in keys.values() if len(found) > 1]
        self.assertEqual(twice, [], "the same notice under several keys:\n" + self.summary())

    def test_kills(self):
        self.agent.kill()
        for _ in range(KILLS):
            self.run_and_kill()
        self.hook.mode = "ok"
        self.agent.start()
        self.until_none(self.untold, "everything that fails was told")
        self.heal_all()
        self.until_none(self.open_alerts, "every end was told")
        self.agent.until_value(0, "seamwatch_outbox_pending", 60)
        self.assertEqual(self.agent.value("seamwatch_outbox_dead_letters_kept"), 0)
        self.check_contents()
        self.assertEqual(self.agent.stop(), 0)
        self.assertEqual(self.agent.check_database(), "ok")
        taken = self.hook.received(True)
        alerts = [alert for request in taken for alert in request.alerts]
        flapping = sum("flapping" in alert["labels"] for alert in alerts)
        down = sum(alert["labels"]["alertname"] == "SystemDown" for alert in alerts)
        self.assertGreater(flapping + down, 0, "noise control had nothing to do")
        print(f"{KILLS} kills with seed {killed.SEED}: {len(self.hook.received())} requests, "
              f"{len(taken)} taken; told in the place of others: {flapping} times that an alert "
              f"flaps, {down} times that a system is down", flush=True)


if __name__ == "__main__":
    print(f"seed {killed.SEED}", flush=True)
    runner.main()
