#!/usr/bin/env python3
"""`seamwatch replay`: alerts and notices over an OpenMetrics file, a series file and the storage of
an agent that ran or runs; comparisons; what is wrong with its input."""
import json
import os
import resource
import subprocess
import time
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, binary, command, one_probe, rule_file
from harness.nginx import Nginx
from harness.workspace import make_folder

RULES = """\
groups:
- name: g
  interval: 1m
  rules:
  - alert: Down
    expr: up == 0
    for: 1m
"""

NOTIFY = """\
route: {receiver: team, group_wait: 0s, group_interval: 1m, repeat_interval: 1h}
receivers:
- {name: team, webhook_configs: [{url: 'http://127.0.0.1:1/'}]}
"""

NOTIFY_JSON = {"route": {"receiver": "team", "group_wait": "0s", "group_interval": "1m"},
               "receivers": [{"name": "team",
                              "webhook_configs": [{"url": "http://127.0.0.1:1/"}]}]}

SERIES = """\
interval: 1m
input_series: [{series: 'up{job="shop"}', values: 1 0 0 0 1 1}]
"""

# The same, from 2026 on.
START = 1767225600
OPENMETRICS = "# TYPE up gauge\n" + "".join(
    f'up{{job="shop"}} {value} {START + 60 * i}\n' for i, value in enumerate("100011")) + "# EOF\n"


class ReplayTest(unittest.TestCase):
    def setUp(self):
        self.folder = make_folder("replay")
        self.rules = self.write("rules.yml", RULES)
        self.notify = self.write("notify.yml", NOTIFY)
        self.series = self.write("series.yml", SERIES)

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def replay(self, *arguments):
        code, out, err = command("replay", "--rules", self.rules, "--json", *arguments)
        self.assertEqual((code, err), (0, ""))
        return json.loads(out)

    def test_series_file(self):
        code, out, err = command("replay", "--rules", self.rules, "--notify", self.notify,
                                 "--series", self.series)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, """\
1970-01-01T00:00:00Z to 1970-01-01T00:05:00Z (5 min): 1 rule, 6 evaluations, 1 series
alerts:
  Down{job="shop"}: pending 1970-01-01T00:01:00Z, firing 1970-01-01T00:02:00Z, resolved \
1970-01-01T00:04:00Z (2 min)
notices:
  1970-01-01T00:02:00Z team webhook[0] first: firing Down{job="shop"}
  1970-01-01T00:04:00Z team webhook[0] resolved: resolved Down{job="shop"}
notices by receiver:
  team: 2 (1 first, 1 resolved)
1 alert fired, 2 notices
""")

    def test_openmetrics_and_span(self):
        text = self.write("recorded.txt", OPENMETRICS)
        result = self.replay("--openmetrics", text)
        self.assertEqual([alert["fired_at"] for alert in result["alerts"]],
                         ["2026-01-01T00:02:00Z"])
        self.assertEqual((result["notices"], result["receivers"]), ([], []))
        # Pending begins with the first evaluation.
        result = self.replay("--openmetrics", text, "--from", "2026-01-01T00:02:00Z",
                             "--to", str(START + 180))
        self.assertEqual([(alert["fired_at"], alert["ended_at"]) for alert in result["alerts"]],
                         [("2026-01-01T00:03:00Z", None)])

    def test_before_and_after(self):
        old = self.write("old.yml", RULES.replace("for: 1m", "for: 5m"))
        code, out, err = command("replay", "--rules", self.rules, "--before", old, "--notify",
                                 self.notify, "--series", self.series)
        self.assertEqual((code, err), (0, ""))
        self.assertIn('  + Down{job="shop"}: pending', out)
        self.assertIn("  team: 0 -> 2\n", out)
        self.assertIn("alerts fired: 0 -> 1 (0 unchanged), notices: 0 -> 2\n", out)
        changes = self.replay("--before", self.rules, "--series", self.series)["changes"]
        self.assertEqual((changes["alerts_same"], changes["alerts_added"]), (1, []))

    def test_what_the_config_adds(self):
        config = {"systems": {"a": {}, "b": {}}, "default_rules": False,
                  "owners": {"sales": {}},
                  "integrations": {"orders": {"source": "a", "target": "b", "owner": "sales"}},
                  "global": {"external_labels": {"site": "east"}},
                  "rule_files": ["rules.yml"], "alerting": {"notification_file": "notify.yml"}}
        path = self.write("seamwatch.yml", json.dumps(config))
        self.write("series.yml", SERIES.replace("job=", "integration=").replace("shop", "orders"))
        code, out, err = command("replay", "--config", path, "--series", self.series, "--json")
        self.assertEqual(code, 0, err)
        labels = json.loads(out)["notices"][0]["firing"][0]
        self.assertEqual((labels["site"], labels["owner"]), ("east", "sales"))

    def outage(self, noise):
        """A configuration with three integrations through a bank, and a recording in which all of
        them fail from minute 5 to 15."""
        self.write("seamwatch.yml", json.dumps({
            "systems": {"shop": {}, "erp": {}, "bank": {"display": "The bank"}},
            "integrations": {name: {"source": source, "target": "bank"} for name, source in
                             [("orders", "shop"), ("payroll", "erp"), ("refunds", "shop")]},
            "default_rules": False, "rule_files": ["rules.yml"],
            "notification": {"noise": noise},
            "alerting": {"notification_file": "notify.yml"}}))
        self.write("notify.yml", NOTIFY.replace("group_wait", "group_by: ['...'], group_wait"))
        self.write("rules.yml", RULES.replace(
            "up == 0", 'seamwatch_integration_state{state="down"} == 1').replace("1m\n", "15s\n"))
        values = {"down": "0x4 1x9 0x20", "ok": "1x4 0x9 1x20"}
        self.write("series.yml", "interval: 1m\ninput_series:\n" + "".join(
            f"- {{series: 'seamwatch_integration_state{{integration=\"{name}\",state=\"{state}\"}}', "
            f"values: {text}}}\n" for name in ["orders", "payroll", "refunds"]
            for state, text in values.items()))
        return ["replay", "--config", self.folder / "seamwatch.yml", "--series",
                self.folder / "series.yml"]

    def test_a_system_that_is_down(self):
        arguments = self.outage({})
        code, out, err = command(*arguments, "--json")
        self.assertEqual(code, 0, err)
        result = json.loads(out)
        self.assertEqual([(notice["reason"], [alert["alertname"] for alert in notice["firing"]],
                           [alert["alertname"] for alert in notice["resolved"]])
                          for notice in result["notices"]],
                         [("first", ["SystemDown"], []), ("resolved", [], ["SystemDown"])])
        self.assertEqual(result["held_back_by_cause"], {"system_down": 3})
        self.assertEqual({held["why"] for held in result["held_back"]},
                         {"held: system bank is down, SystemDown tells of its 3 integrations"})
        code, text, err = command(*arguments)
        self.assertEqual(code, 0, err)
        self.assertIn("held back by cause:\n  system_down: 3\n", text)
        code, out, err = command(*arguments, "--no-noise-control", "--json")
        self.assertEqual(code, 0, err)
        self.assertEqual((len(json.loads(out)["notices"]), json.loads(out)["held_back"]), (6, []))
        arguments = self.outage({"dependencies": {"enabled": False}})
        self.assertEqual(len(json.loads(command(*arguments, "--json")[1])["notices"]), 6)

    def test_a_storm_and_what_flaps(self):
        self.write("seamwatch.yml", json.dumps(
            {"default_rules": False, "notification": {"noise": {"storm": {"notices_per_minute": 3}}}}))
        notify = self.write("notify.yml", """\
route: {receiver: team, group_by: ['...'], group_wait: 0s, group_interval: 1m}
receivers:
- name: team
  email_configs: [{to: a@example.org, from: b@example.org, smarthost: '127.0.0.1:1',
                   send_resolved: true}]
""")
        series = self.write("storm.yml", "interval: 1m\ninput_series:\n" + "".join(
            f"- {{series: 'up{{job=\"{i}\"}}', values: 1 0x30}}\n" for i in range(44)))
        arguments = ["replay", "--rules", self.rules, "--notify", notify, "--config",
                     self.folder / "seamwatch.yml", "--series", series]
        code, out, err = command(*arguments)
        self.assertEqual(code, 0, err)
        self.assertIn("email[0] storm summary of 41 notices: firing Down", out)
        self.assertIn("  team: 4 (3 first, 1 storm summary)\n", out)
        self.assertIn("held back by cause:\n  storm: 41\n", out)
        self.assertIn("held: more than 3 notices a minute to email[0], waits for a summary", out)
        code, out, err = command(*arguments, "--before", self.rules)
        self.assertIn("held back by cause:\n  storm: 41 -> 41\n", out)
        series = self.write("flaps.yml", "interval: 1m\ninput_series:\n"
                                         "- {series: 'up', values: '" + "1 0 0 0 " * 12 + "1x60'}")
        arguments[-1] = series
        result = json.loads(command(*arguments, "--json")[1])
        self.assertIn("flapping", result["held_back_by_cause"])
        self.assertEqual([labels.get("flapping") for notice in result["notices"][-2:]
                          for labels in notice["firing"] + notice["resolved"]], ["true", "true"])

    SILENCE = {"id": "6d1c6e1c-0000-4000-8000-000000000001",
               "status": {"state": "expired"}, "updatedAt": "1970-01-01T00:00:00.000Z",
               "comment": "planned", "createdBy": "me", "startsAt": "1970-01-01T00:01:00.000Z",
               "endsAt": "1970-01-01T00:03:00.000Z",
               "matchers": [{"isEqual": True, "isRegex": False, "name": "job", "value": "shop"}]}

    def test_silences_out_of_a_file(self):
        silences = self.write("silences.json", json.dumps([self.SILENCE]))
        result = self.replay("--notify", self.notify, "--series", self.series, "--silences",
                             silences)
        self.assertEqual([(notice["at"], notice["reason"]) for notice in result["notices"]],
                         [("1970-01-01T00:03:00Z", "first"), ("1970-01-01T00:04:00Z", "resolved")])
        self.assertEqual([(held["at"], held["why"]) for held in result["held_back"]],
                         [("1970-01-01T00:02:00Z", "silenced by " + self.SILENCE["id"])])
        for text, what in [("nonsense", "no JSON list of silences"),
                           ('[{"comment": "x"}]', "silence 1: createdBy in body is required"),
                           (json.dumps([self.SILENCE, {**self.SILENCE, "matchers": []}]),
                            "silence 2: matchers in body should have at least 1 items")]:
            with self.subTest(what):
                silences.write_text(text, encoding="utf-8")
                code, _, err = command("replay", "--rules", self.rules, "--series", self.series,
                                       "--silences", silences)
                self.assertEqual(code, 1)
                self.assertIn(f"{silences}: {what}", err)

    def test_what_is_shown_is_redacted(self):
        rules = self.write("rules.yml", RULES + "    annotations: {summary: 'of {{ $labels.user }}, "
                                                "password=hunter2'}\n")
        series = self.write("series.yml", SERIES.replace('job="shop"', 'user="jane@example.org"'))
        for more in [[], ["--json"], ["--before", rules], ["--before", rules, "--json"]]:
            with self.subTest(more):
                code, out, err = command("replay", "--rules", rules, "--notify", self.notify,
                                         "--series", series, *more)
                self.assertEqual((code, err), (0, ""))
                self.assertNotIn("jane", out)
                self.assertNotIn("hunter2", out)
        self.assertEqual(self.replay("--before", rules, "--series", series)["changes"]
                         ["alerts_same"], 1)

    def test_rules_and_routes_see_redacted_labels_as_in_the_agent(self):
        plain, redacted = 'user="jane@example.org"', 'user=~"<email>#[0-9a-f]{10}"'
        rules = self.write("rules.yml", RULES + f"""\
  - alert: Plain
    expr: ALERTS{{alertname="Down", {plain}}}
  - alert: Redacted
    expr: ALERTS{{alertname="Down", {redacted}}}
""")
        notify = self.write("notify.yml", json.dumps({
            "route": {"receiver": "none", "group_wait": "0s", "routes": [
                {"receiver": "plain", "matchers": [plain]},
                {"receiver": "redacted", "matchers": [redacted]}]},
            "receivers": [{"name": name, "webhook_configs": [{"url": "http://127.0.0.1:1/"}]}
                          for name in ("none", "plain", "redacted")]}))
        series = self.write("series.yml", SERIES.replace('job="shop"', plain))
        found = self.replay("--notify", notify, "--series", series)
        self.assertEqual({one["alert"] for one in found["alerts"]}, {"Down", "Redacted"})
        self.assertEqual({one["receiver"] for one in found["notices"]}, {"redacted"})

    def test_silences_and_acks_of_the_storage(self):
        nginx = Nginx()
        self.addCleanup(nginx.stop)
        agent = Agent({"orders": one_probe(nginx.url("/missing"))}, rules=rule_file(FAILS_RULE),
                      notify=NOTIFY_JSON, start=False)
        self.addCleanup(agent.stop)
        agent.start()
        from_hour, to_day = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset))
                             for offset in (-3600, 86400))
        silence = {"matchers": [{"name": "integration", "value": "orders", "isRegex": False}],
                   "startsAt": from_hour, "endsAt": to_day,
                   "createdBy": "me", "comment": "work"}
        answer = agent.post("/api/v2/silences", json.dumps(silence).encode(),
                            headers={"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer)
        wait.until(lambda: agent.get("/api/v1/alerts").json["data"]["alerts"], 30, "the alert")
        wait.until(lambda: (agent.storage / "series" / "checkpoint-00000001").exists(), 30,
                   "a checkpoint")
        arguments = ["replay", "--config", agent.config_file, "--storage", agent.storage, "--json"]
        running = command(*arguments)
        self.assertEqual(running[0], 0, running[2])
        self.assertEqual(agent.stop(), 0)
        files = sorted(path.name for path in agent.storage.iterdir())
        code, out, err = command(*arguments)
        self.assertEqual(code, 0, err)
        result = json.loads(out)
        self.assertEqual(result["notices"], [])
        self.assertEqual({held["why"] for held in result["held_back"]},
                         {"silenced by " + answer.json["silenceID"]})
        self.assertEqual(files, sorted(path.name for path in agent.storage.iterdir()))
        # The same file of rules, evaluated when the agent did: at one offset within each second.
        fired = {alert["fired_at"] for alert in result["alerts"]}
        self.assertEqual(len(fired), 1)
        silences = self.write("none.json", "[]")
        code, out, err = command(*arguments, "--silences", silences)
        self.assertEqual(code, 0, err)
        self.assertEqual([notice["reason"] for notice in json.loads(out)["notices"]], ["first"])

    @staticmethod
    def probes_of(agent):
        """How many probes the agent has in its history."""
        answer = agent.get("/api/v1/query?query=count_over_time(probe_success%5B1h%5D)")
        return int(answer.json["data"]["result"][0]["value"][1])

    def test_the_storage_of_an_agent(self):
        nginx = Nginx()
        self.addCleanup(nginx.stop)
        agent = Agent({"orders": one_probe(nginx.url("/missing"))}, rules=rule_file(FAILS_RULE),
                      start=False)
        self.addCleanup(agent.stop)
        began = time.time()
        agent.start()
        wait.until(lambda: agent.get("/api/v1/alerts").json["data"]["alerts"], 30, "the alert")
        wait.until(lambda: (agent.storage / "series" / "checkpoint-00000001").exists(), 30,
                   "a checkpoint")
        # While it runs, nothing is changed by the reading.
        code, _, err = command("replay", "--rules", agent.rules_file, "--storage", agent.storage)
        self.assertEqual(code, 0, err)
        probes = self.probes_of(agent)
        wait.until(lambda: self.probes_of(agent) >= probes + 2, 30, "two more probes")
        self.assertEqual(agent.stop(), 0)
        files = sorted(path.name for path in (agent.storage / "series").iterdir())
        code, out, err = command("replay", "--rules", agent.rules_file, "--notify", self.notify,
                                 "--storage", agent.storage, "--step", "1s", "--json")
        self.assertEqual(code, 0, err)
        result = json.loads(out)
        self.assertIn("ALERTS", result["made_anew"])
        fired = [alert for alert in result["alerts"] if alert["fired_at"]]
        self.assertEqual([alert["alert"] for alert in fired], ["ProbeFails"])
        self.assertEqual(fired[0]["labels"]["integration"], "orders")
        self.assertGreaterEqual(fired[0]["fired_at"],
                                time.strftime("%Y-%m-%dT%H:%M", time.gmtime(began)))
        self.assertEqual(result["receivers"][0]["first"], 1)
        self.assertEqual(files,
                         sorted(path.name for path in (agent.storage / "series").iterdir()))
        checkpoint = max((agent.storage / "series").glob("checkpoint-*"))
        checkpoint.write_bytes(b"no checkpoint " * 100)
        code, out, err = command("replay", "--rules", agent.rules_file, "--storage", agent.storage)
        self.assertIn(f"{checkpoint}: ", err)
        journal = max((agent.storage / "series").glob("journal-*"))
        journal.write_bytes(b"no journal " * 100)
        code, out, err = command("replay", "--rules", agent.rules_file, "--storage", agent.storage)
        self.assertEqual((code, out), (1, ""))
        self.assertIn(f"no series has a point; {checkpoint}: ", err)
        self.assertIn(f"; {journal}: ", err)

    def test_explain(self):
        arguments = ["explain", "Down", "--rules", self.rules, "--series", self.series]
        code, out, err = command(*arguments, "--at", "70")
        self.assertEqual((code, err), (0, ""))
        self.assertEqual(out, """\
1970-01-01T00:01:00Z Down is pending
  pending {alertname="Down", job="shop"}: holds since 1970-01-01T00:01:00Z, `for` is 1m: fires \
in 1m if it goes on
  up == 0
    up{job="shop"} = 0
    up
      up{job="shop"} = 0
""")
        code, out, err = command(*arguments)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual([line.split(" ", 1)[1] for line in out.splitlines() if line[0] == "1"],
                         ["Down is inactive: its expression gave nothing", "Down is pending",
                          "Down is firing", "Down is firing",
                          "Down is inactive: its expression gave nothing",
                          "Down is inactive: its expression gave nothing"])
        self.assertIn('dropped up{job="shop"}: 1 == 0 is false', out)
        code, _, err = command("explain", "Dow", *arguments[2:])
        self.assertEqual(code, 1)
        self.assertIn("did you mean Down?", err)
        self.assertEqual(command(*arguments, "--at", "70", "--to", "80")[0], 2)
        self.assertEqual(command(*arguments, "--step", "0s")[0], 2)
        self.assertIn("--at", command("explain", "--help")[1])

    def test_files_that_are_not_whole(self):
        """Each has an end in time, and says what to do."""
        pipe = self.folder / "pipe"
        os.mkfifo(pipe)
        cut = self.write("cut.txt", "up 1 1767225600000\nup 0 17672256")
        storage = self.write("storage", "no folder")
        for name, arguments, want in [
                ("a pipe", ["--openmetrics", pipe], "it is no regular file; write"),
                ("a pipe of series", ["--series", pipe], "it is no regular file; write"),
                ("a cut line", ["--openmetrics", cut], "cut.txt:2: the last line has no end"),
                ("a binary", ["--openmetrics", binary()], "seamwatch:1: "),
                ("no folder", ["--storage", storage], "series cannot be read: Not a directory"),
                ("a long file", ["--series", self.write("long.yml", "#" * (17 << 20))],
                 "larger than 16 MiB; give that much as --openmetrics")]:
            for program in ["replay", "explain"]:
                with self.subTest(f"{program}: {name}"):
                    rule = ["Down"] if program == "explain" else []
                    code, out, err = command(program, *rule, "--rules", self.rules, *arguments,
                                             timeout=20)
                    self.assertEqual((code, out), (1, ""), err)
                    self.assertIn(want, err)

    def test_a_file_that_grows_or_shrinks_meanwhile(self):
        text = self.write("recorded.txt", "".join(
            f"up{{job=\"shop\"}} {i % 2} {START * 1000 + i}\n" for i in range(400_000)))
        more = subprocess.Popen(["sh", "-c", f"while :; do echo 'up 1 {START}999' >> '{text}'; done"])
        self.addCleanup(more.wait)
        self.addCleanup(more.kill)
        code, out, err = command("replay", "--rules", self.rules, "--openmetrics", text)
        self.assertEqual((code, "recorded.txt grew while it was read" in err), (0, True), err)
        more.kill()
        more.wait()
        less = subprocess.Popen([binary(), "replay", "--rules", self.rules, "--openmetrics", text],
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        text.write_text("", encoding="utf-8")
        _, err = less.communicate(timeout=30)
        # It may have read all before, or nothing; a signal has no words.
        self.assertIn(less.returncode, (0, 1), err)

    def test_explaining_much_takes_little_memory(self):
        series = self.write("many.yml", "interval: 15s\ninput_series:\n" + "".join(
            f"- {{series: 'up{{job=\"{i}\"}}', values: 0x240}}\n" for i in range(2000)))
        for more in [[], ["--json"]]:
            with self.subTest(more):
                done = subprocess.run(
                    [binary(), "explain", "Down", "--rules", self.rules, "--series", series,
                     "--from", "0", *more],
                    preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (400 << 20,) * 2),
                    stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False, timeout=120)
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertGreater(len(done.stdout), 10_000)

    def test_what_is_wrong(self):
        bad = self.write("bad.txt", "up 1\n")
        empty = self.write("empty.txt", "# EOF\n")
        bad_rules = self.write("bad.yml", RULES.replace("for:", "fro:"))
        for name, arguments, want_code, want in [
                ("no source", [], 2, "give one of --storage"),
                ("two sources", ["--series", self.series, "--openmetrics", bad], 2,
                 "give one of --storage"),
                ("no timestamp", ["--openmetrics", bad], 1, "bad.txt:1: a sample without"),
                ("no points", ["--openmetrics", empty], 1, "nothing was recorded"),
                ("no file", ["--openmetrics", self.folder / "none"], 1, "none"),
                ("no storage", ["--storage", self.folder], 1, "no history of series"),
                ("bad time", ["--series", self.series, "--from", "soon"], 1, "--from: "),
                ("nothing between", ["--series", self.series, "--from", "900", "--to", "800"], 1,
                 "is later than --to"),
                ("bad step", ["--series", self.series, "--step", "soon"], 2, "--step: "),
                ("endless", ["--series", self.series, "--to", "99999999999"], 2,
                 "choose a shorter span"),
                ("bad rules", ["--series", self.series, "--rules", bad_rules], 1, "fro"),
                ("no rules", ["--series", self.series, "--rules", self.folder / "no.yml"], 1,
                 "no rule file is there"),
        ]:
            with self.subTest(name):
                given = [] if "--rules" in map(str, arguments) else ["--rules", self.rules]
                code, out, err = command("replay", *given, *arguments)
                self.assertEqual((code, out), (want_code, ""), err)
                self.assertIn(want, err)
        self.assertEqual(command("replay", "--series", self.series)[0], 2)
        self.assertIn("--openmetrics", command("replay", "--help")[1])


if __name__ == "__main__":
    runner.main()
