#include "agent/evaluator.h"

#include <set>

#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

namespace asio = boost::asio;

// Does the work at once and comes back a second later, or at once where it is cancelled: as a
// thread that has ended its work just before somebody stopped the waiter.
class SlowPool final : public WorkerPool {
 public:
  explicit SlowPool(Clock& clock, Millis takes = 1s) : clock_(clock), takes_(takes) {}

  asio::awaitable<void> run(std::function<void()> work) override {
    work();
    const MonoTime back = clock_.mono_now() + takes_;
    co_await clock_.sleep_until(back);
  }

 private:
  Clock& clock_;
  Millis takes_;
};

// Wakes sleepers late, in turn by 0, 7 and 3 ms: as a machine with other things to do.
class LateClock final : public Clock {
 public:
  explicit LateClock(Clock& clock) : clock_(clock) {}

  WallTime wall_now() const override { return clock_.wall_now(); }

  MonoTime mono_now() const override { return clock_.mono_now(); }

  asio::awaitable<void> sleep_until(MonoTime at) override {
    late_ = (late_ + 7ms) % 11ms;
    return clock_.sleep_until(at + late_);
  }

 private:
  Clock& clock_;
  Millis late_ = 4ms;
};

constexpr const char* kDown = R"(
groups:
  - name: own
    rules:
      - {alert: Down, expr: up == 0}
)";
constexpr const char* kHeld = R"(
groups:
  - name: own
    rules:
      - {alert: Down, expr: up == 0, for: 30s}
)";
constexpr const char* kOther = R"(
groups:
  - name: own
    rules:
      - {alert: Other, expr: up == 2}
)";

std::vector<rules::RuleFile> files(const char* yaml) {
  Diagnostics problems;
  std::vector<rules::RuleFile> out;
  out.push_back(rules::load_rule_file(parse_yaml("rules.yml", yaml, problems), problems));
  REQUIRE(problems.to_string() == "");
  return out;
}

struct EvaluatorWorld : SimPorts {
  EvaluatorWorld() : kept(*store, kAlertStateSpace) { evaluator = make(); }

  ~EvaluatorWorld() {
    run(evaluator->stop());
    end_tasks();
  }

  std::unique_ptr<Evaluator> make(WorkerPool* pool = nullptr, Clock* clock = nullptr) {
    Evaluator::Hooks hooks;
    hooks.on_alerts = [this](std::vector<Alert> alerts) {
      told.insert(told.end(), alerts.begin(), alerts.end());
    };
    hooks.settled = [this] { return settled; };
    hooks.on_evaluated = [this](const std::string&, const rules::GroupResult& result) {
      ++evaluations;
      missed += result.missed_iterations;
    };
    AgentPorts all{loop.io.get_executor(),
                   clock == nullptr ? static_cast<Clock&>(loop.clock) : *clock,
                   random,
                   network,
                   network,
                   network,
                   network,
                   workers,
                   pool == nullptr ? static_cast<WorkerPool&>(workers) : *pool,
                   workers,
                   workers};
    return std::make_unique<Evaluator>(all, series, kept, hooks);
  }

  void apply(const char* yaml) {
    EvaluatorOptions options;
    options.groups.interval = 15s;
    options.clean = clean;
    run(evaluator->apply(files(yaml), options));
  }

  void sample(double value) {
    series.append(Sample{Labels{{"__name__", "up"}}, loop.clock.wall_now(), value});
  }

  // The store survives; series and memory do not.
  void restart(WorkerPool* pool = nullptr, Clock* clock = nullptr, Nanos away = 10min) {
    run(evaluator->stop());
    told.clear();
    evaluations = 0;
    loop.run_for(away);  // after ten minutes older samples are out of sight
    evaluator = make(pool, clock);
    evaluator->restore(rows());
  }

  std::vector<KeyValue> rows() { return *run(store->load_all(std::string(kAlertStateSpace))); }

  bool firing(const Alert& alert) { return !alert.resolved(loop.clock.wall_now()); }

  rules::SeriesStore series;
  KeptState kept;
  std::function<void(Labels&, Labels&)> clean;
  std::vector<Alert> told;
  bool settled = true;
  int evaluations = 0;
  std::size_t missed = 0;
  std::unique_ptr<Evaluator> evaluator;
};

}  // namespace

TEST_CASE("an alert is kept before it is handed on") {
  EvaluatorWorld world;
  world.apply(kDown);
  world.sample(0);
  world.loop.run_for(15s);
  REQUIRE(world.told.size() == 1);
  CHECK(world.firing(world.told[0]));
  CHECK(world.rows().size() == 1);
}

TEST_CASE(
    "after a restart a firing alert is handed on at once and not resolved before the probes") {
  EvaluatorWorld world;
  world.apply(kDown);
  world.sample(0);
  world.loop.run_for(15s);
  REQUIRE(world.told.size() == 1);
  const SharedText generator = world.told[0].generator_url;
  world.restart();
  world.settled = false;
  world.apply(kDown);
  REQUIRE(world.told.size() == 1);  // before any evaluation
  CHECK(world.firing(world.told[0]));
  CHECK(world.told[0].generator_url == generator);
  CHECK_FALSE(generator.empty());
  world.loop.run_for(55s);
  CHECK(world.evaluations == 0);
  world.sample(0);
  world.settled = true;
  world.loop.run_for(15s);
  CHECK(world.evaluations > 0);
  for (const Alert& alert : world.told) {
    CHECK(world.firing(alert));
  }
}

TEST_CASE("what an alert was pending before a restart counts, and being away does not") {
  EvaluatorWorld world;
  const char* const patient = R"(
groups:
  - name: own
    rules:
      - {alert: Down, expr: up == 0, for: 5m}
)";
  const auto fail_for = [&](int evaluations) {
    for (int i = 0; i < evaluations; ++i) {
      world.sample(0);
      world.loop.run_for(15s);
    }
  };
  world.apply(patient);
  fail_for(12);
  for (int i = 0; i < 3; ++i) {  // restarts that come more often than `for` lasts
    world.restart(nullptr, nullptr, 20s);
    world.apply(patient);
    fail_for(2);
    CHECK(world.told.empty());
  }
  fail_for(6);  // six minutes, of which one away
  REQUIRE_FALSE(world.told.empty());
  CHECK(world.firing(world.told.front()));
}

TEST_CASE("after a restart each of two equal rules links its alerts") {
  constexpr const char* kTwice = R"(
groups:
  - name: own
    rules:
      - {alert: Down, expr: up == 0, annotations: {summary: one}}
      - {alert: Down, expr: up == 0, annotations: {summary: two}}
)";
  EvaluatorWorld world;
  world.apply(kTwice);
  world.sample(0);
  world.loop.run_for(15s);
  world.restart();
  world.settled = false;
  world.apply(kTwice);
  REQUIRE(world.told.size() == 2);
  CHECK_FALSE(world.told[0].generator_url.empty());
  CHECK(world.told[1].generator_url == world.told[0].generator_url);
}

TEST_CASE("probes that do not report for three minutes are waited for no longer") {
  EvaluatorWorld world;
  world.apply(kDown);
  world.sample(0);
  world.loop.run_for(15s);
  world.restart();
  world.settled = false;
  world.apply(kDown);
  world.loop.run_for(179s);
  CHECK(world.evaluations == 0);
  world.loop.run_for(16s);
  CHECK(world.evaluations > 0);
}

TEST_CASE("without restored alerts nothing is waited for") {
  EvaluatorWorld world;
  world.settled = false;
  world.apply(kDown);
  world.loop.run_for(16s);
  CHECK(world.evaluations > 0);
}

TEST_CASE("an alert whose rule is gone after a restart ends by time and is then forgotten") {
  EvaluatorWorld world;
  world.apply(kDown);
  world.sample(0);
  world.loop.run_for(15s);
  world.restart();
  world.apply(kOther);
  REQUIRE(world.told.size() == 1);
  CHECK(world.firing(world.told[0]));
  world.loop.run_for(5min);
  CHECK_FALSE(world.firing(world.told[0]));
  CHECK(world.rows().size() == 1);  // a crash now would still owe its end
  world.loop.run_for(20min);
  CHECK(world.rows().empty());
}

TEST_CASE("an alert whose rule a reload removes stays kept until it has ended by time") {
  EvaluatorWorld world;
  world.apply(kDown);
  world.sample(0);
  world.loop.run_for(15s);
  world.apply(kOther);
  world.loop.run_for(1min);
  CHECK(world.rows().size() == 1);
  SECTION("and is forgotten then") {
    world.loop.run_for(30min);
    CHECK(world.rows().empty());
  }
  SECTION("or lives on with its rule") {
    world.apply(kDown);
    for (int i = 0; i < 120; ++i) {
      world.sample(0);
      world.loop.run_for(15s);
    }
    CHECK(world.rows().size() == 1);
  }
}

TEST_CASE("a reload in the middle of an evaluation loses none of its alerts") {
  EvaluatorWorld world;
  SlowPool pool(world.loop.clock);
  world.restart(&pool);
  world.apply(kDown);
  world.sample(0);
  const auto evaluated = [&] { return !world.evaluator->snapshots().empty() && false; };
  for (int i = 0; i < 1500 && world.told.empty(); ++i) {
    world.loop.run_until(world.loop.clock.mono_now() + 10ms, evaluated);
    world.apply(kDown);
  }
  REQUIRE(world.told.size() == 1);
  CHECK(world.rows().size() == 1);
}

TEST_CASE("two may stop the evaluator at once") {
  EvaluatorWorld world;
  SlowPool pool(world.loop.clock);
  world.restart(&pool);
  world.apply(kDown);
  world.loop.run_for(15s);
  int ended = 0;
  for (int i = 0; i < 2; ++i) {
    asio::co_spawn(world.loop.io, world.evaluator->stop(), [&](std::exception_ptr) { ++ended; });
  }
  world.loop.run_for(2s);
  CHECK(ended == 2);
}

TEST_CASE("a clock that is set back stops the evaluation, and that can be seen") {
  EvaluatorWorld world;
  world.apply(kDown);
  world.loop.run_for(30s);
  CHECK_FALSE(world.evaluator->waits_until().has_value());
  world.loop.clock.jump_wall(Millis(-1min));
  world.loop.run_for(16s);
  CHECK(world.evaluator->waits_until().has_value());
  world.loop.run_for(1min);
  CHECK_FALSE(world.evaluator->waits_until().has_value());
}

TEST_CASE("an alert fires when its `for` has passed, however late a machine wakes the evaluator") {
  EvaluatorWorld world;
  LateClock clock(world.loop.clock);
  world.restart(nullptr, &clock);
  world.apply(kHeld);
  for (int interval = 0; interval < 200; ++interval) {
    const bool down = interval % 5 < 3;  // as long as the alert is held, not an evaluation more
    world.sample(down ? 0 : 1);
    world.loop.run_for(15s);
  }
  CHECK(world.evaluations == 200);
  CHECK(world.missed == 0);
  std::set<WallTime> fired;
  for (const Alert& alert : world.told) {
    fired.insert(alert.starts_at);
  }
  CHECK(fired.size() == 40);
  world.restart();  // the clock goes before the world does
}

TEST_CASE("evaluations that an overrun leaves out are counted") {
  struct Case {
    const char* name;
    Millis takes;  // of an interval of 15 s
    bool misses;
  };

  const Case cases[] = {{"just in time", 14'999ms, false}, {"too long", 31s, true}};
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      EvaluatorWorld world;
      SlowPool pool(world.loop.clock, c.takes);
      world.restart(&pool);
      world.apply(kDown);
      world.loop.run_for(5min);
      CHECK(world.evaluations > 5);
      CHECK((world.missed > 0) == c.misses);
      if (c.misses) {  // two left out after each but the first
        CHECK(world.missed == 2 * static_cast<std::size_t>(world.evaluations - 1));
      }
    }
  }
}

TEST_CASE("an alert is clean before it is kept and shown, and stays the same over a restart") {
  constexpr const char* kTelling = R"(
groups:
  - name: own
    rules:
      - alert: Down
        expr: up == 0
        labels: {customer: jane}
        annotations: {summary: "jane waits"}
)";
  const auto clean = [](Labels& labels, Labels& annotations) {
    labels.set(labels.has("rule") ? "rule" : "customer", "<name>#1");
    annotations.set("summary", "<name> waits");
  };
  EvaluatorWorld world;
  // Before, all was kept as it is.
  const bool clean_before = GENERATE(true, false);
  world.clean = clean_before ? clean : world.clean;
  world.apply(kTelling);
  world.sample(0);
  world.loop.run_for(16s);
  REQUIRE(world.told.size() == 1);
  const WallTime began = world.told[0].starts_at;
  world.restart();
  world.clean = clean;
  world.sample(0);
  world.apply(kTelling);
  world.loop.run_for(2min);
  REQUIRE(!world.told.empty());
  for (const Alert& alert : world.told) {
    CHECK(alert.labels.get("customer") == "<name>#1");
    CHECK(alert.annotations.get("summary") == "<name> waits");
    CHECK(alert.starts_at == began);
    CHECK(world.firing(alert));
  }
  REQUIRE(world.rows().size() == 1);
  CHECK(world.rows()[0].key.find("jane") == std::string::npos);
  CHECK(world.rows()[0].value.find("jane") == std::string::npos);
  CHECK(world.rows()[0].key.find(fingerprint_hex(world.told[0].labels.fingerprint())) !=
        std::string::npos);
  for (const GroupSnapshot& group : world.evaluator->snapshots()) {
    for (const rules::AlertState& alert : group.rules.at(0).alerts) {
      CHECK(alert.labels.get("customer") == "<name>#1");
    }
  }
}
