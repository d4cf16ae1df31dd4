#!/usr/bin/env python3
"""`seamwatch test rules` and `seamwatch check rules`: exit codes, reports, what a change does under
--watch, and lints beside a server that knows some series."""
import http.server
import json
import subprocess
import threading
import unittest
import urllib.parse
import xml.etree.ElementTree

from harness import runner, wait
from harness.agent import binary, command
from harness.ports import free_port
from harness.process import Process
from harness.workspace import ROOT, make_folder

EXAMPLES = ROOT / "tests/testdata/rules_test"

RULES = """\
groups:
- name: g
  rules:
  - alert: Down
    expr: up == 0
    for: 1m
"""

TESTS = """\
rule_files: [rules.yml]
tests:
- name: goes down
  interval: 1m
  input_series: [{series: 'up{job="shop"}', values: 1 0x9}]
  alert_rule_test:
  - {eval_time: 1m, alertname: Down}
  - {eval_time: 2m, alertname: Down, exp_alerts: [{exp_labels: {job: shop}}]}
- name: stays up
  interval: 1m
  input_series: [{series: up, values: 1x9}]
  alert_rule_test: [{eval_time: 9m, alertname: Down}]
"""


class _Base(unittest.TestCase):
    def setUp(self):
        self.folder = make_folder("rules")

    def write(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return path

    def both(self, rules=RULES, tests=TESTS):
        self.write("rules.yml", rules)
        return self.write("rules_test.yml", tests)


class TestRulesTest(_Base):
    def test_the_examples_pass(self):
        files = sorted(EXAMPLES.glob("*_test.yml"))
        self.assertEqual(len(files), 3)
        code, out, err = command("test", "rules", "--coverage", *files)
        self.assertEqual((code, err), (0, ""), out)
        self.assertIn("7 passed, 0 failed in 3 files", out)
        self.assertIn("coverage: 100.0 % (10 of 10 rules, branches and routes)", out)

    def test_one_cause_pages_once_by_the_rules_that_are_on_by_default(self):
        code, out, err = command("test", "rules", ROOT / "tests/testdata/packs/queue_test.yml")
        self.assertEqual((code, err), (0, ""), out)
        self.assertIn("5 tests passed", out)

    def test_a_failure_shows_a_diff_and_ends_with_1(self):
        path = self.both(tests=TESTS.replace("job: shop", "job: bank"))
        code, out, err = command("test", "rules", path)
        self.assertEqual((code, err), (1, ""))
        self.assertIn("1 test passed, 1 failed", out)
        self.assertIn(f"{path}:8:5: alert Down at 2m: 1 alert expected, 1 fires", out)
        self.assertRegex(out, r'- job="bank"\n +\+ job="shop"\n')

    def test_usage_ends_with_2(self):
        path = self.both()
        for arguments in [[], ["--no-such"], [path, "--run", "("]]:
            with self.subTest(arguments):
                self.assertEqual(command("test", "rules", *arguments)[0], 2)
        self.assertEqual(command("test")[0], 2)
        self.assertIn("match: subset", command("test", "rules", "--help")[1])

    def test_all_faults_of_a_test_file_at_once(self):
        path = self.both(tests=TESTS.replace("1 0x9", "1 x").replace("9m", "9")
                         .replace("name: goes", "nmae: goes"))
        code, out, err = command("test", "rules", path)
        self.assertEqual(code, 1)
        self.assertIn("not run, 3 problems", out)
        for place in ("3:3", "5:53", "12:33"):
            self.assertRegex(err, rf"(?m)^{path}:{place}: .*; ")

    def test_faults_of_rule_files_and_files_that_are_not_there(self):
        path = self.both(rules=RULES.replace("== 0", "=="))
        code, _, err = command("test", "rules", path)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"rules\.yml:5:\d+: .*could not parse expression")
        code, _, err = command("test", "rules", self.folder / "nothing.yml")
        self.assertEqual(code, 1)
        self.assertIn("nothing.yml: No such file", err)
        path = self.both(tests=TESTS.replace("[rules.yml]", "[rules.yml, other*.yml]"))
        code, _, err = command("test", "rules", path)
        self.assertEqual(code, 0)
        self.assertRegex(err, r'warning: .*rules_test.yml:1:25: no rule file matches "other\*.yml"')

    def test_run_chooses_by_name(self):
        path = self.both(tests=TESTS.replace("job: shop", "job: bank"))
        self.assertEqual(command("test", "rules", path, "--run", "^stays")[0], 0)
        self.assertEqual(command("test", "rules", "--run", "^goes", path)[0], 1)
        code, out, err = command("test", "rules", path, "--run", "nonsense")
        self.assertEqual(code, 0)
        self.assertIn("0 tests passed", out)
        self.assertIn("no test has a name", err)

    def test_json(self):
        path = self.both(tests=TESTS.replace("job: shop", "job: bank"))
        code, out, _ = command("test", "rules", "--json", "--coverage", path)
        report = json.loads(out)
        self.assertEqual(code, 1)
        self.assertEqual((report["passed"], report["failed"]), (1, 1))
        failure = report["files"][0]["tests"][0]["failures"][0]
        self.assertEqual((failure["line"], failure["column"]), (8, 5))
        self.assertEqual(report["coverage"]["percent"], 100)

    def test_junit(self):
        path = self.both(tests=TESTS.replace("job: shop", "job: bank"))
        junit = self.folder / "junit.xml"
        self.assertEqual(command("test", "rules", "--junit", junit, path)[0], 1)
        suite = xml.etree.ElementTree.parse(junit).getroot().find("testsuite")
        self.assertEqual((suite.get("tests"), suite.get("failures")), ("2", "1"))
        self.assertEqual([case.get("name") for case in suite], ["goes down", "stays up"])
        code, _, err = command("test", "rules", "--junit", self.folder / "no/such.xml", self.both())
        self.assertEqual(code, 1)
        self.assertIn("cannot write", err)

    def test_coverage_names_what_no_test_reached(self):
        path = self.both(rules=RULES.replace("up == 0", "up == 0 or absent(up)")
                         + "  - {record: r, expr: other}\n")
        code, out, _ = command("test", "rules", "--coverage", path)
        self.assertEqual(code, 0)
        self.assertIn("coverage: 50.0 % (2 of 4 rules and branches)", out)
        self.assertIn('an operand of "or" never gave a sample: absent(up)', out)
        self.assertRegex(out, r"rules\.yml:7:5: recording rule r never gave a result")

    def test_watch_runs_again_when_a_rule_file_changes(self):
        path = self.both()
        process = Process([binary(), "test", "rules", "--watch", path], self.folder / "watch.log")
        self.addCleanup(process.kill)

        def runs():
            return (self.folder / "watch.log").read_text().count("waiting for a change")

        wait.until(lambda: runs() == 1, 20, "the first run")
        self.write("rules.yml", RULES.replace("1m", "5m"))
        wait.until(lambda: runs() == 2, 20, "a run after the change")
        self.assertIn("1 failed", (self.folder / "watch.log").read_text())


NOTIFY = """\
route:
  receiver: all
  group_wait: 30s
  routes:
  - {matchers: [owner="shop"], receiver: shop}
receivers:
- {name: all, webhook_configs: [{url: 'http://h/'}]}
- {name: shop, webhook_configs: [{url: 'http://h/'}]}
"""

ROUTE_TESTS = """\
rule_files: [rules.yml]
notification_file: notify.yml
tests:
- name: goes down
  interval: 1m
  input_series: [{series: 'up{job="shop", owner="shop"}', values: 1 0x9}]
  alert_route_test:
  - {eval_time: 2m, alertname: Down, exp_receivers: [shop]}
  notification_test:
  - eval_time: 5m
    exp_notifications: [{receiver: shop, sent_at: 2m30s, status: firing}]
"""

CONFIG = """\
owners: {shop: {display: The shop}}
systems: {web: {}, erp: {}}
integrations:
  orders: {source: web, target: erp, owner: shop, probes: [{name: p, target: "http://h/"}]}
alerting: {notification_file: notify.yml}
"""


class TestRoutesTest(_Base):
    def routes(self, tests=ROUTE_TESTS):
        self.write("notify.yml", NOTIFY)
        return self.both(tests=tests)

    def test_rules_and_routes_in_one_file(self):
        code, out, err = command("test", "rules", "--coverage", self.routes())
        self.assertEqual((code, err), (0, ""), out)
        self.assertIn("coverage: 66.6 % (2 of 3 rules, branches and routes)", out)
        self.assertIn("notify.yml:2:3: route {} to all: no alert of a test came to it", out)

    def test_a_failure_says_which_route_took_it(self):
        path = self.routes(ROUTE_TESTS.replace("[shop]", "[all]").replace("2m30s", "2m"))
        junit = self.folder / "junit.xml"
        code, out, err = command("test", "rules", "--junit", junit, path)
        self.assertEqual((code, err), (1, ""))
        self.assertIn(f'{path}:8:5: routing of {{alertname="Down", job="shop", owner="shop"}} at 2m'
                      "\n        - receivers: all\n        + receivers: shop\n", out)
        self.assertRegex(out, r"note: taken by the route to shop at .*notify.yml:5:5")
        self.assertIn(f"{path}:10:5: notifications by 5m: 1 expected, 1 sent", out)
        self.assertIn("- sent_at: 2m\n", out)
        suite = xml.etree.ElementTree.parse(junit).getroot().find("testsuite")
        self.assertEqual(len(suite.find("testcase").findall("failure")), 2)
        code, out, _ = command("test", "rules", "--json", "--run", "^goes", path)
        self.assertEqual(json.loads(out)["files"][0]["tests"][0]["checks"], 2)

    def test_a_configuration_adds_owners(self):
        self.write("seamwatch.yml", CONFIG)
        tests = (ROUTE_TESTS.replace("notification_file: notify.yml", "config_file: seamwatch.yml")
                 .replace('owner="shop"', 'integration="orders"'))
        code, out, err = command("test", "rules", self.routes(tests))
        self.assertEqual((code, err), (0, ""), out)
        self.write("seamwatch.yml", CONFIG.replace("alerting: {notification_file: notify.yml}", ""))
        code, _, err = command("test", "rules", self.routes(tests))
        self.assertEqual(code, 1)
        self.assertRegex(err, r"rules_test.yml:2:14: this configuration names no notification file")

    def test_noise_control_is_that_of_the_agent(self):
        """Three integrations through a bank that is down are one notice, unless it is switched
        off: by the configuration, the test file or the command line."""
        self.write("rules.yml", "groups: [{name: g, rules: [{alert: Down, "
                                "expr: 'seamwatch_integration_state{state=\"down\"} == 1'}]}]")
        self.write("notify.yml", NOTIFY.replace("group_wait", "group_by: ['...']\n  group_wait"))

        def verdict(alert, count, noise="", more="", *arguments):
            self.write("seamwatch.yml", "systems: {shop: {}, bank: {}}\n"
                       "default_rules: false\n"
                       f"notification: {{noise: {{{noise}}}}}\n"
                       "alerting: {notification_file: notify.yml}\nintegrations:\n" + "".join(
                           f"  {name}: {{source: shop, target: bank}}\n" for name in "abc"))
            path = self.write("t.yml", "rule_files: [rules.yml]\nconfig_file: seamwatch.yml\n" + more
                              + "tests:\n- interval: 1m\n  input_series:\n" + "".join(
                                  f"  - {{series: 'seamwatch_integration_state{{integration=\"{name}\","
                                  "state=\"down\"}', values: 0x4 1x20}\n" for name in "abc")
                              + "  notification_test:\n  - eval_time: 10m\n    exp_notifications:\n"
                              + f"    - {{receiver: all, exp_alerts: [{{exp_labels: {alert}}}]}}\n"
                              * count)
            code, out, err = command("test", "rules", *arguments, path)
            self.assertEqual(err, "")
            return code, out

        down = "{alertname: SystemDown, system: bank, criticality: non-critical}"
        self.assertEqual(verdict(down, 1)[0], 0, verdict(down, 1)[1])
        for more in [("dependencies: {enabled: false}",), ("", "noise_control: false\n"),
                     ("", "", "--no-noise-control")]:
            with self.subTest(more):
                code, out = verdict(down, 1, *more)
                self.assertEqual(code, 1)
                self.assertIn("1 expected, 3 sent", out)
        code, out = verdict("{alertname: Down}", 3)
        self.assertEqual(code, 1)
        self.assertIn("held: system bank is down, SystemDown tells of its 3 integrations", out)

    def test_faults_of_the_notification_file(self):
        path = self.routes()
        self.write("notify.yml", NOTIFY.replace("receiver: shop}", "receiver: shpo}"))
        code, out, err = command("test", "rules", path)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"notify.yml:5:\d+: .*shpo")
        path = self.routes(ROUTE_TESTS.replace("notify.yml", "other.yml"))
        code, out, err = command("test", "rules", path)
        self.assertEqual(code, 1)
        self.assertRegex(err, r"other.yml: .*No such file")

    def test_watch_runs_again_when_the_notification_file_changes(self):
        path = self.routes()
        process = Process([binary(), "test", "rules", "--watch", path], self.folder / "watch.log")
        self.addCleanup(process.kill)

        def runs():
            return (self.folder / "watch.log").read_text().count("waiting for a change")

        wait.until(lambda: runs() == 1, 20, "the first run")
        self.write("notify.yml", NOTIFY.replace("30s", "10s"))
        wait.until(lambda: runs() == 2, 20, "a run after the change")
        self.assertIn("1 failed", (self.folder / "watch.log").read_text())


class _SeriesApi(http.server.BaseHTTPRequestHandler):
    """Knows the series of `up` alone."""

    def do_GET(self):
        url = urllib.parse.urlsplit(self.path)
        matcher = urllib.parse.parse_qs(url.query).get("match[]", [""])[0]
        if url.path != "/api/v1/series":
            self.send_error(404)
            return
        found = [{"__name__": "up"}] if matcher.startswith("up") else []
        body = json.dumps({"status": "success", "data": found}).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass


class CheckRulesTest(_Base):
    def test_lints_are_warnings(self):
        path = self.write("r.yml", RULES.replace("up == 0", "count(up) == 0"))
        code, out, err = command("check", "rules", path)
        self.assertEqual(code, 0)
        self.assertIn("good: 1 rule", out)
        self.assertRegex(err, rf"(?m)^warning: {path}:4:5: Down: never fires: .*; .* "
                              r"\[never-holds\]$")
        self.assertEqual(command("check", "rules", "--lint-fatal", path)[0], 3)
        self.assertEqual(command("check", "rules", "--lint-fatal", "--lint", "none", path)[0], 0)
        self.assertEqual(command("check", "rules", "--lint-fatal", "--lint",
                                 "missing-for,duplicate-rules", path)[0], 0)

    def test_no_file_is_the_standard_input(self):
        done = subprocess.run([binary(), "check", "rules"], input=RULES, capture_output=True,
                              text=True, check=False)
        self.assertEqual((done.returncode, done.stdout), (0, "standard input: good: 1 rule\n"))
        done = subprocess.run([binary(), "check", "rules"], input=RULES.replace("== 0", "=="),
                              capture_output=True, text=True, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertRegex(done.stderr, r"(?m)^standard input:5:\d+: ")

    def test_keys_of_others_are_ignored_where_asked(self):
        path = self.write("r.yml", RULES.replace("- name: g", "- name: g\n  namespace: x"))
        code, _, err = command("check", "rules", path)
        self.assertEqual(code, 1)
        self.assertIn('unknown key "namespace"', err)
        self.assertEqual(command("check", "rules", "--ignore-unknown-fields", path)[0], 0)
        tests = self.write("t.yml", TESTS.replace("rules.yml", "r.yml"))
        self.assertEqual(command("test", "rules", tests)[0], 1)
        self.assertEqual(command("test", "rules", "--ignore-unknown-fields", tests)[0], 0)

    def test_a_comment_silences(self):
        path = self.write("r.yml", RULES.replace("up == 0", "count(up) == 0")
                          .replace("  - alert", "  # seamwatch:ignore never-holds\n  - alert"))
        self.assertEqual(command("check", "rules", path)[2], "")

    def test_usage(self):
        path = self.write("r.yml", RULES)
        code, _, err = command("check", "rules", "--lint", "missing-fro", path)
        self.assertEqual(code, 2)
        self.assertIn("did you mean missing-for?", err)
        self.assertEqual(command("check", "rules", "--retention", "soon", path)[0], 2)
        self.assertIn("never-holds", command("check", "rules", "--help")[1])

    def test_json(self):
        good = self.write("good.yml", RULES.replace("    for: 1m\n", ""))
        bad = self.write("bad.yml", RULES.replace("for:", "fro:"))
        code, out, err = command("check", "rules", "--json", good, bad)
        self.assertEqual((code, err), (1, ""))
        first, second = json.loads(out)["files"]
        self.assertEqual((first["good"], first["rules"]), (True, 1))
        self.assertEqual(first["warnings"][0]["code"], "missing-for")
        self.assertEqual((second["good"], second["problems"][0]["line"]), (False, 6))

    def test_selectors_without_series(self):
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _SeriesApi)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        url = f"http://127.0.0.1:{server.server_port}"
        path = self.write("r.yml", RULES.replace("up == 0", 'up{a="b c"} == 0 or dwon > 1 or '
                                                 "absent(gone) or recorded")
                          + "  - {record: recorded, expr: up}\n")
        code, _, err = command("check", "rules", "--url", url + "/", path)
        self.assertEqual(code, 0)
        self.assertEqual(err.count("[no-series]"), 1, err)
        self.assertIn("no series for dwon", err)
        code, _, err = command("check", "rules", "--url", url + "/elsewhere", path)
        self.assertEqual(code, 1)
        self.assertIn("status 404", err)
        code, _, err = command("check", "rules", "--url", f"http://127.0.0.1:{free_port()}", path)
        self.assertEqual(code, 1)
        self.assertIn("seamwatch: http://127.0.0.1:", err)

    def test_experimental_features(self):
        self.write("r.yml", "groups: [{name: g, rules: [{record: r, "
                            "expr: 'sum(info(x)) + max_of(1, 2)'}]}]")
        path = self.write("t.yml", "rule_files: [r.yml]\ntests:\n"
                                   "- input_series: [{series: 'x{job=\"j\"}', values: '3 3'}]\n"
                                   "  promql_expr_test:\n"
                                   "  - {expr: 'r + start() * 0', eval_time: 1m, "
                                   "exp_samples: [{labels: '{}', value: 5}]}\n")
        code, _, err = command("test", "rules", path)
        self.assertEqual(code, 1)
        self.assertIn('function "info" is not enabled', err)
        self.assertIn('function "start" is not enabled', err)
        code, out, err = command("test", "rules", "--enable-feature=promql-experimental-functions",
                                 path)
        self.assertEqual((code, err), (0, ""), out)


if __name__ == "__main__":
    runner.main()
