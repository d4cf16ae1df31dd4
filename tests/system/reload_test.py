#!/usr/bin/env python3
"""Reload by SIGHUP and by POST /-/reload: all or nothing; what did not change keeps its state."""
import re
import time
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, notify_file, one_probe, rule_file
from harness.nginx import Nginx
from harness.webhook import WebhookReceiver


class ReloadTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)

    def agent(self, **more):
        agent = Agent({"good": one_probe(self.nginx.url("/")),
                       "bad": one_probe(self.nginx.url("/500"))}, **more)
        self.addCleanup(agent.stop)
        agent.until_state("good", "ok")
        agent.until_state("bad", "degraded")
        return agent

    def add_more(self, agent):
        agent.config["integrations"]["more"] = one_probe(self.nginx.url("/moved"))
        agent.write()

    def test_by_signal(self):
        agent = self.agent()
        self.add_more(agent)
        agent.sighup()
        agent.until_state("more", "ok")
        self.assertTrue(agent.log_lines("reloaded"))

    def test_by_request(self):
        agent = self.agent()
        self.add_more(agent)
        self.assertEqual(agent.post("/-/reload").status, 200)
        agent.until_state("more", "ok")
        self.assertEqual(agent.get("/-/reload").status, 405)

    def test_experimental_features(self):
        rules = rule_file({"record": "seen", "expr": "mad_over_time(probe_success[1m])"})
        agent = Agent({"good": one_probe(self.nginx.url("/"))})
        self.addCleanup(agent.stop)
        agent.until_state("good", "ok")
        agent.rules = rules
        agent.write()
        answer = agent.post("/-/reload")
        self.assertGreaterEqual(answer.status, 400)
        self.assertIn('function "mad_over_time" is not enabled', answer.text)
        agent.config["query"] = {"enable_features": ["promql-experimental-functions"]}
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)

        def recorded():
            return agent.get("/api/v1/query?query=seen").json["data"]["result"]

        wait.until(recorded, 15, "the rule is evaluated")
        self.assertEqual(agent.get("/api/v1/query?query=start()").status, 200)
        flags = agent.get("/api/v1/status/flags").json["data"]
        self.assertEqual(flags["enable-feature"], "promql-experimental-functions")
        agent.config["query"] = {}
        agent.rules = None
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)
        self.assertEqual(agent.get("/api/v1/query?query=start()").status, 400)

    def test_an_expression_without_end_holds_nothing_up_for_long(self):
        endless = "max_over_time(" * 3 + "vector(1)" + "[1d:1s])" * 3
        rules = {"groups": [
            {"name": "heavy", "interval": "1s", "rules": [{"record": "heavy", "expr": endless}]},
            {"name": "light", "interval": "1s", "rules": [{"record": "light", "expr": "time()"}]}]}
        agent = Agent(rules=rules)
        self.addCleanup(agent.stop)

        def seen():
            result = agent.get("/api/v1/query?query=light").json["data"]["result"]
            return float(result[0]["value"][1]) if result else 0

        first = wait.until(seen, 30, "the light rule's turn")
        wait.until(lambda: seen() > first + 9, 40, "its next turn behind the heavy one")
        rule = agent.get("/api/v1/rules").json["data"]["groups"][0]["rules"][0]
        self.assertEqual((rule["name"], rule["health"]), ("heavy", "err"))
        self.assertIn("query timed out in expression evaluation", rule["lastError"])
        began = time.monotonic()
        self.assertEqual(agent.stop(), 0)
        self.assertLess(time.monotonic() - began, 20)

    def test_a_bad_file_changes_nothing_and_says_where(self):
        agent = self.agent()
        self.assertEqual(agent.value("seamwatch_config_last_reload_successful"), 1)
        at = agent.value("seamwatch_config_last_reload_success_timestamp_seconds")
        good = agent.config_file.read_text(encoding="utf-8")
        self.add_more(agent)
        broken = agent.config_file.read_text(encoding="utf-8").replace(
            '"evaluation_interval"', '"evaluation_intervall"')
        agent.config_file.write_text(broken, encoding="utf-8")
        answer = agent.post("/-/reload")
        self.assertGreaterEqual(answer.status, 400)
        line = next(number for number, text in enumerate(broken.splitlines(), 1)
                    if "intervall" in text)
        self.assertRegex(answer.text, rf"seamwatch\.yml:{line}:\d+: .*evaluation_intervall")
        agent.until_log(rf"reload refused.*seamwatch\.yml:{line}:\d+")
        agent.until_value(0, "seamwatch_config_last_reload_successful")
        self.assertEqual(agent.value("seamwatch_config_last_reload_success_timestamp_seconds"), at)
        agent.until_probed("good")
        self.assertFalse([s for s in agent.samples() if s.labels.get("integration") == "more"])
        self.assertEqual(agent.ready()[0], 200)
        agent.config_file.write_text(good, encoding="utf-8")
        agent.sighup()
        agent.until_value(1, "seamwatch_config_last_reload_successful")

    def test_a_bad_rule_file_notification_file_or_module_changes_nothing(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        agent = self.agent(rules=rule_file(FAILS_RULE),
                           notify=notify_file({"webhook_configs": [{"url": hook.url}]}))
        hook.until_alert("firing", integration="bad")
        for path, text, where in [
                (agent.rules_file, "groups:\n- name: g\n  rules:\n  - alert: A\n    expr: 1 +\n",
                 r"rules\.yml:5:"),
                (agent.notify_file, "route:\n  receiver: nobody\nreceivers: []\n",
                 r"notify\.yml:\d+:\d+: "),
                (agent.config_file, "integrations: [\n", r"seamwatch\.yml:\d+:\d+: ")]:
            with self.subTest(path.name):
                before = path.read_text(encoding="utf-8")
                path.write_text(text, encoding="utf-8")
                answer = agent.post("/-/reload")
                self.assertGreaterEqual(answer.status, 400)
                self.assertRegex(answer.text, where)
                path.write_text(before, encoding="utf-8")
        agent.until_probed("good")
        self.assertEqual(agent.state("bad"), "degraded")
        self.assertEqual(len(hook.received()), 1)

    def test_what_did_not_change_keeps_its_state(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        agent = self.agent(rules=rule_file(FAILS_RULE),
                           notify=notify_file({"webhook_configs": [{"url": hook.url}]}))
        first = hook.until_alert("firing", integration="bad")
        errors = agent.value("seamwatch_errors_total", integration="bad")
        self.add_more(agent)
        self.assertEqual(agent.post("/-/reload").status, 200)
        self.assertEqual(agent.state("bad"), "degraded")
        self.assertIsNotNone(agent.failure("bad"))
        self.assertGreaterEqual(agent.value("seamwatch_errors_total", integration="bad"), errors)
        agent.until_state("more", "ok")
        agent.until_probed("bad")
        self.assertEqual([r.key for r in hook.received()], [first.key], "told again")

    def test_what_fails_fails_on_where_only_the_way_of_looking_changed(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        agent = self.agent(rules=rule_file(FAILS_RULE),
                           notify=notify_file({"webhook_configs": [{"url": hook.url}]}))
        hook.until_alert("firing", integration="bad")
        since = agent.value("seamwatch_integration_failing_since_timestamp_seconds",
                            integration="bad")
        agent.config["integrations"]["bad"]["probes"][0]["timeout"] = "900ms"
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)
        self.assertIsNotNone(agent.failure("bad"), "no gap until the next run")
        agent.until_probed("bad")
        agent.until_probed("bad")
        self.assertEqual(len(hook.received()), 1, "an all-clear that was none")
        self.assertEqual(agent.value("seamwatch_integration_failing_since_timestamp_seconds",
                                     integration="bad"), since)

    def test_a_pending_alert_goes_on_counting(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        waits = {**FAILS_RULE, "for": "6s"}
        agent = self.agent(rules=rule_file(waits),
                           notify=notify_file({"webhook_configs": [{"url": hook.url}]}))

        def pending():
            alerts = agent.get("/api/v1/alerts").json["data"]["alerts"]
            return [a for a in alerts if a["labels"]["integration"] == "bad"]
        before = wait.until(pending, 10, "a pending alert")[0]
        self.assertEqual(before["state"], "pending")
        self.add_more(agent)
        agent.post("/-/reload")
        agent.until_state("more", "ok")
        after = wait.until(pending, 5, "the alert still pending")[0]
        self.assertEqual(after["activeAt"], before["activeAt"])
        hook.until_alert("firing", integration="bad")

    def test_what_went_away_is_gone(self):
        agent = self.agent()
        del agent.config["integrations"]["bad"]
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)
        self.assertFalse([s for s in agent.samples() if s.labels.get("integration") == "bad"])
        agent.until_probed("good")

    def test_the_end_of_what_went_away_is_told_as_its_beginning_was(self):
        for restart in (False, True):
            with self.subTest(restart=restart):
                hook, rest = WebhookReceiver(), WebhookReceiver()
                for one in (hook, rest):
                    self.addCleanup(one.close)
                notify = notify_file({"webhook_configs": [{"url": rest.url}]})
                notify["route"]["routes"] = [{"matchers": ['target="there"'],  # the landscape's
                                              "receiver": "on-call"}]
                notify["receivers"].append({"name": "on-call",
                                            "webhook_configs": [{"url": hook.url}]})
                agent = self.agent(rules=rule_file(FAILS_RULE), notify=notify)
                fired = hook.until_alert("firing", integration="bad").alerts[0]
                if restart:
                    agent.stop()
                del agent.config["integrations"]["bad"]
                agent.write()
                if restart:
                    agent.start()
                else:
                    self.assertEqual(agent.post("/-/reload").status, 200)
                ended = hook.until_alert("resolved", integration="bad").alerts[0]
                self.assertEqual(ended["labels"], fired["labels"])
                self.assertEqual(rest.received(), [], "others were told")

    def test_what_changed_is_probed_in_the_new_way(self):
        agent = self.agent()
        agent.config["integrations"]["good"]["probes"][0]["target"] = self.nginx.url("/403")
        agent.write()
        agent.post("/-/reload")
        agent.until_failure("good", signal="HTTP 403")
        instances = {s.labels["instance"] for s in agent.samples()
                     if s.name == "probe_success" and s.labels["integration"] == "good"}
        self.assertEqual(instances, {self.nginx.url("/403")})

    def test_many_reloads_at_once_are_all_answered(self):
        agent = self.agent()
        for round_number in range(20):
            agent.config["integrations"][f"more-{round_number}"] = one_probe(
                self.nginx.url("/moved"))
            agent.write()
            agent.sighup()
        self.assertEqual(agent.post("/-/reload").status, 200)
        agent.until_state("more-19", "ok")
        self.assertTrue(agent.alive())
        self.assertFalse([line for line in agent.log_text().splitlines()
                          if re.search(r" (error|critical) ", line)])


if __name__ == "__main__":
    runner.main()
