#!/usr/bin/env python3
"""Each receiver type and each way in which a receiver can fail: what the agent sends, and what it
says came of it. Also signing, fallback receivers, and dead letters from the command line."""
import hashlib
import hmac
import json
import socket
import threading
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, command, notify_file, one_probe, rule_file
from harness.certificates import Authority
from harness.nginx import Nginx
from harness.peer import Peer
from harness.webhook import WebhookReceiver
from harness.workspace import make_folder


class ReceiverTest(unittest.TestCase):
    def setUp(self):
        self.folder = make_folder("receivers")
        self.peer = Peer()
        self.addCleanup(self.peer.close)

    def tell(self, receiver, timeout="1s"):
        """Exit code and output of `seamwatch test receiver` for a receiver with those entries."""
        notify, config = self.folder / "notify.yml", self.folder / "seamwatch.yml"
        notify.write_text(json.dumps({"route": {"receiver": "team"},
                                      "receivers": [{"name": "team", **receiver}]}))
        config.write_text(json.dumps({"notification": {"timeout": timeout},
                                      "alerting": {"notification_file": "notify.yml"}}))
        code, out, err = command("test", "receiver", "--config", config, "team")
        return code, out + err

    def hook(self, url, **more):
        return self.tell({"webhook_configs": [{"url": url, **more}]})

    def test_the_four_services_get_what_they_document(self):
        url = self.peer.url
        self.peer.answers = {"/pd": (202, "application/json", '{"status":"success"}'),
                             "/v2/alerts": (202, "application/json", "{}"),
                             "/teams": (202, "text/plain", "")}
        code, out = self.tell({
            "slack_configs": [{"api_url": url + "/slack", "channel": "#ops"}],
            "msteamsv2_configs": [{"webhook_url": url + "/teams"}],
            "pagerduty_configs": [{"routing_key": "R" * 32, "url": url + "/pd"}],
            "opsgenie_configs": [{"api_key": "k", "api_url": url}]})
        self.assertEqual((code, out.count(": delivered")), (0, 4), out)
        got = {path: (headers, json.loads(body)) for path, headers, body in self.peer.requests}
        self.assertEqual(got["/slack"][1]["channel"], "#ops")
        self.assertIn("SeamwatchTest", got["/slack"][1]["attachments"][0]["title"])
        self.assertEqual(got["/teams"][1]["attachments"][0]["contentType"],
                         "application/vnd.microsoft.card.adaptive")
        self.assertEqual(got["/pd"][1]["event_action"], "trigger")
        self.assertEqual(got["/pd"][1]["payload"]["severity"], "error")
        self.assertEqual(got["/v2/alerts"][0]["Authorization"], "GenieKey k")
        self.assertIn("SeamwatchTest", got["/v2/alerts"][1]["message"])

    def test_slack_messages_are_changed_also_after_a_restart(self):
        said = '{"ok":true,"channel":"C024BE91L","ts":"1503435956.000247"}'
        self.peer.answers = {f"/api/chat.{verb}": (200, "application/json", said)
                             for verb in ("postMessage", "update")}
        agent = Agent(notify=notify_file({"slack_configs": [{
            "app_token": "xoxb-1", "app_url": self.peer.url + "/api/chat.postMessage",
            "channel": "#ops", "update_message": True, "send_resolved": True}]}))
        self.addCleanup(agent.stop)
        labels = {"alertname": "Door"}
        agent.post("/api/v2/alerts", [{"labels": labels}])
        first = wait.until(lambda: self.peer.requests[:1], 10, "the first message")[0]
        self.assertEqual(json.loads(first.body)["channel"], "#ops")
        agent.stop()
        agent.start()
        agent.post("/api/v2/alerts", [{"labels": labels, "endsAt": "2020-01-02T00:00:00Z",
                                       "startsAt": "2020-01-01T00:00:00Z"}])
        second = wait.until(lambda: self.peer.requests[1:2], 10, "the change of it")[0]
        self.assertEqual(second.path, "/api/chat.update")
        body = json.loads(second.body)
        self.assertEqual((body["channel"], body["ts"]), ("C024BE91L", "1503435956.000247"))
        self.assertIn("RESOLVED", body["attachments"][0]["title"])

    def test_an_answer_of_200_can_be_a_refusal(self):
        self.peer.answers = {"/slack": (200, "application/json",
                                        '{"ok":false,"error":"channel_not_found"}')}
        code, out = self.tell({"slack_configs": [{"api_url": self.peer.url + "/slack"}]})
        self.assertEqual(code, 1)
        self.assertIn("rejected, no retry can help: slack:channel_not_found", out)

    def test_outcomes_of_broken_peers(self):
        hook = WebhookReceiver()
        self.addCleanup(hook.close)
        for mode, want in [("hang", "CURLE_OPERATION_TIMEDOUT in processing"),
                           ("reset", "would be tried again: CURLE_RECV_ERROR"),
                           (429, "would be tried again: HTTP 429"),
                           (500, "would be tried again: HTTP 500"),
                           (400, "rejected, no retry can help: HTTP 400")]:
            with self.subTest(mode):
                hook.mode = mode
                code, out = self.hook(hook.url)
                self.assertEqual(code, 1)
                self.assertIn(want, out)
        hook.down()
        self.assertIn("CURLE_COULDNT_CONNECT in connect", self.hook(hook.url)[1])

    def test_an_answer_after_the_deadline_is_none(self):
        self.peer.delay = 3
        code, out = self.hook(self.peer.url)
        self.assertEqual(code, 1)
        self.assertIn("would be tried again: CURLE_OPERATION_TIMEDOUT", out)
        self.assertIn("notification.timeout is over", out)
        code, out = self.hook(self.peer.url, timeout="300ms")
        self.assertIn("; timeout is 300ms", out)
        code, out = self.hook(self.peer.url, timeout="20s")
        self.assertEqual((code, out.splitlines()[0]), (0, "team webhook[0]: delivered"))

    def test_an_answer_that_is_no_http_is_retried(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            def serve():
                peer, _ = server.accept()
                with peer:
                    peer.sendall(b"SSH-2.0-OpenSSH_9.2p1\r\n")
                    peer.recv(4096)
            thread = threading.Thread(target=serve)
            thread.start()
            code, out = self.hook(f"http://127.0.0.1:{server.getsockname()[1]}/")
            thread.join()
        self.assertEqual(code, 1)
        self.assertIn("not delivered, would be tried again", out)

    def test_bad_certificates_are_retried_and_told(self):
        authority = Authority(self.folder / "ca")
        for name, want in [("expired", "x509:"), ("wrong_host", "CURLE_PEER_FAILED_VERIFICATION")]:
            with self.subTest(name):
                peer = Peer(getattr(authority, name)())
                self.addCleanup(peer.close)
                tls = {"ca_file": str(authority.ca_file)}
                code, out = self.hook(peer.url, http_config={"tls_config": tls})
                self.assertEqual(code, 1)
                self.assertIn("would be tried again", out)
                self.assertIn("in tls", out)
                self.assertEqual(peer.requests, [])
        good = Peer(authority.good())
        self.addCleanup(good.close)
        code, out = self.hook(good.url, http_config={"tls_config": {
            "ca_file": str(authority.ca_file), "min_version": "TLS13"}})
        self.assertEqual(code, 0, out)

    def test_a_signed_request_can_be_verified(self):
        secret = self.folder / "secret"
        secret.write_text("shared\n")
        code, out = self.hook(self.peer.url, signing={"secret_file": str(secret)})
        self.assertEqual(code, 0, out)
        _, headers, body = self.peer.requests[0]
        signed = headers["X-Seamwatch-Timestamp"].encode() + b":" + body
        self.assertEqual(headers["X-Seamwatch-Signature"],
                         hmac.new(b"shared", signed, hashlib.sha256).hexdigest())

    def test_oauth2_and_a_payload_of_its_own(self):
        self.peer.answers = {"/token": (200, "application/json",
                                        '{"access_token":"tok","expires_in":3600}')}
        code, out = self.hook(
            self.peer.url + "/hook",
            payload={"text": "{{ .CommonLabels.alertname }}", "count": "{{ len .Alerts }}"},
            http_config={"oauth2": {"client_id": "id", "client_secret": "s",
                                    "token_url": self.peer.url + "/token", "scopes": ["a"]}})
        self.assertEqual(code, 0, out)
        token, call = self.peer.requests
        self.assertEqual(token.body, b"grant_type=client_credentials&scope=a")
        self.assertEqual(call.headers["Authorization"], "Bearer tok")
        self.assertEqual(json.loads(call.body), {"text": "SeamwatchTest", "count": 1})

    def test_types_that_are_not_sent(self):
        file = self.folder / "n.yml"
        telegram = {"name": "team", "telegram_configs": [{"bot_token": "b", "chat_id": 5}]}
        notify = {"route": {"receiver": "team"}, "receivers": [telegram]}
        file.write_text(json.dumps(notify))
        code, _, err = command("check", "notify", file)
        self.assertEqual(code, 0)
        self.assertIn("does not send telegram_configs", err)
        code, _, err = command("run", "--notify", file, "--storage", self.folder / "s")
        self.assertEqual(code, 1)
        self.assertIn("add fallback_receiver:", err)
        telegram["fallback_receiver"] = "web"
        notify["receivers"].append({"name": "web", "webhook_configs": [{"url": self.peer.url}]})
        file.write_text(json.dumps(notify))
        code, out, err = command("test", "receiver", "--notify", file, "team")
        self.assertEqual((code, out), (0, "web webhook[0]: delivered\n"), err)

    def test_a_bad_template_is_found_at_load(self):
        file = self.folder / "n.yml"
        for text, code in [("{{ .Status", 1), ("{{ .Nope }}", 0)]:
            with self.subTest(text):
                file.write_text(json.dumps(notify_file({"webhook_configs": [
                    {"url": self.peer.url, "payload": {"a": text}}]})))
                _, _, err = command("check", "notify", file)
                self.assertIn("payload.a: ", err)
                config = self.folder / "c.yml"
                config.write_text(json.dumps({"alerting": {"notification_file": "n.yml"}}))
                self.assertEqual(command("check", "config", config)[0], code)
                labels = notify_file({"webhook_configs": [{"url": self.peer.url}]})
                labels["route"]["labels"] = {"a": text}
                labels["route"]["routes"] = [{"receiver": labels["route"]["receiver"]}]
                file.write_text(json.dumps(labels))
                _, _, err = command("check", "notify", file)
                self.assertEqual(err.count("labels.a: "), 1, err)
                self.assertEqual("refuses the file" in err, code == 1)
                self.assertEqual(command("check", "config", config)[0], code)


class DeadLetterTest(unittest.TestCase):
    def told_instead(self):
        """nginx, the agent, and the receivers team, which refuses all, and night, its fallback,
        which was told that orders fails."""
        nginx = Nginx()
        self.addCleanup(nginx.stop)
        team, night = WebhookReceiver(), WebhookReceiver()
        for hook in (team, night):
            self.addCleanup(hook.close)
        team.mode = 400
        notify = notify_file({"webhook_configs": [{"url": team.url}],
                              "fallback_receiver": "night"})
        notify["receivers"].append({"name": "night", "webhook_configs": [{"url": night.url}]})
        agent = Agent({"orders": one_probe(nginx.url("/switch/orders"))},
                      rules=rule_file(FAILS_RULE), notify=notify)
        self.addCleanup(agent.stop)
        agent.until_state("orders", "ok")
        nginx.fail("orders")
        night.until_alert("firing", integration="orders")
        return nginx, agent, team, night

    def test_a_fallback_hears_the_end_of_what_it_was_told(self):
        nginx, agent, team, night = self.told_instead()
        agent.kill()
        agent.start()
        team.mode = 200
        nginx.heal("orders")
        night.until_alert("resolved", integration="orders")
        team.until_alert("resolved", integration="orders")
        self.assertEqual(len(night.received()), 2)

    def test_an_end_that_is_lost_too_is_not_told_to_the_fallback_twice(self):
        nginx, agent, _team, night = self.told_instead()
        nginx.heal("orders")
        night.until_alert("resolved", integration="orders")
        agent.until_value(2, "seamwatch_outbox_dead_letters_total", receiver="team")
        agent.until_value(0, "seamwatch_outbox_pending")
        self.assertEqual(len(night.received()), 2)

    def test_fallback_then_redrive_on_the_agent_and_in_its_store(self):
        _nginx, agent, lost, night = self.told_instead()
        taken = night.until_alert("firing", integration="orders")
        self.assertIn("team webhook[0]: rejected: HTTP 400",
                      taken.alerts[0]["annotations"]["fallback_for"])
        self.assertEqual(taken.json["notification_reason"], "fallback")
        wait.until(lambda: json.loads(command("notify", "dead", "--json", "--url", agent.url)[1]),
                   10, "a dead letter")
        code, out, err = command("notify", "redrive", "--all", "--url", agent.url)
        self.assertEqual((code, out), (0, "1 notice is to be delivered again\n"), err)
        wait.until(lambda: len(lost.received()) == 2, 10, "the second attempt")
        self.assertEqual(agent.get("/api/seamwatch/notify").status, 200)
        agent.stop()
        code, out, err = command("notify", "dead", "--storage", agent.storage, "--json")
        self.assertEqual(code, 0, err)
        letter = json.loads(out)[0]
        self.assertEqual((letter["receiver"], letter["id"]), ("team", lost.received()[0].key))
        code, out, _ = command("notify", "redrive", "--storage", agent.storage, letter["id"])
        self.assertEqual(code, 0)
        lost.mode = "ok"
        seen = len(lost.received())
        agent.start()
        wait.until(lambda: len(lost.received()) > seen, 10, "the third attempt")
        self.assertEqual(lost.received()[seen].key, letter["id"])
        told = json.loads(command("alerts", "--history", "--json", "--url", agent.url)[1])
        redriven = [one for one in told["entries"] if one["decision"] == "redriven"]
        self.assertEqual([one["notice"] for one in redriven], [letter["id"]] * 2)


class RoutingTest(unittest.TestCase):
    def test_routes_intervals_and_templates(self):
        folder = make_folder("routing")
        file, data = folder / "n.yml", folder / "d.json"
        file.write_text(json.dumps({
            "route": {"receiver": "all", "routes": [
                {"receiver": "a", "matchers": ['team="a"'], "continue": True},
                {"receiver": "b", "matchers": ['severity=~"page|x"']}]},
            "receivers": [{"name": "all"}, {"name": "a"}, {"name": "b"}],
            "time_intervals": [{"name": "night", "time_intervals": [
                {"times": [{"start_time": "20:00", "end_time": "24:00"}]}]}]}))
        data.write_text(json.dumps({"status": "firing", "groupLabels": {"a": "<b>"}}))
        rule = folder / "r.json"
        rule.write_text(json.dumps({"labels": {"job": "x"}, "value": 1234}))
        render = ["template", "render", "--data"]
        for arguments, code, want in [
                (["test", "routes", "--notify", file, "team=a", "severity=page"], 0, "a,b\n"),
                (["test", "routes", "--notify", file], 0, "all\n"),
                (["test", "routes", "--notify", file, "team"], 2, ""),
                (["test", "interval", "--notify", file, "night", "2026-11-24T20:00:00Z"], 0,
                 "active\n"),
                (["test", "interval", "--notify", file, "night", "2026-11-24T19:59:59Z"], 0,
                 "inactive\n"),
                (["test", "interval", "--notify", file, "nigth", "2026-11-24T19:59:59Z"], 1, ""),
                (["test", "interval", "--notify", file, "night", "yesterday"], 2, ""),
                ([*render, data, "{{ .GroupLabels.a }}"], 0, "<b>\n"),
                ([*render, data, "--mode", "html", "{{ .GroupLabels.a }}"], 0, "&lt;b&gt;\n"),
                ([*render, rule, "--engine", "prometheus",
                  "{{ $labels.job }} {{ $value | humanize }}"], 0, "x 1.234k\n"),
                ([*render, data, "{{ .Nope }}"], 1, "")]:
            with self.subTest(arguments[-1]):
                got, out, _ = command(*arguments)
                self.assertEqual((got, out), (code, want))


if __name__ == "__main__":
    runner.main()
