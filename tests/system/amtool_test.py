#!/usr/bin/env python3
"""The agent as an Alertmanager: Debian's amtool and Debian's Prometheus use it, and so do the
agent's own silence, alerts and ack. What they set survives a kill."""
import datetime
import json
import pathlib
import subprocess
import unittest
import urllib.parse

from harness import runner, wait
from harness.agent import Agent, command, notify_file
from harness.prometheus import Prometheus
from harness.smtp import Smtp
from harness.webhook import WebhookReceiver
from harness.workspace import make_folder

README = pathlib.Path(__file__).resolve().parents[2] / "README.md"
UUID = "^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$"


def in_future(**span):
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(**span)).isoformat(timespec="milliseconds")


class _Base(unittest.TestCase):
    def setUp(self):
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)
        self.agent = Agent(notify={
            **notify_file({"webhook_configs": [{"url": self.hook.url + "?key=s3cr3t"}]},
                          routes=[{"receiver": "night", "matchers": ['team="night"']}]),
            "inhibit_rules": [{"source_matchers": ['severity="critical"'],
                               "target_matchers": ['severity="warning"'],
                               "equal": ["alertname"]}]} | {"receivers": [
                                   {"name": "team", "webhook_configs": [
                                       {"url": self.hook.url + "?key=s3cr3t"}]},
                                   {"name": "night"}]})
        self.addCleanup(self.agent.stop)

    def own(self, *arguments, code=0):
        """`seamwatch ARGUMENTS --url AGENT`: what it prints."""
        done = command(*arguments, "--url", self.agent.url)
        self.assertEqual(done[0], code, done)
        return done[1].strip()

    def post(self, *labels, **more):
        answer = self.agent.post("/api/v2/alerts", [
            {"labels": one, "annotations": {}, **more} for one in labels])
        self.assertEqual(answer.status, 200, answer)

    def alerts(self, query=""):
        return self.agent.get("/api/v2/alerts" + query).json


class AmtoolTest(_Base):
    def amtool(self, *arguments, code=0):
        done = subprocess.run(["amtool", f"--alertmanager.url={self.agent.url}", *arguments],
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertEqual(done.returncode, code, (done.stdout, done.stderr))
        return done.stdout.strip()

    def test_alerts(self):
        self.amtool("alert", "add", "alertname=Down", "severity=critical", "node=a",
                    "--annotation=summary=it is down", "--generator-url=http://prom/graph")
        self.amtool("alert", "add", "Late", "severity=warning", "--end", in_future(minutes=5))
        found = json.loads(self.amtool("alert", "query", "-o", "json"))
        self.assertEqual({a["labels"]["alertname"] for a in found}, {"Down", "Late"})
        self.assertIn("it is down", self.amtool("alert", "query", "Down"))
        self.assertEqual(json.loads(self.amtool("alert", "query", "-o", "json", "node=~b|c")), [])
        self.assertIn("Late", self.amtool("alert", "query", "--receiver=te.m", "severity!=critical"))
        self.hook.until_alert("firing", alertname="Down")

    def test_below_the_path_of_the_external_url(self):
        self.agent.config["global"]["external_url"] = "https://ops.example.com/seamwatch/"
        self.agent.write()
        self.assertEqual(self.agent.post("/-/reload").status, 200)
        self.post({"alertname": "Down"})
        url = self.agent.url + "/seamwatch"
        done = subprocess.run(["amtool", f"--alertmanager.url={url}", "alert", "query"],
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertIn("Down", done.stdout, done.stderr)
        done = subprocess.run(["promtool", "query", "instant", url, "1+1"],
                              capture_output=True, text=True, timeout=30, check=False)
        self.assertIn("scalar: 2", done.stdout, done.stderr)
        for path, status in (("/seamwatch", 200), ("/seamwatch/-/ready", 200), ("/-/ready", 200),
                             ("/other/-/ready", 404), ("/seamwatch/other", 404)):
            self.assertEqual(self.agent.get(path).status, status, path)
        place = self.agent.get("/seamwatch/graph?g0.expr=up%3D%3D0").headers["Location"]
        self.assertEqual(urllib.parse.urljoin("/seamwatch/graph", place),
                         "/seamwatch/api/v1/query?query=up%3D%3D0")

    def test_silences(self):
        self.post({"alertname": "Down", "node": "a"}, {"alertname": "Down", "node": "b"})
        added = self.amtool("silence", "add", "Down", "node=~a|c", "-c", "why", "-a", "me",
                            "-d", "2h")
        self.assertRegex(added, UUID)
        silence, = json.loads(self.amtool("silence", "query", "-o", "json"))
        self.assertEqual((silence["id"], silence["createdBy"], silence["comment"],
                          silence["status"]["state"]), (added, "me", "why", "active"))
        silenced, = self.alerts("?active=false")
        self.assertEqual((silenced["labels"]["node"], silenced["status"]["silencedBy"]),
                         ("a", [added]))
        self.assertIn(added, self.amtool("silence", "update", "-c", "longer", "-d", "4h", added))
        self.assertIn("longer", self.amtool("silence", "query"))
        self.assertEqual(len(self.agent.get("/api/v2/silences").json), 1)
        self.amtool("silence", "expire", added)
        self.assertEqual(json.loads(self.amtool("silence", "query", "-o", "json")), [])
        self.assertIn(added, self.amtool("silence", "query", "--expired", "-q"))
        self.assertEqual(len(self.alerts("?silenced=false")), 2)
        self.amtool("silence", "update", "-d", "1h", "--start", in_future(), added)
        again, = json.loads(self.amtool("silence", "query", "-o", "json"))
        self.assertNotEqual(again["id"], added)

    def test_import_and_what_is_refused(self):
        listed = make_folder("silences") / "silences.json"
        listed.write_text(json.dumps([{
            "matchers": [{"name": "alertname", "value": f"A{n}", "isRegex": False,
                          "isEqual": True}],
            "startsAt": in_future(minutes=-1), "endsAt": in_future(hours=1), "createdBy": "me",
            "comment": "imported"} for n in range(20)]), encoding="utf-8")
        self.amtool("silence", "import", str(listed))
        self.assertEqual(len(self.agent.get("/api/v2/silences").json), 20)
        self.amtool("silence", "add", "a=~.*", "-c", "all", code=1)
        self.amtool("silence", "add", "alertname=~.+", "-c", "all", code=1)
        self.amtool("silence", "expire", "00000000-0000-4000-8000-000000000000", code=1)

    def test_configuration(self):
        shown = self.amtool("config", "show")
        self.assertIn("receiver: team", shown)
        self.assertNotIn("s3cr3t", shown)
        self.assertEqual(self.amtool("config", "routes", "test", "team=night"), "night")
        self.assertEqual(self.amtool("config", "routes", "test", "team=day"), "team")
        self.assertIn("night", self.amtool("config", "routes", "show"))
        self.assertIn("SUCCESS", subprocess.run(
            ["amtool", "check-config", str(self.agent.notify_file)], capture_output=True,
            text=True, timeout=30, check=True).stdout)
        self.assertIn("disabled", self.amtool("cluster", "show"))


    def test_a_file_with_keys_of_our_own(self):
        team, night = self.agent.notify["receivers"]
        team["fallback_receiver"] = "lead"
        team["webhook_configs"][0]["signing"] = {"secret": "s3cr3t"}
        self.agent.notify["route"]["escalate"] = [{"after": "1h", "receiver": "lead"}]
        self.agent.notify["receivers"] = [team, night, {
            "name": "lead", "webhook_configs": [{"url": self.hook.url}]}]
        self.agent.write()
        self.assertEqual(self.agent.post("/-/reload").status, 200)
        self.assertEqual(self.amtool("config", "routes", "test", "team=night"), "night")
        self.assertNotIn("s3cr3t", self.amtool("config", "show"))

    def test_an_ack_is_seen_and_taken_back(self):
        self.post({"alertname": "Down", "node": "a"})
        self.own("ack", "Down", "-a", "me", "-c", "on it")
        shown, = json.loads(self.amtool("silence", "query", "-o", "json"))
        self.assertEqual((shown["createdBy"], shown["comment"], shown["status"]["state"]),
                         ("me", "acknowledged: on it", "active"))
        listed, = self.agent.get("/api/v2/silences").json  # Debian's amtool shows no annotations
        self.assertEqual((listed["id"], listed["annotations"]),
                         (shown["id"], {"seamwatch_ack": "true"}))
        self.assertEqual(json.loads(self.amtool("silence", "query", "node=b", "-o", "json")), [])
        self.assertEqual(self.agent.get("/api/v2/silence/" + shown["id"]).json, listed)
        self.assertEqual(self.alerts()[0]["status"]["silencedBy"], [])
        answer = self.agent.post("/api/v2/silences", {
            key: shown[key] for key in ("id", "matchers", "startsAt", "endsAt", "createdBy")} |
            {"comment": "mine"})
        self.assertEqual(answer.status, 400)
        self.assertIn("is an acknowledgement and cannot be edited here", answer.text)
        exported = make_folder("exported") / "silences.json"
        exported.write_text(self.amtool("silence", "query", "-o", "json"))
        self.amtool("silence", "import", str(exported))  # changes nothing
        self.assertEqual(self.agent.get("/api/v2/silences").json, [listed])
        self.amtool("silence", "expire", shown["id"])
        self.assertEqual(json.loads(self.own("ack", "--list", "--json")), [])
        self.assertEqual(self.agent.get("/api/v2/silences").json, [])
        self.amtool("silence", "expire", shown["id"], code=1)


class ApiTest(_Base):
    def test_receivers_are_tested(self):
        path = "/api/v1/receivers/test"
        answer = self.agent.post(path, {"receiver": "team"})
        self.assertEqual((answer.status, answer.json), (200, {"receiver": "team", "results": [
            {"sink": "webhook[0]", "outcome": "delivered", "text": "delivered"}]}))
        told = self.hook.until_alert("firing", alertname="SeamwatchTest").alerts[0]
        self.assertIn("POST /api/v1/receivers/test", told["annotations"]["description"])
        self.hook.mode = 400
        result, = self.agent.post(path, {"receiver": "team"}).json["results"]
        self.assertEqual(result["outcome"], "rejected")
        self.assertIn("HTTP 400", result["text"])
        for body, status in [({"receiver": "nobody"}, 404), ({"receiver": "night"}, 400),
                             ({"name": "team"}, 400), ([], 400)]:
            self.assertEqual(self.agent.post(path, body).status, status, body)

    def test_prometheus_delivers_through_the_agent(self):
        smtp = Smtp()
        self.addCleanup(smtp.stop)
        self.agent.notify["receivers"][0]["email_configs"] = [
            {"to": "ops@there.test", "from": "seamwatch@here.test", "require_tls": False,
             "smarthost": f"127.0.0.1:{smtp.port}"}]
        self.agent.write()
        self.assertEqual(self.agent.post("/-/reload").status, 200)
        rules = make_folder("rules") / "rules.yml"
        rules.write_text('groups: [{name: g, rules: [{alert: AgentSeen, expr: "up == 1", '
                         'annotations: {summary: "seen by {{ $labels.job }}"}}]}]',
                         encoding="utf-8")
        server = Prometheus(self.agent.address, rule_files=[rules],
                            alertmanager=self.agent.address)
        self.addCleanup(server.stop)
        told = self.hook.until_alert("firing", alertname="AgentSeen", seconds=30)
        self.assertEqual(told.alerts[0]["annotations"]["summary"], "seen by seamwatch")
        self.assertIn("/graph?g0.expr=", told.alerts[0]["generatorURL"])
        smtp.until_message(lambda m: "AgentSeen" in m.as_string())
        self.assertNotRegex(server.log_text(), r"level=(warn|error)")

    def test_annotations_of_a_silence_stay(self):
        body = {"matchers": [{"name": "a", "value": "b", "isRegex": False}], "createdBy": "me",
                "comment": "why", "startsAt": in_future(), "endsAt": in_future(hours=1),
                "annotations": {"ticket": "OPS-7"}}
        identity = self.agent.post("/api/v2/silences", body).json["silenceID"]

        def annotations():
            return self.agent.get(f"/api/v2/silence/{identity}").json.get("annotations")

        self.assertEqual(annotations(), {"ticket": "OPS-7"})
        self.agent.kill()
        self.agent.start()
        self.assertEqual(annotations(), {"ticket": "OPS-7"})
        subprocess.run(["amtool", f"--alertmanager.url={self.agent.url}", "silence", "update",
                        "-c", "changed", identity], capture_output=True, timeout=30, check=True)
        self.assertEqual(annotations(), {"ticket": "OPS-7"})
        known = self.agent.get(f"/api/v2/silence/{identity}").json
        self.agent.post("/api/v2/silences", {**body, "id": identity, "annotations": {},
                                             "startsAt": known["startsAt"]})
        self.assertEqual(annotations(), None)

    def test_the_version_is_that_of_the_alertmanager_whose_api_this_is(self):
        version = self.agent.get("/api/v2/status").json["versionInfo"]
        self.assertEqual((version["version"], version["branch"]), ("0.33.1", "seamwatch"))
        own = command("--version")[1].split()[1]
        self.assertEqual((version["revision"], version["buildUser"]), (own, f"seamwatch {own}"))

    def test_what_was_set_survives_a_kill(self):
        identity = self.own("silence", "add", "Quiet", "-c", "why", "-d", "2h")
        self.post({"alertname": "Down"}, {"alertname": "Quiet"}, endsAt=in_future(minutes=30))
        self.own("ack", "Down", "-a", "me")
        self.hook.until_alert("firing", alertname="Down")
        before = self.alerts()
        self.agent.kill()
        self.agent.start()
        self.assertEqual(self.alerts(), before)
        by_name = {a["labels"]["alertname"]: a for a in self.alerts()}
        self.assertEqual(by_name["Quiet"]["status"]["silencedBy"], [identity])
        self.assertEqual(by_name["Down"]["acknowledgement"]["acknowledgedBy"], "me")
        # A kill may fall between the answer and its record: told again, by the same key.
        wait.stays(lambda: len({r.key for r in self.hook.received()}) == 1, 2, "one notice")
        self.post({"alertname": "Down"}, endsAt=in_future(seconds=-1),
                  startsAt=in_future(seconds=-60))
        self.agent.kill()
        self.agent.start()
        self.hook.until_alert("resolved", alertname="Down")

    def test_a_hundred_thousand_alerts_in_one_post(self):
        self.agent.notify["route"].update(group_by=["alertname"], group_wait="1h")
        self.agent.write()
        self.assertEqual(self.agent.post("/-/reload").status, 200)
        answer = self.agent.post("/api/v2/alerts", [
            {"labels": {"alertname": f"A{n % 100}", "n": str(n)}} for n in range(100_030)],
            timeout=60)
        self.assertEqual(answer.status, 400, answer)
        self.assertIn("alerts_max", answer.json)
        self.assertIn("and ", answer.json)
        self.assertEqual(len(self.agent.get("/api/v2/alerts", timeout=60).json), 100_000)
        self.assertEqual(len(self.alerts('?filter=alertname=A7')), 1000)

    def test_good_alerts_are_taken_beside_bad_ones(self):
        answer = self.agent.post("/api/v2/alerts", [
            {"labels": {"alertname": "Good"}}, {"labels": {"alertname": "", "x": ""}},
            {"labels": {"alertname": "Bad"}, "startsAt": in_future(), "endsAt": in_future(hours=-1)}])
        self.assertEqual((answer.status, answer.json),
                         (400, "at least one label pair required; "
                               "start time must be before end time"))
        self.assertEqual([a["labels"]["alertname"] for a in self.alerts()], ["Good"])
        long = b'[{"labels": {"alertname": "Long", "x": "' + b"x" * (10 << 20) + b'"}}]'
        self.assertEqual(self.agent.get("/api/v2/alerts", method="POST", body=long, headers={
            "Content-Type": "application/json"}).status, 200)

    def test_known_alerts_are_shown_at_once_after_a_reload(self):
        self.agent.rules = {"groups": [{"name": "g", "interval": "1s", "rules": [
            {"alert": "Always", "expr": "vector(1)"}]}]}
        self.agent.write()
        self.agent.post("/-/reload")
        wait.until(lambda: self.agent.get("/api/v1/alerts").json["data"]["alerts"], 10, "an alert")
        wait.until(self.alerts, 10, "it routed")
        for _ in range(10):
            self.assertEqual(self.agent.post("/-/reload").status, 200)
            self.assertEqual(len(self.agent.get("/api/v1/alerts").json["data"]["alerts"]), 1)
            self.assertEqual(len(self.alerts()), 1)


class OwnCommandsTest(_Base):
    def test_silence(self):
        identity = self.own("silence", "add", "Down", "node=~a|b", "-c", "why", "-a", "me")
        self.assertRegex(identity, UUID)
        shown = self.own("silence", "query")
        self.assertIn('alertname="Down" node=~"a|b"', shown)
        self.assertEqual(self.own("silence", "query", "-q", "--within", "2h"), identity)
        self.assertEqual(self.own("silence", "query", "-q", "--within", "30m"), "")
        self.assertEqual(self.own("silence", "update", identity, "-c", "because"), identity)
        listed = self.own("silence", "query", "--json")
        self.assertEqual(json.loads(listed)[0]["comment"], "because")
        self.own("silence", "expire", identity)
        self.assertEqual(self.own("silence", "query", "-q"), "")
        path = make_folder("silences") / "silences.json"
        path.write_text(listed, encoding="utf-8")
        self.assertNotEqual(self.own("silence", "import", path), identity)
        self.assertEqual(len(self.own("silence", "query", "-q").splitlines()), 1)

    def test_a_recurring_silence_outlives_an_update_by_amtool(self):
        identity = self.own("silence", "add", "Down", "-c", "nightly", "-d", "90d", "--recurrence",
                            "FREQ=DAILY", "--window", "2h", "--time-zone", "Europe/Berlin")
        self.assertIn("FREQ=DAILY", self.own("silence", "query"))
        subprocess.run(["amtool", f"--alertmanager.url={self.agent.url}", "silence", "update",
                        "-c", "changed", identity], capture_output=True, timeout=30, check=True)
        silence = self.agent.get(f"/api/v2/silence/{identity}").json
        self.assertEqual((silence["comment"], silence["recurrence"]),
                         ("changed", {"rule": "FREQ=DAILY", "timeZone": "Europe/Berlin",
                                      "duration": "2h"}))

    def test_a_recurring_silence_lasts_a_year_where_nothing_else_is_said(self):
        self.assertIn("--recurrence 'FREQ=WEEKLY;BYDAY=SA' --window 4h", README.read_text())
        for rule in ("FREQ=WEEKLY;BYDAY=SA", "0 22 * * 6"):
            code, identity, said = command(
                "silence", "add", "alertname=X", "--comment", "why", "--recurrence", rule,
                "--window", "4h", "--time-zone", "Europe/Berlin", "--url", self.agent.url)
            self.assertEqual(code, 0, said)
            silence = self.agent.get(f"/api/v2/silence/{identity.strip()}").json
            self.assertEqual(silence["recurrence"], {
                "rule": rule, "timeZone": "Europe/Berlin", "duration": "4h"})
            start, end = (datetime.datetime.fromisoformat(silence[key].replace("Z", "+00:00"))
                          for key in ("startsAt", "endsAt"))
            self.assertEqual((end - start).days, 365)
            self.assertIn("It recurs until " + end.strftime("%Y-%m-%d %H:%M:%S"), said)

    def test_an_admin_says_what_may_be_silenced(self):
        self.agent.config["silences"] = {"length_max": "8h", "matchers_min": 2}
        self.agent.write()
        self.assertEqual(self.agent.post("/-/reload").status, 200)
        add = ("silence", "add", "Down", "node=a", "-c", "x")
        self.own(*add, "-d", "8h")
        self.own(*add, "-d", "8h1s", code=1)
        self.own("silence", "add", "Down", "node=~.+", "-c", "x", code=1)
        self.own(*add, "--recurrence", "FREQ=DAILY", "--window", "8h")
        self.own(*add, "--recurrence", "FREQ=DAILY", "--window", "9h", code=1)
        self.own(*add, "--recurrence", "0 * * * *", "--window", "1h", code=1)
        self.agent.config["silences"] = {"length_max": "0s", "matchers_min": 0}
        self.agent.write()
        self.assertEqual(self.agent.post("/-/reload").status, 200)
        self.own("silence", "add", "alertname=~.+", "-c", "x", "-d", "10y")

    def test_alerts_and_acks(self):
        self.assertEqual(self.own("alerts"), "No alerts.")
        self.post({"alertname": "Down", "node": "a", "owner": "Night shift"}, {"alertname": "Late"})
        self.assertRegex(self.own("alerts"), r"(?m)^Down .* Night shift$")
        self.assertEqual(len(json.loads(self.own("alerts", "--json"))), 2)
        self.assertEqual(len(json.loads(self.own("alerts", "--json", "node=a"))), 1)
        self.own("ack", "Down", "-a", "me", "-c", "on it")
        self.assertRegex(self.own("alerts"), "Down .* acknowledged by me")
        listed, = json.loads(self.own("ack", "--list", "--json"))
        self.assertEqual((listed["owner"], listed["labels"]["node"]), ("me", "a"))
        self.assertRegex(self.own("ack", "Down", "-a", "you"), "was taken on by me until .*: on it")
        replaced, = json.loads(self.own("ack", "Down", "-a", "they", "--json"))
        self.assertEqual(replaced["replaces"]["owner"], "you")
        self.own("ack", "--take-back", listed["fingerprint"])
        self.assertEqual(json.loads(self.own("ack", "--list", "--json")), [])

    def test_the_end_of_an_alert_ends_its_ack(self):
        began = in_future(seconds=-1)
        self.post({"alertname": "Down"}, startsAt=began, endsAt=in_future(minutes=30))
        self.hook.until_alert("firing", alertname="Down")
        self.own("ack", "Down", "-a", "me")
        self.post({"alertname": "Down"}, startsAt=began, endsAt=in_future())
        self.hook.until_alert("resolved", alertname="Down")
        wait.until(lambda: json.loads(self.own("ack", "--list", "--json")) == [], 10, "no ack")

    def test_a_link_in_the_notice_takes_the_alert_on_once(self):
        self.agent.stop()
        self.agent.config["global"]["external_url"] = self.agent.url
        self.agent.config["notification"] = {"ack_links": "1h"}
        self.agent.write()
        self.agent.start()
        self.post({"alertname": "Down"}, endsAt=in_future(minutes=30))
        told = self.hook.until_alert("firing", alertname="Down").alerts[0]
        path = told["annotations"]["ack_url"][len(self.agent.url):]
        for _ in range(2):  # a scanner of links changes nothing
            answer = self.agent.get(path)
            self.assertEqual(answer.status, 200, answer)
            self.assertIn("Down", answer.text)
        self.own("ack", "Down", "-a", "first", "-c", "looking")
        self.assertRegex(self.agent.get(path).text, "first has it until .*: looking")
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        self.assertEqual(self.agent.post(path, b"owner=", headers=form).status, 400)
        self.assertEqual(self.alerts()[0]["acknowledgement"]["acknowledgedBy"], "first")
        taken = self.agent.post(path, b"owner=Ann+O.&comment=on+it", headers=form)
        self.assertEqual(taken.status, 200)
        self.assertIn("Before, first had it until", taken.text)
        ack = self.alerts()[0]["acknowledgement"]
        self.assertEqual((ack["acknowledgedBy"], ack["comment"]), ("Ann O.", "on it"))
        self.assertIn("Ann O. has taken it on", self.agent.get("/").text)
        self.agent.kill()
        self.agent.start()
        self.assertEqual(self.agent.post(path, b"owner=B", headers=form).status, 410)
        self.assertEqual(self.agent.get(path[:-1] + "z").status, 404)
        self.assertNotIn("ack_url", json.dumps(self.alerts()))

    def test_what_is_wrong_is_said(self):
        for arguments, code, text in [
                (["silence", "add", "Down"], 2, "--comment"),
                (["silence", "add", "a=~(", "-c", "x"], 2, "missing"),
                (["silence", "add", "-c", "x"], 2, "matcher"),
                (["silence", "add", "a=~.*", "-c", "x"], 1, "must not match the empty string"),
                (["silence", "add", "alertname=~.+", "-c", "x"], 1, "must tell alerts apart"),
                (["silence", "add", "Down", "-c", "x", "-d", "366d"], 1, "silences.length_max"),
                (["silence", "add", "Down", "-c", "x", "-d", "2y", "--recurrence", "FREQ=HOURLY",
                  "--window", "1h"], 1, "silences.length_max"),
                (["silence", "add", "a=b", "-c", "x", "--recurrence", "often", "--window", "1h"],
                 1, "invalid recurrence rule"),
                (["silence", "add", "a=b", "-c", "x", "--recurrence", "*/5 * * * *", "--window",
                  "1h"], 1, "name one minute"),
                (["silence", "add", "a=b", "-c", "x", "--recurrence", "0 2 * * *"], 2, "--window"),
                (["silence", "expire", "00000000-0000-4000-8000-000000000000"], 1, "404"),
                (["ack", "Nothing"], 1, "no active alert matches"),
                (["alerts", "a=~("], 1, "bad matcher format")]:
            with self.subTest(" ".join(arguments)):
                done = command(*arguments, "--url", self.agent.url)
                self.assertEqual(done[0], code, done)
                self.assertIn(text, done[2])
        code, _, errors = command("alerts", "--url", "http://127.0.0.1:1")
        self.assertEqual(code, 1)
        self.assertIn("is it running", errors)


if __name__ == "__main__":
    runner.main()
