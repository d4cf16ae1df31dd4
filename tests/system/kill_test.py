#!/usr/bin/env python3
"""SIGKILL at random moments, under load and with notices in flight: 20 times, 200 with
SEAMWATCH_LONG=1, or as often as SEAMWATCH_KILLS says. What must hold, however the moments fall:
- an alert whose cause stays is told, and so is its end;
- an alert that a receiver saw once, without taking it, is taken in the end;
- a notice that is told twice carries the same Idempotency-Key both times;
- the database is sound after every kill, and nothing is set aside.
SEAMWATCH_SEED repeats the choices of a run; the moments also depend on the machine."""
import collections
import json
import os
import random
import time
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, notify_file, one_probe, rule_file
from harness.nginx import Nginx
from harness.webhook import WebhookReceiver, seconds_of

KILLS = int(os.environ.get("SEAMWATCH_KILLS",
                           200 if os.environ.get("SEAMWATCH_LONG") == "1" else 20))
SEED = int(os.environ.get("SEAMWATCH_SEED", time.time_ns() % 1_000_000))
INTEGRATIONS = 40


def alerts_of(request):
    """(integration, startsAt, status) of each alert of a request."""
    return [(a["labels"]["integration"], a["startsAt"], a["status"]) for a in request.alerts]


class KillTest(unittest.TestCase):
    def setUp(self):
        self.chance = random.Random(SEED)
        self.nginx = Nginx()
        self.addCleanup(self.nginx.stop)
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)
        self.names = [f"seam-{number}" for number in range(INTEGRATIONS)]
        self.failing = set()
        self.agent = Agent({name: one_probe(self.nginx.url(f"/switch/{name}"))
                            for name in self.names},
                           rules=rule_file(FAILS_RULE),
                           notify=notify_file({"webhook_configs": [{"url": self.hook.url}]}),
                           notification={"timeout": "2s"})
        self.addCleanup(self.agent.stop)

    def flip_some(self):
        for name in self.chance.sample(self.names, self.chance.randint(1, 8)):
            if name in self.failing:
                self.nginx.heal(name)
                self.failing.discard(name)
            else:
                self.nginx.fail(name)
                self.failing.add(name)

    def disturb_receiver(self):
        self.hook.mode = self.chance.choice(["ok", "ok", "slow", "slow", 500, "hang", "reset"])

    def run_and_kill(self):
        """One life of the agent: it is started, things break and heal, it is killed."""
        self.agent.start(until_ready=False)
        end = time.monotonic() + self.chance.uniform(0.05, 3.0)
        while time.monotonic() < end:
            self.flip_some()
            self.disturb_receiver()
            time.sleep(min(self.chance.uniform(0.05, 0.4), max(0, end - time.monotonic())))
        if self.chance.random() < 0.5:
            self.until_in_flight()
        self.assertTrue(self.agent.alive(), "died by itself:\n" + self.agent.log_text()[-3000:])
        self.agent.kill()
        if self.agent.database.exists():
            self.assertEqual(self.agent.check_database(), "ok")

    def until_in_flight(self):
        """Waits, though not for long, until the receiver has a notice that it has not answered."""
        self.hook.mode = "slow"
        before = len(self.hook.received())
        end = time.monotonic() + 2
        while len(self.hook.received()) == before and time.monotonic() < end:
            time.sleep(0.005)

    def last_told(self):
        """What the receiver last took of each integration: firing or resolved."""
        told = {}
        for request in self.hook.received(True):
            for name, _, status in alerts_of(request):
                told[name] = status
        return told

    def history(self, name):
        """All that the receiver saw of one integration, a line each."""
        return "\n".join(
            f"{request.at:.3f} {request.key} {'taken' if request.accepted else 'refused'} "
            f"{alert['status']} {name} from {alert['startsAt']} to {alert['endsAt']}"
            for request in self.hook.received() for alert in request.alerts
            if alert["labels"]["integration"] == name)

    def check_told(self):
        def untold():
            told = self.last_told()
            return {name: told.get(name) for name in self.failing if told.get(name) != "firing"}
        try:
            wait.until(lambda: not untold(), 30, "every integration that fails was told")
        except AssertionError:
            self.fail(f"fail and are not told, with what was told last: {untold()}; "
                      f"the agent says {[self.agent.state(name) for name in untold()]}, "
                      f"{self.agent.value('seamwatch_outbox_pending')} pending; requests:\n"
                      + "\n".join(self.history(name) for name in untold()))
        for name in list(self.failing):
            self.nginx.heal(name)
        self.failing.clear()
        wait.until(lambda: "firing" not in self.last_told().values(), 60,
                   "every end was told; last told: "
                   + str({n: s for n, s in self.last_told().items() if s == "firing"}))

    def check_nothing_lost(self):
        """What was seen was taken, or something newer of the same integration: an undelivered
        notice takes in what happens meanwhile."""
        newest = collections.defaultdict(float)
        for request in self.hook.received(True):
            for name, starts, _ in alerts_of(request):
                newest[name] = max(newest[name], seconds_of(starts))
        lost = {(name, starts) for request in self.hook.received()
                for name, starts, _ in alerts_of(request) if seconds_of(starts) > newest[name]}
        self.assertEqual(lost, set(), "seen by the receiver, and never taken")

    def check_keys(self):
        """Each content has one key, and each key one group."""
        keys = collections.defaultdict(set)
        groups = collections.defaultdict(set)
        for request in self.hook.received():
            body = json.loads(request.body)
            self.assertTrue(request.key, "a notice without Idempotency-Key")
            keys[body["groupKey"], tuple(sorted(alerts_of(request)))].add(request.key)
            groups[request.key].add(body["groupKey"])
        twice = [content for content, found in keys.items() if len(found) > 1]
        names = sorted({name for _, alerts in twice for name, _, _ in alerts})
        self.assertEqual(twice, [], "the same notice under several keys:\n"
                         + "\n".join(self.history(name) for name in names))
        self.assertEqual([key for key, found in groups.items() if len(found) > 1], [])

    def test_kills(self):
        self.agent.kill()
        for _ in range(KILLS):
            self.run_and_kill()
        self.hook.mode = "ok"
        self.agent.start()
        self.check_told()
        self.agent.until_value(0, "seamwatch_outbox_pending", 60)
        self.check_nothing_lost()
        self.check_keys()
        self.assertEqual(self.agent.stop(), 0)
        self.assertEqual(self.agent.check_database(), "ok")
        taken = self.hook.received(True)
        print(f"{KILLS} kills with seed {SEED}: {len(self.hook.received())} requests, "
              f"{len(taken)} taken, {len(taken) - len({r.key for r in taken})} of them twice",
              flush=True)


if __name__ == "__main__":
    print(f"seed {SEED}", flush=True)
    runner.main()
