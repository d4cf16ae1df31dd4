#!/usr/bin/env python3
"""The agent as a Prometheus: promtool and a client like Grafana query it, `seamwatch query` does,
and a real Prometheus writes its samples into it."""
import concurrent.futures
import gzip
import json
import subprocess
import time
import unittest
import urllib.parse

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, command, one_probe, rule_file
from harness.fetch import fetch
from harness.nginx import Nginx
from harness.prometheus import Prometheus
from harness.workspace import make_folder

FORM = "application/x-www-form-urlencoded"
# The same text from a Debian Prometheus; it is 2.42, so nothing newer stands here.
LONG = ['sum by (job, instance) (rate(http_requests_total{job="api", code=~"5..", method="GET"}[5m]))'
        ' / on (job) group_left () sum by (job) (rate(http_requests_total{job="api"}[5m])) > 0.1',
        'histogram_quantile(0.99, sum without (instance, pod, namespace) (rate('
        'http_request_duration_seconds_bucket{handler="/api/v1/query", code="200"}[10m] offset 5m)))',
        'topk(5, max_over_time((sum by (a) (rate(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa[5m])) + '
        'sum by (b) (rate(bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb[5m])))[1h:5m]))',
        '-(aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa + bool_bbbbbbbbbbbbbbbbbbbbbbbbbbbbb'
        ' - ccccccccccccccccccccccccccccccc) == bool 1', 'up']


class PrometheusApiTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx({})
        cls.addClassCleanup(cls.nginx.stop)
        cls.agent = Agent({"good": one_probe(cls.nginx.url("/")),
                           "bad": one_probe(cls.nginx.url("/500"))},
                          rules=rule_file(FAILS_RULE),
                          web={"remote_write_receiver": {"enabled": True}})
        cls.addClassCleanup(cls.agent.stop)
        cls.agent.until_state("good", "ok")
        cls.agent.until_state("bad", "degraded")

    def api(self, path, form=None, status=200, **headers):
        if form is None:
            answer = fetch(f"{self.agent.url}/api/v1/{path}", headers=headers)
        else:
            answer = fetch(f"{self.agent.url}/api/v1/{path}", "POST",
                           urllib.parse.urlencode(form, doseq=True).encode(),
                           {"Content-Type": FORM, **headers})
        self.assertEqual(answer.status, status, answer)
        return answer.json

    def promtool(self, *arguments):
        done = subprocess.run(["promtool", "query", *arguments], capture_output=True, text=True,
                              timeout=30, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_bad_input_ends_in_an_error_soon(self):
        doubled = "probe_success"
        for _ in range(40):
            doubled = f'label_replace({doubled}, "probe", "$1$1", "probe", "(.*)")'
        wide = {"start": "0", "end": "10000", "step": "1"}
        too_many = "too many samples"
        cases = [
            ("query", {"query": "(" * 100_000 + "1" + ")" * 100_000}, 400, "nested too deeply"),
            ("query", {"query": "-" * 500_000 + "1"}, 400, "nested too deeply"),
            ("query", {"query": "x" + " + x" * 400_000}, 400, "longer than 1048576 bytes"),
            ("query", {"query": 'x{a=~"' + "(a|b)" * 20_000 + '"}'}, 400, "longer than 65536 bytes"),
            ("query", {"query": 'x{a=~"(((a{1,1000}){1,1000}){1,1000})"}'}, 400, "repetition"),
            ("query", {"query": 'probe_success{job=~"((((x*)*)*)*)*y"}'}, 200, ""),
            ("query", {"query": "rate(x[999999999999y])"}, 400, "out of range"),
            ("query", {"query": "sum_over_time(vector(1)[200y:1ms])"}, 422, too_many),
            ("query", {"query": "sum_over_time(sum_over_time(vector(1)[1y:1s])[1y:1s])"}, 422,
             too_many),
            ("query", {"query": doubled}, 422, "longer than 65536 bytes"),
            ("query_range", {"query": 'sum(count_values("v", vector(time()) + on () group_right '
                                      'label_replace(vector(1), "i", "a", "", "")))', **wide},
             200, ""),
            ("query_range", {"query": "1", "start": "0", "end": "1e9", "step": "1"}, 400,
             "11,000 points"),
            ("format_query", {"query": "(" * 100_000}, 400, "nested too deeply"),
            ("parse_query", {"query": "x[" + "(" * 100_000}, 400, ""),
            ("series", {"match[]": ['{a="b"'] * 5_000}, 400, ""),
        ]
        for path, form, status, text in cases:
            with self.subTest(path=path, query=str(form)[:60]):
                began = time.monotonic()
                answer = self.api(path, form, status)
                self.assertIn(text, answer.get("error", ""))
                self.assertLess(time.monotonic() - began, 20)
        self.assertLess(self.agent.process.memory_bytes()[1], 120 << 20)

    def test_promtool_queries(self):
        out = self.promtool("instant", self.agent.url, "probe_success")
        self.assertIn('integration="bad"', out)
        self.assertRegex(out, r'integration="good".* => 1 @')
        now = int(time.time())
        out = self.promtool("range", f"--start={now - 20}", f"--end={now}", "--step=1s",
                            self.agent.url, 'probe_success{integration="good"}')
        self.assertRegex(out, r"1 @\[")
        out = self.promtool("series", "--match=probe_success", self.agent.url)
        self.assertEqual(out.count("probe_success"), 2)
        self.assertEqual(self.promtool("labels", self.agent.url, "integration").split(),
                         ["bad", "good"])

    def test_as_grafana_asks(self):
        now = time.time()
        answer = self.api("query_range", {"query": "sum(probe_success)", "start": now - 10,
                                          "end": now, "step": "1"}, **{"Origin": "http://x"})
        self.assertEqual(answer["data"]["resultType"], "matrix")
        self.assertEqual(answer["data"]["result"][0]["values"][-1][1], "1")
        selector = [("match[]", 'probe_success{integration="good"}')]
        self.assertIn("integration", self.api("labels", selector)["data"])
        values = self.api("label/integration/values?" + urllib.parse.urlencode(selector))
        self.assertEqual(values["data"], ["good"])
        self.assertEqual(len(self.api("series", selector)["data"]), 1)
        self.assertEqual(self.api("metadata?metric=probe_success")["data"]["probe_success"][0]
                         ["type"], "gauge")
        self.assertTrue(self.api("status/buildinfo")["data"]["version"].startswith("3."))
        self.assertEqual(self.api("query_exemplars", {"query": "up"})["data"], [])

    def test_where_alerts_lead_to(self):
        """Alerts name Prometheus's page of their expression: it says what that gives now."""
        page = self.agent.get("/graph?g0.expr=probe_success%7Bintegration%3D%22good%22%7D&g0.tab=1")
        self.assertEqual(page.status, 302)
        answer = self.agent.get(urllib.parse.urljoin("/graph", page.headers["Location"]))
        self.assertEqual(answer.json["data"]["result"][0]["value"][1], "1")

    def test_targets_rules_and_alerts(self):
        targets = self.api("targets")["data"]["activeTargets"]
        self.assertEqual({t["labels"]["integration"]: t["health"] for t in targets},
                         {"good": "up", "bad": "down"})
        bad = [t for t in targets if t["health"] == "down"][0]
        self.assertIn("500", bad["lastError"])
        self.assertEqual(self.api("targets?state=dropped")["data"]["activeTargets"], [])
        wait.until(lambda: self.api("alerts")["data"]["alerts"], 15, "an alert")
        groups = self.api("rules?type=alert")["data"]["groups"]
        self.assertEqual(groups[0]["rules"][0]["name"], "ProbeFails")
        self.assertEqual(self.api("rules?type=record")["data"]["groups"], [])

    def test_errors(self):
        cases = [("query", {"query": "up +"}, 400, "bad_data"),
                 ("query", {"query": "probe_success * on () probe_success"}, 422, "execution"),
                 ("query", {"query": "up", "timeout": "0"}, 503, "timeout"),
                 ("query_range", {"query": "up", "start": 0, "end": 60000, "step": 1}, 400,
                  "bad_data"),
                 ("series", {}, 400, "bad_data")]
        for path, form, status, kind in cases:
            with self.subTest(path=path, form=form):
                answer = self.api(path, form, status)
                self.assertEqual((answer["status"], answer["errorType"]), ("error", kind))

    def test_compressed_and_for_other_origins(self):
        url = f"{self.agent.url}/api/v1/status/config"
        answer = fetch(url, headers={"Accept-Encoding": "gzip", "Origin": "http://grafana"})
        self.assertEqual(answer.headers["Content-Encoding"], "gzip")
        self.assertEqual(answer.headers["Access-Control-Allow-Origin"], "*")
        self.assertIn("integrations", json.loads(gzip.decompress(answer.body))["data"]["yaml"])
        self.assertIsNone(fetch(url).headers.get("Access-Control-Allow-Origin"))
        self.assertEqual(fetch(url, "OPTIONS").status, 204)

    def test_a_slow_query_holds_up_nothing_but_queries(self):
        agent = Agent({}, query={"max_concurrency": 1, "timeout": "5s"})
        self.addCleanup(agent.stop)
        slow = urllib.parse.quote("quantile_over_time(0.5, vector(1)[10h:1s])")
        slow = f"{agent.url}/api/v1/query_range?start=0&end=10000&step=1&query={slow}"
        queued = f"{agent.url}/api/v1/query?query=1&timeout=1ms"
        with concurrent.futures.ThreadPoolExecutor() as pool:
            query = pool.submit(fetch, slow)
            wait.until(lambda: fetch(queued).status == 503, 5, "the slow query has the one thread")
            for path in ("alerts", "rules", "labels", "targets", "status/tsdb"):
                self.assertEqual(fetch(f"{agent.url}/api/v1/{path}").status, 200, path)
            self.assertFalse(query.done())
            self.assertEqual(query.result().json["errorType"], "timeout")

    def test_formats_as_prometheus_does(self):
        server = Prometheus(self.agent.address)
        self.addCleanup(server.stop)
        for expression in LONG:
            with self.subTest(expression):
                asked = "format_query?" + urllib.parse.urlencode({"query": expression})
                self.assertEqual(self.api(asked)["data"], server.api(asked))

    def test_prometheus_writes_into_an_agent(self):
        agent = Agent({}, web={"remote_write_receiver": {"enabled": True}})
        self.addCleanup(agent.stop)
        server = Prometheus(self.agent.address, remote_write=[{"url": f"{agent.url}/api/v1/write"}])
        self.addCleanup(server.stop)

        def values(expression):
            asked = urllib.parse.urlencode({"query": expression})
            found = fetch(f"{agent.url}/api/v1/query?{asked}").json["data"]["result"]
            return {s["metric"].get("integration", ""): s["value"][1] for s in found}
        wait.until(lambda: values('up{job="seamwatch"}') == {"": "1"}, 30, "a sample in the agent")
        wait.until(lambda: values("probe_success") == {"good": "1", "bad": "0"}, 30, "the series")
        self.assertGreater(agent.until_value(lambda v: v > 0,
                                             "seamwatch_remote_write_samples_total"), 0)
        self.assertNotRegex(server.log_text(), "non-recoverable error")

    def test_broken_writes_are_refused(self):
        url = f"{self.agent.url}/api/v1/write"
        good = {"Content-Type": "application/x-protobuf", "Content-Encoding": "snappy"}
        self.assertEqual(fetch(url, "POST", b"\xff" * 50, good).status, 400)
        self.assertEqual(fetch(url, "POST", b"\x00", good).status, 204)
        self.assertEqual(fetch(url, "POST", b"", {"Content-Encoding": "gzip"}).status, 415)
        self.assertEqual(fetch(url, "POST", b"\x00", {
            **good, "Content-Type": "application/x-protobuf;proto=io.prometheus.write.v2.Request"
        }).status, 415)
        self.assertEqual(fetch(url).status, 405)

    def test_no_writes_where_they_are_not_asked_for(self):
        agent = Agent({"good": one_probe(self.nginx.url("/"))})
        self.addCleanup(agent.stop)
        self.assertEqual(fetch(f"{agent.url}/api/v1/write", "POST", b"").status, 404)

    def test_seamwatch_query(self):
        code, out, _ = command("query", "probe_success", "--url", self.agent.url)
        self.assertEqual(code, 0)
        self.assertRegex(out, r'probe_success\{.*integration="good".*\} => 1 @')
        code, out, _ = command("query", "1 + 1", "--url", self.agent.url, "--json")
        self.assertEqual((code, json.loads(out)["data"]["result"][1]), (0, "2"))
        now = int(time.time())
        code, out, _ = command("query", "vector(3)", "--url", self.agent.url, "--start",
                               now - 60, "--end", now, "--step", "30s")
        self.assertEqual((code, out.count("3 @")), (0, 3))
        code, _, err = command("query", "up +", "--url", self.agent.url)
        self.assertEqual(code, 1)
        self.assertIn("1:5: parse error: unexpected end of input", err)
        code, _, err = command("query", "up", "--url", "http://127.0.0.1:1")
        self.assertEqual(code, 1)
        self.assertEqual(command("query", "up", "--start", "1")[0], 2)

    def explain(self, *arguments, url=None):
        code, out, err = command("explain", *arguments, "--url", url or self.agent.url, "--json")
        self.assertEqual((code, err), (0, ""))
        return json.loads(out)

    def test_seamwatch_explain(self):
        alert = self.api("rules?type=alert")["data"]["groups"]
        name = next(rule["name"] for group in alert for rule in group["rules"]
                    if rule["query"].startswith("probe_success == 0"))
        wait.until(lambda: self.explain(name)[0]["alerts"], 30, "the alert")
        explained = self.explain(name)[0]
        self.assertEqual(explained["alerts"][0]["labels"]["integration"], "bad")
        whole, selector = explained["parts"]
        self.assertEqual([sample["labels"]["integration"] for sample in whole["value"]], ["bad"])
        self.assertEqual(len(selector["value"]), 2)
        self.assertEqual([(d["labels"]["integration"], d["why"]) for d in whole["dropped"]],
                         [("good", "1 == 0 is false")])
        then = self.explain(name, "--at", explained["at"])[0]
        self.assertEqual(then["parts"], explained["parts"])
        self.assertEqual(then["alerts"][0]["labels"]["integration"], "bad")
        long_ago = self.explain(name, "--at", "2020-01-01T00:00:00Z")[0]
        self.assertEqual(long_ago["alerts"], [])
        self.assertIn("none did within a day", long_ago["parts"][1]["note"])

    def test_seamwatch_explain_of_what_cannot_be(self):
        url = ["--url", self.agent.url]
        code, _, err = command("explain", "probefails", *url)
        self.assertEqual(code, 1)
        self.assertIn("did you mean ProbeFails?", err)
        self.assertEqual(command("explain", "ProbeFails", *url, "--at", "yesterday")[0], 2)
        self.assertEqual(command("explain", "ProbeFails", *url, "--from", "1")[0], 2)
        self.assertEqual(command("explain", "ProbeFails", "--rules", "rules.yml")[0], 2)
        code, _, err = command("explain", "ProbeFails", "--url", "http://127.0.0.1:1")
        self.assertEqual(code, 1)
        self.assertIn("is --url right?", err)

    def test_seamwatch_explain_of_a_prometheus(self):
        rules = make_folder("rules") / "rules.yml"
        rules.write_text(json.dumps(rule_file(FAILS_RULE)), encoding="utf-8")
        server = Prometheus(self.agent.address, [rules])
        self.addCleanup(server.stop)
        wait.until(lambda: server.query("ALERTS"), 30, "the alert in Prometheus")
        explained = self.explain("ProbeFails", url=server.url)[0]
        self.assertEqual([a["labels"]["integration"] for a in explained["alerts"]], ["bad"])
        self.assertEqual(len(explained["parts"][1]["value"]), 2)


if __name__ == "__main__":
    runner.main()
