#!/usr/bin/env python3
"""The agent's own storage fails: a full disk, a database that another process locks or destroys.
The agent keeps probing, says so, and loses no notice."""
import os
import pathlib
import sqlite3
import subprocess
import unittest

from harness import runner, wait
from harness.agent import FAILS_RULE, Agent, notify_file, one_probe, rule_file
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
                      notify=notify_file({"webhook_configs": [{"url": self.hook.url}]}), **more)
        self.addCleanup(agent.stop)
        for name in (self.breaks, self.flaps, "good"):
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
        ballast = disk / "ballast"
        with open(ballast, "wb", buffering=0) as out:
            try:
                while out.write(b"x" * 4096):
                    pass
            except OSError:
                pass
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
            other.execute("rollback")
        other.close()
        wait.until(lambda: agent.ready()[0] == 200, 30, "ready again without the lock")
        agent.until_value(0, "seamwatch_outbox_held")
        self.told_once_over_a_restart(agent)

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
