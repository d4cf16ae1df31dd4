#!/usr/bin/env python3
"""The series' history on disk: rules know after a restart what was before it, a crash takes seconds
of it, a damaged file is set aside, a full disk stops nothing else."""
import os
import subprocess
import time
import unittest
import urllib.parse

from harness import runner, wait
from harness.agent import Agent, one_probe, rule_file
from harness.nginx import Nginx
from harness.workspace import make_folder

# What only history can say: that there were so many probes.
MANY_RULE = {"alert": "ManyProbes", "expr": "count_over_time(probe_success[1h]) > 8"}


class SeriesTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.nginx = Nginx()
        cls.addClassCleanup(cls.nginx.stop)

    def agent(self, storage=None, **section):
        agent = Agent({"orders": one_probe(self.nginx.url("/switch/orders"))},
                      rules=rule_file(MANY_RULE), storage=storage, start=False)
        agent.config["storage"] = section
        agent.write()
        self.addCleanup(agent.stop)
        agent.start()
        agent.until_state("orders", "ok")
        return agent

    def files(self, agent):
        return sorted(path.name for path in (agent.storage / "series").iterdir())

    def alerts(self, agent):
        return agent.get("/api/v1/alerts").json["data"]["alerts"]

    def test_a_restart_knows_what_was_before(self):
        agent = self.agent()
        wait.until(lambda: self.alerts(agent), 30, "an alert that needs nine probes")
        self.assertEqual(agent.stop(), 0)
        agent.start()
        agent.until_log("series restored")
        agent.until_value(lambda value: value >= 15, "seamwatch_history_restored_series")
        # The rule speaks at once: nine probes of its own would take nine seconds more.
        wait.until(lambda: self.alerts(agent), 8, "the alert, out of history")
        agent.until_value(1, "seamwatch_history_healthy")

    def test_what_was_removed_meanwhile_is_over_at_once(self):
        agent = self.agent()
        agent.config["integrations"]["gone"] = one_probe(self.nginx.url("/switch/gone"))
        agent.write()
        agent.post("/-/reload")
        agent.until_state("gone", "ok")
        agent.until_probed("gone")
        self.assertEqual(agent.stop(), 0)
        del agent.config["integrations"]["gone"]
        agent.write()
        agent.start()
        agent.until_log("series restored")
        query = "/api/v1/query?" + urllib.parse.urlencode({"query": "count by (integration) "
                                                           "(last_over_time(probe_success[1h]))"})
        known = {one["metric"]["integration"]: one for one in agent.get(query).json["data"]["result"]}
        self.assertIn("gone", known, "its past stays")
        query = "/api/v1/query?" + urllib.parse.urlencode(
            {"query": '{__name__=~"probe_success|seamwatch_integration_state",integration="gone"}'})
        self.assertEqual(agent.get(query).json["data"]["result"], [])

    def points(self, agent, window):
        """The times of the points of the probe that the agent has from then to then."""
        first, last = window
        answer = agent.get("/api/v1/query?" + urllib.parse.urlencode({
            "query": f"probe_success[{max(1, int((last - first) * 1000))}ms]", "time": f"{last:.3f}"}))
        found = answer.json["data"]["result"]
        return [at for at, _ in found[0]["values"]] if found else []

    def test_a_crash_loses_seconds(self):
        agent = self.agent()
        agent.until_value(lambda value: value >= 1, "seamwatch_history_checkpoints_total")
        began = time.time()
        kept = agent.until_value(lambda value: value > began + 8,
                                 "seamwatch_history_kept_timestamp_seconds", seconds=40)
        before = self.points(agent, (began - 60, kept))
        self.assertGreater(len([at for at in before if at > began]), 5, "probed once a second")
        agent.kill()
        crashed = time.time()
        agent.start()
        agent.until_log("series restored")
        after = self.points(agent, (began - 60, crashed))
        # What was durable is there to the point, and the rest is what came since.
        self.assertEqual([at for at in after if at <= kept], before)
        self.assertLess(crashed - max(after), 30)

    def test_a_damaged_file_is_set_aside(self):
        agent = self.agent()
        wait.until(lambda: "checkpoint-00000001" in self.files(agent), 10, "a checkpoint")
        agent.stop()
        path = agent.storage / "series" / "checkpoint-00000001"
        content = bytearray(path.read_bytes())
        content[len(content) // 2] ^= 0xff
        path.write_bytes(content)
        agent.start()
        agent.until_log(r"checkpoint-00000001 cannot be restored in full")
        agent.until_value(1, "seamwatch_history_corrupt_files_total")
        self.assertIn("1 file was not restored in full", agent.get("/").text)
        wait.until(lambda: "checkpoint-00000002" in self.files(agent), 10, "a new checkpoint")
        self.assertTrue([name for name in self.files(agent) if "corrupt" in name])
        agent.until_probed("orders")

    def test_a_full_disk_stops_nothing_else(self):
        if os.geteuid() != 0:
            self.skipTest("only root may mount a file system")
        disk = make_folder("small-disk")
        mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", disk],
                                 capture_output=True, text=True, check=False)
        if mounted.returncode:
            self.skipTest(f"tmpfs cannot be mounted here: {mounted.stderr.strip()}")
        self.addCleanup(subprocess.run, ["umount", "-l", disk], check=False)
        (disk / "ballast").write_bytes(b"x" * (12 << 20))  # less is left than is kept for others
        agent = self.agent(storage=disk / "data")
        agent.until_value(0, "seamwatch_history_healthy")
        agent.until_log("series history not kept")
        agent.until_probed("orders")
        status, text = agent.ready()
        self.assertEqual(status, 200)
        self.assertIn("the history of series is not kept", text)
        self.assertIn("not kept: the disk", agent.get("/").text)
        (disk / "ballast").unlink()
        agent.until_value(1, "seamwatch_history_healthy", seconds=40)
        agent.until_log("series history is kept again")
        self.assertEqual(agent.ready()[1], "Seamwatch: ready\n")

    def test_it_can_be_switched_off(self):
        agent = self.agent(history={"enabled": False})
        self.assertFalse((agent.storage / "series").exists())
        agent.stop()
        self.assertNotIn("seamwatch_history", agent.log_text())


if __name__ == "__main__":
    runner.main()
