"""What tests that kill the agent again and again have in common: a landscape whose integrations
break and heal, one life after the other, and what must hold of the notices that receivers saw."""
import collections
import os
import random
import time
import unittest

from harness.agent import FAILS_RULE, Agent, notify_file, one_probe, rule_file
from harness.nginx import Nginx
from harness.webhook import WebhookReceiver, seconds_of

SEED = int(os.environ.get("SEAMWATCH_SEED", time.time_ns() % 1_000_000))
MODES = ["ok", "ok", "slow", "slow", 500, "hang", "reset"]


def kills(normal, long):
    """How many: SEAMWATCH_KILLS, or `long` with SEAMWATCH_LONG=1, or `normal`."""
    return int(os.environ.get("SEAMWATCH_KILLS",
                              long if os.environ.get("SEAMWATCH_LONG") == "1" else normal))


def alerts_of(request):
    """(integration, startsAt, status) of each alert of a request."""
    return [(a["labels"]["integration"], a["startsAt"], a["status"]) for a in request.alerts]


class KilledAgent(unittest.TestCase):
    """`agent` and `hooks`, the webhook receivers, are for the test's own setUp() to make."""
    integrations = 40
    life_seconds_max = 3.0

    def setUp(self):
        self.chance = random.Random(SEED)
        self.nginx = Nginx()
        self.addCleanup(self.nginx.stop)
        self.names = [f"seam-{number}" for number in range(self.integrations)]
        self.failing = set()
        self.agent, self.hooks = None, []

    def watched(self):
        """The section `integrations` of seamwatch.yml."""
        return {name: one_probe(self.nginx.url(f"/switch/{name}")) for name in self.names}

    def watch_and_tell_one(self, **notification):
        """Makes the agent, with one webhook receiver, `hook`, that is told of all that fails."""
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)
        self.hooks = [self.hook]
        self.agent = Agent(self.watched(), rules=rule_file(FAILS_RULE),
                           notify=notify_file({"webhook_configs": [{"url": self.hook.url}]}),
                           notification={"timeout": "2s", **notification})
        self.addCleanup(self.agent.stop)

    def flip_some(self):
        for name in self.chance.sample(self.names, self.chance.randint(1, 8)):
            if name in self.failing:
                self.nginx.heal(name)
                self.failing.discard(name)
            else:
                self.nginx.fail(name)
                self.failing.add(name)

    def heal_all(self):
        for name in self.failing:
            self.nginx.heal(name)
        self.failing.clear()

    def disturb(self):
        """Something happens: integrations break and heal, a receiver changes its mind."""
        self.flip_some()
        self.chance.choice(self.hooks).mode = self.chance.choice(MODES)

    def run_and_kill(self):
        """One life of the agent: it is started, things happen, it is killed."""
        self.agent.start(until_ready=False)
        end = time.monotonic() + self.chance.uniform(0.05, self.life_seconds_max)
        while time.monotonic() < end:
            self.disturb()
            time.sleep(min(self.chance.uniform(0.05, 0.4), max(0, end - time.monotonic())))
        if self.chance.random() < 0.5:
            self.until_in_flight()
        self.assertTrue(self.agent.alive(), "died by itself:\n" + self.agent.log_text()[-3000:])
        self.agent.kill()
        if self.agent.database.exists():
            self.assertEqual(self.agent.check_database(), "ok")

    def until_in_flight(self):
        """Waits, though not for long, until a receiver has a notice that it has not answered."""
        hook = self.chance.choice(self.hooks)
        hook.mode = "slow"
        before = len(hook.received())
        end = time.monotonic() + 2
        while len(hook.received()) == before and time.monotonic() < end:
            time.sleep(0.005)

    def check_nothing_lost(self, hook):
        """What was seen was taken, or something newer of the same integration: an undelivered
        notice takes in what happens meanwhile."""
        newest = collections.defaultdict(float)
        for request in hook.received(True):
            for name, starts, _ in alerts_of(request):
                newest[name] = max(newest[name], seconds_of(starts))
        lost = {(name, starts) for request in hook.received()
                for name, starts, _ in alerts_of(request) if seconds_of(starts) > newest[name]}
        self.assertEqual(lost, set(), "seen by the receiver, and never taken")

    def check_keys(self, hook):
        """Each content has one key, and each key one group."""
        self.check_groups_of_keys(hook)
        keys = collections.defaultdict(set)
        for request in hook.received():
            group = request.json["groupKey"]
            keys[group, tuple(sorted(alerts_of(request)))].add(request.key)
        twice = {group: sorted(found) for (group, _), found in keys.items() if len(found) > 1}
        self.assertEqual(twice, {}, "the same notice under several keys; all of these groups:\n"
                         + "\n".join(summary(hook, group) for group in twice))

    def check_groups_of_keys(self, hook):
        """Each request has a key, and each key one group."""
        groups = collections.defaultdict(set)
        for request in hook.received():
            self.assertTrue(request.key, "a notice without Idempotency-Key")
            groups[request.key].add(request.json["groupKey"])
        self.assertEqual([key for key, found in groups.items() if len(found) > 1], [])


def last_told(hook):
    """What the receiver last took of each integration: firing or resolved."""
    return {name: status for request in hook.received(True)
            for name, _, status in alerts_of(request)}


def summary(hook, group):
    """All that the receiver saw of one group, a line each, with how it differs from the last."""
    out, before = [group], set()
    for request in hook.received():
        if request.json["groupKey"] == group:
            now = set(alerts_of(request))
            out.append(f"{request.at:.3f} {request.key[:8]} "
                       f"{'taken' if request.accepted else 'refused'} "
                       f"{request.json.get('notification_reason')} {len(now)} alerts; new here "
                       f"{sorted(now - before)}; not here {sorted(before - now)}")
            before = now
    return "\n".join(out)


def history(hook, name):
    """All that the receiver saw of one integration, a line each."""
    return "\n".join(
        f"{request.at:.3f} {request.key} {'taken' if request.accepted else 'refused'} "
        f"{request.json.get('notification_reason')} "
        f"{alert['status']} {name} from {alert['startsAt']} to {alert['endsAt']}"
        for request in hook.received() for alert in request.alerts
        if alert["labels"]["integration"] == name)
