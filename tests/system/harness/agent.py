"""The agent under test: its files, its process, what it says of itself. The binary is
build/release/seamwatch, or what SEAMWATCH_BINARY names."""
import json
import os
import pathlib
import re
import shutil
import signal
import sqlite3
import subprocess

from harness import metrics, wait
from harness.fetch import fetch
from harness.ports import free_port
from harness.process import Process
from harness.workspace import ROOT, make_folder


class Died(Exception):
    """The agent's process ended while something was asked of it."""


def binary():
    return pathlib.Path(os.environ.get("SEAMWATCH_BINARY", ROOT / "build/release/seamwatch"))


def command(*arguments, text="", timeout=60, cwd=None):
    """Runs `seamwatch ARGUMENTS` to its end: (exit code, stdout, stderr)."""
    done = subprocess.run([binary(), *map(str, arguments)], input=text, capture_output=True,
                          text=True, timeout=timeout, check=False, cwd=cwd)
    return done.returncode, done.stdout, done.stderr


def one_probe(target, module=None, **more):
    """An integration between two systems with one probe, called `probe`."""
    probe = {"name": "probe", "target": target, **more}
    if module:
        probe["module"] = module
    return {"source": "here", "target": "there", "probes": [probe]}


# For tests that follow each alert by itself: nothing is told in the place of another.
NO_NOISE_CONTROL = {part: {"enabled": False} for part in ("dependencies", "flapping", "storm")}

# Fires as soon as a probe has failed, and says of which integration.
FAILS_RULE = {"alert": "ProbeFails", "expr": "probe_success == 0",
              "annotations": {"summary": "{{ $labels.integration }} fails"}}
DOWN_RULE = {"alert": "IntegrationDown", "expr": 'seamwatch_integration_state{state="down"} == 1',
             "annotations": {"summary": "{{ $labels.integration }} is down"}}


def rule_file(*rules, interval="1s"):
    return {"groups": [{"name": "test", "interval": interval, "rules": list(rules)}]}


def notify_file(receiver, **route):
    """Everything goes to `receiver` (a dict such as {"webhook_configs": [...]}), a group each
    alert name and integration, with no waiting."""
    return {"route": {"receiver": "team", "group_by": ["alertname", "integration"],
                      "group_wait": "0s", "group_interval": "1s", "repeat_interval": "4h",
                      **route},
            "receivers": [{"name": "team", **receiver}]}


class Agent:
    """Writes seamwatch.yml (as JSON, which YAML takes) with `integrations` and the other sections
    in `more`; of rules only the file `rules`. Intervals are 1 s unless `more` says otherwise. The
    storage is the folder `storage`, or one beside the configuration."""

    def __init__(self, integrations=None, rules=None, notify=None, storage=None, start=True,
                 **more):
        self.folder = make_folder("agent")
        self.config_file = self.folder / "seamwatch.yml"
        self.rules_file = self.folder / "rules.yml"
        self.notify_file = self.folder / "notify.yml"
        self.storage = pathlib.Path(storage or self.folder / "data")
        self.address = f"127.0.0.1:{free_port()}"
        self.url = f"http://{self.address}"
        self.config = {
            "systems": {"here": {}, "there": {}},
            "default_rules": False,
            "integrations": integrations or {},
            **more,
            "global": {"interval": "1s", "timeout": "800ms", "evaluation_interval": "1s",
                       "confirm_retries": 0, **more.get("global", {})},
        }
        self.rules = rules
        self.notify = notify
        self._process = None
        self.write()
        if start:
            self.start()

    def write(self):
        """Writes the files as `config`, `rules` and `notify` now are."""
        config = dict(self.config)
        if self.rules:
            config["rule_files"] = [self.rules_file.name]
            self.rules_file.write_text(json.dumps(self.rules, indent=1), encoding="utf-8")
        if self.notify:
            config["alerting"] = {**config.get("alerting", {}),
                                  "notification_file": self.notify_file.name}
            self.notify_file.write_text(json.dumps(self.notify, indent=1, ensure_ascii=False), encoding="utf-8")
        self.config_file.write_text(json.dumps(config, indent=1), encoding="utf-8")

    # Its process.

    def start(self, until_ready=True):
        self._process = Process([binary(), "run", "--config", self.config_file, "--storage",
                                 self.storage, "--listen", self.address], self.folder / "log",
                                cwd=self.folder)
        if until_ready:
            self.until_ready()

    def until_ready(self, seconds=15):
        self._process.until_ready(lambda: self.ready()[0] == 200, seconds)

    def stop(self):
        """SIGTERM; its exit code."""
        return self._process.stop() if self._process else 0

    def kill(self):
        self._process.kill()

    def alive(self):
        return self._process.alive()

    @property
    def process(self):
        return self._process

    def sighup(self):
        self._process.signal(signal.SIGHUP)

    def log_text(self):
        return self._process.log_text()

    def until_log(self, pattern, seconds=10):
        return self._process.until_log(pattern, seconds)

    # What it says over HTTP.

    def get(self, path, **more):
        try:
            return fetch(self.url + path, **more)
        except OSError:
            if not self.alive():
                raise Died(f"exit code {self._process.returncode}; log:\n"
                           + self.log_text()[-4000:]) from None
            raise

    def post(self, path, body=None, **more):
        return self.get(path, method="POST", body=body, **more)

    def ready(self):
        """Status and text of /-/ready."""
        answer = self.get("/-/ready")
        return answer.status, answer.text

    def samples(self):
        answer = self.get("/metrics")
        if answer.status != 200:
            raise ValueError(f"/metrics: {answer}")
        return metrics.parse(answer.text)

    def value(self, name, **labels):
        """The one such sample of a scrape; LookupError where there is none."""
        return metrics.value(self.samples(), name, **labels)

    def state(self, integration):
        """The state an integration is in."""
        found = [s.labels["state"] for s in metrics.select(
            self.samples(), "seamwatch_integration_state", integration=integration) if s.value == 1]
        if len(found) != 1:
            raise LookupError(f"{integration} is in the states {found}")
        return found[0]

    def failure(self, integration):
        """The labels of its seamwatch_probe_failure_info, or None where it does not fail."""
        found = metrics.select(self.samples(), "seamwatch_probe_failure_info",
                               integration=integration)
        return found[0].labels if found else None

    # Waiting for it.

    def until_state(self, integration, state, seconds=15):
        wait.until(lambda: self.state(integration) == state, seconds,
                   f"{integration} is {state}; log: {self.log_text()[-1500:]}")

    def until_failure(self, integration, seconds=15, **labels):
        """Waits for a failure that carries `labels`, and returns all its labels."""
        def look():
            found = self.failure(integration)
            if found and labels.items() <= found.items():
                return found
            raise LookupError(f"failure of {integration} is {found}")
        return wait.until(look, seconds, f"{integration} fails with {labels}")

    def until_value(self, wanted, name, seconds=15, **labels):
        """Waits until the sample has the value, or satisfies the function, `wanted`."""
        holds = wanted if callable(wanted) else lambda value: value == wanted

        def look():
            value = self.value(name, **labels)
            if holds(value):
                return (value,)
            raise LookupError(f"{name}{labels} is {value}")
        return wait.until(look, seconds, f"{name}{labels} as wanted")[0]

    def until_probed(self, integration, runs=2, seconds=15):
        """Waits for so many runs to end; the second one started after this call."""
        def duration():
            return self.value("probe_duration_seconds", integration=integration)
        wait.until(lambda: (duration(),), seconds, f"a first run of {integration}")
        for _ in range(runs):
            before = duration()
            wait.until(lambda: duration() != before, seconds, f"a further run of {integration}")

    # What it keeps.

    @property
    def database(self):
        return self.storage / "seamwatch.db"

    def check_database(self):
        """Copies the database as it lies there and asks SQLite about it: "ok", or what is wrong."""
        copy = make_folder("database")
        for path in self.storage.glob("seamwatch.db*"):
            shutil.copy(path, copy / path.name)
        aside = [path.name for path in self.storage.iterdir() if "corrupt" in path.name]
        if aside:
            return f"set aside as corrupt: {aside}"
        try:
            with sqlite3.connect(copy / "seamwatch.db") as connection:
                found = connection.execute("pragma integrity_check").fetchall()
        except sqlite3.DatabaseError as problem:
            return str(problem)
        finally:
            shutil.rmtree(copy)
        return "ok" if found == [("ok",)] else str(found)

    def log_lines(self, pattern):
        return [line for line in self.log_text().splitlines() if re.search(pattern, line)]
