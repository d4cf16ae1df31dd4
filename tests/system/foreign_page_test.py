#!/usr/bin/env python3
"""What a web page of somebody else can make an operator's browser send without asking the agent
first: it changes nothing."""
import unittest

from harness import runner
from harness.agent import Agent, notify_file

JSON = {"Content-Type": "application/json"}
ACK = b'{"matchers": ["alertname=\\"X\\""], "owner": "evil"}'
CHANGES = [("/api/acks", ACK), ("/api/seamwatch/notify/redrive", b'{"all": true}')]


class ForeignPageTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.agent = Agent({}, notify=notify_file({}),
                          **{"global": {"external_url": "https://watch.example/seams"}})
        cls.addClassCleanup(cls.agent.stop)

    def setUp(self):
        answer = self.agent.post("/api/v2/alerts", b'[{"labels": {"alertname": "X"}}]',
                                 headers=JSON)
        self.assertEqual(answer.status, 200, answer.text)

    def test_only_json_is_taken(self):
        for path, body in CHANGES:
            for media in ["text/plain", "application/x-www-form-urlencoded", ""]:
                answer = self.agent.post(path, body, headers={"Content-Type": media})
                self.assertEqual(answer.status, 415, (path, media, answer.text))
                self.assertIn("only [application/json] are allowed", answer.text)
        self.assertEqual(self.agent.get("/api/acks").json, [])

    def test_a_foreign_origin_changes_nothing(self):
        silence = b'{}'
        for path, body in [*CHANGES, ("/-/reload", b""), ("/api/v2/alerts", b"[]"),
                           ("/api/v2/silences", silence)]:
            for origin in ["https://evil.example", "null", "http://127.0.0.1:1"]:
                answer = self.agent.post(path, body, headers={**JSON, "Origin": origin})
                self.assertEqual(answer.status, 403, (path, origin, answer.text))
                self.assertIn("another site", answer.text)
        for path in ["/api/acks/1", "/api/v2/silence/1"]:
            answer = self.agent.get(path, method="DELETE",
                                    headers={"Origin": "https://evil.example"})
            self.assertEqual(answer.status, 403, path)
        self.assertEqual(self.agent.get("/api/acks").json, [])

    def test_our_own_pages_and_programs_may(self):
        for origin in [self.agent.url, "https://watch.example", None]:
            headers = {**JSON, "Origin": origin} if origin else JSON
            self.assertEqual(self.agent.post("/api/acks", ACK, headers=headers).status, 200, origin)
        self.assertEqual(len(self.agent.get("/api/acks").json), 1)

    def test_reading_and_pings_are_for_everybody(self):
        foreign = {"Origin": "https://evil.example"}
        self.assertEqual(self.agent.get("/api/v2/alerts", headers=foreign).status, 200)
        self.assertEqual(self.agent.get("/api/v1/query?query=1", headers=foreign).status, 200)
        self.assertEqual(self.agent.post("/ping/none", b"x", headers=foreign).status, 404)
        # The page of the link has no referrer, so that browsers call its form's origin null.
        self.assertEqual(self.agent.post("/ack/none", b"owner=me", headers={
            "Origin": "null", "Content-Type": "application/x-www-form-urlencoded"}).status, 404)


if __name__ == "__main__":
    runner.main()
