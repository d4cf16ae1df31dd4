#!/usr/bin/env python3
"""Random trees of routes and random label sets: `seamwatch test routes` says what `amtool config routes
test` says."""
import json
import subprocess
import unittest

from harness import runner
from harness.agent import command
from harness.workspace import make_folder
from twins import labels
from twins.compare import Comparison, Known, chance, times

KNOWN = [
    Known("a quote in a value", "amtool reads labels as matchers, so it wants them escaped",
          "unescaped double quote"),
]


class TwinRoutesTest(unittest.TestCase):
    def test_trees(self):
        random = chance("trees")
        path = make_folder("twin-routes") / "notify.yml"
        comparison = Comparison("routes", KNOWN)
        for _ in range(times(50)):
            config = labels.config(random)
            path.write_text(json.dumps(config, ensure_ascii=False), encoding="utf-8")
            for _ in range(3):
                alert = labels.label_set(random)
                quoted = labels.quoted if random.random() < 0.3 else str
                given = [f"{name}={quoted(value)}" for name, value in alert.items()]
                done = subprocess.run(["amtool", "config", "routes", "test", f"--config.file={path}", *given],
                                      capture_output=True, text=True, timeout=30, check=False)
                code, out, err = command("test", "routes", "--notify", path, *given)
                comparison.add(json.dumps([given, config["route"]], ensure_ascii=False),
                               done.stdout.strip() if done.returncode == 0 else done.stderr,
                               out.strip() if code == 0 else err, kind="label sets")
        comparison.finish(self)


if __name__ == "__main__":
    runner.main()
