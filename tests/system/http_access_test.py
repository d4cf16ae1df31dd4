#!/usr/bin/env python3
"""How http probes get at what they look at: with the tokens of an authorization server, and through
proxies. What `seamwatch probe` explains of it, and what the agent makes of it."""
import base64
import json
import unittest

from harness import runner, wait
from harness.agent import Agent, command, one_probe
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.peer import Peer
from harness.ports import free_port
from harness.proxy import HttpProxy, SocksProxy
from harness.token_server import TokenServer
from harness.workspace import make_folder


class _Base(unittest.TestCase):
    def setUp(self):
        self.folder = make_folder("access")

    def file(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return str(self.folder / name)

    def explained(self, url, **http):
        """What `seamwatch probe` says of one look at `url`, and that it hides the secrets."""
        modules = self.file("modules.yml", json.dumps(
            {"modules": {"m": {"prober": "http", "timeout": "5s", "http": http}}}))
        code, out, err = command("probe", url, "--modules", modules, "--module", "m", "--json",
                                 "--once")
        self.assertEqual(err, "")
        for secret in ("s3cret", "token-", "hunter2"):
            self.assertNotIn(secret, out)
        got = json.loads(out)
        self.assertEqual(code, 0 if got["success"] else 1)
        return got


class TokenTest(_Base):
    def server(self, **more):
        server = TokenServer(**more)
        self.addCleanup(server.close)
        return server

    def oauth2(self, server, **more):
        return {"client_id": "watch", "client_secret_file": self.file("secret", "s3cret/1\n"),
                "token_url": server.url + "/token", "scopes": ["orders"], **more}

    def test_a_token_is_got_and_explained(self):
        server = self.server()
        got = self.explained(server.url + "/orders", oauth2=self.oauth2(
            server, endpoint_params={"audience": "a b&c"}), json=[{"pointer": "/orders", "min": 1}])
        self.assertTrue(got["success"], got)
        steps = [step.split(":")[0] for step in got["steps"]]
        self.assertEqual(steps[:3], ["token"] * 3)
        self.assertIn(f"token: POST {server.url}/token: HTTP/1.1 200 OK", got["steps"][2])
        self.assertEqual(server.forms, [{"grant_type": ["client_credentials"], "scope": ["orders"],
                                         "audience": ["a b&c"]}])
        phases = {m["labels"]["phase"]: m["value"] for m in got["metrics"]
                  if m["name"] == "probe_http_duration_seconds"}
        self.assertGreater(phases["token"], 0)

    def test_what_the_token_endpoint_refuses_is_its_own(self):
        server = self.server()
        wrong = self.oauth2(server, client_secret_file=self.file("other", "hunter2"))
        gone = self.oauth2(server, token_url=f"http://127.0.0.1:{free_port()}/token")
        nowhere = self.oauth2(server, token_url=server.url + "/nowhere")
        for name, oauth2, signal, category, persistence in [
                ("secret", wrong, "oauth2:invalid_client", "authentication", "persistent"),
                ("scope", self.oauth2(server, scopes=["all"]), "oauth2:invalid_scope",
                 "authorization", "persistent"),
                ("path", nowhere, "HTTP 404", "not_found", None),
                ("nobody", gone, "ECONNREFUSED", "network", None)]:
            with self.subTest(name):
                got = self.explained(server.url + "/orders", oauth2=oauth2)
                self.assertEqual((got["phase"], got["signal"], got["category"]),
                                 ("token", signal, category))
                if persistence:
                    self.assertEqual(got["persistence"], persistence)
                self.assertIn(f"no access token from {oauth2['token_url']}", got["detail"])
        self.assertEqual(server.calls, 0)
        server.status = 503
        got = self.explained(server.url + "/orders", oauth2=self.oauth2(server))
        self.assertEqual((got["phase"], got["signal"], got["category"], got["persistence"]),
                         ("token", "HTTP 503", "unavailable", "transient"))

    def test_a_server_that_wants_the_secret_in_the_body(self):
        server = self.server()
        server.in_body_only = True
        got = self.explained(server.url + "/orders", oauth2=self.oauth2(server))
        self.assertTrue(got["success"], got)
        self.assertEqual(server.forms[-1]["client_secret"], ["s3cret/1"])

    def test_one_token_serves_all_probes_until_it_is_refused(self):
        server = self.server()
        module = {"prober": "http", "http": {"oauth2": self.oauth2(server)}}
        agent = Agent({"orders": one_probe(server.url + "/orders", "m")}, modules={"m": module})
        self.addCleanup(agent.stop)
        agent.until_state("orders", "ok")
        calls = server.calls
        wait.until(lambda: server.calls >= calls + 2, 10, "further probes")
        self.assertEqual(server.grants, 1)
        server.revoke()
        wait.until(lambda: server.grants == 2, 10, "another token")
        calls = server.calls
        wait.until(lambda: server.calls >= calls + 2, 10, "further probes")
        self.assertEqual(server.grants, 2)
        self.assertEqual(agent.state("orders"), "ok")
        server.status = 500
        server.revoke()
        agent.until_failure("orders", signal="HTTP 500", phase="token")
        server.status = 200
        agent.until_state("orders", "ok")


class ProxyTest(_Base):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority(make_folder("tls"))
        cls.leaf = cls.authority.good()
        cls.nginx = Nginx({"good": cls.leaf}, access_log=True, http2=["good"])
        cls.addClassCleanup(cls.nginx.stop)
        cls.trust = {"tls_config": {"ca_file": str(cls.authority.ca_file)}}

    def proxy(self, kind, **more):
        proxy = kind(**more)
        self.addCleanup(proxy.close)
        return proxy

    def test_every_proxy_leads_to_plain_and_tls_targets(self):
        login = "u:hunter2"
        basic = "Basic " + base64.b64encode(login.encode()).decode()
        for proxy in (self.proxy(HttpProxy, login=login), self.proxy(HttpProxy, leaf=self.leaf),
                      self.proxy(HttpProxy, leaf=self.leaf, login=login), self.proxy(SocksProxy),
                      self.proxy(SocksProxy, login=login)):
            for tls in (None, "good"):
                with self.subTest(f"{proxy.place} {tls}"):
                    proxy.asked.clear()
                    got = self.explained(self.nginx.url("/", tls=tls), proxy_url=proxy.url,
                                         **self.trust)
                    self.assertTrue(got["success"], got)
                    self.assertEqual(len(proxy.asked), 1)
                    if login in proxy.url and isinstance(proxy, HttpProxy):
                        self.assertEqual(proxy.asked[0][1]["proxy-authorization"], basic)
                    ssl = [m["value"] for m in got["metrics"] if m["name"] == "probe_http_ssl"]
                    self.assertEqual(ssl, [1 if tls else 0])

    def test_names_are_for_the_proxy_to_resolve(self):
        leaf = self.authority.leaf("inside", names="DNS:inside.invalid")
        peer = Peer(leaf)
        self.addCleanup(peer.close)
        for proxy in (self.proxy(SocksProxy), self.proxy(HttpProxy, leaf=self.leaf)):
            for scheme in (("socks5", "socks5h") if isinstance(proxy, SocksProxy) else ("https",)):
                with self.subTest(scheme):
                    got = self.explained(f"https://inside.invalid:{peer.port}/",
                                         proxy_url=f"{scheme}://127.0.0.1:{proxy.port}",
                                         skip_resolve_phase_with_proxy=True, **self.trust)
                    self.assertTrue(got["success"], got)
            if isinstance(proxy, SocksProxy):
                self.assertEqual(proxy.asked, [("inside.invalid", peer.port)] * 2)

    def test_errors_of_the_proxy_are_its_own(self):
        url = self.nginx.url("/")
        closed = f"127.0.0.1:{free_port()}"
        refusing = self.proxy(SocksProxy, reply=5)
        locked, guarded = self.proxy(SocksProxy, login="u:p"), self.proxy(HttpProxy, login="u:p")
        untrusted = self.proxy(HttpProxy, leaf=self.authority.wrong_host())
        for proxy_url, signal, category in [
                (f"socks5://{closed}", "ECONNREFUSED", "network"),
                (f"https://{closed}", "ECONNREFUSED", "network"),
                (refusing.url, "socks5:connection_refused(5)", "network"),
                (locked.place, "socks5:no_acceptable_method(255)", "authentication"),
                (locked.place.replace("//", "//u:hunter2@"), "socks5:login_refused",
                 "authentication"),
                (guarded.place, "HTTP 407", "authentication"),
                (untrusted.url, "X509_V_ERR_IP_ADDRESS_MISMATCH(64)", "tls"),
                (f"socks5://127.0.0.1:{self.nginx.port}", "socks5:malformed_reply",
                 "configuration")]:
            with self.subTest(proxy_url):
                target = self.nginx.url("/", tls="good") if proxy_url == guarded.place else url
                got = self.explained(target, proxy_url=proxy_url, **self.trust)
                self.assertEqual((got["phase"], got["signal"], got["category"]),
                                 ("connect", signal, category))
                self.assertRegex(got["detail"], r"^(https?|SOCKS5) proxy 127\.0\.0\.1:\d+: ")

    def test_a_token_endpoint_behind_a_proxy(self):
        server = TokenServer()
        self.addCleanup(server.close)
        proxy = self.proxy(SocksProxy)
        got = self.explained(server.url + "/orders", oauth2={
            "client_id": "watch", "client_secret": "s3cret/1", "scopes": ["orders"],
            "token_url": server.url + "/token", "proxy_url": proxy.url})
        self.assertTrue(got["success"], got)
        self.assertEqual(proxy.asked, [("127.0.0.1", server.port)])


if __name__ == "__main__":
    runner.main()
