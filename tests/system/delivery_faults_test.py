#!/usr/bin/env python3
"""What receivers do wrong in the middle of a delivery, and what comes of it: the same notice again,
under the same key, once the receiver takes it; and nothing where it could be read by others."""
import json
import unittest

from harness import runner, wait
from harness.agent import Agent, command, notify_file
from harness.certificates import Authority
from harness.peer import Peer
from harness.scripted_smtp import ScriptedSmtp
from harness.webhook import WebhookReceiver
from harness.workspace import make_folder

QUICK = {"retry_delay": "100ms", "retry_delay_max": "200ms", "timeout": "2s",
         "breaker_failures": 100}


def alert(name, annotations=None, **labels):
    return {"labels": {"alertname": name, **labels}, "annotations": annotations or {}}


class Faults(unittest.TestCase):
    def agent(self, receiver, **more):
        agent = Agent(notify=notify_file(receiver), notification=QUICK, **more)
        self.addCleanup(agent.stop)
        return agent

    def post(self, agent, *alerts):
        answer = agent.post("/api/v2/alerts", list(alerts))
        self.assertEqual(answer.status, 200, answer)

    def dead(self, agent):
        return json.loads(command("notify", "dead", "--json", "--url", agent.url)[1])


class MailFaultsTest(Faults):
    def server(self, *arguments, **more):
        server = ScriptedSmtp(*arguments, **more)
        self.addCleanup(server.close)
        return server

    def entry(self, server, **more):
        return {"to": "ops@test.invalid", "from": "watch@test.invalid", "smarthost": server.address,
                "require_tls": False, **more}

    def mail_agent(self, server, **more):
        # Else the addresses in the labels would be redacted before the mail is made.
        return self.agent({"email_configs": [self.entry(server, **more)]},
                          privacy={"default_class": "public"})

    def test_a_mail_that_is_put_off_is_taken_later(self):
        for verb, reply in [("RCPT", "451 4.7.1 greylisted, come back"),
                            ("MAIL", "421 4.3.2 going down"),
                            ("RCPT", "421 4.3.2 going down"),
                            ("DATA", "421 4.3.2 going down"),
                            ("EHLO", "421 4.3.2 too busy")]:
            with self.subTest(f"{verb}: {reply}"):
                server = self.server()
                server.replies[verb] = [reply, reply]
                agent = self.mail_agent(server)
                self.post(agent, alert("Late"))
                message, = server.until_taken()
                self.assertEqual(message["Subject"], "[FIRING:1] Late")
                wait.until(lambda: agent.value("seamwatch_outbox_pending") == 0, 10, "an end")
                self.assertEqual(len(server.taken), 1)
                self.assertEqual(server.commands.count("DATA"), 3 if verb == "DATA" else 1)
                self.assertIn(f"smtp:{reply[:3]}", agent.log_text())

    def test_a_mail_without_a_last_word_comes_again_as_the_same(self):
        server = self.server()
        server.drops = 2
        agent = self.mail_agent(server)
        self.post(agent, alert("Dropped"))
        taken, = server.until_taken()
        self.assertEqual(len(server.dropped), 2)
        for dropped in server.dropped:
            for header in ("Message-ID", "X-Seamwatch-Idempotency-Key", "Subject"):
                self.assertEqual(dropped[header], taken[header])
        self.assertTrue(taken["Message-ID"])

    def test_without_encryption_nothing_is_said(self):
        authority = Authority(make_folder("mail") / "ca")
        trust = {"tls_config": {"ca_file": str(authority.ca_file)}}
        for name, server, want in [
                ("stripped", self.server(authority.good(), strips=True), "starttls_not_offered"),
                ("expired", self.server(authority.expired()), "X509_V_ERR"),
                ("of another", self.server(authority.wrong_host()), "X509_V_ERR")]:
            with self.subTest(name):
                notify = make_folder("mail") / "n.yml"
                entry = self.entry(server, require_tls=True, auth_username="u",
                                   auth_password="s3cret", **trust)
                notify.write_text(json.dumps(notify_file({"email_configs": [entry]})))
                code, out, err = command("test", "receiver", "--notify", notify, "team")
                self.assertEqual(code, 1)
                self.assertIn("would be tried again", out + err)
                self.assertIn(want, out + err)
                self.assertFalse([line for line in server.commands
                                  if line.split(" ")[0] in ("AUTH", "MAIL", "RCPT", "DATA")])
        good = self.server(authority.good())
        notify.write_text(json.dumps(notify_file({"email_configs": [
            self.entry(good, require_tls=True, **trust)]})))
        self.assertEqual(command("test", "receiver", "--notify", notify, "team")[0], 0)

    def test_certificates_as_texts(self):
        authority = Authority(make_folder("mail") / "ca")
        server = self.server(authority.good())
        agent = self.mail_agent(server, require_tls=True,
                                tls_config={"ca": authority.ca_file.read_text()})
        self.post(agent, alert("A"))
        server.until_taken()

    def test_no_value_starts_a_header(self):
        server = self.server()
        agent = self.mail_agent(server, headers={"Subject": "{{ .CommonLabels.text }}",
                                                 "X-Team": "{{ .CommonLabels.text }}"})
        for i, text in enumerate(["a\r\nBcc: thief@evil.invalid", "a\nBcc: thief@evil.invalid",
                                  "a\rBcc: thief@evil.invalid", "a\r\n\r\nBcc: in the body",
                                  "=?utf-8?q?a=0D=0ABcc:_thief?=", "a%0d%0aBcc: thief",
                                  "\u00e4\r\nBcc: thief@evil.invalid", "a\u2028Bcc: thief"]):
            with self.subTest(repr(text)):
                self.post(agent, alert(f"A{i}", text=text))
                message = server.until_taken(i + 1)[-1]
                self.assertIsNone(message["Bcc"])
                self.assertEqual(sorted(message.keys()), sorted(set(message.keys())))
                self.assertEqual(message["To"], "ops@test.invalid")
                self.assertIn("Bcc:", str(message["Subject"]).replace("_", " "))
        self.assertEqual({line for line in server.commands if line.startswith("RCPT")},
                         {"RCPT TO:<ops@test.invalid>"})

    def test_no_value_adds_a_recipient_or_a_command(self):
        server = self.server()
        agent = self.mail_agent(server, to="{{ .CommonLabels.mail }}")
        for i, mail in enumerate(["a@b.test\r\nRCPT TO:<thief@evil.invalid>",
                                  "a@b.test>\r\nRCPT TO:<thief@evil.invalid", "a@b.test\nBcc: x@y",
                                  "=?utf-8?q?a=40b.test=0D=0A?=\x00"]):
            with self.subTest(repr(mail)):
                self.post(agent, alert(f"A{i}", mail=mail))
                wait.until(lambda: len(self.dead(agent)) == i + 1, 10, "a dead letter")
        self.assertEqual(server.commands, [])
        self.post(agent, alert("Good", mail="Ann <a@b.test>"))
        self.assertEqual(server.until_taken()[0]["To"], "Ann <a@b.test>")


class WebhookFaultsTest(Faults):
    def test_an_answer_after_the_deadline_counts_as_none(self):
        peer = Peer()
        self.addCleanup(peer.close)
        peer.delay = 4
        agent = self.agent({"webhook_configs": [{"url": peer.url}]})
        self.post(agent, alert("Slow"))
        wait.until(lambda: len(peer.requests) >= 2, 20, "a second attempt")
        peer.delay = 0
        wait.until(lambda: agent.value("seamwatch_outbox_pending") == 0, 20, "an end")
        keys = {request.headers["Idempotency-Key"] for request in peer.requests}
        self.assertEqual(len(keys), 1)
        self.assertIn("CURLE_OPERATION_TIMEDOUT", agent.log_text())


    def one_letter(self):
        """A webhook that refused what it was told of host a, its agent, and the dead letter."""
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        hook.mode = 400
        agent = self.agent({"webhook_configs": [{"url": hook.url}]})
        self.post(agent, alert("Disk", host="a"))
        letter, = wait.until(lambda: self.dead(agent), 10, "a dead letter")
        return hook, agent, letter

    def test_a_receiver_that_missed_the_first_notice_hears_all_in_the_second(self):
        hook, agent, letter = self.one_letter()
        self.assertNotIn("superseded", letter)
        hook.mode = "ok"
        self.post(agent, alert("Disk", host="b"))
        told = hook.until_alert("firing", host="b")
        self.assertEqual({one["labels"]["host"] for one in told.alerts}, {"a", "b"})
        self.assertEqual(told.json["notification_reason"], "first notification")
        superseded = "what it says was told by a newer notice at "
        wait.until(lambda: superseded in self.dead(agent)[0].get("superseded", ""), 10, "the word")
        self.assertIn(superseded, command("notify", "dead", "--url", agent.url)[1])
        out = command("notify", "redrive", "--all", "--url", agent.url)[1]
        self.assertIn(f"{letter['id']} is left out: {superseded}", out)
        self.assertEqual(self.dead(agent), [])

    def test_in_a_stopped_store_a_notice_that_waits_has_told_nobody(self):
        hook, agent, letter = self.one_letter()
        hook.mode = 503
        self.post(agent, alert("Disk", host="b"))
        agent.until_value(1, "seamwatch_outbox_pending")
        agent.kill()
        out = command("notify", "dead", "--storage", agent.storage, "--json")[1]
        self.assertEqual([one.get("superseded") for one in json.loads(out)], [None])
        code, out, err = command("notify", "redrive", "--all", "--storage", agent.storage)
        self.assertEqual((code, out), (0, "1 notice is to be delivered again\n"), err)
        hook.mode = "ok"
        agent.start()
        hook.until_alert("firing", host="a")
        hook.until_alert("firing", host="b")
        self.assertEqual(self.dead(agent), [], letter["id"])


class JustStartedTest(unittest.TestCase):
    def test_nothing_is_redriven_before_it_is_known_what_fires(self):
        agent = Agent(**{"global": {"evaluation_interval": "5m"}})
        self.addCleanup(agent.stop)
        code, _, err = command("notify", "redrive", "--all", "--url", agent.url)
        self.assertEqual(code, 1, err)
        self.assertIn("has just started and does not know yet", err)


class BoundTest(Faults):
    def test_an_outbox_that_is_full_of_bytes(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        hook.down()
        notify = notify_file({"webhook_configs": [{"url": hook.url}]})
        agent = Agent(notify=notify, notification={**QUICK, "outbox_bytes_max": 65536})
        self.addCleanup(agent.stop)
        names = [f"A{i}" for i in range(60)]
        self.post(agent, *(alert(name, {"text": "x" * 2000}) for name in names))
        agent.until_value(lambda used: used > 0.8 * 65536, "seamwatch_outbox_bytes")
        self.assertEqual(agent.value("seamwatch_outbox_bytes_limit"), 65536)
        status, text = agent.ready()
        self.assertEqual(status, 200)
        self.assertRegex(text, r"ready, but the outbox fills: \d+ of 65536 bytes wait")
        agent.until_log("outbox refused a notice")
        wait.stays(lambda: agent.value("seamwatch_outbox_bytes") <= 65536, 2, "the bound holds")
        self.assertLess(agent.value("seamwatch_outbox_pending"), 40)
        hook.up()
        wait.until(lambda: {a["labels"]["alertname"] for r in hook.received(True)
                            for a in r.alerts} == set(names), 40, "all are told in the end")
        agent.until_value(0, "seamwatch_outbox_bytes")
        self.assertEqual(agent.ready(), (200, "Seamwatch: ready\n"))


if __name__ == "__main__":
    runner.main()
