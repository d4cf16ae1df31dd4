#include "probes/queues/rabbitmq.h"

#include <boost/asio/co_spawn.hpp>
#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "tests/fakes/fake_http_client.h"
#include "tests/fakes/fixed_resolver.h"
#include "tests/fakes/inline_worker_pool.h"
#include "tests/fakes/scripted_dialer.h"
#include "tests/fakes/sim_loop.h"
#include "tests/fakes/sim_random.h"
#include "tests/unit/probes/queues/tiny_broker.h"

namespace seamwatch::probes {
namespace {

struct Bench {
  fakes::SimLoop loop;
  fakes::SimRandom random{1};
  fakes::FixedResolver resolver;
  fakes::ScriptedDialer dialer{loop.clock};
  fakes::FakeHttpClient http;
  fakes::InlineWorkerPool workers;
  const Ports ports{loop.clock, random, resolver, dialer, http, workers};

  std::unique_ptr<Probe> probe(const std::string& target, const std::string& yaml) {
    Diagnostics problems;
    const Document document = parse_yaml("m.yml", yaml, problems);
    auto module = kRabbitmqKind.read(document, document.root, problems);
    REQUIRE(problems.to_string() == "");
    REQUIRE(kRabbitmqKind.check_target(target) == "");
    return kRabbitmqKind.make(target, module, ports);
  }

  Observation run(Probe& probe) {
    std::optional<Observation> seen;
    const MonoTime deadline = loop.clock.mono_now() + std::chrono::seconds(10);
    boost::asio::co_spawn(loop.io,
                          probe.run_once(deadline),
                          [&](std::exception_ptr failure, Observation observation) {
                            REQUIRE_FALSE(failure);
                            seen = std::move(observation);
                          });
    loop.settle();
    REQUIRE(seen.has_value());
    CHECK(seen->success != seen->fault.has_value());
    return *seen;
  }
};

double fact(const Observation& seen, std::string_view name, std::string_view queue) {
  for (const Fact& each : seen.facts) {
    if (each.name == name && each.labels.get("queue") == queue) {
      return each.value;
    }
  }
  return -1;
}

}  // namespace

TEST_CASE("a queue is looked at over one kept connection, by passive declares only") {
  TinyBroker broker(TinyBroker::Manner::serve);
  broker.queues = {{"orders", {7, 2}}, {"orders.dead", {1, 0}}};
  Bench bench;
  const auto probe =
      bench.probe(broker.target(), "{queue: orders, dead_letter_queue: orders.dead}");
  for (int i = 0; i < 3; ++i) {
    const Observation seen = bench.run(*probe);
    CHECK(seen.success);
    CHECK(fact(seen, "seamwatch_queue_messages_ready", "orders") == 7);
    CHECK(fact(seen, "seamwatch_queue_consumers", "orders") == 2);
    CHECK(fact(seen, "seamwatch_queue_dead_letters", "orders") == 1);
  }
  CHECK(broker.connections == 1);
  CHECK(broker.declares == 6);
  CHECK(broker.active_declares == 0);
}

TEST_CASE("probes of one module share the kept connection") {
  TinyBroker broker(TinyBroker::Manner::serve);
  broker.queues = {{"orders", {7, 2}}};
  Bench bench;
  Diagnostics problems;
  const Document document = parse_yaml("m.yml", "{queue: orders}", problems);
  const auto module = kRabbitmqKind.read(document, document.root, problems);
  const Ports ports{
      bench.loop.clock, bench.random, bench.resolver, bench.dialer, bench.http, bench.workers};
  const auto one = kRabbitmqKind.make(broker.target(), module, ports);
  const auto other = kRabbitmqKind.make(broker.target(), module, ports);
  CHECK(bench.run(*one).success);
  CHECK(bench.run(*other).success);
  CHECK(broker.connections == 1);
}

TEST_CASE("a missing queue is a fault, and the others are still looked at") {
  TinyBroker broker(TinyBroker::Manner::serve);
  broker.queues = {{"orders", {7, 2}}};
  Bench bench;
  const auto probe = bench.probe(broker.target(), "{queues: [gone, orders], backlog_max: 5}");
  for (int i = 0; i < 2; ++i) {
    const Observation seen = bench.run(*probe);
    REQUIRE(seen.fault);
    CHECK(seen.fault->signal == Signal{"amqp0-9-1", "NOT_FOUND(404)", "", ""});
    CHECK(seen.fault->phase == "declare");
    CHECK(fact(seen, "seamwatch_queue_messages_ready", "orders") == 7);
  }
  CHECK(broker.connections == 1);
}

TEST_CASE("bounds and a missing dead letter queue are faults of the queue") {
  TinyBroker broker(TinyBroker::Manner::serve);
  broker.queues = {{"orders", {7, 0}}};
  Bench bench;
  CHECK(bench.run(*bench.probe(broker.target(), "{queue: orders, backlog_max: 7}")).success);
  CHECK(bench.run(*bench.probe(broker.target(), "{queue: orders, backlog_max: 6}"))
            .fault->signal.code == "backlog");
  CHECK(bench.run(*bench.probe(broker.target(), "{queue: orders, consumers_min: 1}"))
            .fault->signal.code == "no_consumer");
  CHECK(bench.run(*bench.probe(broker.target(), "{queue: orders, dead_letter_queue: gone}"))
            .fault->signal == Signal{"queue", "missing_dead_letter_queue", "", ""});
}

TEST_CASE("a kept connection that the broker closed is replaced without a fault") {
  TinyBroker broker(TinyBroker::Manner::serve);
  broker.queues = {{"orders", {7, 2}}};
  broker.close_after_declares = 1;
  Bench bench;
  const auto probe = bench.probe(broker.target(), "{queue: orders}");
  CHECK(bench.run(*probe).success);
  CHECK(bench.run(*probe).success);
  CHECK(broker.connections == 2);
}

TEST_CASE("peers that are no broker") {
  struct Case {
    const char* name;
    TinyBroker::Manner manner;
    const char* code;
  };

  const Case cases[] = {
      {"closes at once", TinyBroker::Manner::close_at_once, "connection_closed"},
      {"hangs", TinyBroker::Manner::hang, "ETIMEDOUT"},
      {"an unknown method", TinyBroker::Manner::garbage, "malformed_response"},
      {"speaks HTTP", TinyBroker::Manner::http, "malformed_response"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      TinyBroker peer(c.manner);
      Bench bench;
      const auto probe = bench.probe(peer.target(), "{queue: orders, timeout: 100ms}");
      const Observation seen = bench.run(*probe);
      REQUIRE(seen.fault);
      CHECK(seen.fault->signal.code == c.code);
      CHECK(seen.fault->phase == "login");
    }
  }
}

TEST_CASE("a refused connection is explained by the dialer") {
  std::string target;
  {
    TinyBroker gone(TinyBroker::Manner::hang);
    target = gone.target();
  }
  Bench bench;
  fakes::PeerScript refused;
  refused.refused = Fault();
  refused.refused->signal = Signal{"errno", "ECONNREFUSED", "", ""};
  refused.refused->phase = "connect";
  bench.dialer.expect(refused);
  const auto probe = bench.probe(target, "{queue: orders}");
  const Observation seen = bench.run(*probe);
  REQUIRE(seen.fault);
  CHECK(seen.fault->signal.code == "ECONNREFUSED");
  CHECK(bench.dialer.records.size() == 1);
}

TEST_CASE("a name that does not resolve costs no connection") {
  Bench bench;
  const auto probe = bench.probe("amqp://broker.example", "{queue: orders}");
  const Observation seen = bench.run(*probe);
  REQUIRE(seen.fault);
  CHECK(seen.fault->signal.code == "NXDOMAIN(3)");
  CHECK(seen.fault->phase == "resolve");
}

TEST_CASE("the management API is asked with its own credentials") {
  TinyBroker broker(TinyBroker::Manner::serve);
  broker.queues = {{"orders", {7, 2}}};
  const std::string module =
      "{queue: orders, username: u, password: p, management_url: 'http://broker:15672', "
      "management_username: m, management_password: n, oldest_age_max: 1m}";
  Bench bench;
  const auto probe = bench.probe(broker.target(), module);
  const double now = unix_seconds(bench.loop.clock.wall_now());
  bench.http.answer(200,
                    {},
                    R"({"messages_unacknowledged":5,"head_message_timestamp":)" +
                        std::to_string(static_cast<std::int64_t>(now) - 61) + "}");
  Observation seen = bench.run(*probe);
  CHECK(seen.fault->signal.code == "oldest_age");
  CHECK(fact(seen, "seamwatch_queue_messages_unacknowledged", "orders") == 5);
  const HttpRequest& request = bench.http.requests().at(0).request;
  CHECK(request.url.reveal() == "http://broker:15672/api/queues/%2F/orders");
  CHECK(request.basic_user == "m");
  CHECK(request.basic_password.reveal() == "n");

  bench.http.answer(429, {{"retry-after", "30"}});
  seen = bench.run(*probe);
  CHECK(seen.fault->signal == Signal{"http", "429", "", "Retry-After present"});
  CHECK(seen.fault->phase == "management");
  CHECK(seen.fault->retry_after == Millis(30000));

  bench.http.answer(200, {}, "<html>");
  CHECK(bench.run(*probe).fault->signal.code == "malformed_response");
}

}  // namespace seamwatch::probes
