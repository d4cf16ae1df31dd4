#!/usr/bin/env python3
"""The agent against a real RabbitMQ: depth, consumers, dead letters, refused logins, missing
queues, and a broker that stops and comes back."""
import unittest

from harness import runner, wait
from harness.agent import Agent, one_probe
from harness.rabbitmq import RabbitMq


class RabbitMqTest(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if RabbitMq.missing():
            raise unittest.SkipTest(RabbitMq.missing())
        cls.broker = RabbitMq()
        cls.addClassCleanup(cls.broker.close)
        broker = cls.broker
        for queue in ["depth", "bounded", "lonely", "shovelled", "copied", "managed", "dead",
                      "stays", "comes"]:
            broker.declare(queue)
        broker.declare("orders", x_dead_letter_exchange="", x_dead_letter_routing_key="dead")
        broker.declare("full/of ünusual", x_max_length=10)
        broker.publish("full/of ünusual", 1)
        cls.managed = {"management_url": broker.management_url}
        cls.agent = Agent({
            "depth": cls.queue("depth"),
            "bounded": cls.queue("bounded", backlog_max=2),
            "lonely": cls.queue("lonely", consumers_min=1),
            "shovelled": cls.queue("shovelled", consumers_min=1),
            "orders": cls.queue("orders", dead_letter_queue="dead", dead_letters_max=0),
            "missing": cls.queue("no-such-queue"),
            "unusual": cls.queue("full/of ünusual"),
            "managed": cls.queue("managed", **cls.managed),
            "stays": cls.queue("stays"),
            "two": cls.queue(queues=["depth", "stays"]),
            "refused": cls.queue("depth", username="intruder", password="wrong"),
            "no_vhost": cls.queue("depth", path="/no-such-vhost"),
        }, modules=cls.modules, **{"global": {"interval": "1s", "timeout": "900ms",
                                              "confirm_retries": 1}})
        cls.addClassCleanup(cls.agent.stop)

    modules = {}

    @classmethod
    def queue(cls, queue=None, path="", **options):
        """An integration that watches `queue` with a module of its own."""
        name = f"module_{len(cls.modules)}"
        if queue:
            options["queue"] = queue
        cls.modules[name] = {"prober": "rabbitmq", "rabbitmq": options}
        return one_probe(cls.broker.url + path, name)

    def ready(self, integration, queue):
        return self.agent.value("seamwatch_queue_messages_ready", integration=integration,
                                queue=queue)

    def test_depth_follows_the_queue(self):
        self.agent.until_state("depth", "ok")
        self.assertEqual(self.ready("depth", "depth"), 0)
        self.broker.publish("depth", 3)
        self.agent.until_value(3, "seamwatch_queue_messages_ready", integration="depth")
        self.broker.take("depth", 2)
        self.agent.until_value(1, "seamwatch_queue_messages_ready", integration="depth")
        self.agent.until_value(1, "seamwatch_queue_messages_ready", integration="two",
                               queue="depth")
        self.assertEqual(self.ready("two", "stays"), 0)

    def test_a_backlog_over_its_bound_fails_and_recovers(self):
        self.agent.until_state("bounded", "ok")
        self.broker.publish("bounded", 2)
        self.agent.until_value(2, "seamwatch_queue_messages_ready", integration="bounded")
        self.assertIsNone(self.agent.failure("bounded"))
        self.broker.publish("bounded", 1)
        self.agent.until_failure("bounded", signal="queue:backlog", category="process")
        self.broker.take("bounded", 1)
        self.agent.until_state("bounded", "ok")

    def test_a_queue_without_consumer_fails(self):
        self.agent.until_failure("lonely", signal="queue:no_consumer", category="unavailable")
        self.assertEqual(self.agent.value("seamwatch_queue_consumers", integration="lonely"), 0)

    def test_a_consumer_that_comes_and_goes(self):
        self.agent.until_failure("shovelled", signal="queue:no_consumer")
        self.broker.shovel("shovelled", "copied")
        self.agent.until_state("shovelled", "ok")
        self.assertEqual(self.agent.value("seamwatch_queue_consumers", integration="shovelled"), 1)
        self.broker.end_shovel("shovelled")
        self.agent.until_failure("shovelled", signal="queue:no_consumer")

    def test_dead_letters(self):
        self.agent.until_value(0, "seamwatch_queue_dead_letters", integration="orders")
        self.agent.until_state("orders", "ok")
        self.broker.publish("orders", 2)
        self.broker.take("orders", 1, "reject_requeue_false")
        self.agent.until_failure("orders", signal="queue:dead_letters", category="process",
                                 persistence="persistent", phase="check")
        self.assertEqual(self.agent.value("seamwatch_queue_dead_letters", integration="orders"), 1)
        self.broker.purge("dead")
        self.agent.until_state("orders", "ok")

    def test_a_missing_queue_is_persistent(self):
        self.agent.until_failure("missing", signal="amqp0-9-1:NOT_FOUND(404)",
                                 category="not_found", persistence="persistent")
        self.agent.until_state("missing", "down")

    def test_a_refused_login_is_persistent(self):
        self.agent.until_failure("refused", signal="amqp0-9-1:ACCESS_REFUSED(403)",
                                 category="authentication", persistence="persistent",
                                 phase="login")
        self.agent.until_state("refused", "down")

    def test_a_missing_vhost_is_a_matter_of_configuration(self):
        self.agent.until_failure("no_vhost", signal="amqp0-9-1:NOT_ALLOWED(530)",
                                 category="configuration", persistence="persistent")

    def test_names_with_slash_space_and_umlaut(self):
        self.agent.until_state("unusual", "ok")
        self.assertEqual(self.ready("unusual", "full/of ünusual"), 1)

    def test_the_management_api_adds_what_amqp_does_not_say(self):
        self.broker.publish("managed", 1)
        self.agent.until_value(0, "seamwatch_queue_messages_unacknowledged", integration="managed")
        self.agent.until_value(1, "seamwatch_queue_messages_ready", integration="managed")

    def test_watching_leaves_no_trace(self):
        """Nothing is consumed or published, and one connection is kept, not one a run."""
        self.agent.until_state("stays", "ok")
        self.broker.publish("stays", 5)
        self.agent.until_probed("stays", runs=4)
        self.assertEqual(len(self.broker.take("stays", 9, "ack_requeue_true")), 5)
        before = {c["name"] for c in self.broker.api("GET", "/connections")}
        self.agent.until_probed("stays", runs=3)
        self.agent.until_probed("depth", runs=3)
        # Connections of the logins that fail come and go; those of the others stay.
        after = {c["name"] for c in self.broker.api("GET", "/connections")}
        self.assertGreaterEqual(len(before & after), 8, (before, after))


class StoppedBrokerTest(unittest.TestCase):
    def test_a_broker_that_stops_and_comes_back(self):
        if RabbitMq.missing():
            self.skipTest(RabbitMq.missing())
        broker = RabbitMq()
        self.addCleanup(broker.close)
        broker.declare("orders")
        broker.publish("orders", 2)
        agent = Agent({"orders": one_probe(broker.url, "orders")},
                      modules={"orders": {"prober": "rabbitmq", "rabbitmq": {"queue": "orders"}}},
                      **{"global": {"confirm_retries": 1}})
        self.addCleanup(agent.stop)
        agent.until_state("orders", "ok")
        broker.stop()
        agent.until_failure("orders", signal="ECONNREFUSED", category="network", phase="connect")
        wait.until(lambda: agent.state("orders") in ("down", "degraded"), 5, "not ok")
        broker.start()
        agent.until_state("orders", "ok", 30)
        self.assertEqual(agent.value("seamwatch_queue_messages_ready", integration="orders"), 2)


if __name__ == "__main__":
    runner.main()
