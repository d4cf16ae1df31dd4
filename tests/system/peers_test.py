#!/usr/bin/env python3
"""The peers of the harness themselves: what the other tests rely on holds before an agent is in the
picture."""
import smtplib
import socket
import ssl
import unittest

from harness import runner, wait
from harness.certificates import Authority
from harness.fetch import fetch
from harness.nginx import Nginx
from harness.rabbitmq import RabbitMq
from harness.rogue import BlackHole, RogueServer
from harness.smtp import Smtp
from harness.webhook import WebhookReceiver
from harness.workspace import make_folder


class NginxTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority(make_folder("tls"))
        cls.nginx = Nginx({"good": cls.authority.good(), "expired": cls.authority.expired(),
                           "wrong_host": cls.authority.wrong_host()})
        cls.addClassCleanup(cls.nginx.stop)

    def handshake(self, name):
        context = ssl.create_default_context(cafile=self.authority.ca_file)
        port = int(self.nginx.url(tls=name).split(":")[2].rstrip("/"))
        with socket.create_connection(("127.0.0.1", port), 5) as plain:
            with context.wrap_socket(plain, server_hostname="127.0.0.1") as tls:
                return tls.version()

    def test_answers_as_told_and_changes_while_it_runs(self):
        answer = fetch(self.nginx.url("/503-later"))
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (503, "120"))
        self.nginx.answer("/changes", "return 500;")
        wait.until(lambda: fetch(self.nginx.url("/changes")).status == 500, 5, "the first answer")
        self.nginx.answer("/changes", 'return 200 "ok";')
        wait.until(lambda: fetch(self.nginx.url("/changes")).status == 200, 5, "the new answer")

    def test_certificates_fail_as_named(self):
        self.assertEqual(self.handshake("good"), "TLSv1.3")
        for name, reason in [("expired", "certificate has expired"), ("wrong_host", "mismatch")]:
            with self.subTest(name), self.assertRaisesRegex(ssl.SSLCertVerificationError, reason):
                self.handshake(name)


class SmtpTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority(make_folder("tls"))
        cls.smtp = Smtp(cls.authority.good(), require_tls=True, require_login=True)
        cls.addClassCleanup(cls.smtp.stop)

    def client(self, login=True, password=Smtp.password):
        client = smtplib.SMTP("127.0.0.1", self.smtp.port, timeout=5)
        self.addCleanup(client.close)
        context = ssl.create_default_context(cafile=self.authority.ca_file)
        context.check_hostname = False
        client.starttls(context=context)
        if login:
            client.login(Smtp.username, password)
        return client

    def test_delivers_after_starttls_and_login(self):
        self.client().sendmail("a@here.test", ["ops@there.test"], "Subject: hello\r\n\r\nbody\r\n")
        message = self.smtp.until_message(lambda m: m["Subject"] == "hello")
        self.assertEqual(message["Envelope-to"], "ops@there.test")

    def test_refuses_without_starttls_without_login_and_with_a_wrong_password(self):
        plain = smtplib.SMTP("127.0.0.1", self.smtp.port, timeout=5)
        self.addCleanup(plain.close)
        with self.assertRaisesRegex(smtplib.SMTPSenderRefused, "530"):
            plain.sendmail("a@here.test", ["ops@there.test"], "Subject: x\r\n\r\n")
        with self.assertRaisesRegex(smtplib.SMTPSenderRefused, "530"):
            self.client(login=False).sendmail("a@here.test", ["ops@there.test"], "x")
        with self.assertRaises(smtplib.SMTPAuthenticationError):
            self.client(password="wrong")

    def test_answers_recipients_as_told(self):
        self.smtp.defer("later")
        self.smtp.deny("gone")
        for local_part, code in [("later", 451), ("gone", 550)]:
            with self.subTest(local_part), self.assertRaises(
                    smtplib.SMTPRecipientsRefused) as refused:
                self.client().sendmail("a@here.test", [f"{local_part}@there.test"], "x")
            self.assertEqual(list(refused.exception.recipients.values())[0][0], code)
        self.smtp.accept("later")
        self.client().sendmail("a@here.test", ["later@there.test"], "Subject: now\r\n\r\n")
        self.smtp.until_message(lambda m: m["Subject"] == "now")


class RabbitMqTest(unittest.TestCase):
    def test_queues_survive_a_restart(self):
        if RabbitMq.missing():
            self.skipTest(RabbitMq.missing())
        broker = RabbitMq()
        self.addCleanup(broker.close)
        broker.declare("orders", x_dead_letter_exchange="", x_dead_letter_routing_key="dead")
        broker.declare("dead")
        broker.publish("orders", 3)
        self.assertEqual(len(broker.take("orders", 1, "reject_requeue_false")), 1)
        broker.stop()
        with self.assertRaises(OSError):
            socket.create_connection(("127.0.0.1", broker.port), 1)
        broker.start()
        wait.until(lambda: broker.take("dead", 9, "ack_requeue_true"), 5, "the dead letter")
        self.assertEqual(len(broker.take("orders", 9)), 2)


class WebhookTest(unittest.TestCase):
    def test_modes(self):
        receiver = WebhookReceiver()
        self.addCleanup(receiver.close)
        self.assertEqual(fetch(receiver.url, "POST", {"a": 1}).status, 200)
        receiver.mode = 429
        receiver.reply_headers = {"Retry-After": "7"}
        answer = fetch(receiver.url, "POST", {"a": 2})
        self.assertEqual((answer.status, answer.headers["Retry-After"]), (429, "7"))
        receiver.mode = "reset"
        with self.assertRaises(OSError):
            fetch(receiver.url, "POST", {"a": 3})
        receiver.mode = "hang"
        with self.assertRaises(TimeoutError):
            fetch(receiver.url, "POST", {"a": 4}, timeout=0.2)
        receiver.down()
        with self.assertRaises(ConnectionRefusedError):
            fetch(receiver.url, "POST", {"a": 5})
        receiver.up()
        receiver.mode = "ok"
        fetch(receiver.url, "POST", {"a": 6})
        self.assertEqual([(r.json["a"], r.accepted) for r in receiver.received()],
                         [(1, True), (2, False), (3, False), (4, False), (6, True)])


class RogueTest(unittest.TestCase):
    def test_is_as_bad_as_told(self):
        rogue = RogueServer()
        self.addCleanup(rogue.close)
        for name in ["hang", "reset", "reset_body", "short", "nothing", "garbage"]:
            with self.subTest(name), self.assertRaises(OSError):
                fetch(rogue.url(name), timeout=0.3)
        self.assertEqual(fetch(rogue.url("loop")).headers["Location"], "/")

    def test_a_black_hole_takes_no_connection(self):
        hole = BlackHole()
        self.addCleanup(hole.close)
        with self.assertRaises(TimeoutError):
            socket.create_connection(("127.0.0.1", hole.port), 0.3)


if __name__ == "__main__":
    runner.main()
