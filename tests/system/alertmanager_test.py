#!/usr/bin/env python3
"""Real Alertmanagers are told of the agent's alerts: two of them, one down; behind TLS and basic
authentication; over a restart of the agent; beside a notification file."""
import subprocess
import time
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, notify_file, one_probe, rule_file
from harness.alertmanager import Alertmanager
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.prometheus import promtool_check_metrics
from harness.webhook import WebhookReceiver, seconds_of
from harness.workspace import make_folder

SENT = "seamwatch_notifications_sent_total"
ERRORS = "seamwatch_notifications_errors_total"
QUEUE = "seamwatch_notifications_queue_length"


def address(alertmanager):
    """What metrics call it."""
    return f"{alertmanager.url}/api/v2/alerts"


class AlertmanagerTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)

    def setUp(self):
        self.name = self._testMethodName
        self.addCleanup(self.nginx.heal, self.name)

    def alertmanager(self, **more):
        """An Alertmanager and the webhook that it tells."""
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        made = Alertmanager(webhook=hook.url, **more)
        self.addCleanup(made.stop)
        return made, hook

    def agent(self, *alertmanagers, of="", switch="", **more):
        """An agent that watches one integration, called as the test, and tells these entries of
        `alertmanagers`, or Alertmanagers; `of` several that watch the same."""
        entries = [each if isinstance(each, dict) else
                   {"static_configs": [{"targets": [each.target]}], "timeout": "2s"}
                   for each in alertmanagers]
        agent = Agent({self.name: one_probe(self.nginx.url(f"/switch/{switch or self.name}"))},
                      rules=rule_file(FAILS_RULE), alerting={"alertmanagers": entries, **(
                          {"alert_relabel_configs": [{"action": "labeldrop", "regex": "replica"}]}
                          if of else {})},
                      **{"global": {"external_labels": {"site": "berlin",
                                                        **({"replica": of} if of else {})},
                                    "external_url": "http://seamwatch.test"}, **more})
        self.addCleanup(agent.stop)
        agent.until_state(self.name, "ok")
        return agent

    def break_it(self):
        self.nginx.fail(self.name)

    def heal(self):
        self.nginx.heal(self.name)

    def until_alert(self, alertmanager, seconds=20):
        return wait.until(lambda: alertmanager.alerts(integration=self.name), seconds,
                          "the alert at the Alertmanager")[0]

    def test_two_agents_beside_a_cluster_tell_people_once(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        one = Alertmanager(webhook=hook.url, peers=[])
        self.addCleanup(one.stop)
        two = Alertmanager(webhook=hook.url, peers=[one])
        self.addCleanup(two.stop)
        wait.until(lambda: all(len(each.peers()) == 2 for each in (one, two)), 20, "a cluster")
        # What is redacted from labels is the same for both, and who they are is left out.
        key = make_folder("shared") / "digest.key"
        key.write_text("0123456789abcdef0123456789abcdef\n")
        agents = [self.agent(one, two, of=replica, switch="jane@example.org",
                             privacy={"digest_key_file": str(key)}) for replica in "ab"]
        self.nginx.fail("jane@example.org")
        for each in (one, two):
            labels = self.until_alert(each)["labels"]
            self.assertIn("#", labels["instance"])
            self.assertNotIn("jane", labels["instance"])
            self.assertNotIn("replica", labels)
            wait.stays(lambda: len(each.alerts(integration=self.name)) == 1, 3, "one alert")
        hook.until_alert("firing", integration=self.name)
        # The second Alertmanager waits --cluster.peer-timeout for the word of the first.
        wait.stays(lambda: len(hook.received()) == 1, 6, "one notice")
        agents[0].kill()  # the other one goes on alone
        self.nginx.heal("jane@example.org")
        hook.until_alert("resolved", integration=self.name)

    def test_two_are_told_what_fires_and_what_is_over(self):
        one, one_hook = self.alertmanager()
        two, two_hook = self.alertmanager()
        agent = self.agent(one, two)
        self.assertEqual(agent.value("seamwatch_notifications_alertmanagers_discovered"), 2)
        self.assertEqual(agent.get("/api/v1/alertmanagers").json["data"], {
            "activeAlertmanagers": [{"url": address(one)}, {"url": address(two)}],
            "droppedAlertmanagers": []})
        self.break_it()
        for each in (one, two):
            alert = self.until_alert(each)
            self.assertEqual(alert["labels"]["alertname"], "ProbeFails")
            self.assertEqual(alert["labels"]["site"], "berlin")
            self.assertEqual(alert["annotations"]["summary"], f"{self.name} fails")
            self.assertRegex(alert["generatorURL"], r"^http://seamwatch\.test/graph\?g0\.expr=")
            ahead = seconds_of(alert["endsAt"]) - time.time()
            self.assertTrue(200 < ahead <= 240, ahead)
        firing = one_hook.until_alert("firing", integration=self.name).alerts[0]
        two_hook.until_alert("firing", integration=self.name)
        self.heal()
        for hook in (one_hook, two_hook):
            over = hook.until_alert("resolved", integration=self.name).alerts[0]
            self.assertEqual(over["startsAt"], firing["startsAt"])
            self.assertEqual(over["fingerprint"], firing["fingerprint"])
        agent.until_value(2, SENT, alertmanager=address(one))
        self.assertEqual(agent.value(ERRORS, alertmanager=address(one)), 0)
        agent.until_value(0, QUEUE, alertmanager=address(two))
        self.assertEqual(promtool_check_metrics(agent.get("/metrics").text), "")

    def test_one_that_is_down_holds_up_no_other_and_is_told_later(self):
        one, one_hook = self.alertmanager()
        two, two_hook = self.alertmanager(start=False)
        agent = self.agent(one, two)
        self.break_it()
        one_hook.until_alert("firing", integration=self.name)
        agent.until_value(1, QUEUE, alertmanager=address(two))
        agent.until_value(lambda value: value >= 1, ERRORS, alertmanager=address(two))
        two.up()
        two_hook.until_alert("firing", 40, integration=self.name)
        agent.until_value(0, QUEUE, alertmanager=address(two))
        self.assertEqual(len(agent.log_lines("alertmanager took no alerts")), 1)
        self.assertEqual(len(agent.log_lines("alertmanager takes alerts again")), 1)

    def test_resolved_while_it_is_down_is_told_after_a_crash_of_the_agent(self):
        one, hook = self.alertmanager()
        agent = self.agent(one)
        self.break_it()
        hook.until_alert("firing", integration=self.name)
        one.down()
        self.heal()
        agent.until_value(1, QUEUE, alertmanager=address(one))
        wait.until(lambda: not agent.get("/api/v1/alerts").json["data"]["alerts"], 15, "resolved")
        wait.stays(agent.alive, 2, "alive")  # what is unsent is written each second
        agent.kill()
        agent.start()
        agent.until_value(1, QUEUE, alertmanager=address(one))
        one.up()
        hook.until_alert("resolved", 40, integration=self.name)
        agent.until_value(0, QUEUE, alertmanager=address(one))
        self.assertEqual(agent.check_database(), "ok")

    def test_over_tls_with_basic_authentication_below_a_prefix(self):
        one, hook = self.alertmanager()
        folder = make_folder("front")
        authority = Authority(folder / "ca")
        secret = subprocess.run(["openssl", "passwd", "-apr1", "right"], capture_output=True,
                                text=True, check=True).stdout.strip()
        folder.joinpath("users").write_text(f"agent:{secret}\n", encoding="ascii")
        password = folder / "password"
        password.write_text("wrong\n", encoding="ascii")
        front = Nginx({"good": authority.good()}, {
            "/am/api/v2/alerts": f'auth_basic "am"; auth_basic_user_file {folder / "users"}; '
                                 f"proxy_pass {one.url}/api/v2/alerts;"})
        self.addCleanup(front.stop)
        target = front.url("", tls="good", host="localhost")[len("https://"):]
        agent = self.agent({
            "scheme": "https", "path_prefix": "/am", "static_configs": [{"targets": [target]}],
            "tls_config": {"ca_file": str(authority.ca_file)},
            "basic_auth": {"username": "agent", "password_file": str(password)}})
        there = f"https://{target}/am/api/v2/alerts"
        self.break_it()
        agent.until_value(1, "seamwatch_notifications_dropped_total", alertmanager=there,
                          reason="rejected")
        self.assertEqual(one.alerts(), [])
        self.assertTrue(agent.log_lines("alertmanager took no alerts.*HTTP 401"))
        password.write_text("right\n", encoding="ascii")  # is read anew for each request
        self.heal()
        wait.until(lambda: not agent.get("/api/v1/alerts").json["data"]["alerts"], 15, "resolved")
        self.break_it()
        hook.until_alert("firing", integration=self.name)
        shown = agent.get("/api/v1/status/config").text
        self.assertNotIn("right", agent.log_text() + shown)

    def test_a_thousand_alerts_come_in_batches(self):
        one, _ = self.alertmanager()
        rules = rule_file(*[{"alert": "Many", "labels": {"host.name": "a", "n": str(i)},
                             "expr": "vector(1)"} for i in range(1000)])
        agent = self.agent(one)
        agent.rules = rules
        agent.write()
        agent.sighup()
        wait.until(lambda: len(one.alerts(alertname="Many")) == 1000, 30, "all of them")
        agent.until_value(0, QUEUE, alertmanager=address(one))
        # This Alertmanager refuses names with dots; the agent says them otherwise then.
        self.assertEqual(len(one.alerts(alertname="Many", host_name="a")), 1000)
        self.assertLessEqual(agent.value("seamwatch_notifications_latency_seconds_count",
                                         alertmanager=address(one)), 6)

    def test_beside_a_notification_file_and_until_a_reload_takes_it_away(self):
        one, hook = self.alertmanager()
        own = WebhookReceiver()
        self.addCleanup(own.close)
        agent = self.agent(one, notify=notify_file({"webhook_configs": [{"url": own.url}]}))
        self.break_it()
        hook.until_alert("firing", integration=self.name)
        own.until_alert("firing", integration=self.name)
        agent.config["alerting"] = {}
        agent.write()
        agent.sighup()
        agent.until_value(0, "seamwatch_notifications_alertmanagers_discovered")
        self.heal()
        own.until_alert("resolved", integration=self.name)
        wait.stays(lambda: one.alerts(integration=self.name), 2, "nothing more is told there")


if __name__ == "__main__":
    runner.main()
