"""A real Alertmanager, alone or in a cluster, that tells one webhook. down() and up() end it and start it again on
the same port and storage."""
import json

from harness.fetch import fetch
from harness.ports import free_port
from harness.process import Process
from harness.workspace import make_folder


class Alertmanager:
    def __init__(self, webhook=None, start=True, peers=None, config=None, **route):
        """Tells `webhook` (a URL) of every group at once, where there is one. `peers`: Alertmanagers
        that it joins in a cluster; an empty list begins one. `config` is the whole file, instead."""
        self.cluster = f"127.0.0.1:{free_port()}" if peers is not None else ""
        self._cluster_flags = [f"--cluster.listen-address={self.cluster}"]
        if self.cluster:
            self._cluster_flags += ["--cluster.peer-timeout=2s", "--cluster.gossip-interval=50ms",
                                    "--cluster.pushpull-interval=1s"]
            self._cluster_flags += [f"--cluster.peer={peer.cluster}" for peer in peers]
        self.folder = make_folder("alertmanager")
        self.port = free_port()
        self.target = f"127.0.0.1:{self.port}"
        self.url = f"http://{self.target}"
        receiver = {"name": "all"}
        if webhook:
            receiver["webhook_configs"] = [{"url": webhook, "send_resolved": True}]
        self.write(config or {
            "route": {"receiver": "all", "group_by": ["alertname", "integration"],
                      "group_wait": "0s", "group_interval": "1s", "repeat_interval": "4h", **route},
            "receivers": [receiver]})
        self._process = None
        if start:
            self.up()

    def write(self, config):
        """Its file; a POST to /-/reload makes it read it."""
        self.folder.joinpath("alertmanager.yml").write_text(json.dumps(config, ensure_ascii=False),
                                                          encoding="utf-8")

    def up(self):
        self._process = Process(
            ["prometheus-alertmanager", f"--config.file={self.folder / 'alertmanager.yml'}",
             f"--storage.path={self.folder / 'data'}", f"--web.listen-address={self.target}",
             *self._cluster_flags, "--log.level=debug"], self.folder / "log")
        self._process.until_ready(lambda: fetch(self.url + "/-/ready").status == 200, 20)

    def get(self, path, **more):
        return fetch(self.url + path, **more)

    def down(self):
        self._process.stop()

    def alerts(self, **labels):
        """The alerts it has that carry `labels`; resolved ones are not among them."""
        found = fetch(self.url + "/api/v2/alerts").json
        return [alert for alert in found if labels.items() <= alert["labels"].items()]

    def peers(self):
        """The members of its cluster, itself among them."""
        return fetch(self.url + "/api/v2/status").json["cluster"].get("peers", [])

    @property
    def process(self):
        return self._process

    def log_text(self):
        return self._process.log_text()

    def stop(self):
        if self._process:
            self._process.stop()
