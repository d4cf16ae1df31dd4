#!/usr/bin/env python3
"""The journal of notifications as people ask it: `seamwatch alerts --history` and the API, while
the agent runs, after it was killed, and in the store of one that does not run."""
import datetime
import json
import socket
import unittest

from harness import runner, wait
from harness.agent import Agent, command, notify_file, one_probe
from harness.ports import free_port
from harness.webhook import WebhookReceiver

SHORT = {"notification": {"timeout": "1s", "retry_delay": "100ms", "retry_delay_max": "200ms",
                          "breaker_failures": 100}}


def in_an_hour():
    return (datetime.datetime.now(datetime.timezone.utc)
            + datetime.timedelta(hours=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


class HistoryTest(unittest.TestCase):
    def setUp(self):
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)

    def agent(self, **more):
        notify = notify_file({"webhook_configs": [{"url": self.hook.url}]})
        agent = Agent(notify=notify, **{**SHORT, **more})
        self.addCleanup(agent.stop)
        return agent

    def post(self, agent, name, **labels):
        answer = agent.post("/api/v2/alerts", [{"labels": {"alertname": name, **labels},
                                                "endsAt": in_an_hour()}])
        self.assertEqual(answer.status, 200, answer)

    def silence(self, agent, name):
        code, out, err = command("silence", "add", f"alertname={name}", "--comment", "planned work",
                                 "--author", "anna", "--duration", "1h", "--url", agent.url)
        self.assertEqual((code, err), (0, ""))
        return out.strip()

    def entries(self, agent, query=""):
        answer = agent.get("/api/seamwatch/history" + query)
        self.assertEqual(answer.status, 200, answer)
        return answer.json["entries"]

    def until_decided(self, agent, decision, name):
        def look():
            found = self.entries(agent, f"?decision={decision}&filter=alertname%3D{name}")
            return found[0] if found else None
        return wait.until(look, 15, f"{name} {decision}")

    def lines(self, *arguments):
        """What `alerts --history` prints, without its head; each line's words."""
        code, out, err = command("alerts", "--history", *arguments)
        self.assertEqual((code, err), (0, ""))
        return out.splitlines()[1:]

    def test_why_was_i_not_paged(self):
        agent = self.agent()
        silence = self.silence(agent, "Quiet")
        self.post(agent, "Quiet", integration="orders")
        entry = self.until_decided(agent, "silenced", "Quiet")
        self.assertEqual((entry["receiver"], entry["by"], entry["reason"]),
                         ("team", silence, "by anna: planned work"))
        self.assertEqual(entry["alerts"][0]["labels"],
                         {"alertname": "Quiet", "integration": "orders"})
        lines = self.lines("Quiet", "--url", agent.url, "--decision", "silenced")
        self.assertEqual(len(lines), 1, lines)
        self.assertRegex(lines[0], r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC +silenced +team +"
                                   r"Quiet orders +by anna: planned work; until .* UTC *$")
        self.assertEqual(self.hook.received(), [])

    def test_who_was_told_when_over_a_kill(self):
        agent = self.agent()
        self.hook.mode = 500
        self.silence(agent, "Quiet")
        self.post(agent, "Quiet")
        self.post(agent, "Loud")
        self.until_decided(agent, "silenced", "Quiet")
        failed = self.until_decided(agent, "failed", "Loud")
        self.assertIn("HTTP 500", failed["reason"])
        self.assertGreater(*(datetime.datetime.fromisoformat(failed[key]) for key in ("until", "at")))
        before = [entry["id"] for entry in self.entries(agent)]
        agent.kill()
        self.assertEqual(agent.check_database(), "ok")

        offline = self.lines("Loud", "--storage", agent.storage)
        self.assertTrue(any(" failed " in line and "HTTP 500" in line for line in offline), offline)

        self.hook.mode = "ok"
        agent.start()
        sent = self.until_decided(agent, "sent", "Loud")
        told = self.hook.until_alert("firing", alertname="Loud")
        self.assertEqual(sent["notice"], told.key)
        after = [entry["id"] for entry in self.entries(agent, "?limit=1000")]
        self.assertEqual([number for number in before if number not in after], [])
        wait.stays(agent.alive, 2.5, "alive")  # two turns of the groups
        self.assertEqual(len(self.entries(agent, "?decision=silenced")), 1)
        lines = self.lines("Loud", "--url", agent.url)
        words = [line.split()[3] for line in lines]
        self.assertEqual(words[:2], ["grouped", "queued"])
        self.assertIn("sent", words)

    def test_pages_and_filters(self):
        agent = self.agent()
        for number in range(5):
            self.post(agent, f"A{number}", team="x" if number else "y")
        for number in range(5):
            self.until_decided(agent, "sent", f"A{number}")
        whole = [entry["id"] for entry in self.entries(agent, "?decision=sent")]
        self.assertEqual(len(whole), 5)
        self.assertEqual(whole, sorted(whole, reverse=True))
        paged, query = [], "?decision=sent&limit=2"
        while query:
            page = agent.get("/api/seamwatch/history" + query).json
            paged += [entry["id"] for entry in page["entries"]]
            query = f"?decision=sent&limit=2&before={page['next']}" if "next" in page else ""
        self.assertEqual(paged, whole)
        self.assertEqual(len(self.entries(agent, "?decision=sent&filter=team%3D~%22y%7Cz%22")), 1)
        self.assertEqual(self.entries(agent, "?receiver=other"), [])
        self.assertEqual(self.entries(agent, "?since=2026-01-01T00:00:00Z&until=1h"), [])
        code, out, err = command("alerts", "--history", "A0", "--since", "1h", "--receiver", "te.*",
                                 "--json", "--url", agent.url)
        self.assertEqual((code, err), (0, ""))
        self.assertEqual({entry["alerts"][0]["labels"]["alertname"]
                          for entry in json.loads(out)["entries"]}, {"A0"})
        code, out, err = command("alerts", "--history", "Nobody", "--url", agent.url)
        self.assertEqual((code, out, err),
                         (0, "nothing was decided of that kind, as far as is known\n", ""))

    def test_what_cannot_be_asked(self):
        agent = self.agent()
        for query, want in [("decision=sillenced", '"sillenced" is no decision: write one of '),
                            ("since=yesterday", 'since: "yesterday" is no time: '),
                            ("filter=%3Dx", "bad matcher format: "),
                            ("receiver=(", "failed to parse receiver param: "),
                            ("limit=0", "limit is no whole number above 0")]:
            answer = agent.get("/api/seamwatch/history?" + query)
            self.assertEqual(answer.status, 400, answer)
            self.assertEqual(answer.json["error"][:len(want)], want)
        code, _, err = command("alerts", "--history", "--since", "yesterday", "--url", agent.url)
        self.assertEqual(code, 1)
        self.assertIn('"yesterday" is no time', err)
        code, _, err = command("alerts", "--since", "2h", "--url", agent.url)
        self.assertEqual(code, 2)
        self.assertIn("--history", err)
        code, _, err = command("alerts", "--history", "--storage", agent.storage)
        self.assertEqual(code, 1)
        self.assertIn("an agent that runs is asked with --url", err)
        code, _, err = command("alerts", "--history", "--storage", agent.folder / "nowhere")
        self.assertEqual(code, 1)
        self.assertIn("there is no store in", err)

    def test_bounded_as_the_configuration_says(self):
        agent = self.agent(notification={**SHORT["notification"], "history_rows_max": 100})
        for number in range(60):
            self.post(agent, f"A{number}")
        self.until_decided(agent, "sent", "A59")
        agent.until_value(lambda rows: 50 < rows <= 100, "seamwatch_notification_history_rows")
        self.assertEqual(agent.value("seamwatch_notification_history_rows_limit"), 100)
        self.assertEqual(agent.value("seamwatch_notification_history_dropped_total"), 0)
        self.assertEqual(self.entries(agent, "?filter=alertname%3DA0&decision=grouped"), [])

    def test_secrets_are_not_kept(self):
        agent = self.agent()
        self.post(agent, "Loud")
        self.until_decided(agent, "sent", "Loud")
        code, _, err = command("ack", "alertname=Loud", "--author", "jane", "--comment",
                               "see password=hunter2xyz", "--url", agent.url)
        self.assertEqual((code, err), (0, ""))
        acked = self.until_decided(agent, "acked", "Loud")
        self.assertEqual(acked["by"], "jane")
        self.assertNotIn("hunter2xyz", json.dumps(acked))


class ErrorsTest(unittest.TestCase):
    def test_what_failed_lately(self):
        listener = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(listener.close)
        ports = {"a": free_port(), "b": free_port(), "fine": listener.getsockname()[1]}
        agent = Agent({name: one_probe(f"tcp://127.0.0.1:{port}") for name, port in ports.items()})
        self.addCleanup(agent.stop)

        def errors(*arguments, code=0):
            given, out, err = command("errors", *arguments)
            self.assertEqual(given, code, err)
            return out if code == 0 else err

        for name in ("a", "b"):
            wait.until(lambda one=name: json.loads(errors(one, "--json", "--url", agent.url)), 15,
                       "an error in the journal")
        found = json.loads(errors("a", "--json", "--url", agent.url))
        self.assertEqual({row["integration"] for row in found}, {"a"})
        self.assertEqual((found[-1]["signal"], found[-1]["category"], found[-1]["phase"]),
                         ("ECONNREFUSED", "network", "connect"))
        self.assertRegex(errors("--url", agent.url), r"(?m)^20.* UTC  b .*ECONNREFUSED  Connection")
        self.assertEqual(len(errors("--limit", "1", "--url", agent.url).splitlines()), 2)
        self.assertIn('there is no integration "c"', errors("c", "--url", agent.url, code=1))
        for where in (("--url", agent.url), ("--storage", agent.storage)):
            self.assertIn('--limit is a number from 1 to 1000, not "0"',
                          errors("--limit", "0", *where, code=2))
        self.assertIn("an agent that runs is asked with --url",
                      errors("--storage", agent.storage, code=1))
        agent.stop()
        self.assertRegex(errors("a", "--storage", agent.storage), "(?m)^20.* a .*ECONNREFUSED")
        self.assertEqual(errors("fine", "--storage", agent.storage), "No errors.\n")
        self.assertIn('the store knows nothing of an integration "c"',
                      errors("c", "--storage", agent.storage, code=1))
        self.assertIn("there is no store in", errors("--storage", agent.folder / "no", code=1))


if __name__ == "__main__":
    runner.main()
