#!/usr/bin/env python3
"""A real Prometheus scrapes the agent; promtool finds nothing wrong with a scrape; formats and
compression are negotiated as Prometheus does."""
import gzip
import re
import unittest

from harness import metrics, runner, wait
from harness.agent import FAILS_RULE, Agent, one_probe, rule_file
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.prometheus import Prometheus, promtool_check_metrics
from harness.workspace import ROOT, make_folder

OPENMETRICS = "application/openmetrics-text"
# What Prometheus 2.42 sends.
ACCEPT = ("application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
          "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1")


class PrometheusTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        authority = Authority(make_folder("tls"))
        cls.nginx = Nginx({"good": authority.good()})
        cls.addClassCleanup(cls.nginx.stop)
        ca = {"tls_config": {"ca_file": str(authority.ca_file)}}
        cls.agent = Agent({
            "good": one_probe(cls.nginx.url("/")),
            "tls": one_probe(cls.nginx.url("/", tls="good"), "own_ca"),
            "bad": one_probe(cls.nginx.url("/500")),
            "port": one_probe(f"127.0.0.1:{cls.nginx.port}"),
            "switched": one_probe(cls.nginx.url("/switch/it")),
            "pinged": {"source": "here", "target": "there",
                       "probes": [{"name": "beat", "heartbeat": {"key": "beat", "every": "1h"}}]},
        }, rules=rule_file(FAILS_RULE), modules={"own_ca": {"prober": "http", "http": ca}})
        cls.addClassCleanup(cls.agent.stop)
        for name, state in [("good", "ok"), ("tls", "ok"), ("bad", "degraded"), ("port", "ok")]:
            cls.agent.until_state(name, state)
        cls.agent.get("/ping/beat")

    def prometheus(self, **more):
        server = Prometheus(self.agent.address, **more)
        self.addCleanup(server.stop)
        return server

    def test_rules_of_the_agent_s_own_health_mean_the_same_in_prometheus(self):
        """What the shipped AgentUnwell compares is the same series in a scrape and in the agent."""
        pack = (ROOT / "rules/packs/default.yml").read_text(encoding="utf-8")
        expression = re.search(r"alert: AgentUnwell\n +expr: >-\n(.*?)\n +for:", pack, re.S)[1]
        scraped = {(s.name, tuple(sorted(s.labels))) for s in self.agent.samples()}
        for name in sorted(set(re.findall(r"seamwatch_\w+", expression))):
            with self.subTest(name):
                own = self.agent.get(f"/api/v1/query?query={name}").json["data"]["result"]
                self.assertEqual({(name, tuple(sorted(k for k in one["metric"] if k != "__name__")))
                                  for one in own},
                                 {one for one in scraped if one[0] == name})

    def test_prometheus_scrapes_and_sees_changes(self):
        server = self.prometheus()

        def one(expression):
            found = server.query(expression)
            if len(found) != 1:
                raise LookupError(f"{expression}: {found}")
            return found[0]
        wait.until(lambda: one("up")[1] == 1, 20, "up")
        target = server.api("targets")["activeTargets"][0]
        self.assertEqual((target["health"], target["lastError"]), ("up", ""))
        self.assertEqual(one('probe_success{integration="good"}')[1], 1)
        self.assertEqual(one('probe_success{integration="bad"}')[1], 0)
        labels, _ = one("seamwatch_probe_failure_info")
        self.assertEqual((labels["integration"], labels["category"], labels["signal"]),
                         ("bad", "runtime", "HTTP 500"))
        self.nginx.fail("it")
        wait.until(lambda: one('probe_success{integration="switched"}')[1] == 0, 10, "the failure")
        self.nginx.heal("it")
        wait.until(lambda: not server.query('seamwatch_probe_failure_info{integration="switched"}'),
                   10, "the failure gone from Prometheus")
        self.assertNotRegex(server.log_text(), r"level=(warn|error)")

    def test_rules_written_for_blackbox_exporter_work_in_prometheus(self):
        rules = make_folder("rules") / "rules.yml"
        rules.write_text('groups: [{name: g, rules: [{alert: ProbeFailed, '
                         'expr: "probe_success == 0"}]}]', encoding="utf-8")
        server = self.prometheus(rule_files=[rules])
        found = wait.until(lambda: server.api("alerts")["alerts"], 20, "an alert in Prometheus")
        self.assertEqual([a["labels"]["integration"] for a in found], ["bad"])

    def test_promtool_finds_nothing(self):
        text = self.agent.get("/metrics").text
        self.assertEqual(promtool_check_metrics(text), "")

    def test_no_series_twice_and_a_type_for_each(self):
        text = self.agent.get("/metrics").text
        seen = set()
        for sample in metrics.parse(text):
            key = (sample.name, tuple(sorted(sample.labels.items())))
            self.assertNotIn(key, seen)
            seen.add(key)
        families = set(re.findall(r"^# TYPE (\S+) \S+$", text, re.M))
        for name, _ in seen:
            self.assertIn(re.sub(r"_(bucket|sum|count)$", "", name)
                          if re.sub(r"_(bucket|sum|count)$", "", name) in families else name,
                          families)

    def test_plain_text_by_default(self):
        answer = self.agent.get("/metrics")
        self.assertTrue(answer.headers["Content-Type"].startswith("text/plain; version=0.0.4"),
                        answer.headers["Content-Type"])
        self.assertNotIn("# EOF", answer.text)
        self.assertIsNone(answer.headers.get("Content-Encoding"))

    def test_openmetrics_where_it_is_preferred(self):
        answer = self.agent.get("/metrics", headers={"Accept": ACCEPT})
        self.assertTrue(answer.headers["Content-Type"].startswith(OPENMETRICS + "; version=1.0.0"),
                        answer.headers["Content-Type"])
        self.assertTrue(answer.text.endswith("# EOF\n"))
        # A counter's family goes without _total, its sample with it.
        self.assertIn("\n# TYPE seamwatch_rule_evaluations counter\n", answer.text)
        self.assertRegex(answer.text, r"\nseamwatch_rule_evaluations_total ")
        names = {s.name for s in metrics.parse(answer.text.replace("# EOF\n", ""))}
        self.assertEqual(names, {s.name for s in self.agent.samples()})

    def test_text_where_that_is_preferred(self):
        for accept in ["text/plain", "text/plain;version=0.0.4", "*/*", "application/json",
                       "application/openmetrics-text;q=0.1,text/plain;q=0.9"]:
            with self.subTest(accept):
                answer = self.agent.get("/metrics", headers={"Accept": accept})
                self.assertEqual(answer.status, 200)
                self.assertTrue(answer.headers["Content-Type"].startswith("text/plain"))

    def test_gzip_where_it_is_taken(self):
        for encoding, packed in [("gzip", True), ("gzip;q=0", False), ("identity", False),
                                 ("deflate, gzip;q=0.5", True)]:
            with self.subTest(encoding):
                def is_whole():
                    """Between two scrapes a family may come: that of a first evaluation."""
                    answer = self.agent.get("/metrics", headers={"Accept-Encoding": encoding})
                    self.assertEqual(answer.headers.get("Content-Encoding") == "gzip", packed)
                    text = gzip.decompress(answer.body) if packed else answer.body
                    return ({s.name for s in metrics.parse(text.decode())}
                            == {s.name for s in self.agent.samples()})
                wait.until(is_whole, 15, "the same families in both")

    def test_head_gives_no_body(self):
        answer = self.agent.get("/metrics", method="HEAD")
        self.assertEqual((answer.status, answer.body), (200, b""))


if __name__ == "__main__":
    runner.main()
