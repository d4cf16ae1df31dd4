#include "agent/watch/pipeline.h"

#include "agent/watch/watcher.h"
#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

struct PipelineWorld : SimPorts {
  PipelineWorld() : kept(*store, kIntegrationStateSpace) { pipeline = make(); }

  std::unique_ptr<Pipeline> make() {
    recorder = std::make_unique<Recorder>(series, exposition);
    // As a digest, what comes behind the host: a key of its own is the agent's.
    const auto digest = [](std::string_view value) {
      return std::string(value.substr(value.rfind('/') + 1)) + "'";
    };
    return std::make_unique<Pipeline>(loop.clock, *recorder, kept, digest);
  }

  void apply(const std::vector<std::string>& names, const std::string& privacy = "") {
    auto config = std::make_shared<Config>();
    config->privacy.redactor = Redactor({}, allowed);
    Integration integration;
    integration.name = "orders";
    integration.privacy = privacy;
    WatchedProbes next;
    for (const std::string& name : names) {
      auto probe = std::make_shared<WatchedProbe>();
      ProbeConfig settings;
      settings.integration = "orders";
      settings.name = name;
      settings.target = target + (persons ? name : "");
      probe->config = std::make_shared<const ProbeConfig>(settings);
      integration.probes.push_back(std::move(settings));
      const auto old = find_probe(probes, probe->key());
      next.push_back(old == nullptr ? probe : old);
    }
    sort_by_key(next);
    config->landscape.integrations["orders"] = integration;
    WatchedProbes gone;
    for (const auto& probe : probes) {
      if (find_probe(next, probe->key()) == nullptr) {
        gone.push_back(probe);
      }
    }
    probes = std::move(next);
    pipeline->apply(config, gone, probes);
  }

  // As the watcher hands a result on.
  void result(const std::string& name,
              std::optional<std::string> code,
              const std::string& detail = "as the test says") {
    WatchedProbe& probe = *find_probe(probes, "orders/" + name);
    ProbeResult out;
    out.observation.success = !code.has_value();
    if (code) {
      out.observation.fault = Fault{Signal{"http", *code, "", ""}, "transfer", detail};
      Verdict verdict;
      verdict.category = Category::unavailable;
      verdict.persistence = Persistence::persistent;
      verdict.signal = out.observation.fault->signal;
      out.verdict = verdict;
      if (probe.episode == nullptr) {
        probe.episode = std::make_unique<probes::Episode>();
      }
      probes::note_fault(*probe.episode, *out.observation.fault, loop.clock.wall_now());
    } else {
      probe.episode.reset();
    }
    pipeline->take(probe, out);
    loop.run_for(15s);
  }

  std::vector<KeyValue> rows() {
    REQUIRE(run(kept.flush()).has_value());
    return *run(store->load_all(std::string(kIntegrationStateSpace)));
  }

  IntegrationState state() const { return pipeline->integrations().at("orders").health.state; }

  // Those that some series shows now.
  std::set<std::string> instances() {
    const auto all = *rules::Matcher::make(rules::MatchType::regexp, "instance", ".+");
    const WallTime now = loop.clock.wall_now();
    std::set<std::string> out;
    for (const auto& one : series.select({all}, now - Millis(1h), now)) {
      out.insert(std::string(one.labels.get("instance")));
    }
    return out;
  }

  std::string target = "https://user:secret@erp.test/x?token=hidden";
  bool persons = false;  // the target of a probe ends in its name
  std::vector<std::string> allowed;
  KeptState kept;
  rules::SeriesStore series;
  exporters::Exposition exposition;
  std::unique_ptr<Recorder> recorder;
  WatchedProbes probes;
  std::unique_ptr<Pipeline> pipeline;
};

}  // namespace

TEST_CASE("the journal gets what is new, not each repetition") {
  PipelineWorld world;
  world.apply({"api"});
  world.result("api", "503");
  world.result("api", "503");
  world.result("api", "500");
  world.result("api", std::nullopt);
  world.result("api", "500");
  const auto errors = world.pipeline->take_errors();
  REQUIRE(errors.size() == 3);
  CHECK(errors[0].signal == "HTTP 503");
  CHECK(errors[2].signal == "HTTP 500");
  CHECK(world.pipeline->take_errors().empty());
}

TEST_CASE("a restart changes no state, and an end of a fault ends its episode in the store") {
  PipelineWorld world;
  world.apply({"api"});
  world.result("api", "503");
  CHECK(world.state() == IntegrationState::down);
  const auto failing_since = find_probe(world.probes, "orders/api")->episode->failing_since;
  const auto kept = world.rows();

  PipelineWorld next;
  next.pipeline->restore(kept);
  next.apply({"api"});
  CHECK(next.state() == IntegrationState::down);
  CHECK(find_probe(next.probes, "orders/api")->episode->failing_since == failing_since);
  next.result("api", std::nullopt);
  CHECK(next.state() == IntegrationState::ok);

  PipelineWorld third;
  third.pipeline->restore(next.rows());
  third.apply({"api"});
  CHECK(third.state() == IntegrationState::ok);
  CHECK(find_probe(third.probes, "orders/api")->episode == nullptr);
}

TEST_CASE("what was kept joins what was seen meanwhile, where the store opens late") {
  PipelineWorld world;
  world.apply({"api"});
  world.result("api", "503");
  const auto failing_since = find_probe(world.probes, "orders/api")->episode->failing_since;
  const auto kept = world.rows();

  SECTION("it fails still: since then") {
    PipelineWorld next;
    next.apply({"api"});
    next.result("api", "503");
    find_probe(next.probes, "orders/api")->reported = true;
    next.pipeline->restore(kept);
    next.apply({"api"});
    CHECK(find_probe(next.probes, "orders/api")->episode->failing_since == failing_since);
    CHECK(next.rows() == kept);
  }
  SECTION("it has healed: its fault is over, in the store too") {
    PipelineWorld next;
    next.apply({"api"});
    next.result("api", std::nullopt);
    find_probe(next.probes, "orders/api")->reported = true;
    next.pipeline->restore(kept);
    next.apply({"api"});
    CHECK(find_probe(next.probes, "orders/api")->episode == nullptr);
    next.result("api", std::nullopt);
    CHECK(next.state() == IntegrationState::ok);
    PipelineWorld third;
    third.pipeline->restore(next.rows());
    third.apply({"api"});
    CHECK(find_probe(third.probes, "orders/api")->episode == nullptr);
    CHECK(third.state() == IntegrationState::ok);
  }
}

TEST_CASE("what is taken out leaves no series, no standing and no kept state") {
  PipelineWorld world;
  world.apply({"api", "queue"});
  world.result("api", "503");
  world.result("queue", "503");
  SECTION("over a reload") {
    world.apply({"api"});
    CHECK(world.pipeline->integrations().at("orders").failing.size() == 1);
  }
  SECTION("over a restart: it does not come back later with a fault of long ago") {
    const auto kept = world.rows();
    world.probes.clear();
    world.pipeline = world.make();
    world.pipeline->restore(kept);
    world.apply({"api"});
  }
  for (const KeyValue& row : world.rows()) {
    CHECK(row.key != "probe/orders/queue");
  }
}

TEST_CASE("no secret of a target is in a label") {
  PipelineWorld world;
  world.apply({"api"});
  world.result("api", std::nullopt);
  const auto all = *rules::Matcher::make(rules::MatchType::regexp, "__name__", ".+");
  const WallTime now = world.loop.clock.wall_now();
  const auto found = world.series.select({all}, now - Millis(1h), now);
  REQUIRE(!found.empty());
  for (const auto& one : found) {
    const std::string labels = one.labels.to_string();
    CHECK(labels.find("secret") == std::string::npos);
    CHECK(labels.find("hidden") == std::string::npos);
  }
}

TEST_CASE("a person's name in a target is in no label, and two targets stay two") {
  PipelineWorld world;
  world.target = "https://erp.test/users/";
  world.persons = true;
  world.apply({"jane.doe", "joe.doe"});
  const std::string first = find_probe(world.probes, "orders/jane.doe")->instance_label();
  const std::string second = find_probe(world.probes, "orders/joe.doe")->instance_label();
  CHECK(first == "https://erp.test/users/<name>#jane.doe'");
  CHECK(first != second);
  for (const std::string name : {"jane.doe", "joe.doe"}) {
    world.result(name, "503");
  }
  CHECK(world.instances() == std::set<std::string>{first, second});
  SECTION("a name that the admin allows stays, from the reload on") {
    world.allowed = {"jane.doe"};
    world.apply({"jane.doe", "joe.doe"});
    world.result("jane.doe", "503");
    CHECK(world.instances().count("https://erp.test/users/jane.doe") == 1);
    CHECK(find_probe(world.probes, "orders/joe.doe")->instance_label() == second);
  }
  SECTION("a class that lets personal data pass lets it pass here") {
    world.apply({"jane.doe", "joe.doe"}, "public");
    world.result("jane.doe", "503");
    CHECK(world.instances().count("https://erp.test/users/jane.doe") == 1);
  }
  SECTION("another reload changes nothing") {
    const auto record = find_probe(world.probes, "orders/jane.doe")->record;
    world.apply({"jane.doe", "joe.doe"});
    CHECK(find_probe(world.probes, "orders/jane.doe")->record == record);
  }
}

TEST_CASE("secrets and personal data of an error text are gone before anything keeps it") {
  struct Case {
    std::string name;
    std::string privacy;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"default", "", "password=<secret> of <email>"},
      {"public", "public", "password=<secret> of jane@example.org"},
      {"confidential", "confidential", std::string(kWithheld)},
  }));
  DYNAMIC_SECTION(c.name) {
    PipelineWorld world;
    world.apply({"api"}, c.privacy);
    world.result("api", "503", "password=hunter2 of jane@example.org");
    const auto errors = world.pipeline->take_errors();
    REQUIRE(errors.size() == 1);
    CHECK(errors[0].detail == c.want);
    CHECK(world.pipeline->integrations().at("orders").failing.at("api").detail == c.want);
    for (const KeyValue& row : world.rows()) {
      CHECK(row.value.find("hunter2") == std::string::npos);
    }
  }
}

TEST_CASE("a signal whose code is a peer's own word is redacted in metrics and journal") {
  PipelineWorld world;
  world.apply({"api"});
  world.result("api", "token=31d4c9");
  CHECK(world.pipeline->take_errors()[0].signal == "HTTP token=<secret>");
}
