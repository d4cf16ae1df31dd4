#!/usr/bin/env python3
"""Heartbeats over HTTP: an integration pings /ping/KEY, and the agent notices when it does not."""
import time
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, notify_file, rule_file
from harness.webhook import WebhookReceiver


def beat(key, **heartbeat):
    return {"source": "here", "target": "there",
            "probes": [{"name": "beat", "heartbeat": {"key": key, "every": "1h", **heartbeat}}]}


class HeartbeatTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent({
            "simple": beat("simple"),
            "failing": beat("failing"),
            "coded": beat("coded"),
            "verbose": beat("verbose"),
            "logged": beat("logged"),
            "project": beat("shop/nightly"),
            "timed": beat("timed"),
            "long": beat("long", max_runtime="2s"),
            "late": beat("late", every="2s", grace="1s"),
            "unseen": beat("unseen", every="1s", grace="1s"),
            "yearly": {"source": "here", "target": "there", "probes": [
                {"name": "beat", "heartbeat": {"key": "yearly", "cron": "0 3 1 1 *",
                                               "time_zone": "Europe/Berlin", "grace": "1h"}}]},
        })
        cls.addClassCleanup(cls.agent.stop)

    def ping(self, path, method="GET", body=None):
        return self.agent.get("/ping/" + path, method=method, body=body).status

    def test_a_ping_by_any_method_counts(self):
        last = 0
        for method, body in [("GET", None), ("HEAD", None), ("POST", b"3 rows\n")]:
            with self.subTest(method):
                # Two pings of one millisecond are one time.
                wait.until(lambda before=last: time.time() > before + 0.001, 1, "a later time")
                self.assertEqual(self.ping("simple?run=7", method, body), 200)
                last = self.agent.until_value(
                    lambda at, before=last: at > before,
                    "seamwatch_heartbeat_last_success_timestamp_seconds", integration="simple")
        self.assertLess(abs(time.time() - last), 5)
        self.agent.until_state("simple", "ok")
        due = self.agent.value("seamwatch_heartbeat_due_timestamp_seconds", integration="simple")
        self.assertAlmostEqual(due - last, 3600, places=2)

    def test_a_ping_that_carries_long_output_counts(self):
        self.assertEqual(self.ping("verbose"), 200)
        self.agent.until_state("verbose", "ok")
        self.assertEqual(self.ping("verbose/fail", "POST", b"x" * 500_000), 200)
        self.agent.until_failure("verbose", signal="heartbeat:failed")

    def test_a_run_that_says_it_failed(self):
        self.assertEqual(self.ping("failing"), 200)
        self.agent.until_state("failing", "ok")
        self.assertEqual(self.ping("failing/fail"), 200)
        self.agent.until_failure("failing", signal="heartbeat:failed", category="process",
                                 persistence="persistent")
        self.agent.until_state("failing", "down")
        self.ping("failing")
        self.agent.until_state("failing", "ok")

    def test_exit_codes(self):
        self.assertEqual(self.ping("coded/3"), 200)
        self.agent.until_failure("coded", signal="heartbeat:exit_code", persistence="persistent")
        self.assertEqual(self.agent.value("seamwatch_heartbeat_last_exit_code",
                                          integration="coded"), 3)
        self.assertEqual(self.ping("coded/0"), 200)
        self.agent.until_state("coded", "ok")
        self.assertEqual(self.ping("coded/256"), 404)

    def test_a_note_changes_nothing(self):
        self.ping("logged/fail")
        self.agent.until_failure("logged", signal="heartbeat:failed")
        self.assertEqual(self.ping("logged/log", "POST", b"half way"), 200)
        wait.stays(lambda: self.agent.failure("logged"), 1.5, "still failing")

    def test_a_key_with_a_project(self):
        self.assertEqual(self.ping("shop/nightly"), 200)
        self.agent.until_value(lambda at: at > 0,
                               "seamwatch_heartbeat_last_success_timestamp_seconds",
                               integration="project")

    def test_runtime_is_measured_from_start_to_end(self):
        asked = time.monotonic()
        self.ping("timed/start")
        started = time.monotonic()
        for _ in range(10):  # some work; however long it takes, the agent must have measured it
            self.agent.samples()
        ending = time.monotonic()
        self.ping("timed")
        ended = time.monotonic()
        runtime = self.agent.until_value(lambda seconds: seconds > 0,
                                         "seamwatch_heartbeat_run_duration_seconds",
                                         integration="timed")
        self.assertGreater(runtime, ending - started - 0.002)
        self.assertLess(runtime, ended - asked + 0.002)

    def test_a_run_that_takes_too_long(self):
        self.ping("long/start")
        self.agent.until_failure("long", signal="heartbeat:running_too_long", category="timeout")
        self.ping("long")
        self.agent.until_state("long", "ok")

    def test_late_after_the_period_and_the_grace(self):
        self.ping("late")
        pinged = time.time()
        self.agent.until_state("late", "ok")
        self.agent.until_failure("late", signal="heartbeat:late", category="process")
        self.assertGreaterEqual(time.time() - pinged, 3)
        self.assertEqual(self.agent.value("seamwatch_heartbeat_late", integration="late"), 1)
        self.ping("late")
        self.agent.until_state("late", "ok")

    def test_never_seen_is_a_matter_of_configuration(self):
        self.agent.until_failure("unseen", signal="heartbeat:never_seen",
                                 category="configuration", persistence="persistent")

    def test_cron_with_a_time_zone(self):
        self.ping("yearly")
        due = self.agent.until_value(lambda at: at > time.time(),
                                     "seamwatch_heartbeat_due_timestamp_seconds",
                                     integration="yearly")
        # 3:00 in Berlin on 1 January is 2:00 UTC.
        self.assertEqual(time.strftime("%m-%d %H:%M", time.gmtime(due)), "01-01 02:00")

    def test_unknown_keys_and_wrong_methods(self):
        for path, method, status in [("nobody", "GET", 404), ("", "GET", 404),
                                     ("simple/unknown", "GET", 404), ("a/b/c/d", "GET", 404),
                                     ("..%2f..%2fsimple", "GET", 404), ("simple", "DELETE", 405),
                                     ("x" * 101, "GET", 404)]:
            with self.subTest(f"{method} {path}"):
                self.assertEqual(self.ping(path, method), status)

    def test_the_key_is_shown_nowhere(self):
        shown = self.agent.get("/metrics").text + self.agent.get("/").text + self.agent.log_text()
        self.assertNotIn("shop/nightly", shown)


class RestartTest(unittest.TestCase):
    def test_a_restart_forgets_no_ping_and_tells_what_is_late(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        agent = Agent({"orders": beat("orders", every="4s", grace="1s")},
                      rules=rule_file(FAILS_RULE),
                      notify=notify_file({"webhook_configs": [{"url": hook.url}]}))
        self.addCleanup(agent.stop)
        agent.get("/ping/orders")
        before = agent.until_value(lambda at: at > 0,
                                   "seamwatch_heartbeat_last_success_timestamp_seconds",
                                   integration="orders")
        agent.stop()
        agent.start()
        agent.until_value(before, "seamwatch_heartbeat_last_success_timestamp_seconds",
                          integration="orders")
        told = hook.until_alert("firing", integration="orders")
        self.assertGreaterEqual(told.at - before, 5)
        agent.get("/ping/orders")
        hook.until_alert("resolved", integration="orders")


if __name__ == "__main__":
    runner.main()
