#!/usr/bin/env python3
"""Keys of webhook_configs and email_configs against real servers: url_file, max_alerts,
force_implicit_tls, auth_secret_file, auth_identity, ports with names; and what `test receiver` says
where a file with a secret is gone."""
import json
import unittest

from harness import runner
from harness.agent import Agent, command, notify_file
from harness.certificates import Authority
from harness.smtp import Smtp
from harness.webhook import WebhookReceiver
from harness.workspace import make_folder


class _Base(unittest.TestCase):
    def setUp(self):
        self.folder = make_folder("receiver_keys")

    def tell(self, **receiver):
        """Exit code and output of `seamwatch test receiver` for a receiver with those entries."""
        notify = self.folder / "notify.yml"
        notify.write_text(json.dumps({"route": {"receiver": "team"},
                                      "receivers": [{"name": "team", **receiver}]}))
        code, out, err = command("test", "receiver", "--notify", notify, "team")
        return code, out + err

    def secret(self, text):
        path = self.folder / "secret"
        path.write_text(text + "\n", encoding="utf-8")
        return str(path)


class WebhookKeysTest(_Base):
    def setUp(self):
        super().setUp()
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)

    def test_url_file(self):
        path = self.folder / "url"
        path.write_text(self.hook.url + "?token=s3cr3t\n", encoding="utf-8")
        code, out = self.tell(webhook_configs=[{"url_file": str(path)}])
        self.assertEqual(code, 0, out)
        self.assertEqual(len(self.hook.received()), 1)
        relative, out = self.tell(webhook_configs=[{"url_file": "url"}])
        self.assertEqual(relative, 0, out)
        self.assertNotIn("s3cr3t", out)

    def test_a_file_that_is_gone_may_come_back(self):
        code, out = self.tell(webhook_configs=[{"url_file": "nowhere"}])
        self.assertEqual(code, 1)
        self.assertIn("not delivered, would be tried again: notify:secret_unreadable", out)

    def test_blanks_around_an_address_are_no_part_of_it_and_an_empty_file_may_be_filled(self):
        file = self.folder / "blanks"
        file.write_text(f"  {self.hook.url} \r\n\n")
        code, out = self.tell(webhook_configs=[{"url_file": "blanks"}])
        self.assertEqual(code, 0, out)
        file.write_text(" \n")
        code, out = self.tell(webhook_configs=[{"url_file": "blanks"}])
        self.assertEqual(code, 1)
        self.assertIn("would be tried again: notify:secret_unreadable", out)
        self.assertIn("blanks is empty", out)

    def test_max_alerts(self):
        agent = Agent(notify=notify_file(
            {"webhook_configs": [{"url": self.hook.url, "max_alerts": 2}]},
            group_by=["alertname"], group_wait="500ms"))
        self.addCleanup(agent.stop)
        answer = agent.post("/api/v2/alerts", [
            {"labels": {"alertname": "Down", "n": str(n)}} for n in range(5)])
        self.assertEqual(answer.status, 200)
        told = self.hook.until_alert("firing", alertname="Down").json
        self.assertEqual((len(told["alerts"]), told["truncatedAlerts"]), (2, 3))
        self.assertEqual(told["commonLabels"], {"alertname": "Down"})


class MailKeysTest(_Base):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority(make_folder("tls"))

    def mail(self, smtp, **more):
        """What `test receiver` says of a mail over `smtp`."""
        return self.tell(email_configs=[{
            "to": "ops@there.test", "from": "seamwatch@here.test", "require_tls": False,
            "smarthost": f"127.0.0.1:{smtp.port}", **more}])

    def smtp(self, *arguments, **more):
        server = Smtp(*arguments, **more)
        self.addCleanup(server.stop)
        return server

    def test_force_implicit_tls(self):
        server = self.smtp(self.authority.good(), implicit=True)
        tls = {"tls_config": {"ca_file": str(self.authority.ca_file)}}
        code, out = self.mail(server, force_implicit_tls=True, **tls)
        self.assertEqual(code, 0, out)
        self.assertRegex(server.until_message()["Received"], r"with esmtps\b")
        code, out = self.mail(server, force_implicit_tls=True)  # of an authority that nobody knows
        self.assertEqual(code, 1)
        self.assertIn("in tls", out)
        clear = self.smtp(self.authority.good())
        self.assertEqual(self.mail(clear, force_implicit_tls=False, **tls)[0], 0)

    def test_auth_secret_file(self):
        server = self.smtp(require_login=True, cram=True)
        login = {"auth_username": Smtp.username, "auth_secret_file": self.secret(Smtp.password)}
        code, out = self.mail(server, **login)
        self.assertEqual(code, 0, out)
        self.assertRegex(server.until_message()["Received"], r"with esmtpa\b")
        login["auth_secret_file"] = self.secret("wrong-battery")
        code, out = self.mail(server, **login)
        self.assertEqual(code, 1)
        self.assertIn("535", out)
        self.assertNotIn("wrong-battery", out + server.log_text())

    def test_auth_identity(self):
        server = self.smtp(require_login=True, identity="orders")
        login = {"auth_username": Smtp.username, "auth_password_file": self.secret(Smtp.password)}
        code, out = self.mail(server, auth_identity="orders", **login)
        self.assertEqual(code, 0, out)
        self.assertRegex(server.until_message()["Received"], r"with esmtpa\b")
        self.assertEqual(self.mail(server, auth_identity="stock", **login)[0], 1)


if __name__ == "__main__":
    runner.main()
