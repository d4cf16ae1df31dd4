#!/usr/bin/env python3
"""SIGKILL at random moments while ten receivers are told, people acknowledge and silence, others
post alerts, and steps of an escalation come due: 30 times, 500 with SEAMWATCH_LONG=1, or as often
as SEAMWATCH_KILLS says. What must hold, however the moments fall:
- what was accepted (an alert that was posted, an ack, a silence and its end) is there in the next
  life;
- an alert whose cause stays is told to each receiver that should hear of it, and so is its end to
  all that were told of it; who escalates hears of it too, unless it was acknowledged in time;
- what was silenced before it fired is told to nobody;
- the same content carries the same key, and a step of an incident is told under one;
- the database is sound after every kill, and nothing is set aside.
SEAMWATCH_SEED repeats the choices of a run; the moments also depend on the machine."""
import collections
import datetime
import re

from harness import killed, runner, wait
from harness.agent import FAILS_RULE, NO_NOISE_CONTROL, Agent, Died, rule_file
from harness.scripted_smtp import ScriptedSmtp
from harness.webhook import WebhookReceiver

KILLS = killed.kills(30, 500)
EVEN, ODD = 'integration=~".*[02468]"', 'integration=~".*[13579]"'
HOOKS = ["all", "even", "odd", "single", "together", "posted", "team", "lead", "boss"]
MAIL_LINE = re.compile(r"^<(\S+) (firing|resolved)>\s*$", re.M)
ALL = ("all", "single", "together", "team")  # hear of every alert


def later(seconds):
    now = datetime.datetime.now(datetime.timezone.utc)
    return (now + datetime.timedelta(seconds=seconds)).isoformat(timespec="milliseconds")


def routes():
    """Ten receivers: nine webhooks and a mailbox, over seven routes and two steps."""
    on = {"continue": True}
    return {"receiver": "all", "group_by": ["alertname", "integration"], "group_wait": "0s",
            "group_interval": "1s", "repeat_interval": "4h", "routes": [
                {"receiver": "all", **on},
                {"receiver": "even", "matchers": [EVEN], **on},
                {"receiver": "odd", "matchers": [ODD], **on},
                {"receiver": "single", "group_by": ["..."], **on},
                {"receiver": "together", "group_by": ["alertname"], **on},
                {"receiver": "posted", "matchers": ['alertname="Posted"'], **on},
                {"receiver": "mailbox", **on},
                {"receiver": "team", "escalate": [
                    {"after": "2s", "receiver": "lead", "unless": "acked"},
                    {"after": "3s", "receiver": "boss"}]}]}


def text_of(message):
    return message.get_body(("plain",)).get_content()


class Accepted:
    """What the agent answered with 200, so that it must know it in its next life."""

    def __init__(self):
        self.posted = {}  # name to the body that was posted
        self.acks = {}  # name to its comment
        self.silences = {}  # id to its state: active or expired
        self.quiet = set()  # names that were silenced before they fired


class KillNotifyTest(killed.KilledAgent):
    integrations = 24
    life_seconds_max = 1.6

    def setUp(self):
        super().setUp()
        self.accepted = Accepted()
        self.used = set()
        self.checked = False  # whether this life knew what earlier ones accepted
        self.hook = {name: WebhookReceiver() for name in HOOKS}
        self.hooks = list(self.hook.values())
        for hook in self.hooks:
            self.addCleanup(hook.close)
        self.mail = ScriptedSmtp()
        self.addCleanup(self.mail.close)
        receivers = [{"name": name, "webhook_configs": [{"url": hook.url}]}
                     for name, hook in self.hook.items()]
        receivers.append({"name": "mailbox", "email_configs": [{
            "to": "duty@shop.test", "from": "seamwatch@shop.test", "require_tls": False,
            "smarthost": self.mail.address, "send_resolved": True,
            "text": "{{ range .Alerts }}<{{ .Labels.integration }} {{ .Status }}>\n{{ end }}"}]})
        self.agent = Agent(self.watched(), rules=rule_file(FAILS_RULE),
                           notify={"route": routes(), "receivers": receivers},
                           notification={"timeout": "2s", "noise": NO_NOISE_CONTROL,
                                         "concurrency": 64, "retry_delay": "1s",
                                         "retry_delay_max": "5s"})
        self.addCleanup(self.agent.stop)

    # What people and others do while it lives.

    def run_and_kill(self):
        self.checked = False
        super().run_and_kill()

    def disturb(self):
        super().disturb()
        self.mail.replies = {"RCPT": ["451 4.7.1 come back later"] * self.chance.randint(0, 2)}
        self.mail.drops = self.chance.choice([0, 0, 1])
        act = self.chance.choice([self.post, self.post, self.acknowledge, self.silence,
                                  self.end_silence, self.post_silenced])
        try:
            if not self.checked and self.agent.ready()[0] == 200:
                self.check_accepted()
                self.checked = True
            act()
        except (OSError, Died):
            pass  # it is not listening yet, or did not answer in time: nothing was promised

    def answered(self, path, body=None, method="POST"):
        """The answer to a request, or None where it is another than 200."""
        answer = self.agent.get(path, method=method, body=body, timeout=2)
        return answer if answer.status == 200 else None

    def new_name(self):
        """Never one of before: what is silenced must not be posted as what is to be told."""
        while True:
            name = f"outside-{self.chance.randrange(1_000_000):06d}"
            if name not in self.used:
                self.used.add(name)
                return name

    def post(self):
        bodies = [self.alert(self.new_name()) for _ in range(self.chance.randint(1, 3))]
        if self.answered("/api/v2/alerts", bodies):
            self.accepted.posted.update((b["labels"]["integration"], b) for b in bodies)

    @staticmethod
    def alert(name):
        return {"labels": {"alertname": "Posted", "integration": name}, "annotations": {},
                "startsAt": later(0), "endsAt": later(24 * 3600)}

    def acknowledge(self):
        if not self.accepted.posted:
            return  # those of the rules may end meanwhile, and their acks with them
        name = self.chance.choice(sorted(self.accepted.posted))
        comment = self.new_name()
        if self.answered("/api/acks", {"matchers": [f'integration="{name}"'], "owner": "duty",
                                       "comment": comment, "duration": "24h"}):
            self.accepted.acks[name] = comment

    def silence(self, name="nobody"):
        answer = self.answered("/api/v2/silences", {
            "matchers": [{"name": "integration", "value": name, "isRegex": False}],
            "startsAt": later(-1), "endsAt": later(24 * 3600), "createdBy": "duty",
            "comment": "test"})
        if answer:
            self.accepted.silences[answer.json["silenceID"]] = "active"
        return answer

    def end_silence(self):
        active = sorted(i for i, state in self.accepted.silences.items() if state == "active")
        wanted = self.chance.choice(active) if active else None
        if wanted and wanted not in self.accepted.quiet:
            # Until it answers, both are right.
            self.accepted.silences.pop(wanted)
            if self.answered(f"/api/v2/silence/{wanted}", method="DELETE"):
                self.accepted.silences[wanted] = "expired"

    def post_silenced(self):
        name = self.new_name()
        answer = self.silence(name)
        if answer:
            self.accepted.quiet |= {name, answer.json["silenceID"]}
            self.answered("/api/v2/alerts", [self.alert(name)])

    # What must hold.

    def check_accepted(self):
        """What was accepted in earlier lives is there."""
        acks = {ack["labels"]["integration"]: ack["comment"]
                for ack in self.agent.get("/api/acks").json}
        self.assertLessEqual(self.accepted.acks.items(), acks.items())
        silences = {silence["id"]: silence["status"]["state"]
                    for silence in self.agent.get("/api/v2/silences").json}
        self.assertLessEqual(self.accepted.silences.items(), silences.items())
        alerts = {alert["labels"]["integration"] for alert in self.agent.get("/api/v2/alerts").json}
        self.assertLessEqual(self.accepted.posted.keys(), alerts)

    def told(self):
        """What each receiver last took of each integration."""
        out = {name: killed.last_told(hook) for name, hook in self.hook.items()}
        out["mailbox"] = {name: status for message in list(self.mail.taken)
                          for name, status in MAIL_LINE.findall(text_of(message))}
        return out

    def hearers(self, name):
        """Who must hear that an alert of this integration fires."""
        out = {*ALL, "mailbox", "boss"}
        if int(name[-1]) % 2 == 0:
            out.add("even")
        else:
            out.add("odd")
        if name in self.accepted.posted:
            out.add("posted")
        if name not in self.accepted.acks:
            out.add("lead")
        return out

    def untold(self):
        told = self.told()
        return {(name, who) for name in [*self.failing, *self.accepted.posted]
                for who in self.hearers(name) if told[who].get(name) != "firing"}

    def unended(self):
        return {(name, who) for who, told in self.told().items()
                for name, status in told.items() if status == "firing"}

    def until_none(self, look, what):
        try:
            wait.until(lambda: not look(), 60, what, every=0.2)
        except AssertionError:
            left = sorted(look())
            name, who = left[0]
            self.fail(f"not {what}: {left[:20]}; of {name} {who} and team saw:\n"
                      + (killed.history(self.hook[who], name) if who in self.hook else "mail")
                      + "\n" + killed.history(self.hook["team"], name))

    def end_all(self):
        self.heal_all()
        for name, body in self.accepted.posted.items():
            self.accepted.posted[name] = {**body, "endsAt": later(0)}
        bodies = list(self.accepted.posted.values())
        if bodies:
            self.assertEqual(self.agent.post("/api/v2/alerts", bodies).status, 200)

    def check_quiet(self):
        loud = {(name, who) for who, told in self.told().items() for name in told
                if name in self.accepted.quiet}
        self.assertEqual(loud, set(), "silenced, and told all the same")

    def check_steps(self):
        """A step tells an incident under one key, however often the agent is killed meanwhile."""
        for who in ("lead", "boss"):
            keys = collections.defaultdict(set)
            for request in self.hook[who].received(True):
                if (request.json["notification_reason"], request.json["status"]) == (
                        "escalated", "firing"):
                    for name, starts, _ in killed.alerts_of(request):
                        keys[name, starts].add(request.key)
            twice = {incident for incident, found in keys.items() if len(found) > 1}
            self.assertEqual(twice, set(), f"told to {who} under several keys:\n" + "\n".join(
                killed.history(self.hook[who], name) for name, _ in twice))

    def check_mail_keys(self):
        """A key is of one content, however often the mail came."""
        contents = collections.defaultdict(set)
        for message in [*self.mail.taken, *self.mail.dropped]:
            contents[message["X-Seamwatch-Idempotency-Key"]].add(
                tuple(sorted(MAIL_LINE.findall(text_of(message)))))
        several = {key: found for key, found in contents.items() if len(found) > 1}
        self.assertEqual(several, {}, "different mails under one key")

    def test_kills(self):
        self.agent.kill()
        for _ in range(KILLS):
            self.run_and_kill()
        for hook in self.hooks:
            hook.mode = "ok"
        self.mail.replies, self.mail.drops = {}, 0
        self.agent.start()
        self.check_accepted()
        self.until_none(self.untold, "every alert that fires was told to all")
        self.end_all()
        self.until_none(self.unended, "every end was told to all")
        self.agent.until_value(0, "seamwatch_outbox_pending", 60)
        self.assertEqual(self.agent.value("seamwatch_outbox_dead_letters_kept"), 0)
        self.check_quiet()
        self.check_steps()
        self.check_mail_keys()
        for hook in self.hooks:
            self.check_nothing_lost(hook)
            self.check_keys(hook)
        self.assertEqual(self.agent.stop(), 0)
        self.assertEqual(self.agent.check_database(), "ok")
        self.report()

    def report(self):
        taken = [request for hook in self.hooks for request in hook.received(True)]
        print(f"{KILLS} kills with seed {killed.SEED}: "
              f"{sum(len(hook.received()) for hook in self.hooks)} requests to nine webhooks, "
              f"{len(taken)} taken, {len(taken) - len({r.key for r in taken})} of them twice; "
              f"{len(self.mail.taken)} mails; accepted: {len(self.accepted.posted)} alerts, "
              f"{len(self.accepted.acks)} acks, {len(self.accepted.silences)} silences", flush=True)


if __name__ == "__main__":
    print(f"seed {killed.SEED}", flush=True)
    runner.main()
