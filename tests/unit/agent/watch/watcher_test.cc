#include "agent/watch/watcher.h"

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

// Takes `takes` and then says what `fault` says.
struct Script {
  Nanos takes{};
  std::optional<Fault> fault = std::nullopt;
  int runs = 0;
};

class ScriptedProbe final : public probes::Probe {
 public:
  ScriptedProbe(Clock& clock, Script& script) : clock_(clock), script_(script) {}

  boost::asio::awaitable<Observation> run_once(MonoTime) override {
    ++script_.runs;
    const MonoTime end = clock_.mono_now() + script_.takes;
    co_await clock_.sleep_until(end);
    Observation seen;
    seen.success = !script_.fault;
    seen.fault = script_.fault;
    co_return seen;
  }

 private:
  Clock& clock_;
  Script& script_;
};

struct WatcherWorld : SimPorts {
  WatcherWorld() : watcher(ports(), tasks, hooks()) {}

  ~WatcherWorld() { end_tasks(); }

  Watcher::Hooks hooks() {
    Watcher::Hooks out;
    out.on_result = [this](WatchedProbe& probe, ProbeResult result) {
      results.emplace_back(probe.config->definition, std::move(result));
    };
    out.on_start = [](double) {};
    out.make_heartbeat = [this](const ProbeConfig&) {
      return std::make_unique<ScriptedProbe>(loop.clock, script);
    };
    out.own_connectivity = [] { return true; };
    return out;
  }

  // One probe; another `definition` is another probe of the same name.
  std::shared_ptr<const Config> config(const std::string& definition,
                                       Millis interval = Millis(15s),
                                       int confirm = 0,
                                       const std::string& target = "") {
    const auto out = std::make_shared<Config>();
    Integration integration;
    integration.name = "orders";
    ProbeConfig probe;
    probe.integration = "orders";
    probe.name = "api";
    probe.heartbeat = true;
    probe.interval = interval;
    probe.timeout = Millis(5s);
    probe.confirm_retries = confirm;
    probe.definition = definition;
    probe.target = target;
    integration.probes.push_back(probe);
    out->landscape.integrations["orders"] = integration;
    return out;
  }

  void start() { tasks.spawn("watcher", watcher.run()); }

  Script script;
  std::vector<std::pair<std::string, ProbeResult>> results;
  Watcher watcher;
};

Fault refused() {
  return Fault{Signal{"errno", "ECONNREFUSED", "", ""}, "connect", "nobody listens"};
}

}  // namespace

TEST_CASE("a probe looks once an interval; one that looks every hour has its first look soon") {
  WatcherWorld world;
  world.watcher.apply(world.config("a", Millis(1h)));
  world.start();
  world.loop.run_for(1min + 100ms);
  CHECK(world.results.size() == 1);
  world.loop.run_for(10h);
  CHECK(world.results.size() >= 10);
  CHECK(world.results.size() <= 12);
}

TEST_CASE("what a removed probe has under way ends without a result") {
  WatcherWorld world;
  world.script.takes = 4s;
  world.watcher.apply(world.config("old"));
  world.start();
  while (world.script.runs == 0) {
    world.loop.run_for(100ms);
  }
  const auto gone = world.watcher.apply(world.config("new"));
  REQUIRE(gone.size() == 1);
  CHECK(gone[0]->removed);
  world.loop.run_for(1min);
  CHECK(world.results.size() >= 2);
  for (const auto& [definition, result] : world.results) {
    CHECK(definition == "new");
  }
  CHECK(world.watcher.counts().entries == 1);
  world.watcher.apply(std::make_shared<const Config>());
  world.loop.run_for(1min);
  CHECK(world.watcher.counts().entries == 0);
  CHECK(world.watcher.counts().in_flight == 0);
}

TEST_CASE("a probe that stays keeps its schedule and its verdict over a reload") {
  WatcherWorld world;
  world.watcher.apply(world.config("same"));
  const auto before = find_probe(world.watcher.probes(), "orders/api");
  CHECK(world.watcher.apply(world.config("same")).empty());
  CHECK(find_probe(world.watcher.probes(), "orders/api") == before);
}

TEST_CASE("what fails goes on failing where only the way of looking at it changed") {
  WatcherWorld world;
  world.script.fault = Fault{Signal{"http", "503", "", ""}, "processing", "not now"};
  world.watcher.apply(world.config("old"));
  world.start();
  world.loop.run_for(4min);
  REQUIRE(world.results.back().second.verdict->persistence == Persistence::transient);
  SECTION("the same target: its retry budget goes on") {
    CHECK(world.watcher.apply(world.config("new")).size() == 1);
    world.loop.run_for(2min);
    CHECK(world.results.back().first == "new");
    CHECK(world.results.back().second.verdict->persistence == Persistence::persistent);
  }
  SECTION("another target begins anew") {
    world.watcher.apply(world.config("new", Millis(15s), 0, "elsewhere"));
    world.loop.run_for(2min);
    CHECK(world.results.back().second.verdict->persistence == Persistence::transient);
  }
  SECTION("a run that succeeds ends it") {
    world.watcher.apply(world.config("new"));
    world.script.fault.reset();
    world.loop.run_for(1min);
    CHECK_FALSE(world.results.back().second.verdict);
    CHECK(find_probe(world.watcher.probes(), "orders/api")->episode == nullptr);
  }
}

TEST_CASE("a look outside the schedule neither doubles a run nor breaks the rhythm") {
  WatcherWorld world;
  world.script.takes = 2s;
  world.watcher.apply(world.config("a"));
  world.start();
  world.watcher.look_now("orders/api");
  world.watcher.look_now("orders/api");
  world.watcher.look_now("orders/nobody");
  world.loop.settle();
  CHECK(world.script.runs == 1);
  world.loop.run_for(61s);
  CHECK(world.script.runs >= 4);
  CHECK(world.script.runs <= 6);
  world.watcher.apply(std::make_shared<const Config>());
  world.loop.run_for(5s);
  CHECK(world.watcher.counts().in_flight == 0);
}

TEST_CASE("a peer that asks to be left alone is, but not for more than an hour") {
  WatcherWorld world;
  world.watcher.apply(world.config("a"));
  world.watcher.hold(*find_probe(world.watcher.probes(), "orders/api"),
                     world.loop.clock.wall_now() + Millis(90min));
  CHECK(world.watcher.all_reported());  // nobody waits for it
  world.start();
  world.loop.run_for(59min);
  CHECK(world.script.runs == 0);
  world.loop.run_for(2min);
  CHECK(world.script.runs > 0);
}

TEST_CASE("a peer that asked for it while the clock was ahead is not left alone for that long") {
  WatcherWorld world;
  world.watcher.apply(world.config("a"));
  world.watcher.hold(*find_probe(world.watcher.probes(), "orders/api"),
                     world.loop.clock.wall_now() + Millis(24h));
  CHECK_FALSE(world.watcher.all_reported());
  world.start();
  world.loop.run_for(61s);
  CHECK(world.script.runs > 0);
  CHECK(world.watcher.all_reported());
}

TEST_CASE("a fault that depends is confirmed within the interval, once") {
  WatcherWorld world;
  world.script.fault = refused();
  world.watcher.apply(world.config("a", Millis(60s), 2));
  world.start();
  world.loop.run_for(119s);
  REQUIRE(!world.results.empty());
  REQUIRE(world.results[0].second.verdict.has_value());
  CHECK(world.results[0].second.verdict->confirm_retries == 2);
  CHECK(world.results[0].second.verdict->persistence == Persistence::persistent);
  const auto looks = static_cast<int>(world.results.size());
  CHECK(world.script.runs == looks + 2);
}
