#!/usr/bin/env python3
"""Probes as blackbox_exporter makes them: module files get its verdict from `seamwatch check modules`,
and an agent that watches the published scenarios shows the metrics that were recorded from it.
SEAMWATCH_CONFORMANCE names the folder that holds blackbox/.
Usage: probes.py [BUILD_DIR]   The last line is `N passed, N failed, N skipped`."""
import collections
import json
import os
import pathlib
import re
import subprocess
import sys

BUILD = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else "build/release").resolve()
os.environ["SEAMWATCH_BINARY"] = str(BUILD / "seamwatch")
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "system"))

import yaml  # noqa: E402

import scripted_servers  # noqa: E402
from harness.agent import Agent, one_probe  # noqa: E402
from harness.certificates import Authority  # noqa: E402
from harness.metrics import parse  # noqa: E402
from harness.wait import until  # noqa: E402
from harness.workspace import make_folder  # noqa: E402

OF_OURS = {"integration", "probe", "instance"}  # labels that our series have and its have not
PROBERS = ("http", "tcp")  # that are built in


class Count:
    def __init__(self):
        self.passed = self.failed = 0
        self.skipped = collections.Counter()

    def judge(self, name, wrong):
        """One case; `wrong` says what was not as published, if anything."""
        if wrong:
            self.failed += 1
            print(f"{name}: {'; '.join(wrong)}")
        else:
            self.passed += 1


def check_modules(folder, count):
    for line in (folder / "CONFIG-VERDICTS.tsv").read_text(encoding="utf-8").splitlines()[1:]:
        name, verdict = line.split("\t")[:2]
        text = (folder / name).read_text(encoding="utf-8")
        done = subprocess.run([BUILD / "seamwatch", "check", "modules", folder / name],
                              capture_output=True, text=True, timeout=60, check=False)
        accepted = "ok" if done.returncode == 0 else "fail"
        others = sorted(set(re.findall(r"^ *prober: *(\w+)", text, re.M)) - set(PROBERS))
        if accepted != verdict and others:
            count.skipped[f"module files with prober {' '.join(others)}"] += 1
            continue
        count.judge(name, [] if accepted == verdict
                    else [f"wanted {verdict}, got {accepted}", done.stderr[:300]])


def series_of(samples, integration):
    """Name with labels, as the cases write them, to the value."""
    out = {}
    for sample in samples:
        if sample.labels.get("integration") == integration:
            labels = ",".join(f'{name}="{value}"' for name, value in sorted(sample.labels.items())
                              if name not in OF_OURS)
            out[sample.name + (f"{{{labels}}}" if labels else "")] = sample.value
    return out


def differences(case, found):
    wrong = [f"{name} is {found.get(name)}, wanted {value}"
             for name, value in case["expect"]["metrics"].items() if found.get(name) != value]
    names = {re.sub(r"\{.*", "", name) for name in found}
    return wrong + [f"no {name}" for name in case["expect"].get("present", []) if name not in names]


def watch_all(cases, count):
    """One agent watches all of them; each must have been probed."""
    authority = Authority(make_folder("tls"))
    leaf = authority.good()
    modules, integrations = {}, {}
    for case in cases:
        port = scripted_servers.start(case["server"], leaf) if case["server"] else 0
        fill = lambda text, port=port: scripted_servers.fill_in(text, port, authority.ca_file)
        modules[case["id"]] = json.loads(fill(json.dumps(case["module"])))
        integrations[case["id"]] = one_probe(fill(case["target"]), case["id"])
    agent = Agent(integrations, modules=modules,
                  **{"global": {"interval": "10s", "timeout": "9s"}})

    def shown():
        samples = parse(agent.get("/metrics").text)
        done = {sample.labels["integration"] for sample in samples
                if sample.name == "probe_success"}
        return samples if done >= integrations.keys() else None

    samples = until(shown, 30, "every scenario is probed")
    agent.stop()
    for case in cases:
        count.judge(case["id"], differences(case, series_of(samples, case["id"])))


def main():
    folder = pathlib.Path(os.environ.get("SEAMWATCH_CONFORMANCE") or "/nonexistent") / "blackbox"
    if not folder.is_dir():
        print("skipped: no published probe cases; set SEAMWATCH_CONFORMANCE to their folder")
        print("0 passed, 0 failed, 1 skipped")
        return 0
    count = Count()
    check_modules(folder, count)
    cases = yaml.safe_load((folder / "scenarios.yaml").read_text(encoding="utf-8"))["scenarios"]
    ours = [case for case in cases if case["module"].get("prober") in PROBERS]
    for case in cases:
        if case not in ours:
            count.skipped[f"scenarios of prober {case['module'].get('prober')}"] += 1
    watch_all(ours, count)
    for why, number in sorted(count.skipped.items()):
        print(f"skipped: {why}: {number}")
    print(f"{count.passed} passed, {count.failed} failed, {count.skipped.total()} skipped")
    return 1 if count.failed else 0


if __name__ == "__main__":
    sys.exit(main())
