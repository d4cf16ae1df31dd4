#!/usr/bin/env python3
"""The command line: exit codes 0 good, 1 found wrong, 2 usage; messages with place and remedy."""
import http.server
import json
import pathlib
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest

from harness import runner
from harness.agent import binary, command
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.ports import free_port
from harness.rogue import RogueServer
from harness.workspace import ROOT, make_folder

GOOD = """\
global: {interval: 10s}
systems: {shop: {}, erp: {}}
integrations:
  orders:
    source: shop
    target: erp
    probes:
      - {name: api, target: "http://127.0.0.1:1/"}
"""


class _Base(unittest.TestCase):
    def setUp(self):
        self.folder = make_folder("cli")

    def write(self, text, name="seamwatch.yml"):
        path = self.folder / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return path

    def test_windows_of_a_silence_that_does_not_recur_are_refused(self):
        for option, value in [("--window", "1h"), ("--time-zone", "UTC")]:
            code, _, err = command("silence", "add", "X", "-c", "x", option, value,
                                   "--url", "http://127.0.0.1:1")
            self.assertEqual(code, 2, err)
            self.assertIn(f"{option} is of a silence that recurs", err)

    def run_good(self, *arguments, **more):
        code, out, err = command(*arguments, **more)
        self.assertEqual((code, err), (0, ""), out)
        return out


class UsageTest(_Base):
    def test_exit_code_2_and_a_hint(self):
        for arguments in [[], ["no-such-command"], ["check"], ["check", "config"],
                          ["check", "nonsense", "x"], ["classify"], ["classify", "http"],
                          ["probe"], ["run", "--no-such-option"], ["probe", "a b://", "--timeout"]]:
            with self.subTest(arguments):
                code, out, err = command(*arguments)
                self.assertEqual(code, 2, out + err)
                self.assertTrue((out + err).strip())

    def test_an_unknown_subcommand_is_named_with_the_nearest(self):
        for arguments, want in [
                (["quary", "up"], "there is no subcommand quary; did you mean query?"),
                (["check", "confg", "x"],
                 "there is no subcommand check confg; did you mean check config?"),
                (["silence", "zzzzzz"], "there is no subcommand silence zzzzzz")]:
            with self.subTest(arguments):
                code, out, err = command(*arguments)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(want + "\n", err)
                self.assertIn("--help", err)

    def test_an_unknown_option_is_told_with_the_nearest(self):
        for arguments, want in [
                (["run", "--confg", "a.yml"], "Did you mean --config?\n"),
                (["run", "a.yml"], ""),
                (["silence", "add", "--coment", "x", "a=b"], "Did you mean --comment?\n"),
                (["alerts", "--zzzzzzzz"], "")]:
            with self.subTest(arguments):
                code, out, err = command(*arguments)
                self.assertEqual((code, out), (2, ""))
                self.assertIn("not expected", err)
                self.assertTrue(err.endswith("Run with --help for more information.\n" + want), err)

    def test_help_and_version(self):
        for arguments in [["--help"], ["run", "--help"], ["check", "config", "--help"]]:
            with self.subTest(arguments):
                self.assertIn("--help", self.run_good(*arguments))
        for name in ("run", "alerts", "ack", "probe", "classify", "query", "replay", "explain"):
            self.assertIn("Exit codes: 0", self.run_good(name, "--help"), name)
        self.assertIn("Exit codes: 0", self.run_good("silence", "add", "--help"))
        lines = self.run_good("--help").split("Subcommands:\n")[1].split("\n\n")[0].splitlines()
        self.assertEqual([line for line in lines if line.startswith("   ")], [],
                         "a line each, with the name before it")
        self.assertRegex(self.run_good("--version"), r"^seamwatch \d+\.\d+\.\d+\n$")


class WrongServerTest(_Base):
    """What answers is a web server, which takes anything and answers with a page."""

    @classmethod
    def setUpClass(cls):
        class Page(http.server.BaseHTTPRequestHandler):
            def answer(self):
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                body = b"" if self.path.startswith("/empty/") else b"<html>Welcome!</html>"
                body = b'{"status":"fine"}' if self.path.startswith("/object/") else body
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if body:  # else the client may be gone already
                    self.wfile.write(body)

            do_GET = do_POST = do_DELETE = answer  # noqa: names of http.server

            def log_message(self, *_):
                pass

        cls.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)
        threading.Thread(target=cls.server.serve_forever, args=(0.02,), daemon=True).start()
        cls.addClassCleanup(cls.server.server_close)
        cls.addClassCleanup(cls.server.shutdown)  # first: the last added

    def test_every_subcommand_says_so(self):
        prometheus = "is neither an agent nor a Prometheus; check --url"
        alertmanager = "is neither an agent nor an Alertmanager; check --url"
        ours = "is no Seamwatch agent; check --url"
        for arguments, want in [
                (["query", "up"], prometheus), (["explain", "Down"], prometheus),
                (["alerts"], alertmanager), (["alerts", "--json"], alertmanager),
                (["silence", "query"], alertmanager),
                (["silence", "add", "a=b", "--comment", "c"], alertmanager),
                (["silence", "update", "1", "--comment", "c"], alertmanager),
                (["ack", "--list"], ours), (["ack", "a=b"], ours), (["notify", "dead"], ours),
                (["errors"], ours),
                (["notify", "redrive", "--all"], ours)]:
            for kind in ("page", "empty", "object"):
                with self.subTest(f"{arguments} {kind}"):
                    url = f"http://127.0.0.1:{self.server.server_port}/{kind}"
                    code, out, err = command(*arguments, "--url", url)
                    self.assertEqual((code, out), (1, ""))
                    self.assertRegex(err, rf"^seamwatch: (1: )?what answers at {url} {want}\n$")


class CheckConfigTest(_Base):
    def test_good(self):
        out = self.run_good("check", "config", self.write(GOOD))
        self.assertIn("2 systems, 1 integration, 1 probe", out)

    def test_the_shipped_example_is_good(self):
        self.run_good("check", "config", ROOT / "agent/config/example.yml")

    def test_faults_have_place_and_remedy(self):
        for name, old, new, want in [
                ("unknown key", "interval:", "intervall:", r":1:10: .*intervall.*; "),
                ("unit missing", "10s", "10", r":1:20: .*; "),
                ("unknown system", "target: erp", "target: epr", r":6:13: .*epr.*; "),
                ("no YAML", "systems: {", "systems: [", r":\d+:\d+: .*"),
                ("unknown module", "name: api", "name: api, module: nope", r":8:29: .*nope.*; "),
                ("probe target", '"http://127.0.0.1:1/"', '"http://"', r":8:29: .*; ")]:
            with self.subTest(name):
                path = self.write(GOOD.replace(old, new))
                code, out, err = command("check", "config", path)
                self.assertEqual((code, out), (1, ""))
                self.assertRegex(err, str(path) + want)

    def test_all_faults_at_once(self):
        path = self.write(GOOD.replace("10s", "10").replace("source: shop", "source: shpo")
                          .replace("name: api", "nmae: api"))
        code, _, err = command("check", "config", path)
        self.assertEqual(code, 1)
        for line in (1, 5, 8):
            self.assertRegex(err, rf"(?m)^{path}:{line}:\d+: ")

    def test_a_file_that_is_not_there(self):
        code, _, err = command("check", "config", self.folder / "nothing.yml")
        self.assertEqual(code, 1)
        self.assertIn("nothing.yml", err)

    def test_rule_files_are_checked_too(self):
        rules = self.write("groups:\n- name: g\n  rules:\n  - alert: A\n    expr: up ==\n",
                           "rules.yml")
        code, _, err = command("check", "config", self.write(GOOD + "rule_files: [rules.yml]\n"))
        self.assertEqual(code, 1)
        self.assertIn(f"{rules}:5:", err)

    def test_secrets_stay_out_of_messages(self):
        path = self.write(GOOD + "modules:\n  m:\n    prober: http\n    http:\n"
                          "      bearer_token: hunter2-hunter2\n      nonsense: 1\n")
        code, out, err = command("check", "config", path)
        self.assertEqual(code, 1)
        self.assertNotIn("hunter2", out + err)

    def test_several_files(self):
        good, bad = self.write(GOOD), self.write("nonsense: 1\n", "bad.yml")
        code, out, err = command("check", "config", good, bad)
        self.assertEqual(code, 1)
        self.assertIn("seamwatch.yml: good", out)
        self.assertIn("bad.yml:1:1: ", err)

    def test_faults_of_all_files_at_once(self):
        """Where seamwatch.yml has a fault, those of the files that it names are told as well."""
        rules = self.write("groups: [{name: g, rules: [{alert: A, expr: up ==}]}]", "rules.yml")
        notify = self.write("route: {receiver: nobody}\nreceivers: []\n", "notify.yml")
        path = self.write("nonsense: 1\nrule_files: [rules.yml]\n"
                          "alerting: {notification_file: notify.yml}\n")
        code, _, err = command("check", "config", path)
        self.assertEqual(code, 1)
        for place in (f"{path}:1:1: ", f"{rules}:1:", f"{notify}:1:"):
            self.assertIn(place, err)

    def test_json(self):
        good = self.write(GOOD)
        self.assertEqual(json.loads(self.run_good("check", "config", good, "--json")), [])
        bad = self.write("nonsense: 1\nrule_files: [none*.yml]\n", "bad.yml")
        code, out, err = command("check", "config", "--json", good, bad)
        self.assertEqual((code, err), (1, ""))
        self.assertEqual(json.loads(out), [
            {"file": str(bad), "line": 1, "column": 1, "severity": "error",
             "message": 'unknown key "nonsense" in configuration', "remedy": "remove it"},
            {"file": str(bad), "line": 2, "column": 14, "severity": "warning",
             "message": '"none*.yml" matches no file, so nothing is read',
             "remedy": "correct it, or add the files"}])
        for kind, text in [("notify", "route: {receiver: b}\nreceivers: [{name: a}]\n"),
                           ("modules", "modules: {m: {prober: http, http: {nonsense: 1}}}")]:
            with self.subTest(kind):
                path = self.write(text, "other.yml")
                code, out, err = command("check", kind, "--json", path)
                self.assertEqual((code, err), (1, ""))
                found = json.loads(out)
                self.assertEqual([(one["file"], one["line"], one["severity"]) for one in found],
                                 [(str(path), 1, "error")])

    def test_schema_is_json(self):
        schema = json.loads(self.run_good("check", "config", "--schema"))
        self.assertIn("integrations", schema["properties"])


class CheckOthersTest(_Base):
    def test_rules(self):
        good = self.write("groups: [{name: g, rules: [{alert: A, expr: up == 0, for: 1m}]}]",
                          "good.yml")
        self.assertIn("1 rule", self.run_good("check", "rules", good))
        bad = self.write("groups:\n- name: g\n  rules:\n"
                         "  - alert: A\n    expr: up ==\n    fro: 5m\n", "bad.yml")
        code, _, err = command("check", "rules", bad)
        self.assertEqual(code, 1)
        self.assertRegex(err, rf"{bad}:6:\d+: .*fro")

    def test_rules_with_experimental_features(self):
        path = self.write("groups: [{name: g, rules: ["
                          "{record: a, expr: 'mad_over_time(up[5m])'},"
                          "{record: b, expr: 'up + fill(0) rate(x_total[5m * 2] smoothed)'}]}]", "r.yml")
        code, _, err = command("check", "rules", path)
        self.assertEqual(code, 1)
        self.assertIn('1:1: parse error: function "mad_over_time" is not enabled', err)
        all_of_it = ["--enable-feature=promql-experimental-functions,promql-duration-expr",
                     "--enable-feature", "promql-binop-fill-modifiers",
                     "--enable-feature=promql-extended-range-selectors"]
        self.assertIn("2 rules", self.run_good("check", "rules", *all_of_it, path))
        code, out, err = command("check", "rules", "--enable-feature=promql-typo,native-histograms",
                                 *all_of_it, path)
        self.assertEqual(code, 0)
        self.assertIn("warning: unknown option for --enable-feature: promql-typo; there are "
                      "promql-binop-fill-modifiers, ", err)
        self.assertIn("that Seamwatch does not have: native-histograms", err)

    def test_a_config_with_experimental_features(self):
        self.write("groups: [{name: g, rules: [{record: a, expr: 'mad_over_time(up[5m])'}]}]",
                   "r.yml")
        path = self.write("rule_files: [r.yml]\n")
        code, _, err = command("check", "config", path)
        self.assertEqual(code, 1)
        self.assertIn('function "mad_over_time" is not enabled', err)
        path = self.write("rule_files: [r.yml]\nquery:\n"
                          "  enable_features: [promql-experimental-functions, nonsense]\n")
        code, out, err = command("check", "config", path)
        self.assertEqual(code, 0, err)
        self.assertRegex(err, r"warning: .*seamwatch.yml:3:\d+: unknown option for "
                              r"--enable-feature: nonsense; there are ")

    def test_notify(self):
        good = self.write("route: {receiver: a}\nreceivers: [{name: a}]\n", "good.yml")
        self.assertIn("1 receiver", self.run_good("check", "notify", good))
        lost = self.write("route: {receiver: a}\nreceivers: [{name: a}]\n"
                          "templates: [none/*.tmpl, good.yml]\n", "lost.yml")
        code, _, err = command("check", "notify", lost)
        self.assertEqual(code, 0)
        self.assertIn('none/*.tmpl" of templates matches no file, so nothing is read; correct it, '
                      "or add the files\n", err)
        self.assertNotIn("good.yml", err)
        bad = self.write("route: {receiver: b}\nreceivers: [{name: a}]\n", "bad.yml")
        code, _, err = command("check", "notify", bad)
        self.assertEqual(code, 1)
        self.assertRegex(err, rf"{bad}:1:\d+: ")

    def test_modules(self):
        good = self.write("modules: {m: {prober: http, http: {valid_status_codes: [204]}}}",
                          "good.yml")
        self.run_good("check", "modules", good)
        bad = self.write("modules: {m: {prober: http, http: {valid_status_code: [204]}}}",
                         "bad.yml")
        code, _, err = command("check", "modules", bad)
        self.assertEqual(code, 1)
        self.assertRegex(err, rf"{bad}:1:\d+: .*valid_status_code")


class ClassifyTest(_Base):
    def test_one_signal(self):
        for arguments, persistence, category, words in [
                (["http", "429"], "transient", "throttled", "HTTP 429 Too Many Requests"),
                (["http", "503"], "transient", "unavailable", "HTTP 503 Service Unavailable"),
                (["http", "404"], "depends", "not_found", "HTTP 404 Not Found"),
                (["http", "403"], "persistent", "authorization", "HTTP 403 Forbidden"),
                (["errno", "ECONNREFUSED"], "depends", "network", "connection refused"),
                (["x509", "X509_V_ERR_CERT_HAS_EXPIRED(10)"], "persistent", "tls",
                 "the certificate has expired"),
                (["http", "400", "when=Retry-After present"], "transient", "throttled",
                 "HTTP 400 Bad Request")]:
            with self.subTest(arguments):
                out = self.run_good("classify", *arguments)
                self.assertIn(f"in words: {words}\n", out)
                self.assertIn(f"persistence: {persistence}\n", out)
                self.assertIn(f"category: {category}\n", out)
                self.assertRegex(out, r"source: \S")
                got = json.loads(self.run_good("classify", *arguments, "--json"))
                self.assertEqual((got["persistence"], got["category"], got["words"]),
                                 (persistence, category, words))

    def test_an_unknown_signal_is_said_to_be_unknown(self):
        for arguments, says in [
                (["http", "299"], ""), (["http", "abc"], ""),
                (["htp", "503"], 'there is no table for protocol "htp"; did you mean "http"?\n'),
                (["nosuch", "X"],
                 'there is no table for protocol "nosuch"; write one of amqp0-9-1, check, ')]:
            with self.subTest(arguments):
                code, out, err = command("classify", *arguments)
                self.assertEqual(code, 1)
                self.assertEqual(err[:len("seamwatch: ") + len(says)],
                                 "seamwatch: " + says if says else "")
                self.assertNotIn("confidence: documented", out)

    def test_what_would_be_ignored_is_usage(self):
        code, out, err = command("classify", "http", "400", "Retry-After")
        self.assertEqual((code, out), (2, ""))
        self.assertIn('"Retry-After" says nothing; write name=... or when=...', err)
        code, out, _ = command("classify", "--tsv", "-", "--json", text="http\t429\n")
        self.assertEqual((code, out), (2, ""))

    def test_a_row_without_a_signal_is_said(self):
        code, out, err = command("classify", "--tsv", "-", text="http\t429\nhttp\nhttp\t\tx\n")
        self.assertEqual(code, 1)
        self.assertEqual(len(out.splitlines()), 3)
        self.assertEqual([line.split(" ")[1] for line in err.splitlines()],
                         ["input:2:1:", "input:3:1:"])

    def test_rows(self):
        rows = ("protocol\tsignal\tcontext\textra\n"
                "http\t429\tname=Too Many Requests; when=Retry-After present\tignored\n"
                "\n"
                "errno\tECONNREFUSED\t\r\n"
                "nonsense\tWHAT\t\n"
                "http\t404")
        want = ("http\t429\ttransient\tthrottled\n"
                "errno\tECONNREFUSED\tdepends\tnetwork\n")
        out = self.run_good("classify", "--tsv", "-", text=rows)
        self.assertTrue(out.startswith(want), out)
        self.assertEqual(len(out.splitlines()), 4)
        self.assertTrue(out.splitlines()[2].startswith("nonsense\tWHAT\t"))
        self.assertTrue(out.endswith("http\t404\tdepends\tnot_found\n"))
        self.assertEqual(self.run_good("classify", "--tsv", self.write(rows, "rows.tsv")), out)

    def test_rows_of_a_file_that_is_not_there(self):
        code, _, err = command("classify", "--tsv", self.folder / "nothing.tsv")
        self.assertEqual(code, 1)
        self.assertIn("nothing.tsv", err)


class Flaky:
    """A server that fails what it is asked first, and then is well."""

    def __init__(self, retry_after=None):
        self.asked = 0
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.asked += 1
                self.send_response(404 if outer.asked == 1 else 200)
                if retry_after:
                    self.send_header("Retry-After", retry_after)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}/"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,))
        self._thread.start()

    def close(self):
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()


class Scripted:
    """Answers each request with `parts`: bytes to send, and seconds to wait."""

    def __init__(self, *parts):
        self._parts = parts
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/"
        threading.Thread(target=self._serve, daemon=True).start()

    def _serve(self):
        try:
            while True:
                peer, _ = self._listener.accept()
                with peer:
                    peer.recv(65536)
                    for part in self._parts:
                        if isinstance(part, float):
                            threading.Event().wait(part)  # a slow peer
                        else:
                            peer.sendall(part)
        except OSError:
            pass  # closed

    def close(self):
        self._listener.close()


class ProbeTest(_Base):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority(make_folder("tls"))
        cls.nginx = Nginx({"good": cls.authority.good()})
        cls.addClassCleanup(cls.nginx.stop)

    def test_a_good_target_is_explained(self):
        out = self.run_good("probe", self.nginx.url("/moved"))
        self.assertIn("success", out)
        self.assertRegex(out, "(?i)connect")
        self.assertIn("302", out)

    def test_a_failing_target_names_phase_signal_and_verdict(self):
        code, out, _ = command("probe", self.nginx.url("/429-later"))
        self.assertEqual(code, 1)
        for line in [r"signal:\s+HTTP 429", r"category:\s+throttled", r"persistence:\s+transient",
                     r"retry after:\s+1 min"]:
            self.assertRegex(out, line)

    def test_a_configured_probe_by_its_integration(self):
        config = self.write(
            "systems: {shop: {}, erp: {}}\n"
            "modules: {moved: {prober: http, http: {valid_status_codes: [302], "
            "follow_redirects: false}}}\n"
            "integrations:\n"
            "  orders: {source: shop, target: erp, probes: [\n"
            f"    {{name: api, module: moved, target: '{self.nginx.url('/moved')}'}},\n"
            "    {name: job, heartbeat: {key: k, every: 1h}}]}\n"
            "  two: {source: shop, target: erp, probes: [\n"
            f"    {{name: a, target: '{self.nginx.url('/moved')}'}},\n"
            f"    {{name: b, target: 'tcp://127.0.0.1:{free_port()}'}}]}}\n"
            "  job: {source: shop, target: erp, probes: [\n"
            "    {name: job, heartbeat: {key: l, every: 1h}}]}\n")
        for name in ("orders", "orders/api"):
            self.assertIn("success", self.run_good("probe", name, "--config", config))
        code, out, _ = command("probe", "two/b", "--config", config, "--once")
        self.assertEqual(code, 1)
        self.assertRegex(out, r"what failed:\s+connection refused")
        for name, want in [("two", "name one of its probes: two/a, two/b"),
                           ("two/c", "name one of its probes: two/a, two/b"),
                           ("job", "integration job only waits to be pinged"),
                           ("nobody", 'no address, and no integration of --config: "nobody"')]:
            with self.subTest(name):
                code, out, err = command("probe", name, "--config", config)
                self.assertEqual((code, out), (2, ""))
                self.assertIn(want, err)

    def test_a_configured_probe_is_tried_again_as_the_agent_does(self):
        flaky, patient = Flaky(), Flaky(retry_after="1")
        self.addCleanup(flaky.close)
        self.addCleanup(patient.close)
        config = self.write(
            "systems: {shop: {}, erp: {}}\n"
            "integrations:\n"
            "  orders: {source: shop, target: erp, retry_budget: 500ms, probes: [\n"
            f"    {{name: never, target: '{flaky.url}', confirm_retries: 0}},\n"
            f"    {{name: once, target: 'tcp://127.0.0.1:{free_port()}', confirm_retries: 1}},\n"
            f"    {{name: patient, target: '{patient.url}'}}]}}\n")
        code, out, err = command("probe", "orders/never", "--config", config)
        self.assertEqual((code, err, flaky.asked), (1, "", 1), out)
        self.assertNotIn("tried again", out)
        code, out, _ = command("probe", "orders/once", "--config", config)
        self.assertEqual(code, 1)
        self.assertIn(", tried again 1 time\n", out)
        # Its peer asks for a longer wait than the integration has patience for.
        code, out, _ = command("probe", "orders/patient", "--config", config)
        self.assertEqual((code, patient.asked), (1, 1), out)

    def test_with_a_module_the_target_is_an_address(self):
        config = self.write(
            GOOD + f"  localhost: {{source: shop, target: erp, probes: [{{name: port, target: "
            f"'tcp://127.0.0.1:{self.nginx.port}'}}]}}\n"
            "modules: {page: {prober: http, timeout: 300ms}}\n")
        out = self.run_good("probe", "localhost", "--config", config)
        self.assertIn(f"127.0.0.1:{self.nginx.port}: success", out)
        out = command("probe", "localhost", "--config", config, "--module", "page", "--once")[1]
        self.assertRegex(out, r"(?m)^localhost: (failed|success) in")

    def test_no_secret_of_the_target_is_shown(self):
        for target in [f"http://user:pa55word@127.0.0.1:{free_port()}/x?token=abc123",
                       "ftp://user:pa55word@127.0.0.1/x?token=abc123",
                       "http://user:pa55word@127.0.0.1:bad/x?token=abc123"]:
            for more in [[], ["--json"], ["--module", "tcp_connect"]]:
                with self.subTest(target + " ".join(more)):
                    code, out, err = command("probe", target, "--once", *more)
                    self.assertIn(code, (1, 2))
                    self.assertNotRegex(out + err, "pa55word|abc123")

    def test_words_of_the_peer_in_another_encoding(self):
        slow = Scripted(b"HTTP/1.1 200 Gr\xfc\xdfe\r\nContent-Length: 2\r\n\r\n", b"ok")
        self.addCleanup(slow.close)
        got = json.loads(self.run_good("probe", slow.url, "--json"))
        self.assertTrue(any("Gr\ufffd\ufffde" in step for step in got["steps"]), got["steps"])

    def test_where_the_time_went(self):
        slow = Scripted(0.3, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n", 0.2, b"ok")
        self.addCleanup(slow.close)
        out = self.run_good("probe", slow.url)
        found = re.search(r"processing ([0-9.]+) ms, transfer ([0-9.]+) ms", out)
        self.assertTrue(found, out)
        self.assertGreaterEqual(float(found[1]), 290)
        self.assertGreaterEqual(float(found[2]), 190)

    def test_the_first_attempt_is_shown_at_once(self):
        process = subprocess.Popen([binary(), "probe", f"127.0.0.1:{free_port()}"],
                                   stdout=subprocess.PIPE, text=True)
        with process:
            began = time.monotonic()
            line = process.stdout.readline()
            while "tried again" not in line and line:
                line = process.stdout.readline()
            self.assertLess(time.monotonic() - began, 1.5)
            process.terminate()

    def test_a_target_as_a_configuration_takes_it(self):
        self.run_good("probe", f"tcp://127.0.0.1:{self.nginx.port}")
        self.run_good("probe", f"TCP://127.0.0.1:{self.nginx.port}")
        upper = self.nginx.url("/").replace("http", "HTTP")
        self.run_good("probe", upper)
        self.run_good("check", "config", self.write(GOOD.replace("http://127.0.0.1:1/", upper)))

    def test_json(self):
        got = json.loads(self.run_good("probe", self.nginx.url("/"), "--json"))
        self.assertTrue(got["success"])
        names = {m["name"] for m in got["metrics"]}
        self.assertLessEqual({"probe_http_status_code", "probe_http_duration_seconds"}, names)

    def test_a_module_of_a_config_file(self):
        config = self.write("modules: {own: {prober: http, http: {tls_config: {ca_file: "
                            f"{self.authority.ca_file}}}}}}}}}\n")
        url = self.nginx.url("/", tls="good")
        self.run_good("probe", url, "--config", config, "--module", "own")
        code, out, _ = command("probe", url)
        self.assertEqual(code, 1)
        self.assertRegex(out, r"category:\s+tls")

    def test_modules_of_blackbox_exporter(self):
        modules = self.write("modules: {own: {prober: http, http: {valid_status_codes: [429]}}}\n",
                             "blackbox.yml")
        self.run_good("probe", self.nginx.url("/429-later"), "--modules", modules,
                      "--module", "own")

    def test_a_fault_that_may_pass_is_confirmed(self):
        flaky = Flaky()
        self.addCleanup(flaky.close)
        got = json.loads(self.run_good("probe", flaky.url, "--json"))
        self.assertTrue(got["success"])
        self.assertIn("404", got["cleared_on_retry"]["signal"])
        flaky.asked = 0
        code, out, _ = command("probe", flaky.url, "--once", "--json")
        self.assertEqual((code, flaky.asked), (1, 1))
        self.assertIn("404", json.loads(out)["signal"])

    def test_port_timeout_and_usage(self):
        self.run_good("probe", f"127.0.0.1:{self.nginx.port}")
        code, out, _ = command("probe", f"127.0.0.1:{free_port()}")
        self.assertEqual(code, 1)
        self.assertIn("ECONNREFUSED", out)
        rogue = RogueServer()
        self.addCleanup(rogue.close)
        code, out, _ = command("probe", rogue.url("hang"), "--timeout", "300ms", timeout=5)
        self.assertEqual(code, 1)
        self.assertRegex(out, r"category:\s+timeout")
        self.assertEqual(command("probe", self.nginx.url("/"), "--module", "nope")[0], 2)
        self.assertEqual(command("probe", self.nginx.url("/"), "--timeout", "soon")[0], 2)


class RunTest(_Base):
    def test_a_bad_config_ends_with_1_and_the_place(self):
        path = self.write(GOOD.replace("interval:", "intervall:"))
        code, _, err = command("run", "--config", path, "--storage", self.folder / "data",
                               "--listen", "127.0.0.1:0")
        self.assertEqual(code, 1)
        self.assertRegex(err, rf"{path}:1:10: ")
        self.assertFalse((self.folder / "data").exists(), "a refused start leaves nothing behind")

    def test_a_demo_that_cannot_listen_there_is_usage(self):
        before = set(pathlib.Path(tempfile.gettempdir()).glob("seamwatch-demo-*"))
        for address in ["foo", "127.0.0.1:99999", "[::1", ":"]:
            with self.subTest(address):
                code, out, err = command("demo", "--listen", address)
                self.assertEqual((code, out), (2, ""), err)
                self.assertRegex(err, r"\Aseamwatch: --listen: [^\n]+; write it like [^\n]+\n\Z")
        after = set(pathlib.Path(tempfile.gettempdir()).glob("seamwatch-demo-*"))
        self.assertEqual(after - before, set())

    def test_an_address_in_use_ends_with_1(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            code, _, err = command("run", "--config", self.write(GOOD), "--storage",
                                   self.folder / "data", "--listen", address, timeout=20)
        self.assertEqual(code, 1)
        self.assertIn(address, err)


if __name__ == "__main__":
    runner.main()
