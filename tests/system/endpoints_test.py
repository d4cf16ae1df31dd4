#!/usr/bin/env python3
"""The agent against real HTTP servers, plain and TLS, and against servers that misbehave: what it
says of each in /metrics."""
import time
import unittest

from harness import metrics, runner, wait
from harness.agent import Agent, one_probe
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.ports import free_port
from harness.rogue import BlackHole, RogueServer
from harness.workspace import make_folder

# Name: where, what the verdict's labels must be, and the state of the integration.
FAILURES = {
    # nginx, plain
    "500": ("nginx /500", {"signal": "HTTP 500", "category": "runtime", "persistence": "transient",
                           "phase": "processing"}, "degraded"),
    "503": ("nginx /503", {"signal": "HTTP 503", "category": "unavailable",
                           "persistence": "transient"}, "degraded"),
    "503_with_retry_after": ("nginx /503-later", {"signal": "HTTP 503", "category": "unavailable",
                                                  "persistence": "transient"}, "throttled"),
    "429": ("nginx /429", {"signal": "HTTP 429", "category": "throttled",
                           "persistence": "transient"}, "throttled"),
    "429_with_retry_after": ("nginx /429-later", {"signal": "HTTP 429", "category": "throttled",
                                                  "persistence": "transient"}, "throttled"),
    "401_confirmed": ("nginx /401", {"signal": "HTTP 401", "category": "authentication",
                                     "persistence": "persistent"}, "down"),
    "403": ("nginx /403", {"signal": "HTTP 403", "category": "authorization",
                           "persistence": "persistent"}, "down"),
    "404_confirmed": ("nginx /404", {"signal": "HTTP 404", "category": "not_found",
                                     "persistence": "persistent"}, "down"),
    "redirect_loop": ("nginx /loop", {"signal": "check:redirect_loop", "category": "configuration",
                                      "persistence": "persistent"}, "down"),
    # nginx, TLS
    "expired_certificate": ("expired", {
        "signal": "X509_V_ERR_CERT_HAS_EXPIRED(10)", "category": "tls",
        "persistence": "persistent", "phase": "tls"}, "down"),
    "certificate_of_another_host": ("wrong_host", {
        "signal": "X509_V_ERR_IP_ADDRESS_MISMATCH(64)", "category": "tls",
        "persistence": "persistent", "phase": "tls"}, "down"),
    "unknown_authority": ("unknown_ca", {
        "signal": "X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY(20)", "category": "tls",
        "persistence": "persistent", "phase": "tls"}, "down"),
    "tls_to_a_plain_port": ("tls_to_plain", {"category": "tls", "persistence": "persistent",
                                             "phase": "tls"}, "down"),
    # sockets
    "refused_confirmed": ("refused", {"signal": "ECONNREFUSED", "category": "network",
                                      "persistence": "persistent", "phase": "connect"}, "down"),
    "black_hole": ("black_hole", {"signal": "ETIMEDOUT", "category": "timeout",
                                  "persistence": "transient", "phase": "connect"}, "degraded"),
    # servers that misbehave
    "hang": ("rogue hang", {"category": "timeout", "persistence": "transient",
                            "phase": "processing"}, "degraded"),
    "dribble": ("rogue dribble", {"category": "timeout", "persistence": "transient",
                                  "phase": "processing"}, "degraded"),
    "dribbled_body": ("rogue dribble_body", {"category": "timeout", "persistence": "transient",
                                             "phase": "transfer"}, "degraded"),
    "reset": ("rogue reset", {"signal": "ECONNRESET", "category": "network",
                              "persistence": "transient", "phase": "processing"}, "degraded"),
    "reset_in_the_body": ("rogue reset_body", {"signal": "ECONNRESET", "category": "network",
                                               "persistence": "transient", "phase": "transfer"},
                          "degraded"),
    "short_body": ("rogue short", {"category": "network", "persistence": "transient",
                                   "phase": "transfer"}, "degraded"),
    "no_answer": ("rogue nothing", {"signal": "HTTP incomplete_response", "category": "network",
                                    "persistence": "transient", "phase": "processing"},
                  "degraded"),
    "garbage": ("rogue garbage", {"signal": "HTTP malformed_response", "category": "data",
                                  "persistence": "persistent"}, "down"),
    "huge_head": ("rogue huge_head", {"signal": "HTTP header_too_large", "category": "data",
                                      "persistence": "persistent"}, "down"),
    "100_mb_over_the_limit": ("limited huge", {
        "signal": "check:body_size", "category": "platform_limit", "persistence": "persistent"},
        "down"),
}


class EndpointsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        authority = Authority(make_folder("tls"))
        cls.nginx = Nginx({"good": authority.good(), "expired": authority.expired(),
                           "wrong_host": authority.wrong_host(), "http2": authority.good()},
                          access_log=True, http2=["http2"])
        cls.addClassCleanup(cls.nginx.stop)
        cls.rogue = RogueServer()
        cls.addClassCleanup(cls.rogue.close)
        cls.hole = BlackHole()
        cls.addClassCleanup(cls.hole.close)
        cls.modules = {
            "own_ca": {"prober": "http",
                       "http": {"tls_config": {"ca_file": str(authority.ca_file)}}},
            "http2_only": {"prober": "http",
                           "http": {"tls_config": {"ca_file": str(authority.ca_file)},
                                    "valid_http_versions": ["HTTP/2.0"]}},
            "http1": {"prober": "http", "http": {"tls_config": {"ca_file": str(authority.ca_file)},
                                                 "enable_http2": False}},
            "limited": {"prober": "http", "http": {"body_size_limit": "1MB"}},
            "lenient": {"prober": "http", "http": {"valid_status_codes": [500]}},
        }
        integrations = {name: cls.integration(where) for name, (where, _, _) in FAILURES.items()}
        integrations.update({
            "good": one_probe(cls.nginx.url("/")),
            "good_tls": one_probe(cls.nginx.url("/", tls="good"), "own_ca"),
            "http2": one_probe(cls.nginx.url("/", tls="http2"), "http2_only"),
            "http2_not_there": one_probe(cls.nginx.url("/", tls="good"), "http2_only"),
            "http2_declined": one_probe(cls.nginx.url("/", tls="http2"), "http1"),
            "http2_moved": one_probe(cls.nginx.url("/moved", tls="http2"), "own_ca"),
            "moved": one_probe(cls.nginx.url("/moved")),
            "wanted_500": one_probe(cls.nginx.url("/500"), "lenient"),
            "changes": one_probe(cls.nginx.url("/switch/changes")),
            "port": one_probe(f"127.0.0.1:{cls.nginx.port}"),
        })
        cls.agent = Agent(integrations, modules=cls.modules,
                          **{"global": {"interval": "2s", "confirm_retries": 2}})
        cls.addClassCleanup(cls.agent.stop)

    @classmethod
    def integration(cls, where):
        kind, _, rest = where.partition(" ")
        if kind == "nginx":
            return one_probe(cls.nginx.url(rest))
        if kind == "rogue":
            return one_probe(cls.rogue.url(rest))
        if kind == "limited":
            return one_probe(cls.rogue.url(rest), "limited")
        return {
            "expired": lambda: one_probe(cls.nginx.url("/", tls="expired"), "own_ca"),
            "wrong_host": lambda: one_probe(cls.nginx.url("/", tls="wrong_host"), "own_ca"),
            "unknown_ca": lambda: one_probe(cls.nginx.url("/", tls="good")),
            "tls_to_plain": lambda: one_probe(f"https://127.0.0.1:{cls.nginx.port}/", "own_ca"),
            "refused": lambda: one_probe(f"http://127.0.0.1:{free_port()}/"),
            "black_hole": lambda: one_probe(f"http://127.0.0.1:{cls.hole.port}/"),
        }[kind]()

    def test_good_endpoints_are_ok(self):
        for name in ["good", "good_tls", "moved", "wanted_500", "port"]:
            with self.subTest(name):
                self.agent.until_state(name, "ok")
                self.assertEqual(self.agent.value("probe_success", integration=name), 1)
                self.assertIsNone(self.agent.failure(name))

    def test_facts_of_a_good_tls_probe(self):
        self.agent.until_state("good_tls", "ok")
        samples = {(s.name, s.labels.get("phase")): s.value for s in self.agent.samples()
                   if s.labels.get("integration") == "good_tls"}
        self.assertEqual(samples["probe_http_status_code", None], 200)
        self.assertEqual(samples["probe_http_ssl", None], 1)
        self.assertEqual(samples["probe_ssl_earliest_cert_expiry", None], 2524521600)
        for phase in ["resolve", "connect", "tls", "processing", "transfer"]:
            self.assertGreaterEqual(samples["probe_http_duration_seconds", phase], 0)
        self.assertGreater(samples["probe_http_duration_seconds", "tls"], 0)

    def test_http_versions(self):
        for name, version in {"good": 1.1, "good_tls": 1.1, "http2": 2, "http2_declined": 1.1}.items():
            with self.subTest(name):
                self.agent.until_state(name, "ok")
                self.assertEqual(self.agent.value("probe_http_version", integration=name), version)
        self.agent.until_state("http2_not_there", "down")
        self.assertEqual(self.agent.failure("http2_not_there")["signal"], "check:http_version")
        self.agent.until_state("http2_moved", "ok")
        self.assertEqual(self.agent.value("probe_http_redirects", integration="http2_moved"), 1)

    def test_recovers(self):
        self.agent.until_state("changes", "ok")
        self.nginx.fail("changes")
        self.agent.until_state("changes", "degraded")
        self.nginx.heal("changes")
        self.agent.until_state("changes", "ok")
        self.assertIsNone(self.agent.failure("changes"))

    def test_retry_after_is_obeyed(self):
        self.agent.until_failure("503_with_retry_after")

        def asked():
            return sum("/503-later" in line for line in self.nginx.requests())
        wait.until(lambda: asked() >= 1, 5, "the first request")
        before = asked()
        wait.stays(lambda: asked() == before, 5, "no request before Retry-After has passed")
        self.agent.until_state("503_with_retry_after", "throttled")
        until = self.agent.value("seamwatch_probe_retry_not_before_timestamp_seconds",
                                 integration="503_with_retry_after")
        self.assertTrue(0 < until - time.time() <= 120, until)

    def test_a_body_of_100_mb_takes_no_memory(self):
        """Where the module names no limit, a body is read up to 10 MiB and then left alone."""
        agent = Agent({"huge": one_probe(self.rogue.url("huge"), interval="4s", timeout="3s")})
        self.addCleanup(agent.stop)
        agent.until_state("huge", "ok")
        self.assertEqual(agent.value("probe_http_uncompressed_body_length", integration="huge"),
                         10 << 20)
        agent.until_probed("huge")
        self.assertLess(agent.process.memory_bytes()[1], 48 << 20)

    def test_probes_go_on_beside_those_that_hang(self):
        self.agent.until_probed("good", runs=2, seconds=6)


def failing(name, wanted, state):
    def test(self):
        self.agent.until_failure(name, **wanted)
        self.agent.until_state(name, state)
        self.assertEqual(self.agent.value("probe_success", integration=name), 0)
    return test


for _name, (_, _wanted, _state) in FAILURES.items():
    setattr(EndpointsTest, f"test_verdict_on_{_name}", failing(_name, _wanted, _state))

class PageTest(unittest.TestCase):
    def test_the_status_page_speaks_of_things_as_people_call_them(self):
        nginx = Nginx()
        self.addCleanup(nginx.stop)
        faq = "https://faq.example/orders"
        agent = Agent({"orders": {**one_probe(nginx.url("/500")), "display": "Orders to the ERP",
                                  "faq_url": faq},
                       "stock": {**one_probe(nginx.url("/500")), "target": "here"}},
                      systems={"here": {"display": "Web shop", "owner": "team"},
                               "there": {"display": "The ERP"}},
                      owners={"team": {"faq_url": "https://faq.example/team"}})
        self.addCleanup(agent.stop)
        for name in ("orders", "stock"):
            agent.until_state(name, "degraded")
        page = agent.get("/").text
        for text in ("<strong>Orders to the ERP</strong>", "Web shop &rarr; The ERP",
                     f'<a href="{faq}">', '<a href="https://faq.example/team">'):
            self.assertIn(text, page)


class PaceTest(unittest.TestCase):
    def test_a_target_that_hangs_is_probed_every_interval(self):
        """Also where its timeout is as long as the interval: no start is left out."""
        rogue = RogueServer()
        self.addCleanup(rogue.close)
        agent = Agent({"hangs": one_probe(rogue.url("hang"), interval="1s", timeout="1s")})
        self.addCleanup(agent.stop)
        agent.until_probed("hangs", runs=5, seconds=20)
        skipped = sum(s.value for s in metrics.select(agent.samples(),
                                                      "seamwatch_probe_skipped_total"))
        self.assertEqual(skipped, 0)


if __name__ == "__main__":
    runner.main()
