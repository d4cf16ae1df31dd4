"""A real RabbitMQ node with its management plugin, private in everything: ports, name, database,
cookie and port mapper."""
import base64
import json
import os
import shutil
import urllib.parse

from harness.fetch import fetch
from harness.ports import free_port
from harness.process import Process
from harness.workspace import make_folder

_CONFIG = """
listeners.tcp.1 = 127.0.0.1:{port}
management.tcp.ip = 127.0.0.1
management.tcp.port = {management}
collect_statistics_interval = 1000
disk_free_limit.absolute = 1MB
log.console = true
log.console.level = warning
log.file = false
num_acceptors.tcp = 2
"""


class RabbitMq:
    """User guest with password guest may do everything."""

    def __init__(self):
        self.folder = make_folder("rabbitmq")
        self.port = free_port()
        self.management_port = free_port()
        self.url = f"amqp://127.0.0.1:{self.port}"
        self.management_url = f"http://127.0.0.1:{self.management_port}"
        epmd_port = free_port()
        self.folder.joinpath("rabbitmq.conf").write_text(
            _CONFIG.format(port=self.port, management=self.management_port), encoding="utf-8")
        self.folder.joinpath("plugins").write_text(
            "[rabbitmq_management,rabbitmq_shovel,rabbitmq_shovel_management].\n",
            encoding="utf-8")
        self.folder.joinpath("rabbitmq-env.conf").write_text("", encoding="utf-8")
        home = self.folder / "home"
        home.mkdir()
        self._env = {
            "HOME": str(home),
            "LANG": "C.UTF-8",
            "ERL_EPMD_PORT": str(epmd_port),
            "ERL_EPMD_ADDRESS": "127.0.0.1",
            "RABBITMQ_NODENAME": f"seamwatch{self.port}@localhost",
            "RABBITMQ_DIST_PORT": str(free_port()),
            "RABBITMQ_NODE_PORT": str(self.port),
            "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
            "RABBITMQ_CONF_ENV_FILE": str(self.folder / "rabbitmq-env.conf"),
            "RABBITMQ_CONFIG_FILE": str(self.folder / "rabbitmq.conf"),
            "RABBITMQ_ADVANCED_CONFIG_FILE": str(self.folder / "advanced.config"),
            "RABBITMQ_ENABLED_PLUGINS_FILE": str(self.folder / "plugins"),
            "RABBITMQ_MNESIA_BASE": str(self.folder / "mnesia"),
            "RABBITMQ_LOG_BASE": str(self.folder / "log"),
            "RABBITMQ_GENERATED_CONFIG_DIR": str(self.folder / "generated"),
            "RABBITMQ_PID_FILE": str(self.folder / "pid"),
            "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS":
                "+S 1:1 +A 4 -kernel inet_dist_use_interface {127,0,0,1}",
        }
        # A port mapper of our own, known by its pid; else the node leaves one behind.
        self._epmd = Process(["epmd", "-port", epmd_port, "-address", "127.0.0.1"],
                             self.folder / "epmd.log")
        self._process = None
        self.start()

    @staticmethod
    def missing():
        """Why it cannot run here, or ""."""
        return "" if os.path.exists("/usr/lib/rabbitmq/bin/rabbitmq-server") and \
            shutil.which("epmd") else "rabbitmq-server is not installed"

    def start(self):
        """Starts the node; queues that were durable are there again."""
        self._process = Process(["/usr/lib/rabbitmq/bin/rabbitmq-server"],
                                self.folder / "server.log", self._env, cwd=self.folder)
        self._process.until_ready(lambda: self.api("GET", "/aliveness-test/%2F")["status"] == "ok",
                                  60)

    def stop(self):
        """Stops the broker, so that connections to it are refused."""
        self._process.stop(30)

    def close(self):
        self.stop()
        self._epmd.stop()

    def api(self, method, path, body=None):
        """One call of the management API; raises ValueError with its answer where it fails."""
        login = base64.b64encode(b"guest:guest").decode()
        answer = fetch(f"{self.management_url}/api{path}", method,
                       body, {"Authorization": f"Basic {login}"})
        if answer.status >= 300:
            raise ValueError(f"{method} {path}: {answer}")
        return json.loads(answer.body) if answer.body else None

    def declare(self, queue, **arguments):
        """A durable queue of the default vhost; arguments as `x_max_length=1`."""
        wanted = {"x-" + name[2:].replace("_", "-"): value for name, value in arguments.items()}
        self.api("PUT", f"/queues/%2F/{urllib.parse.quote(queue, '')}",
                 {"durable": True, "arguments": wanted})

    def delete(self, queue):
        self.api("DELETE", f"/queues/%2F/{urllib.parse.quote(queue, '')}")

    def publish(self, queue, count=1, payload="order"):
        for _ in range(count):
            routed = self.api("POST", "/exchanges/%2F/amq.default/publish", {
                "properties": {"delivery_mode": 2}, "routing_key": queue, "payload": payload,
                "payload_encoding": "string"})["routed"]
            if not routed:
                raise ValueError(f"no queue {queue}")

    def take(self, queue, count=1, mode="ack_requeue_false"):
        """Gets messages off the queue; mode reject_requeue_false dead-letters them."""
        return self.api("POST", f"/queues/%2F/{urllib.parse.quote(queue, '')}/get",
                        {"count": count, "ackmode": mode, "encoding": "auto"})

    def shovel(self, source, target):
        """Lets the broker itself consume from `source`, into `target`, until end_shovel()."""
        self.api("PUT", f"/parameters/shovel/%2F/{source}", {"value": {
            "src-protocol": "amqp091", "src-uri": self.url, "src-queue": source,
            "dest-protocol": "amqp091", "dest-uri": self.url, "dest-queue": target}})

    def end_shovel(self, source):
        self.api("DELETE", f"/parameters/shovel/%2F/{source}")

    def purge(self, queue):
        self.api("DELETE", f"/queues/%2F/{urllib.parse.quote(queue, '')}/contents")
