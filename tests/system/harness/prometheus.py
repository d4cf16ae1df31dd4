"""A real Prometheus that scrapes the agent, and promtool's opinion of a scrape."""
import json
import subprocess
import urllib.parse

from harness.fetch import fetch
from harness.ports import free_port
from harness.process import Process
from harness.workspace import make_folder


class Prometheus:
    def __init__(self, target, rule_files=(), interval="1s", alertmanager=None, writable=False,
                 **more):
        """Scrapes `target` (host:port), job "seamwatch"; tells `alertmanager` (host:port); where it is
        `writable`, it takes remote writes, and scrapes nothing. `more` are further sections."""
        self.folder = make_folder("prometheus")
        self.url = f"http://127.0.0.1:{free_port()}"
        config = {"global": {"scrape_interval": interval, "evaluation_interval": interval},
                  "rule_files": [str(path) for path in rule_files],
                  "scrape_configs": [{"job_name": "seamwatch", "honor_labels": True,
                                      "static_configs": [{"targets": [target]}]}], **more}
        if writable:
            config["scrape_configs"] = []
        if alertmanager:
            config["alerting"] = {"alertmanagers": [
                {"static_configs": [{"targets": [alertmanager]}]}]}
        path = self.folder / "prometheus.yml"
        path.write_text(json.dumps(config), encoding="utf-8")
        self._process = Process(
            ["prometheus", f"--config.file={path}", f"--storage.tsdb.path={self.folder / 'data'}",
             f"--web.listen-address={self.url[7:]}", "--log.level=warn",
             *(["--web.enable-remote-write-receiver"] if writable else [])], self.folder / "log")
        self._process.until_ready(lambda: fetch(self.url + "/-/ready").status == 200, 30)

    def query(self, expression):
        """The instant vector, as a list of (labels, value)."""
        answer = self.api("query?" + urllib.parse.urlencode({"query": expression}))
        return [(s["metric"], float(s["value"][1])) for s in answer["result"]]

    def api(self, path):
        answer = fetch(f"{self.url}/api/v1/{path}")
        if answer.status != 200:
            raise ValueError(f"{path}: {answer}")
        return answer.json["data"]

    def log_text(self):
        return self._process.log_text()

    def stop(self):
        self._process.stop()


def promtool_check_metrics(text):
    """What promtool finds wrong with a scrape; "" is clean."""
    done = subprocess.run(["promtool", "check", "metrics"], input=text.encode(),
                          capture_output=True, check=False)
    found = (done.stdout + done.stderr).decode()
    return found or ("" if done.returncode == 0 else f"promtool ended with {done.returncode}")
