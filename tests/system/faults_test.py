#!/usr/bin/env python3
"""The agent's own storage fails: a full disk, a database that another process locks or destroys.
The agent keeps probing, says so, and loses no notice."""
import datetime
import os
import pathlib
import sqlite3
import subprocess
import time
import unittest

from harness import runner, wait
from harness.agent import Agent, FAILS_RULE, NO_NOISE_CONTROL, command, notify_file, one_probe, rule_file
from harness.nginx import Nginx
from harness.webhook import WebhookReceiver
from harness.workspace import make_folder


class FaultsTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)

    def setUp(self):
        self.hook = WebhookReceiver()
        self.addCleanup(self.hook.close)
        self.breaks = f"{self._testMethodName}-breaks"
        self.flaps = f"{self._testMethodName}-flaps"

    def agent(self, storage=None, **more):
        agent = Agent({name: one_probe(self.nginx.url(f"/switch/{name}"))
                       for name in (self.breaks, self.flaps, "good")},
                      rules=rule_file(FAILS_RULE), storage=storage,
                      notify=notify_file({"webhook_configs": [{"url": self.hook.url}]}),
                      **{"notification": {"noise": NO_NOISE_CONTROL}, **more})
        self.addCleanup(agent.stop)
        for name in () if more.get("start") is False else (self.breaks, self.flaps, "good"):
            agent.until_state(name, "ok")
        return agent

    def small_disk(self, size="4m"):
        """A folder on a file system of its own, of that size; skips where none can be mounted."""
        if os.geteuid() != 0:
            self.skipTest("only root may mount a file system")
        folder = make_folder("small-disk")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode:
            self.skipTest(f"tmpfs cannot be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", folder], check=False)
        return folder

    @staticmethod
    def fill(disk):
        """A file that takes all that is left."""
        ballast = disk / "ballast"
        with open(ballast, "wb", buffering=0) as out:
            try:
                while out.write(b"x" * 4096):
                    pass
            except OSError:
                pass
        return ballast

    def until_not_ready(self, agent, seconds=20):
        """Keeps changing what is to be stored until the agent says that it cannot store."""
        broken = False

        def not_ready():
            nonlocal broken
            broken = not broken
            (self.nginx.fail if broken else self.nginx.heal)(self.flaps)
            status, text = agent.ready()
            return text if status == 503 else None
        text = wait.until(not_ready, seconds, "/-/ready says that the store fails", every=0.5)
        self.assertIn("store", text)
        agent.until_value(0, "seamwatch_store_healthy")
        return text

    def still_works(self, agent):
        """Probing goes on, and what is due is told although it cannot be stored."""
        agent.until_probed("good")
        self.nginx.fail(self.breaks)
        self.hook.until_alert("firing", integration=self.breaks, seconds=30)
        self.assertTrue(agent.alive())

    def test_a_full_disk(self):
        disk = self.small_disk()
        agent = self.agent(storage=disk / "data")
        ballast = self.fill(disk)
        reason = self.until_not_ready(agent)
        self.assertRegex(reason, "(?i)full|space")
        self.still_works(agent)
        ballast.unlink()
        wait.until(lambda: agent.ready()[0] == 200, 30, "ready again with space")
        agent.until_value(1, "seamwatch_store_healthy")
        agent.until_value(0, "seamwatch_outbox_held")
        self.told_once_over_a_restart(agent)

    def told_once_over_a_restart(self, agent):
        """What was told while the store failed is known to it afterwards."""
        told = len(self.hook.received(True))
        agent.until_value(0, "seamwatch_outbox_pending")
        keys = {r.key for r in self.hook.received(True)
                if r.alerts[0]["labels"]["integration"] == self.breaks}
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(agent.check_database(), "ok")
        agent.start()
        agent.until_probed("good", runs=4)
        again = [r for r in self.hook.received(True)[told:]
                 if r.alerts[0]["labels"]["integration"] == self.breaks]
        self.assertEqual([r.key for r in again if r.key not in keys], [])

    def test_a_database_that_another_process_locks(self):
        agent = self.agent()
        with sqlite3.connect(agent.database, isolation_level=None, timeout=10) as other:
            try:
                other.execute("begin immediate")
            except sqlite3.OperationalError as refused:
                self.assertIn("locked", str(refused))
                return  # the agent lets nobody else write to it: nothing can lock it out
            self.until_not_ready(agent, 30)
            self.still_works(agent)
            code, _, err = command("alerts", "--url", agent.url)
            self.assertEqual(code, 0)
            self.assertRegex(err, "^warning: the agent: the store cannot write: database is locked")
            self.assertIn('role="alert"><strong>store</strong>: database is locked',
                          agent.get("/").text)
            other.execute("rollback")
        other.close()
        wait.until(lambda: agent.ready()[0] == 200, 30, "ready again without the lock")
        agent.until_value(0, "seamwatch_outbox_held")
        self.told_once_over_a_restart(agent)

    def told_and_silenced(self, agent):
        """An alert is told, another one is silenced, and the agent ends with both."""
        self.nginx.fail(self.breaks)
        self.hook.until_alert("firing", integration=self.breaks, seconds=30)
        now = datetime.datetime.now(datetime.timezone.utc)
        silence = {"matchers": [{"name": "integration", "value": self.flaps, "isRegex": False}],
                   "startsAt": now.isoformat(), "createdBy": "test", "comment": "held",
                   "endsAt": (now + datetime.timedelta(hours=1)).isoformat()}
        answer = agent.post("/api/v2/silences", body=silence)
        self.assertEqual(answer.status, 200, answer)
        agent.until_value(0, "seamwatch_outbox_pending")
        self.assertEqual(agent.stop(), 0)
        self.nginx.fail(self.flaps)

    def probes_without_a_store(self, agent, reason):
        """It runs, probes, and says why nobody is told."""
        agent.start(until_ready=False)
        wait.until(lambda: agent.get("/-/healthy").status == 200, 20, "the agent answers")
        status, text = agent.ready()
        self.assertEqual(status, 503)
        self.assertRegex(text, reason)
        self.assertIn(str(agent.database), text)
        agent.until_probed("good")
        agent.until_failure(self.breaks)
        agent.until_value(0, "seamwatch_store_healthy")
        agent.until_log(rf"the store cannot be opened.*({reason})")
        self.assertEqual(agent.post("/api/v2/alerts", body=[]).status, 503)
        agent.sighup()
        agent.until_log(rf"reload refused.*({reason})")

    def nothing_was_forgotten(self, agent):
        """What was told and silenced before is known when the store opens; what is new is told."""
        told = len(self.hook.received(True))
        wait.until(lambda: agent.ready()[0] == 200, 40, "ready again")
        agent.until_value(1, "seamwatch_store_healthy")
        agent.until_state(self.flaps, "degraded")
        self.addCleanup(self.nginx.heal, "good")
        self.nginx.fail("good")
        self.hook.until_alert("firing", integration="good", seconds=30)
        self.nginx.heal(self.breaks)
        self.hook.until_alert("resolved", integration=self.breaks, seconds=30)
        later = [(alert["status"], alert["labels"]["integration"])
                 for r in self.hook.received(True)[told:] for alert in r.alerts]
        self.assertEqual(sorted(set(later)), [("firing", "good"), ("resolved", self.breaks)])
        self.assertEqual(agent.stop(), 0)
        self.assertEqual(agent.check_database(), "ok")

    def test_a_start_with_a_locked_database(self):
        agent = self.agent()
        self.told_and_silenced(agent)
        with sqlite3.connect(agent.database, isolation_level=None, timeout=10) as other:
            other.execute("begin immediate")
            self.probes_without_a_store(agent, "locked")
            other.execute("rollback")
        other.close()
        self.nothing_was_forgotten(agent)

    def test_pings_before_the_store_opens_are_heard_and_asked_for_again(self):
        """They would be lost if the agent ended before they are kept, so they are not said to be."""
        agent = Agent({"job": {"source": "here", "target": "there", "probes": [
            {"name": "beat", "heartbeat": {"key": "job", "every": "1h"}}]}})
        self.addCleanup(agent.stop)
        self.assertEqual(agent.stop(), 0)
        with sqlite3.connect(agent.database, isolation_level=None, timeout=10) as other:
            other.execute("begin immediate")
            began = time.monotonic()
            agent.start(until_ready=False)
            wait.until(lambda: agent.get("/-/healthy").status == 200, 20, "the agent answers",
                       every=0.1)
            self.assertEqual(agent.get("/metrics").status, 200)
            self.assertIn("the store cannot be opened", agent.get("/").text)
            self.assertLess(time.monotonic() - began, 4, "answers wait for no lock")
            answer = agent.get("/ping/job/fail")
            self.assertEqual((answer.status, answer.headers["retry-after"]), (503, "5"))
            self.assertIn("send it again", answer.text)
            agent.until_failure("job", signal="heartbeat:failed")
            self.assertEqual(agent.get("/ping/nobody").status, 404)
            other.execute("rollback")
        other.close()
        wait.until(lambda: agent.get("/ping/job").status == 200, 40, "the ping is kept")
        agent.until_state("job", "ok")

    def test_a_start_on_a_full_disk(self):
        disk = self.small_disk()
        agent = self.agent(storage=disk / "data")
        self.told_and_silenced(agent)
        ballast = self.fill(disk)
        self.probes_without_a_store(agent, "full|space|I/O")
        ballast.unlink()
        self.nothing_was_forgotten(agent)

    def test_a_first_start_on_a_full_disk(self):
        disk = self.small_disk()
        ballast = self.fill(disk)
        agent = self.agent(storage=disk / "data", start=False)
        self.nginx.fail(self.breaks)
        self.probes_without_a_store(agent, "full|space|I/O")
        self.assertEqual(self.hook.received(True), [])
        ballast.unlink()
        self.hook.until_alert("firing", integration=self.breaks, seconds=40)
        self.assertEqual(agent.ready()[0], 200)

    def test_a_stop_before_the_store_opens(self):
        """What is on disk stays as it is, also when the lock goes in that moment."""
        agent = self.agent()
        self.told_and_silenced(agent)
        with sqlite3.connect(agent.database, isolation_level=None, timeout=10) as other:
            other.execute("begin immediate")
            self.probes_without_a_store(agent, "locked")
            before = other.execute("select * from kv order by space, key").fetchall()
            other.execute("rollback")
            self.assertEqual(agent.stop(), 0)
            after = other.execute("select * from kv order by space, key").fetchall()
        other.close()
        if agent.log_lines("the store is open"):
            return  # it was quicker than the stop
        self.assertEqual(before, after)

    def test_two_agents_on_one_folder(self):
        agent = self.agent()
        second = Agent(storage=agent.storage, start=False)
        second.start(until_ready=False)
        wait.until(lambda: not second.alive(), 10, "the second agent gives up")
        self.assertEqual(second.process.returncode, 1)
        self.assertIn(str(agent.storage), second.log_text())
        agent.until_probed("good")
        self.assertEqual(agent.ready()[0], 200)

    def test_a_destroyed_database_is_set_aside(self):
        agent = self.agent()
        agent.stop()
        for path in agent.storage.glob("seamwatch.db-*"):
            path.unlink()
        agent.database.write_bytes(b"this is no database" * 1000)
        agent.start()
        self.assertTrue([path for path in agent.storage.iterdir() if "corrupt" in path.name])
        agent.until_log(r"(?i)corrupt")
        agent.until_state("good", "ok")
        self.nginx.fail(self.breaks)
        self.hook.until_alert("firing", integration=self.breaks)

    def test_a_folder_that_cannot_be_made(self):
        blocked = make_folder("blocked") / "file"
        blocked.write_text("", encoding="utf-8")
        agent = Agent(storage=blocked / "data", start=False)
        agent.start(until_ready=False)
        wait.until(lambda: not agent.alive(), 10, "it gives up")
        self.assertEqual(agent.process.returncode, 1)
        self.assertIn(str(blocked / "data"), agent.log_text())

    def test_limited_file_size(self):
        """A file that may not grow (ulimit -f) is like a full disk: no signal ends the agent."""
        agent = self.agent()
        largest = max(path.stat().st_size for path in agent.storage.rglob("*"))
        limit = ["prlimit", "--pid", str(agent.process.pid)]
        subprocess.run([*limit, f"--fsize={largest}:"], check=True)
        self.until_not_ready(agent)
        self.still_works(agent)
        subprocess.run([*limit, "--fsize=unlimited:"], check=True)
        wait.until(lambda: agent.ready()[0] == 200, 30, "ready again without the limit")
        agent.until_value(0, "seamwatch_outbox_held")
        self.told_once_over_a_restart(agent)

    def test_limited_file_descriptors(self):
        """Out of descriptors, probes fail and say so; the agent lives and recovers."""
        agent = self.agent()
        soft = len(list(pathlib.Path(f"/proc/{agent.process.pid}/fd").iterdir()))
        done = subprocess.run(["prlimit", "--pid", str(agent.process.pid), f"--nofile={soft}:"],
                              capture_output=True, text=True, check=False)
        if done.returncode:
            self.skipTest(f"prlimit: {done.stderr.strip()}")
        wait.until(lambda: agent.alive(), 1, "alive")
        wait.stays(agent.alive, 3, "alive without descriptors")
        subprocess.run(["prlimit", "--pid", str(agent.process.pid), "--nofile=1024:"], check=True)
        agent.until_state("good", "ok")
        self.assertEqual(agent.ready()[0], 200)


if __name__ == "__main__":
    runner.main()
