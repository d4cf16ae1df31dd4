#!/usr/bin/env python3
"""Random Go templates: `seamwatch template render` makes of them what `amtool template render` does, and
refuses those that it refuses."""
import json
import subprocess
import unittest

from harness import runner
from harness.agent import command
from harness.workspace import make_folder
from twins.compare import Comparison, Known, chance, times
from twins.snippets import Snippets

ALERT = {"status": "firing", "labels": {"alertname": "Down", "team": "a"}, "annotations": {"summary": "it is <down>"},
         "startsAt": "2026-11-23T20:00:00Z", "endsAt": "0001-01-01T00:00:00Z", "generatorURL": "http://p/g", "fingerprint": "01"}
DATA = {"receiver": "team", "status": "firing", "groupLabels": {"alertname": "Down"}, "externalURL": "http://am",
        "commonLabels": {"alertname": "Down", "team": "a", "zone": "x y"}, "commonAnnotations": {"summary": "it is <down>"},
        "alerts": [ALERT, {**ALERT, "status": "resolved", "endsAt": "2026-11-23T21:00:00Z", "fingerprint": "02"}]}
KNOWN = [
    Known("labels as a text", "Alertmanagers after 0.25 print them as a list: a=b, c=d", r"map\[|\{alertname", "=|3d", r"Alerts|Labels|Annotations"),
    Known("verbs that do not fit", "what Go makes of them inside of %!s(...) keeps widths, and shows what a time is made of", "%!", "%!",
          "printf"),
]


class TwinTemplatesTest(unittest.TestCase):
    def test_snippets(self):
        snippets = Snippets(chance("snippets"))
        folder = make_folder("twin-templates")
        data, none = folder / "data.json", folder / "none.tmpl"
        data.write_text(json.dumps(DATA), encoding="utf-8")
        none.write_text("", encoding="utf-8")
        comparison = Comparison("templates", KNOWN)
        for _ in range(times(150)):
            text = snippets.next()
            done = subprocess.run(["amtool", "template", "render", f"--template.glob={none}", f"--template.data={data}",
                                   f"--template.text={text}"], capture_output=True, text=True, timeout=30, check=False)
            code, out, err = command("template", "render", "--data", data, "--", text)
            theirs = done.stdout.strip("\n") if done.returncode == 0 else "fails: " + done.stderr.strip()
            ours = out.strip("\n") if code == 0 else "fails: " + err.strip()
            comparison.add(repr(text), theirs, ours, theirs == ours or (done.returncode != 0) and code != 0,
                           "good" if done.returncode == 0 else "bad")
        comparison.finish(self)


if __name__ == "__main__":
    runner.main()
