#!/usr/bin/env python3
"""What the agent tells, by webhook and by mail over a real SMTP server, and what it does when a
receiver refuses, hangs, is gone, or wants to be left alone."""
import datetime
import json
import re
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, command, notify_file, one_probe, rule_file
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.smtp import Smtp
from harness.webhook import WebhookReceiver, seconds_of
from harness.workspace import make_folder

PAYLOAD_KEYS = {"receiver", "status", "alerts", "groupLabels", "commonLabels", "commonAnnotations",
                "externalURL", "version", "groupKey", "truncatedAlerts"}
ALERT_KEYS = {"status", "labels", "annotations", "startsAt", "endsAt", "generatorURL",
              "fingerprint"}


class _Base(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)

    def agent(self, notify, name=None, **more):
        """An agent that watches one integration, called as the test, whose notices go there."""
        self.name = name or self._testMethodName
        self.addCleanup(self.nginx.heal, self.name)
        integration = {**one_probe(self.nginx.url(f"/switch/{self.name}")),
                       "display": "Orders to the warehouse", "criticality": "critical",
                       "owner": "team", "advice": "Call the night shift."}
        agent = Agent({self.name: integration},
                      rules=rule_file(FAILS_RULE), notify=notify,
                      owners={"team": {"display": "Order team", "contact": "+49 30 555 0100",
                                       "email": "team@there.test",
                                       "faq_url": "https://example.org/faq"}}, **more)
        self.addCleanup(agent.stop)
        agent.until_state(self.name, "ok")
        return agent

    def break_it(self):
        """From now on the integration fails."""
        self.nginx.fail(self.name)

    def heal(self):
        self.nginx.heal(self.name)

    def until_resolved(self, agent):
        """Waits until its alert is over, and its group's turn (each second) has come since."""
        wait.until(lambda: not agent.get("/api/v1/alerts").json["data"]["alerts"], 10, "resolved")
        wait.stays(agent.alive, 1.5, "alive")


class WebhookTest(_Base):
    def setUp(self):
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)
        self.notify = notify_file({"webhook_configs": [{"url": self.hook.url}]})
        self.patient = {"notification": {"timeout": "1s"}}

    def test_payload_is_version_4_firing_then_resolved(self):
        self.agent(self.notify)
        self.break_it()
        firing = self.hook.until_alert("firing", integration=self.name)
        body = firing.json
        self.assertEqual(PAYLOAD_KEYS - body.keys(), set())
        self.assertEqual((body["version"], body["receiver"], body["status"],
                          body["truncatedAlerts"]), ("4", "team", "firing", 0))
        self.assertEqual(body["groupLabels"],
                         {"alertname": "ProbeFails", "integration": self.name})
        self.assertEqual(body["groupKey"],
                         f'{{}}:{{alertname="ProbeFails", integration="{self.name}"}}')
        self.assertEqual(firing.headers["Content-Type"].split(";")[0], "application/json")
        alert = body["alerts"][0]
        self.assertEqual(alert.keys(), ALERT_KEYS)
        self.assertEqual(alert["annotations"]["summary"], f"{self.name} fails")
        self.assertEqual(alert["endsAt"], "0001-01-01T00:00:00Z")
        self.assertRegex(alert["fingerprint"], "^[0-9a-f]{16}$")
        for label, value in [("criticality", "critical"), ("owner", "team"), ("source", "here"),
                             ("target", "there")]:
            self.assertEqual(alert["labels"].get(label), value)
        self.heal()
        resolved = self.hook.until_alert("resolved", integration=self.name)
        self.assertEqual(resolved.json["status"], "resolved")
        self.assertEqual(resolved.json["groupKey"], body["groupKey"])
        self.assertEqual(resolved.alerts[0]["fingerprint"], alert["fingerprint"])
        self.assertEqual(resolved.alerts[0]["startsAt"], alert["startsAt"])
        self.assertGreater(seconds_of(resolved.alerts[0]["endsAt"]),
                           seconds_of(alert["startsAt"]))
        self.assertTrue(firing.key and resolved.key and firing.key != resolved.key)

    def test_what_the_landscape_knows_is_in_the_notice(self):
        self.agent(self.notify)
        self.break_it()
        annotations = self.hook.until_alert("firing", integration=self.name).alerts[0][
            "annotations"]
        self.assertEqual(annotations.get("advice"), "Call the night shift.")
        self.assertEqual(annotations.get("contact"), "+49 30 555 0100")
        self.assertEqual(annotations.get("faq_url"), "https://example.org/faq")
        self.assertEqual(annotations.get("display"), "Orders to the warehouse")

    def test_told_once(self):
        self.agent(self.notify)
        self.break_it()
        self.hook.until_alert("firing", integration=self.name)
        wait.stays(lambda: len(self.hook.received()) == 1, 4, "one notice")

    def test_a_server_error_is_retried_with_the_same_key_and_body(self):
        self.hook.mode = 500
        agent = self.agent(self.notify)
        self.break_it()
        wait.until(self.hook.received, 10, "the first attempt")
        self.assertEqual(agent.value("seamwatch_outbox_dead_letters_total", receiver="team"), 0)
        self.hook.mode = "ok"
        accepted = self.hook.until_alert("firing", integration=self.name)
        first = self.hook.received()[0]
        self.assertEqual((accepted.key, accepted.json), (first.key, first.json))
        agent.until_value(0, "seamwatch_outbox_pending")
        self.assertGreaterEqual(agent.value("seamwatch_notifications_total", receiver="team",
                                            outcome="retry"), 1)

    def test_what_could_not_be_sent_at_all_is_told_once_it_can(self):
        """A URL that is none is refused at once, and nobody has been told."""
        hook, = self.notify["receivers"][0]["webhook_configs"]
        good, hook["url"] = hook["url"], hook["url"] + "/%zz{{ .GroupLabels.alertname }}"
        agent = self.agent(self.notify)
        self.break_it()
        agent.until_value(1, "seamwatch_outbox_dead_letters_total", receiver="team")
        hook["url"] = good
        agent.write()
        self.assertEqual(agent.post("/-/reload").status, 200)
        told = self.hook.until_alert("firing", integration=self.name)
        self.assertEqual(told.json["notification_reason"], "first notification")

    def test_a_receiver_that_hangs_or_resets_is_retried(self):
        for mode in ["hang", "reset"]:
            with self.subTest(mode):
                hook = WebhookReceiver()
                self.addCleanup(hook.close)
                hook.mode = mode
                self.agent(notify_file({"webhook_configs": [{"url": hook.url}]}), f"told-{mode}",
                           **self.patient)
                self.break_it()
                wait.until(hook.received, 10, "the first attempt")
                wait.stays(lambda: not hook.received(True), 1, "not taken yet")
                hook.mode = "ok"
                accepted = hook.until_alert("firing", integration=self.name)
                self.assertEqual(accepted.key, hook.received()[0].key)

    def test_retry_after_is_obeyed(self):
        self.hook.mode = 429
        self.hook.reply_headers = {"Retry-After": "6"}
        self.agent(self.notify)
        self.break_it()
        first = wait.until(self.hook.received, 10, "the first attempt")[0]
        self.hook.mode = "ok"
        accepted = self.hook.until_alert("firing", integration=self.name)
        self.assertGreaterEqual(accepted.at - first.at, 5.9)
        self.assertEqual(accepted.key, first.key)

    def test_a_refusal_goes_to_the_dead_letters(self):
        self.hook.mode = 400
        agent = self.agent(self.notify)
        self.break_it()
        agent.until_value(1, "seamwatch_outbox_dead_letters_total", receiver="team")
        agent.until_value(1, "seamwatch_outbox_dead_letters_kept")
        agent.until_value(0, "seamwatch_outbox_pending")
        self.hook.mode = "ok"
        wait.stays(lambda: len(self.hook.received()) == 1, 4, "no further attempt")

    def test_the_retry_budget_ends_in_the_dead_letters(self):
        self.hook.mode = 503
        agent = self.agent(self.notify, notification={"retry_budget": "3s"})
        self.break_it()
        agent.until_value(1, "seamwatch_outbox_dead_letters_total", receiver="team")
        attempts = len(self.hook.received())
        self.assertGreaterEqual(attempts, 2)
        self.assertEqual({r.key for r in self.hook.received()}, {self.hook.received()[0].key})

    def test_a_receiver_that_was_gone_is_told_the_truth_once(self):
        self.hook.down()
        agent = self.agent(self.notify)
        self.break_it()
        agent.until_value(1, "seamwatch_outbox_pending")
        self.heal()
        self.until_resolved(agent)
        wait.until(lambda: agent.value("seamwatch_notifications_total", receiver="team",
                                       outcome="retry") >= 1, 10, "an attempt that failed")
        self.hook.up()
        told = self.hook.until_alert("resolved", integration=self.name, seconds=30)
        self.assertEqual(told.json["status"], "resolved")
        wait.stays(lambda: len(self.hook.received()) == 1, 3, "one late notice, no stale one")
        self.assertGreater(seconds_of(told.alerts[0]["endsAt"]),
                           seconds_of(told.alerts[0]["startsAt"]))

    def test_a_restart_delivers_what_was_pending(self):
        self.hook.mode = 500
        agent = self.agent(self.notify)
        self.break_it()
        first = wait.until(self.hook.received, 10, "the first attempt")[0]
        self.assertEqual(agent.stop(), 0)
        self.hook.mode = "ok"
        agent.start()
        accepted = self.hook.until_alert("firing", integration=self.name, seconds=25)
        self.assertEqual(accepted.key, first.key, (first.json, accepted.json))
        wait.stays(lambda: len(self.hook.received(True)) == 1, 3, "told once")

    def test_secrets_are_sent_and_never_shown(self):
        secret = make_folder("secret") / "token"
        secret.write_text("s3cr3t-token\n", encoding="utf-8")
        self.notify = notify_file({"webhook_configs": [
            {"url": self.hook.url + "?key=s3cr3t-key",
             "http_config": {"authorization": {"credentials_file": str(secret)}}}]})
        self.hook.mode = 400
        agent = self.agent(self.notify)
        self.break_it()
        first = wait.until(self.hook.received, 10, "the first attempt")[0]
        self.assertEqual(first.headers["Authorization"], "Bearer s3cr3t-token")
        self.assertIn("s3cr3t-key", first.path)
        agent.until_value(1, "seamwatch_outbox_dead_letters_total", receiver="team")
        shown = agent.log_text() + agent.get("/metrics").text + agent.get("/").text
        self.assertNotIn("s3cr3t", shown)


class MailTest(_Base):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.authority = Authority(make_folder("tls"))
        cls.smtp = Smtp(cls.authority.good(), require_tls=True, require_login=True)
        cls.addClassCleanup(cls.smtp.stop)
        cls.password = make_folder("secret") / "password"
        cls.password.write_text(Smtp.password + "\n", encoding="utf-8")

    def notify(self, smtp=None, local_part=None, **more):
        local_part = local_part or self._testMethodName
        return notify_file({"email_configs": [{
            "to": f"{local_part}@there.test", "from": "Seamwatch <seamwatch@here.test>",
            "smarthost": f"127.0.0.1:{(smtp or self.smtp).port}", "send_resolved": True,
            "auth_username": Smtp.username, "auth_password_file": str(self.password),
            "tls_config": {"ca_file": str(self.authority.ca_file)}, **more}]})

    def mail(self, smtp=None, seconds=20):
        return (smtp or self.smtp).until_message(
            lambda m: self.name in m.as_string(), seconds)

    def test_mail_over_starttls_with_a_login(self):
        self.agent(self.notify())
        self.break_it()
        message = self.mail()
        self.assertIn("FIRING", message["Subject"])
        self.assertNotIn("LATE", message["Subject"])
        self.assertEqual(message["To"], f"{self._testMethodName}@there.test")
        self.assertEqual(message["From"], "Seamwatch <seamwatch@here.test>")
        self.assertTrue(message["Date"] and message["Message-ID"])
        # esmtpsa: with STARTTLS (s) and a login (a). RFC 3848.
        self.assertRegex(message["Received"], r"with esmtpsa\b")
        text = message.get_body(("plain",)).get_content()
        html = message.get_body(("html",)).get_content()
        for part in (text, html):
            self.assertIn(self.name, part)
            self.assertIn("Call the night shift.", part)
            self.assertIn("+49 30 555 0100", part)
        self.heal()
        resolved = self.smtp.until_message(
            lambda m: self.name in m.as_string() and "RESOLVED" in m["Subject"])
        self.assertNotEqual(resolved["Message-ID"], message["Message-ID"])

    def linked(self, lifetime):
        """An agent whose mails have a link to take alerts on, and the path of the one that came."""
        agent = self.agent(self.notify(), notification={"ack_links": lifetime})
        agent.stop()
        agent.config["global"]["external_url"] = agent.url
        agent.write()
        agent.start()
        agent.until_state(self.name, "ok")
        self.break_it()
        message = self.mail()
        text = message.get_body(("plain",)).get_content().replace("=\n", "")
        html = message.get_body(("html",)).get_content()
        url = re.search(r"Take it on: (http\S+)", text)[1]
        self.assertIn(f'<a href="{url}">', html)
        self.assertTrue(url.startswith(agent.url + "/ack/"), url)
        return agent, url[len(agent.url):]

    def ack(self, agent):
        alert, = [a for a in agent.get("/api/v2/alerts").json
                  if a["labels"].get("integration") == self.name]
        return alert.get("acknowledgement")

    def test_a_link_in_the_mail_takes_the_alert_on_once(self):
        agent, path = self.linked("1h")
        for _ in range(2):  # a mail scanner follows links, and changes nothing
            page = agent.get(path)
            self.assertEqual(page.status, 200, page)
            self.assertIn('<form method="post">', page.text)
        self.assertIsNone(self.ack(agent))
        form = {"Content-Type": "application/x-www-form-urlencoded"}
        for wrong in (b"owner=", b"owner=Ann&duration=31d", b"owner=Ann&duration=soon"):
            self.assertEqual(agent.post(path, wrong, headers=form).status, 400, wrong)
        said = b"owner=Ann+O.&comment=on+it&duration=8h"
        self.assertEqual(agent.post(path, said, headers=form).status, 200)
        ack = self.ack(agent)
        self.assertEqual((ack["acknowledgedBy"], ack["comment"]), ("Ann O.", "on it"))
        begin, end = (datetime.datetime.fromisoformat(ack[key].replace("Z", "+00:00"))
                      for key in ("at", "expiresAt"))
        self.assertEqual(end - begin, datetime.timedelta(hours=8))
        again = agent.post(path, b"owner=Bob", headers=form)
        self.assertEqual(again.status, 410)
        self.assertIn("used already", again.text)
        self.assertEqual(self.ack(agent)["acknowledgedBy"], "Ann O.")
        forged = path[:-1] + ("0" if path[-1] != "0" else "1")
        self.assertEqual(agent.post(forged, b"owner=Bob", headers=form).status, 404)
        self.heal()
        resolved = self.smtp.until_message(
            lambda m: self.name in m.as_string() and "RESOLVED" in m["Subject"])
        self.assertNotIn("/ack/", resolved.as_string())

    def test_a_link_in_the_mail_expires(self):
        agent, path = self.linked("3s")
        wait.until(lambda: agent.get(path).status == 410, 10, "the link to expire")
        late = agent.post(path, b"owner=Ann",
                          headers={"Content-Type": "application/x-www-form-urlencoded"})
        self.assertEqual(late.status, 410)
        self.assertIn("expired", late.text)
        self.assertIsNone(self.ack(agent))

    def test_a_temporary_answer_is_retried(self):
        self.smtp.defer(self._testMethodName)
        agent = self.agent(self.notify())
        self.break_it()
        agent.until_value(lambda count: count >= 1, "seamwatch_notifications_total",
                          receiver="team", outcome="retry")
        self.smtp.accept(self._testMethodName)
        self.mail()
        agent.until_value(0, "seamwatch_outbox_pending")

    def test_an_unknown_recipient_goes_to_the_dead_letters(self):
        self.smtp.deny(self._testMethodName)
        agent = self.agent(self.notify())
        self.break_it()
        agent.until_value(1, "seamwatch_outbox_dead_letters_total", receiver="team")
        agent.until_value(0, "seamwatch_outbox_pending")

    def test_a_letter_that_nobody_read_is_delivered_by_hand_after_its_alert_has_ended(self):
        """Without send_resolved, the default of mails, its end is no news, and so tells nobody of it."""
        self.smtp.deny(self._testMethodName)
        agent = self.agent(self.notify(send_resolved=False))
        self.break_it()
        agent.until_value(1, "seamwatch_outbox_dead_letters_total", receiver="team")
        self.heal()
        wait.until(lambda: self.name not in str(agent.get("/api/v2/alerts").json), 15, "the end")
        wait.until(lambda: "send_resolved is off" in agent.get("/api/seamwatch/history").text, 10,
                   "the group's turn")
        letter, = json.loads(command("notify", "dead", "--json", "--url", agent.url)[1])
        self.assertFalse(letter.get("superseded"), letter)
        self.smtp.accept(self._testMethodName)
        code, _, err = command("notify", "redrive", "--all", "--url", agent.url)
        self.assertEqual(code, 0, err)
        self.assertIn("[LATE]", self.mail()["Subject"])

    def test_a_wrong_password_goes_to_the_dead_letters(self):
        wrong = make_folder("secret") / "password"
        wrong.write_text("wrong-battery", encoding="utf-8")
        agent = self.agent(self.notify(auth_password_file=str(wrong)))
        self.break_it()
        agent.until_value(1, "seamwatch_outbox_dead_letters_total", receiver="team")
        self.assertNotIn("wrong-battery", agent.log_text())

    def test_no_mail_in_the_clear_where_tls_is_required(self):
        plain = Smtp()
        self.addCleanup(plain.stop)
        agent = self.agent(self.notify(plain))
        self.break_it()
        agent.until_value(lambda count: count >= 1, "seamwatch_notifications_total",
                          receiver="team", outcome=lambda outcome: outcome != "delivered")
        self.assertEqual(plain.messages(), [])

    def test_a_certificate_that_cannot_be_verified_stops_the_mail(self):
        strange = Smtp(Authority(make_folder("tls")).good())
        self.addCleanup(strange.stop)
        agent = self.agent(self.notify(strange))
        self.break_it()
        agent.until_value(lambda count: count >= 1, "seamwatch_notifications_total",
                          receiver="team", outcome=lambda outcome: outcome != "delivered")
        self.assertEqual(strange.messages(), [])

    def test_a_server_that_was_gone_gets_one_late_mail(self):
        server = Smtp(self.authority.good())
        self.addCleanup(server.stop)
        agent = self.agent(self.notify(server))
        server.stop()
        self.break_it()
        agent.until_value(lambda count: count >= 1, "seamwatch_notifications_total",
                          receiver="team", outcome="retry")
        self.heal()
        self.until_resolved(agent)
        server.start()
        message = self.mail(server, 30)
        self.assertRegex(message["Subject"], r"\[LATE\].*RESOLVED")
        wait.stays(lambda: len(server.messages()) == 1, 3, "one late mail")


if __name__ == "__main__":
    runner.main()
