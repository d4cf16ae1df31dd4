#include "agent/watch/heartbeats.h"

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

Config config_with(const std::vector<std::string>& probes) {
  Config config;
  for (const std::string& probe : probes) {
    probes::HeartbeatConfig heartbeat;
    heartbeat.key = Secret("key-of-" + probe);
    heartbeat.every = 1h;
    heartbeat.grace = 5min;
    config.heartbeats[probe] = heartbeat;
  }
  return config;
}

ProbeConfig probe_config() {
  ProbeConfig out;
  out.integration = "orders";
  out.name = "nightly";
  out.heartbeat = true;
  return out;
}

probes::Ping ping_of(const std::string& probe) {
  probes::Ping ping;
  ping.key = Secret("key-of-" + probe);
  return ping;
}

}  // namespace

TEST_CASE("a ping is taken for the heartbeat of its key, and what it changed is kept once") {
  SimPorts sim;
  Heartbeats heartbeats(sim.loop.clock);
  heartbeats.apply(config_with({"orders/nightly"}));
  CHECK(heartbeats.take_changed().size() == 1);
  CHECK(heartbeats.ping(ping_of("orders/other")) == nullptr);
  const std::string* probe = heartbeats.ping(ping_of("orders/nightly"));
  REQUIRE(probe != nullptr);
  CHECK(*probe == "orders/nightly");
  const auto changed = heartbeats.take_changed();
  REQUIRE(changed.size() == 1);
  CHECK(changed[0].key == "orders/nightly");
  CHECK(changed[0].value.find("key-of") == std::string::npos);  // no secret in the store
  CHECK(heartbeats.take_changed().empty());
}

TEST_CASE("a heartbeat that is late before a restart is late after it") {
  SimPorts sim;
  std::vector<KeyValue> kept;
  {
    Heartbeats before(sim.loop.clock);
    before.apply(config_with({"orders/nightly"}));
    before.ping(ping_of("orders/nightly"));
    kept = before.take_changed();
  }
  sim.loop.run_for(2h);
  Heartbeats after(sim.loop.clock);
  after.restore(kept);
  after.apply(config_with({"orders/nightly"}));
  const auto probe = after.make_probe(probe_config());
  const Observation seen = sim.run(probe->run_once(MonoTime::max()));
  CHECK_FALSE(seen.success);
  CHECK(seen.fault->signal.code == "late");
}

TEST_CASE("what was due while the agent was away is not held against a heartbeat") {
  SimPorts sim;
  std::vector<KeyValue> kept;
  {
    Heartbeats before(sim.loop.clock);
    before.apply(config_with({"orders/nightly"}));
    before.ping(ping_of("orders/nightly"));
    sim.loop.run_for(50min);
    kept = before.take_changed();
    const auto heard = before.take_heard();
    REQUIRE(heard);
    kept.push_back(*heard);
    CHECK_FALSE(before.take_heard());
  }
  sim.loop.run_for(30min);  // due in here, at 60 min
  Heartbeats after(sim.loop.clock);
  after.restore(kept);
  after.apply(config_with({"orders/nightly"}));
  const auto probe = after.make_probe(probe_config());
  CHECK(sim.run(probe->run_once(MonoTime::max())).success);
  sim.loop.run_for(44min);  // one millisecond and more before the next one is late, at 125 min
  CHECK(sim.run(probe->run_once(MonoTime::max())).success);
  sim.loop.run_for(1min);
  const Observation seen = sim.run(probe->run_once(MonoTime::max()));
  REQUIRE(seen.fault);
  CHECK(seen.fault->signal.code == "late");
  CHECK(seen.fault->detail.find("this agent was away") != std::string::npos);
}

TEST_CASE("what was kept joins what was heard meanwhile, where the store opens late") {
  SimPorts sim;
  std::vector<KeyValue> kept;
  {
    Heartbeats before(sim.loop.clock);
    before.apply(config_with({"orders/heard", "orders/silent"}));
    before.ping(ping_of("orders/heard"));
    before.ping(ping_of("orders/silent"));
    kept = before.take_changed();
  }
  sim.loop.run_for(2h);
  Heartbeats after(sim.loop.clock);
  after.apply(config_with({"orders/heard", "orders/silent"}));
  after.ping(ping_of("orders/heard"));
  after.take_changed();
  sim.loop.run_for(1min);
  after.restore(kept);
  after.apply(config_with({"orders/heard", "orders/silent"}));
  CHECK(after.take_changed().size() == 2);
  ProbeConfig probe = probe_config();
  probe.name = "heard";
  CHECK(sim.run(after.make_probe(probe)->run_once(MonoTime::max())).success);
  probe.name = "silent";
  const Observation seen = sim.run(after.make_probe(probe)->run_once(MonoTime::max()));
  REQUIRE(seen.fault);
  CHECK(seen.fault->signal.code == "late");
}

TEST_CASE("a heartbeat that is taken out is forgotten, also by the store") {
  SimPorts sim;
  std::vector<KeyValue> kept;
  Heartbeats heartbeats(sim.loop.clock);
  heartbeats.apply(config_with({"orders/nightly", "orders/other"}));
  kept = heartbeats.take_changed();
  CHECK(heartbeats.take_gone().empty());
  heartbeats.apply(config_with({"orders/other"}));
  CHECK(heartbeats.take_gone() == std::vector<std::string>{"orders/nightly"});
  CHECK(heartbeats.take_gone().empty());
  CHECK(heartbeats.ping(ping_of("orders/nightly")) == nullptr);

  Heartbeats restarted(sim.loop.clock);
  restarted.restore(kept);
  restarted.apply(config_with({"orders/other"}));
  CHECK(restarted.take_gone() == std::vector<std::string>{"orders/nightly"});
}

TEST_CASE("a kept state that cannot be read is dropped, not fatal") {
  SimPorts sim;
  Heartbeats heartbeats(sim.loop.clock);
  heartbeats.restore({KeyValue{"orders/nightly", "{"}});
  heartbeats.apply(config_with({"orders/nightly"}));
  const auto probe = heartbeats.make_probe(probe_config());
  CHECK(sim.run(probe->run_once(MonoTime::max())).success);
}
