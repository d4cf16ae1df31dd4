#!/usr/bin/env python3
"""What others say holds a secret and an address: neither the database, the log, /metrics, a page,
an API, a webhook nor a mail may show them. And what the privacy class of an integration lets leave."""
import http.server
import json
import pathlib
import sqlite3
import subprocess
import threading
import time
import unittest
import urllib.parse

from harness import runner, wait
from harness.agent import Agent, command, notify_file, one_probe, rule_file
from harness.smtp import Smtp
from harness.webhook import WebhookReceiver
from harness.workspace import make_folder

SECRET = "hunter2-Zk39x"
PERSON = "jane.doe@customers.example"
CARD = "4111 1111 1111 1111"
REASON = f"login of {PERSON} with password={SECRET} and card {CARD} refused"
PAGES = ["/metrics", "/", "/api/v1/alerts", "/api/v1/rules", "/api/v2/alerts",
         "/api/v2/alerts/groups", "/api/v1/targets", "/api/v1/status/config",
         "/api/v1/series?match[]={__name__=~\".%2B\"}"]
RULE = {"alert": "ProbeFails", "expr": "seamwatch_probe_failure_info == 1",
        "annotations": {"summary": "{{ $labels.integration }}: {{ $labels.signal }}"}}


class _Talkative(http.server.BaseHTTPRequestHandler):
    """Fails, and says too much about it in the reason and the body."""

    def do_GET(self):
        self.send_response(403, REASON)
        self.send_header("WWW-Authenticate", f'Basic realm="{PERSON}"')
        self.send_header("Content-Length", str(len(REASON)))
        self.end_headers()
        self.wfile.write(REASON.encode())

    def log_message(self, *_):
        pass


def posted(customer, **more):
    """An alert as another system posts it."""
    return {"labels": {"alertname": "Payment", "customer": customer, **more},
            "annotations": {"summary": REASON},
            "generatorURL": f"https://app:{SECRET}@shop.example/graph?token={SECRET}"}


class PrivacyTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Talkative)
        cls.url = f"http://127.0.0.1:{cls.server.server_port}/orders"
        threading.Thread(target=cls.server.serve_forever, args=(0.02,), daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)

    def setUp(self):
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)

    def agent(self, receiver=None, **more):
        name = self._testMethodName
        integration = {**one_probe(self.url), "criticality": "critical", "owner": "team"}
        integration.update(more.pop("integration", {}))
        agent = Agent({name: integration}, rules=rule_file(RULE),
                      notify=notify_file(receiver or {"webhook_configs": [{"url": self.hook.url}]}),
                      owners={"team": {"contact": "team@there.test"}}, **more)
        self.addCleanup(agent.stop)
        return agent

    def assert_clean(self, text, where):
        for forbidden in [SECRET, PERSON, PERSON.split("@")[0], CARD, CARD.replace(" ", "")]:
            self.assertNotIn(forbidden, text, where)

    def post(self, agent, *alerts):
        answer = agent.post("/api/v2/alerts", json.dumps(alerts).encode(),
                            headers={"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.text)

    def test_what_an_endpoint_says_goes_nowhere(self):
        smtp = Smtp()
        self.addCleanup(smtp.stop)
        agent = self.agent({
            "webhook_configs": [{"url": self.hook.url}],
            "email_configs": [{"to": "ops@there.test", "from": "seamwatch@here.test",
                               "smarthost": f"127.0.0.1:{smtp.port}", "require_tls": False}]})
        name = self._testMethodName
        agent.until_failure(name)
        self.post(agent, posted(PERSON))
        self.hook.until_alert("firing", integration=name)
        self.hook.until_alert("firing", alertname="Payment")
        smtp.until_message(lambda message: name in str(message))
        smtp.until_message(lambda message: "Payment" in str(message))
        for page in PAGES:
            answer = agent.get(page)
            self.assertEqual(answer.status, 200, page)
            self.assert_clean(answer.text, page)
        page = agent.get("/").text
        self.assertIn("&lt;email&gt;", page)
        self.assertIn("password=&lt;secret&gt;", page)
        agent.stop()
        self.assert_clean(agent.log_text(), "log")
        files = [path for path in pathlib.Path(agent.storage).rglob("*") if path.is_file()]
        self.assertTrue(any(path.name == "seamwatch.db" for path in files))
        for path in files:
            self.assert_clean(path.read_bytes().decode("latin-1"), path)
        for request in self.hook.received():
            self.assert_clean(request.body.decode(), "webhook")
        for message in smtp.messages():
            self.assert_clean(message.as_string(), "mail")
            self.assert_clean(message.get_body().get_content(), "mail")
        self.assertIn("team@there.test", json.dumps(
            self.hook.until_alert("firing", integration=name).json))

    def test_a_name_in_a_target_is_shown_nowhere(self):
        name = self._testMethodName
        base = self.url.rsplit("/", 1)[0]
        agent = self.agent(integration={"probes": [
            {"name": "one", "target": f"{base}/users/jane.doe"},
            {"name": "two", "target": f"{base}/users/joe.doe"}]})
        agent.until_failure(name)
        self.hook.until_alert("firing", integration=name)
        for page in PAGES:
            text = agent.get(page).text
            self.assertNotIn("jane.doe", text, page)
            self.assertNotIn("joe.doe", text, page)
        found = agent.get("/api/v1/query?query=probe_success").json["data"]["result"]
        instances = sorted(each["metric"]["instance"] for each in found)
        self.assertEqual(len(set(instances)), 2, instances)
        for each in instances:
            self.assertRegex(each, r"/users/<name>#[0-9a-f]{10}$")
        targets = agent.get("/api/v1/targets").json["data"]["activeTargets"]
        self.assertEqual(sorted(each["labels"]["instance"] for each in targets), instances)
        self.assertIn("/users/<name>", agent.get("/api/v1/status/config").text)
        agent.stop()
        agent.start()  # the series are the same ones
        agent.until_failure(name)
        found = agent.get("/api/v1/query?query=probe_success").json["data"]["result"]
        self.assertEqual(sorted(each["metric"]["instance"] for each in found), instances)
        agent.stop()
        for path in pathlib.Path(agent.storage).rglob("*"):
            if path.is_file():
                self.assertNotIn(b"jane.doe", path.read_bytes(), path)

    def test_alerts_of_own_rules_are_kept_and_shown_clean(self):
        agent = self.agent()
        agent.rules["groups"][0]["rules"].append({
            "alert": "Telling", "expr": "vector(1)", "labels": {"customer": PERSON},
            "annotations": {"summary": REASON}})
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)
        told = self.hook.until_alert("firing", alertname="Telling").alerts[0]
        self.assertRegex(told["labels"]["customer"], r"^<email>#[0-9a-f]{10}$")
        for page in PAGES:
            self.assert_clean(agent.get(page).text, page)
        def shown():
            return [each for each in agent.get("/api/v1/alerts").json["data"]["alerts"]
                    if each["labels"]["alertname"] == "Telling"]
        before, = shown()
        self.assertEqual(before["labels"]["customer"], told["labels"]["customer"])
        agent.stop()
        for path in pathlib.Path(agent.storage).rglob("*"):
            if path.is_file():
                self.assert_clean(path.read_bytes().decode("latin-1"), path)
        agent.start()
        after, = shown()
        self.assertEqual((after["labels"], after["activeAt"]),
                         (before["labels"], before["activeAt"]))
        agent.stop()
        self.assert_clean(agent.log_text(), "log")

    def test_comments_of_silences_and_acks_are_clean_and_say_who(self):
        agent = self.agent()
        self.post(agent, posted("one"))
        self.hook.until_alert("firing", alertname="Payment")
        account = "account number 1234567890"
        for code, _, said in [
                command("silence", "add", "alertname=X", "-a", f"Jane Doe {account}", "-c", REASON,
                        "--url", agent.url),
                command("ack", "Payment", "-a", f"Jane Doe token={SECRET}", "-c",
                        f"{REASON} {account}", "--url", agent.url)]:
            self.assertEqual(code, 0, said)
        creators = {silence["createdBy"] for silence in agent.get("/api/v2/silences").json}
        self.assertEqual(creators, {"Jane Doe account number <account>",
                                    "Jane Doe token=<secret>"})  # an ack stands there too
        ack, = agent.get("/api/acks").json
        self.assertEqual(ack["owner"], "Jane Doe token=<secret>")
        self.assertIn("<email> with password=<secret> and card <card>", ack["comment"])
        self.assertEqual(command("ack", "Payment", "-a", "me@there.test", "--url", agent.url)[0], 0)
        self.assertEqual(agent.get("/api/acks").json[0]["owner"], "me@there.test")
        agent.stop()
        self.assert_clean(agent.log_text(), "log")
        for path in pathlib.Path(agent.storage).rglob("*"):
            if path.is_file():
                text = path.read_bytes().decode("latin-1")
                self.assert_clean(text, path)
                self.assertNotIn("1234567890", text, path)

    def silenced(self, agent):
        """The alerts that are silenced, by their label `n`."""
        found = agent.get("/api/v2/alerts?silenced=true&active=false").json
        return sorted(alert["labels"]["n"] for alert in found if alert["status"]["silencedBy"])

    def test_matchers_of_silences_are_clean_and_match_as_they_did(self):
        other = "joe.public@customers.example"
        third = "mia@customers.example"
        agent = self.agent(integration={"privacy": "public"})
        self.post(agent, posted(PERSON, n="1"), posted(other, n="2"), posted(third, n="3"),
                  # Of a class that lets addresses stay in labels.
                  posted(PERSON, n="4", integration=self._testMethodName),
                  posted("plain", n="5"))
        api = "/api/v2/silences"

        def silence(matchers, want, **more):
            begin, end = (time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset))
                          for offset in (0, 3600))
            body = {"matchers": matchers, "startsAt": begin, "endsAt": end,
                    "createdBy": "me", "comment": "c", **more}
            answer = agent.post(api, json.dumps(body).encode(),
                                headers={"Content-Type": "application/json"})
            self.assertEqual(answer.status, 200, answer.text)
            self.assertEqual(self.silenced(agent), want)
            return answer.json["silenceID"]

        def expire(name):
            self.assertEqual(agent.get(f"/api/v2/silence/{name}", method="DELETE").status, 200)
            self.assertEqual(self.silenced(agent), [])

        def matcher(value, equal=True, regexp=False):
            return {"name": "customer", "value": value, "isEqual": equal, "isRegex": regexp}

        payment = {"name": "alertname", "value": "Payment", "isEqual": True, "isRegex": False}
        first = silence([matcher(PERSON)], ["1", "4"])
        # An edit of what the API shows is an edit of the same silence, as amtool makes it; so is one
        # by the value itself.
        shown = agent.get(f"/api/v2/silence/{first}").json
        self.assertRegex(shown["matchers"][0]["value"], r"^<email>#[0-9a-f]{10}$")
        self.assertEqual(silence(shown["matchers"], ["1", "4"], id=first,
                                 startsAt=shown["startsAt"]), first)
        self.assertEqual(silence([matcher(PERSON)], ["1", "4"], id=first,
                                 startsAt=shown["startsAt"]), first)
        expire(first)
        expire(silence([payment, matcher(PERSON, equal=False)], ["2", "3", "5"]))
        pair = "|".join(each.replace(".", "\\.") for each in [PERSON, other])
        expire(silence([matcher(pair, regexp=True)], ["1", "2", "4"]))
        expire(silence([payment, matcher(pair, False, True)], ["3", "5"]))
        answer = agent.post(api, json.dumps({
            "matchers": [matcher(f".*{PERSON}.*", regexp=True)], "createdBy": "me", "comment": "c",
            "startsAt": "2020-01-01T00:00:00Z", "endsAt": "2099-01-01T00:00:00Z"}).encode(),
            headers={"Content-Type": "application/json"})
        self.assertEqual(answer.status, 400)
        self.assertIn("name whole values", answer.text)
        self.assert_clean(answer.text, "refusal")
        answer = agent.post(api, json.dumps({
            "matchers": [matcher(".*customers[.]example", regexp=True)], "createdBy": "me",
            "comment": "c", **{
                key: time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(time.time() + offset))
                for key, offset in [("startsAt", 0), ("endsAt", 600)]}
        }).encode(), headers={"Content-Type": "application/json"})
        self.assertEqual(answer.status, 200, answer.text)
        self.assertIn('privacy redacted label "customer" of 3 alerts', answer.json["warnings"][0])
        agent.get(f"/api/v2/silence/{answer.json['silenceID']}", method="DELETE")
        silence([matcher(PERSON)], ["1", "4"])
        for page in [*PAGES, api]:
            text = agent.get(page).text
            # The others show the alert of the class `public`, and what its probe was answered.
            if page not in ("/", "/api/v1/targets", "/api/v2/alerts", "/api/v2/alerts/groups"):
                self.assert_clean(text, page)
        agent.stop()
        said = agent.log_text()
        agent.start()
        self.assertEqual(self.silenced(agent), ["1", "4"])
        agent.stop()
        said += agent.log_text()
        text = " ".join(line for line in said.splitlines() if "silence" in line)
        self.assertIn("<email>#", text)
        self.assert_clean(text, "log")
        for row in sqlite3.connect(agent.storage / "seamwatch.db").execute(
                "SELECT value FROM kv WHERE space = 'silence'"):
            self.assert_clean(str(row), "database")

    def test_filters_find_what_became_of_a_value(self):
        other = "joe.public@customers.example"
        agent = self.agent(integration={"privacy": "public"})
        self.post(agent, posted(PERSON, n="1"), posted(other, n="2"), posted("plain", n="3"),
                  posted(PERSON, n="4", integration=self._testMethodName))
        filters = {f'customer="{PERSON}"': ["1", "4"], f'customer!="{PERSON}"': ["2", "3"],
                   'customer="plain"': ["3"]}
        for text, want in filters.items():
            asked = urllib.parse.urlencode([("filter", text), ("filter", 'alertname="Payment"')])
            with self.subTest(text):
                found = agent.get(f"/api/v2/alerts?{asked}").json
                self.assertEqual(sorted(alert["labels"]["n"] for alert in found), want)
                groups = agent.get(f"/api/v2/alerts/groups?{asked}").json
                self.assertEqual(sorted(alert["labels"]["n"] for group in groups
                                        for alert in group["alerts"]), want)
        url = ["--alertmanager.url", agent.url]
        code = subprocess.run(["amtool", *url, "silence", "add", f"customer={PERSON}", "-c", "c",
                               "-a", "me"], capture_output=True, check=False).returncode
        self.assertEqual(code, 0)
        for person, count in ((PERSON, 1), (other, 0)):
            out = subprocess.run(["amtool", *url, "silence", "query", "-q", f"customer={person}"],
                                 capture_output=True, text=True, check=True).stdout
            self.assertEqual(len(out.split()), count, person)
        self.assertEqual(command("ack", f"customer={other}", "--url", agent.url)[0], 0)
        wait.until(lambda: agent.get("/api/seamwatch/history?" + urllib.parse.urlencode(
            {"filter": f'customer="{other}"', "decision": "acked"})).json["entries"], 5, "an entry")
        agent.stop()
        told = command("alerts", "--history", f"customer={other}", "--storage", agent.storage,
                       "--json")
        self.assertIn('"acked"', told[1], told)

    def test_alerts_that_differ_in_an_address_stay_two_and_end_one_by_one(self):
        agent = self.agent()
        agent.until_failure(self._testMethodName)
        other = "joe.public@customers.example"
        self.post(agent, posted(PERSON), posted(other))

        def customers(**query):
            found = agent.get("/api/v2/alerts?filter=alertname%3DPayment").json
            return sorted(alert["labels"]["customer"] for alert in found)
        wait.until(lambda: len(customers()) == 2, 5, "two alerts")
        before = customers()
        for value in before:
            self.assertRegex(value, r"^<email>#[0-9a-f]{10}$")
        agent.stop()
        agent.start()  # the same alert is the same after a restart
        self.assertEqual(customers(), before)
        self.post(agent, {**posted(other), "endsAt": "2020-01-01T00:00:00Z"})
        wait.until(lambda: len(customers()) == 1, 5, "one alert")

    def test_a_confidential_integration_says_only_its_name_and_owner(self):
        agent = self.agent(integration={"privacy": "confidential"})
        name = self._testMethodName
        agent.until_failure(name)
        told = self.hook.until_alert("firing", integration=name)
        alert = told.alerts[0]
        self.assertEqual(alert["labels"].keys(),
                         {"alertname", "category", "integration", "owner", "alert_id"})
        self.assertEqual(alert["annotations"].keys(), {"failing_since"})
        self.assertEqual(alert["generatorURL"], "")
        self.assertEqual(told.json["groupLabels"], {"alertname": "ProbeFails", "integration": name})
        self.assertIn("withheld by its privacy class", agent.get("/").text)
        self.assertNotIn("refused", agent.get("/").text)

    def test_the_page_of_a_link_says_no_more_than_the_notice_with_it(self):
        agent = self.agent(integration={"privacy": "confidential"})
        agent.config["global"]["external_url"] = agent.url
        agent.config["notification"] = {"ack_links": "1h"}
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)
        self.post(agent, posted("acme", integration=self._testMethodName))
        told = self.hook.until_alert("firing", alertname="Payment").alerts[0]
        page = agent.get(told["annotations"]["ack_url"][len(agent.url):]).text
        self.assertIn("Take on ", page)
        self.assertIn(told["labels"]["alert_id"], page)
        self.assertNotIn("acme", page)

    def test_a_class_of_the_admin_and_a_group_label_that_may_not_leave(self):
        agent = self.agent(
            integration={"privacy": "partner"},
            privacy={"classes": {"partner": {"labels": {"without": ["customer"]}}},
                     "patterns": [{"name": "contract", "regexp": "C-[0-9]{6}"}]})
        name = self._testMethodName
        agent.notify["route"]["group_by"] = ["alertname", "customer"]
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)
        self.post(agent, posted("acme", integration=name), posted("bolt", integration=name))
        for fingerprint in range(2):
            wait.until(lambda: len([r for r in self.hook.received(True)
                                    if r.alerts[0]["labels"]["alertname"] == "Payment"]) == 2,
                       10, f"two notices {fingerprint}")
        told = [r for r in self.hook.received(True)
                if r.alerts[0]["labels"]["alertname"] == "Payment"]
        for request in told:
            self.assertNotIn("acme", request.body.decode())
            self.assertNotIn("bolt", request.body.decode())
        self.assertEqual(len({r.json["groupKey"] for r in told}), 2)
        self.assertEqual(len({r.alerts[0]["fingerprint"] for r in told}), 2)
        self.post(agent, {"labels": {"alertname": "Own"}, "annotations": {"what": "C-123456"}})
        own = self.hook.until_alert("firing", alertname="Own")
        self.assertEqual(own.alerts[0]["annotations"]["what"], "<contract>")


class CommandTest(unittest.TestCase):
    def test_a_text_is_printed_redacted_and_explained(self):
        code, out, err = command("redact", "--explain", text=REASON + "\n")
        self.assertEqual(code, 0)
        self.assertEqual(out, "login of <email> with password=<secret> and card <card> refused\n")
        self.assertEqual(err, "password_value (secret): 1 match\nemail (personal): 1 match\n"
                              "card (personal): 1 match\n")
        self.assertEqual(command("redact", "order", "4711")[1:], ("order 4711\n", ""))
        self.assertEqual(command("redact", "--explain", "order")[2], "no pattern matches\n")

    def test_json_class_and_list(self):
        code, out, _ = command("redact", "--json", "--class", "public", REASON)
        self.assertEqual(code, 0)
        found = json.loads(out)
        self.assertIn(PERSON, found["text"])
        self.assertEqual(found["hits"],
                         [{"pattern": "password_value", "kind": "secret", "count": 1}])
        self.assertEqual(command("redact", "--class", "confidential", REASON)[1],
                         "withheld by its privacy class\n")
        self.assertEqual(command("redact", "--class", "nobody", "x")[0], 2)
        listed = json.loads(command("redact", "--list", "--json")[1])
        self.assertIn("iban", [pattern["name"] for pattern in listed])
        self.assertIn("iban (personal)", command("redact", "--list")[1])

    def test_routes_are_tested_with_the_labels_that_the_agent_has(self):
        folder = make_folder("routes")

        def file(name, content):
            (folder / name).write_text(json.dumps(content), encoding="utf-8")
            return folder / name

        notify = file("notify.yml", {
            "route": {"receiver": "root", "routes": [
                {"receiver": "own", "matchers": ['owner="ops@corp.example"']}]},
            "receivers": [{"name": name, "webhook_configs": [{"url": "http://127.0.0.1:1/"}]}
                          for name in ["root", "own"]]})
        config = file("seamwatch.yml", {"privacy": {"allow": ["ops@corp.example"]},
                                        "alerting": {"notification_file": "notify.yml"}})
        ask = ["test", "routes", "--notify", notify, "owner=ops@corp.example"]
        code, out, err = command(*ask)
        self.assertEqual((code, out), (0, "root\n"))
        self.assertRegex(err, r'privacy makes label "owner" "<email>#[0-9a-f]{10}" before it is '
                              r'routed, as in the agent; name the configuration whose privacy.allow')
        self.assertEqual(command(*ask, "--config", config), (0, "own\n", ""))
        self.assertEqual(command("test", "routes", "--notify", notify, "owner=team"),
                         (0, "root\n", ""))
        code, _, err = command("check", "notify", notify)
        self.assertEqual(code, 0)
        self.assertIn('a matcher of label "owner" matches no alert: privacy takes its value', err)
        self.assertNotIn("privacy takes", command("check", "config", config)[2])

        def tested(receiver, **more):
            tests = file("tests.yml", {**more, "tests": [{
                "interval": "1m",
                "input_alerts": [{"labels": {"alertname": "X", "owner": "ops@corp.example"}}],
                "input_silences": [],
                "alert_route_test": [{"eval_time": "1m", "exp_receivers": [receiver], "labels": {
                    "alertname": "X", "owner": "ops@corp.example"}}],
                "notification_test": [{"eval_time": "5m",
                                       "exp_notifications": [{"receiver": receiver}]}]}]})
            return command("test", "rules", tests)

        code, out, err = tested("own", notification_file="notify.yml")
        self.assertEqual(code, 1, out + err)
        self.assertIn('privacy makes label "owner"', out + err)
        code, out, err = tested("own", config_file="seamwatch.yml")
        self.assertEqual(code, 0, out + err)
        self.assertNotIn("privacy makes", out + err)

    def test_patterns_of_a_configuration(self):
        cases = pathlib.Path(__file__).resolve().parents[1] / "testdata/config"
        self.assertEqual(command("redact", "--config", cases / "privacy.good.yml", "--class",
                                 "internal", "K-123456, badge 712345")[1],
                         "K-123456, badge 7*****\n")
        code, _, err = command("redact", "--config", cases / "privacy-pattern-syntax.bad.yml", "x")
        self.assertEqual(code, 1)
        self.assertIn("privacy-pattern-syntax.bad.yml:3:", err)


if __name__ == "__main__":
    runner.main()
