#!/usr/bin/env python3
"""Each key of a receiver's http_config has an effect on a real server: credentials, OAuth2, TLS,
proxies, headers, redirects, HTTP/2."""
import base64
import json
import os
import ssl
import subprocess
import unittest
import urllib.parse
from unittest import mock

from harness import runner
from harness.agent import command
from harness.certificates import Authority
from harness.peer import Peer
from harness.proxy import HttpProxy, SocksProxy
from harness.workspace import make_folder

PROXIES = {name: "" for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy",
                                 "NO_PROXY", "no_proxy")}


class HttpConfigTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority(make_folder("http-config") / "ca")
        cls.good = cls.authority.good()
        cls.client = cls.authority.leaf("client")

    def setUp(self):
        self.folder = make_folder("http-config")

    def peer(self, *arguments, **more):
        peer = Peer(*arguments, **more)
        self.addCleanup(peer.close)
        return peer

    def proxy(self, kind):
        proxy = kind()
        self.addCleanup(proxy.close)
        return proxy

    def file(self, name, text):
        path = self.folder / name
        path.write_text(text, encoding="utf-8")
        return str(path)

    def tell(self, url, **http):
        """Exit code and output of a test notice to a webhook with that http_config."""
        notify, config = self.folder / "notify.yml", self.folder / "seamwatch.yml"
        notify.write_text(json.dumps({
            "route": {"receiver": "team"},
            "receivers": [{"name": "team", "webhook_configs": [
                {"url": url, "http_config": http}]}]}), encoding="utf-8")
        config.write_text(json.dumps({"notification": {"timeout": "5s"}, "alerting": {
            "notification_file": "notify.yml"}}), encoding="utf-8")
        code, out, err = command("test", "receiver", "--config", config, "team")
        return code, out + err

    def told(self, peer, path="/hook", **http):
        """The headers of the one request that such a webhook makes."""
        before = len(peer.requests)
        code, out = self.tell(peer.url + path, **http)
        self.assertEqual(code, 0, out)
        self.assertEqual(len(peer.requests), before + 1)
        return peer.requests[-1].headers

    # Credentials.

    def test_credentials(self):
        peer = self.peer()
        basic = "Basic " + base64.b64encode(b"ann:pass word").decode()
        secret = self.file("secret", "pass word\n")
        user = self.file("user", "ann\n")
        token = self.file("token", "t0ken\n")
        for http, want in [
                ({"basic_auth": {"username": "ann", "password": "pass word"}}, basic),
                ({"basic_auth": {"username_file": user, "password_file": secret}}, basic),
                ({"authorization": {"credentials": "t0ken"}}, "Bearer t0ken"),
                ({"authorization": {"type": "Token", "credentials_file": token}}, "Token t0ken"),
                ({"bearer_token": "t0ken"}, "Bearer t0ken"),
                ({"bearer_token_file": token}, "Bearer t0ken")]:
            with self.subTest(str(http)):
                self.assertEqual(self.told(peer, **http)["Authorization"], want)

    def test_headers(self):
        got = self.told(self.peer(), http_headers={
            "X-Plain": {"values": ["a", "b"]},
            "X-Secret": {"secrets": ["s3"]},
            "X-File": {"files": [self.file("header", "from a file\n")]}})
        self.assertEqual(got.get_all("X-Plain"), ["a", "b"])
        self.assertEqual((got["X-Secret"], got["X-File"]), ("s3", "from a file"))

    # OAuth2.

    def oauth2(self, peer, **more):
        peer.answers["/token"] = (200, "application/json", '{"access_token":"tok","expires_in":60}')
        return {"client_id": "id", "token_url": peer.url + "/token", **more}

    def test_oauth2_by_secret(self):
        peer = self.peer()
        code, out = self.tell(peer.url + "/hook", oauth2=self.oauth2(
            peer, client_secret_file=self.file("secret", "s3cret\n"), scopes=["a", "b c"],
            endpoint_params={"resource": "x&y"}))
        self.assertEqual(code, 0, out)
        token, call = peer.requests
        self.assertEqual(token.headers["Authorization"],
                         "Basic " + base64.b64encode(b"id:s3cret").decode())
        self.assertEqual(urllib.parse.parse_qs(token.body.decode()),
                         {"grant_type": ["client_credentials"], "scope": ["a b c"],
                          "resource": ["x&y"]})
        self.assertEqual(call.headers["Authorization"], "Bearer tok")

    def test_oauth2_has_its_own_tls_and_proxy(self):
        login, hook = self.peer(self.good), self.peer()
        proxy = self.proxy(HttpProxy)
        trust = {"ca_file": str(self.authority.ca_file)}
        oauth2 = self.oauth2(login, client_secret="s")
        self.assertIn("no access token: SSL certificate problem",
                      self.tell(hook.url + "/hook", oauth2=oauth2, tls_config=trust)[1])
        code, out = self.tell(hook.url + "/hook", oauth2={
            **oauth2, "tls_config": trust, "proxy_url": proxy.url,
            "proxy_connect_header": {"X-Key": ["k"]}})
        self.assertEqual(code, 0, out)
        (line, headers), = proxy.asked
        self.assertEqual(line, f"CONNECT 127.0.0.1:{login.port} HTTP/1.1")
        self.assertEqual(headers["x-key"], "k")
        self.assertEqual(hook.requests[0].headers["Authorization"], "Bearer tok")

    def test_oauth2_by_a_signed_assertion(self):
        peer = self.peer()
        key, public = self.folder / "key.pem", self.folder / "public.pem"
        for command_line in (["genpkey", "-quiet", "-algorithm", "RSA", "-pkeyopt",
                              "rsa_keygen_bits:2048", "-out", key],
                             ["pkey", "-in", key, "-pubout", "-out", public]):
            subprocess.run(["openssl", *command_line], check=True)
        for inline in (False, True):
            with self.subTest(inline=inline):
                peer.requests.clear()
                how = ({"client_certificate_key": key.read_text()} if inline
                       else {"client_certificate_key_file": str(key)})
                code, out = self.tell(peer.url + "/hook", oauth2=self.oauth2(
                    peer, grant_type="urn:ietf:params:oauth:grant-type:jwt-bearer", **how,
                    client_certificate_key_id="k1", signature_algorithm="RS384", iss="me",
                    audience="them", claims={"tenant": 5, "groups": ["a"]}, scopes=["s"]))
                self.assertEqual(code, 0, out)
                token, call = peer.requests
                form = urllib.parse.parse_qs(token.body.decode())
                self.assertEqual(form["grant_type"],
                                 ["urn:ietf:params:oauth:grant-type:jwt-bearer"])
                self.assertIsNone(token.headers["Authorization"])
                head, claims = self.verified(form["assertion"][0], public)
                self.assertEqual(head, {"alg": "RS384", "typ": "JWT", "kid": "k1"})
                self.assertEqual(claims.pop("exp") - claims.pop("iat"), 600)
                self.assertTrue(claims.pop("jti"))
                self.assertEqual(claims, {"iss": "me", "sub": "id", "aud": "them", "scope": "s",
                                          "tenant": 5, "groups": ["a"]})
                self.assertEqual(call.headers["Authorization"], "Bearer tok")

    def verified(self, token, public):
        """Header and claims of a token whose signature openssl finds good."""
        def decoded(part):
            return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))
        text, signature = token.rsplit(".", 1)
        signed = self.folder / "signature"
        signed.write_bytes(decoded(signature))
        done = subprocess.run(["openssl", "dgst", "-sha384", "-verify", public, "-signature",
                               signed], input=text.encode(), capture_output=True, check=False)
        self.assertEqual(done.returncode, 0, done.stderr)
        return [json.loads(decoded(part)) for part in text.split(".")]

    # TLS.

    def test_certificates_as_files_and_as_texts(self):
        peer = self.peer(self.good, client_ca=self.authority.ca_file)
        ca = self.authority.ca_file.read_text()
        cert, key = self.client.cert_file, self.client.key_file
        files = {"ca_file": str(self.authority.ca_file), "cert_file": str(cert),
                 "key_file": str(key)}
        texts = {"ca": ca, "cert": cert.read_text(), "key": key.read_text()}
        mixed = {"ca": ca, "cert": cert.read_text(), "key_file": str(key)}
        other = {"ca_file": str(self.authority.ca_file), "cert_file": str(cert),
                 "key": key.read_text()}
        for tls in (files, texts, mixed, other):
            with self.subTest(sorted(tls)):
                self.told(peer, tls_config=tls)
                self.assertEqual(peer.requests[-1].client["subject"],
                                 ((("commonName", "client"),),))
        for tls in ({"ca": ca}, {**texts, "ca": self.client.cert_file.read_text()},
                    {**texts, "ca": "no certificate"}, {**texts, "key": "no key"}):
            with self.subTest(str(sorted(tls))):
                before = len(peer.requests)
                code, out = self.tell(peer.url, tls_config=tls)
                self.assertEqual((code, len(peer.requests)), (1, before), out)
                self.assertIn("would be tried again", out)
                self.assertNotIn("no key", out.replace("no key_file", ""))

    def test_names_versions_and_no_verification(self):
        wrong = self.peer(self.authority.wrong_host())
        trust = {"ca_file": str(self.authority.ca_file)}
        self.assertEqual(self.tell(wrong.url, tls_config=trust)[0], 1)
        self.told(wrong, tls_config={**trust, "server_name": "elsewhere.invalid"})
        self.assertIn("elsewhere.invalid", wrong.names)
        self.told(wrong, tls_config={"insecure_skip_verify": True})
        old = self.peer(self.good, tls_max=ssl.TLSVersion.TLSv1_2)
        self.assertEqual(self.tell(old.url, tls_config={**trust, "min_version": "TLS13"})[0], 1)
        self.told(old, tls_config={**trust, "min_version": "TLS12"})
        new = self.peer(self.good)
        for most, want in (("TLS12", "TLSv1.2"), ("TLS13", "TLSv1.3")):
            self.told(new, tls_config={**trust, "max_version": most})
            self.assertEqual(new.requests[-1].tls_version, want)

    def test_references_to_a_secret_manager(self):
        peer = self.peer()
        notify = self.folder / "n.yml"
        notify.write_text(json.dumps({
            "route": {"receiver": "team"},
            "receivers": [{"name": "team", "webhook_configs": [{"url": peer.url, "http_config": {
                "tls_config": {"ca_ref": "x"}}}]}]}), encoding="utf-8")
        code, _, err = command("check", "notify", notify)
        self.assertEqual(code, 0)  # as amtool says
        self.assertIn('"ca_ref" needs a secret manager', err)
        code, _, err = command("run", "--notify", notify, "--storage", self.folder / "s")
        self.assertEqual(code, 1)
        self.assertIn("use ca_file", err)

    # Proxies. The names are known to the proxy alone.

    def test_proxies(self):
        trust = {"tls_config": {"ca_file": str(self.authority.ca_file)}}
        leaf = self.authority.leaf("inside", names="DNS:inside.invalid")
        plain, secure = self.peer(), self.peer(leaf)
        for kind in (HttpProxy, SocksProxy):
            for peer, scheme in ((plain, "http"), (secure, "https")):
                with self.subTest(f"{kind.__name__} {scheme}"):
                    proxy = self.proxy(kind)
                    url = f"{scheme}://inside.invalid:{peer.port}/hook"
                    more = {"proxy_connect_header": {"X-Key": ["one"]}} if kind is HttpProxy else {}
                    code, out = self.tell(url, proxy_url=proxy.url, **more, **trust)
                    self.assertEqual(code, 0, out)
                    self.assertEqual(peer.requests[-1].path, "/hook")
                    if kind is SocksProxy:
                        self.assertEqual(proxy.asked, [("inside.invalid", peer.port)])
                    elif scheme == "https":
                        (line, headers), = proxy.asked
                        self.assertEqual(line, f"CONNECT inside.invalid:{peer.port} HTTP/1.1")
                        self.assertEqual(headers["x-key"], "one")
                        self.assertIsNone(peer.requests[-1].headers["X-Key"])
                    else:
                        self.assertEqual(proxy.asked[0][0], f"POST {url} HTTP/1.1")

    def test_no_proxy_and_the_environment(self):
        peer, proxy = self.peer(), self.proxy(HttpProxy)
        self.told(peer, proxy_url=proxy.url, no_proxy="elsewhere.example")
        # With no_proxy, what is on this machine is never asked for through a proxy.
        self.assertEqual(proxy.asked, [])
        self.told(peer, proxy_url=proxy.url)
        self.assertEqual(len(proxy.asked), 1)
        inside = f"http://inside.invalid:{peer.port}/hook"
        for environment, http, used in (
                ({"HTTP_PROXY": proxy.url}, {"proxy_from_environment": True}, True),
                ({"http_proxy": proxy.url}, {"proxy_from_environment": True}, True),
                ({"HTTP_PROXY": proxy.url, "NO_PROXY": ".invalid"},
                 {"proxy_from_environment": True}, False),
                ({"HTTPS_PROXY": proxy.url}, {"proxy_from_environment": True}, False),
                ({"HTTP_PROXY": proxy.url}, {}, False),
                ({}, {"proxy_url": proxy.url, "no_proxy": "other.invalid"}, True),
                ({}, {"proxy_url": proxy.url, "no_proxy": "a, inside.invalid"}, False)):
            with self.subTest(f"{environment} {http}"), \
                    mock.patch.dict(os.environ, {**PROXIES, **environment}):
                proxy.asked.clear()
                code, out = self.tell(inside, **http)
                self.assertEqual((code, len(proxy.asked)), (0, 1) if used else (1, 0), out)

    # The rest.

    def test_redirects(self):
        peer = self.peer()
        peer.redirects["/from"] = "/to"
        code, out = self.tell(peer.url + "/from")
        self.assertEqual((code, [r.path for r in peer.requests]), (0, ["/from", "/to"]), out)
        peer.requests.clear()
        code, out = self.tell(peer.url + "/from", follow_redirects=False)
        self.assertEqual((code, [r.path for r in peer.requests]), (1, ["/from"]))
        self.assertIn("rejected, no retry can help: HTTP 307", out)

    def test_http2(self):
        trust = {"tls_config": {"ca_file": str(self.authority.ca_file)}}
        for enabled, want in ((True, "h2"), (False, "http/1.1")):
            with self.subTest(enabled):
                peer = self.peer(self.good, alpn=["h2", "http/1.1"])
                code, _ = self.tell(peer.url, enable_http2=enabled, **trust)
                self.assertEqual(peer.agreed[0], want)
                self.assertEqual(code, 1 if enabled else 0)  # the peer speaks no HTTP/2


if __name__ == "__main__":
    runner.main()
