#include "rules/testing/simulated_notifier.h"

#include "rules/series/series_store.h"
#include "rules/testing/recorded_flows.h"
#include "tests/unit/rules/testing/files.h"

namespace seamwatch::rules::testing {
namespace {

constexpr const char* kNotify = R"(
route: {receiver: team, group_by: [alertname, integration], group_wait: 0s, group_interval: 1m,
        repeat_interval: 12h}
receivers:
- name: team
  email_configs: [{to: a@example.org, from: b@example.org, smarthost: 'h:25', send_resolved: true}]
)";

WallTime second(std::int64_t seconds) {
  return wall_from_unix_millis(seconds * 1000);
}

// Three integrations through the bank, one of them from the shop.
class Bank final : public OutageLandscape {
 public:
  std::vector<std::string> systems_of(std::string_view integration) const override {
    if (integration == "orders") {
      return {"bank", "shop"};
    }
    return integration == "refunds" || integration == "payroll" ? std::vector<std::string>{"bank"}
                                                                : std::vector<std::string>();
  }

  std::vector<OutageMember> members(std::string_view,
                                    const StandingOf& standing_of) const override {
    std::vector<OutageMember> out;
    for (const char* name : {"orders", "payroll", "refunds"}) {
      OutageMember member;
      member.name = name;
      if (const FlowStanding* standing = standing_of(name)) {
        member.state = standing->state;
        member.fault = standing->fault;
      }
      out.push_back(std::move(member));
    }
    return out;
  }

  std::string display(std::string_view system) const override {
    return "The " + std::string(system);
  }

  Labels labels(std::string_view system, const Labels& gravest) const override {
    Labels out{{"alertname", std::string(kSystemDown)}, {"system", std::string(system)}};
    out.set("severity", gravest.get("severity"));
    return out;
  }

  Alert alert(Labels labels, WallTime now) const override {
    Alert out;
    out.labels = std::move(labels);
    out.starts_at = now;
    return out;
  }
};

struct World {
  explicit World(std::optional<SimulatedNoise> noise = SimulatedNoise{}) {
    SimulationOptions options{notify_config(kNotify), second(0), ""};
    options.noise = std::move(noise);
    options.flows = [this](std::int64_t, WallTime) { return flows; };
    notifier.emplace(std::move(options));
  }

  // All that happens before `to`, then the alert begins or ends.
  void change(const Labels& labels, std::int64_t at, bool fires) {
    run(at - 1);
    Alert alert;
    alert.labels = labels;
    auto& since = began[labels];
    since = fires ? second(at) : since;
    alert.starts_at = since;
    if (!fires) {
      alert.ends_at = second(at);
    }
    notifier->take({alert}, second(at));
  }

  void run(std::int64_t to) {
    for (auto at = notifier->next_flush(); at && *at <= second(to); at = notifier->next_flush()) {
      REQUIRE(++turns < 10'000);
      notifier->flush(*at);
    }
  }

  void stand(IntegrationState state, std::int64_t since) {
    flows.clear();
    for (const char* name : {"orders", "payroll", "refunds"}) {
      flows.push_back({name, Bank().systems_of(name), state, second(since)});
    }
  }

  // "60 first 1/0", a line each: firing and resolved ones.
  std::string notices() const {
    std::string out;
    for (const Notice& each : notifier->told().notices) {
      const Alert& one = each.firing.empty() ? each.resolved.front() : each.firing.front();
      out += std::to_string(unix_millis(each.at) / 1000) + " " +
             (each.summary_of > 0 ? "summary of " + std::to_string(each.summary_of) : each.reason) +
             " " + std::to_string(each.firing.size()) + "/" + std::to_string(each.resolved.size()) +
             " " + std::string(one.labels.get("alertname")) +
             (one.labels.has("flapping") ? " flapping" : "") + "\n";
    }
    return out;
  }

  std::string held() const {
    std::string out;
    for (const HeldBack& each : notifier->told().held_back) {
      out += std::to_string(unix_millis(each.at) / 1000) + " " +
             std::string(to_string(each.cause)) + ": " + each.why + "\n";
    }
    return out;
  }

  std::vector<FlowStanding> flows;
  std::map<Labels, WallTime> began;
  std::optional<SimulatedNotifier> notifier;
  int turns = 0;
};

SimulatedNoise with_bank() {
  return {NoisePolicy{}, std::make_shared<Bank>()};
}

TEST_CASE("simulated noise: a system that is down is one notice, and its end another") {
  for (const bool on : {true, false}) {
    DYNAMIC_SECTION((on ? "on" : "off")) {
      World world(on ? std::optional(with_bank()) : std::nullopt);
      world.stand(IntegrationState::down, 60);
      for (const char* name : {"orders", "payroll", "refunds"}) {
        world.change({{"alertname", "Down"}, {"integration", name}}, 60, true);
      }
      world.run(599);
      world.stand(IntegrationState::ok, 600);
      for (const char* name : {"orders", "payroll", "refunds"}) {
        world.change({{"alertname", "Down"}, {"integration", name}}, 600, false);
      }
      world.run(3600);
      if (!on) {
        CHECK(world.notices() ==
              "60 first 1/0 Down\n60 first 1/0 Down\n60 first 1/0 Down\n"
              "600 resolved 0/1 Down\n600 resolved 0/1 Down\n600 resolved 0/1 Down\n");
        CHECK(world.held() == "");
        continue;
      }
      // Two minutes of grace, then the group's next turn.
      CHECK(world.notices() == "60 first 1/0 SystemDown\n720 resolved 0/1 SystemDown\n");
      const std::string why =
          "60 system_down: held: system bank is down, SystemDown tells of its 3 integrations\n";
      CHECK(world.held() == why + why + why);
    }
  }
}

TEST_CASE("simulated noise: an alert that flaps is told once, until it is stable") {
  World world;
  const Labels blip{{"alertname", "Blip"}};
  for (std::int64_t i = 0; i < 10; ++i) {
    world.change(blip, 100 + 120 * i, true);
    world.change(blip, 160 + 120 * i, false);
  }
  world.run(6000);
  // The fifth change within 30 minutes is at 340; the last but two is at 1120, and forgotten half
  // an hour later.
  CHECK(world.notices().find("340 new_alerts 1/0 Blip flapping\n") != std::string::npos);
  CHECK(world.notices().ends_with("2920 resolved 0/1 Blip flapping\n"));
  CHECK(world.held().find("340 flapping: held: it flaps (changed 5 times within 30 min), which is "
                          "told by an alert of its own\n") != std::string::npos);
  World off(std::nullopt);
  for (std::int64_t i = 0; i < 10; ++i) {
    off.change(blip, 100 + 120 * i, true);
    off.change(blip, 160 + 120 * i, false);
  }
  off.run(6000);
  CHECK(off.notifier->told().notices.size() == 20);
}

TEST_CASE("simulated noise: a storm is told by a summary a minute") {
  SimulatedNoise noise;
  noise.policy.storm.notices_per_minute = 3;
  World world(noise);
  for (int i = 0; i < 44; ++i) {
    world.change({{"alertname", "A" + std::to_string(100 + i)}}, 60, true);
  }
  world.run(50'000);
  CHECK(world.notices() ==
        "60 first 1/0 A100\n60 first 1/0 A101\n60 first 1/0 A102\n"
        "120 summary of 41 41/0 A103\n"
        // Half a day later all are repeated.
        "43260 repeat 1/0 A100\n43260 repeat 1/0 A101\n43260 repeat 1/0 A102\n"
        "43320 repeat 1/0 A103\n43320 repeat 1/0 A104\n43320 repeat 1/0 A105\n"
        "43380 summary of 38 38/0 A106\n");
  const auto& told = world.notifier->told();
  CHECK(told.held_back.size() == 79);
  CHECK(told.held_back.front().why ==
        "held: more than 3 notices a minute to email[0], waits for a summary");
  CHECK(told.counts.front().notices == 11);
  CHECK(told.counts.front().summaries == 2);
}

TEST_CASE("recorded flows: states and since when, of what the landscape has") {
  SeriesStore store;
  const auto append = [&](const std::string& name, Labels labels, std::int64_t at, double value) {
    labels.set("__name__", name);
    store.append(Sample{labels, second(at), value});
  };
  const auto state = [&](const std::string& integration, std::int64_t at, bool down) {
    append("seamwatch_integration_state",
           {{"integration", integration}, {"state", "down"}},
           at,
           down ? 1 : 0);
    append("seamwatch_integration_state",
           {{"integration", integration}, {"state", "ok"}},
           at,
           down ? 0 : 1);
  };
  for (const std::int64_t at : {0, 60, 120, 180}) {
    state("orders", at, at >= 120);
    state("refunds", at, at >= 60);
    state("elsewhere", at, true);
  }
  append("seamwatch_integration_state_since_timestamp_seconds",
         {{"integration", "refunds"}},
         180,
         55.5);
  const auto fails = [&](const std::string& probe,
                         const std::string& category,
                         const std::string& persistence,
                         const std::string& fault) {
    append("seamwatch_probe_failure_info",
           {{"integration", "orders"},
            {"probe", probe},
            {"category", category},
            {"persistence", persistence},
            {"fault", fault}},
           180,
           1);
  };
  RecordedFlows flows(store, std::make_shared<Bank>());
  const auto shown = [&](std::int64_t down_min, std::int64_t at) {
    std::string out;
    for (const FlowStanding& each : flows.at(down_min, second(at))) {
      out += each.integration + " " + std::string(to_string(each.state)) + " " +
             std::to_string(unix_millis(each.since)) + "\n";
    }
    return out;
  };
  CHECK(shown(0, 0) == "orders ok 0\nrefunds ok 0\n");
  CHECK(shown(2, 200) == "orders down 120000\nrefunds down 55500\n");
  CHECK(shown(4, 200) == "");
  CHECK_FALSE(flows.at(2, second(200)).front().of_target);
  fails("api", "tls", "persistent", "the certificate has expired");
  CHECK(flows.at(2, second(200)).front().of_target);
  CHECK_FALSE(flows.at(2, second(200)).back().of_target);
  fails("port", "network", "persistent", "connection refused");
  CHECK_FALSE(flows.at(2, second(200)).front().of_target);
  // As in the agent: of the first probe by name of those that need someone.
  CHECK(flows.at(2, second(200)).front().fault == "the certificate has expired");
  fails("a", "business", "transient", "HTTP 503 Service Unavailable");
  CHECK(flows.at(2, second(200)).front().fault == "the certificate has expired");
  fails("aa", "dns", "persistent", "no such host");
  CHECK(flows.at(2, second(200)).front().fault == "no such host");
  // What is degraded fails where a probe did, and since then.
  append("seamwatch_integration_state", {{"integration", "orders"}, {"state", "down"}}, 240, 0);
  append("seamwatch_integration_state", {{"integration", "orders"}, {"state", "degraded"}}, 240, 1);
  append("seamwatch_integration_failing_since_timestamp_seconds",
         {{"integration", "orders"}},
         240,
         130);
  CHECK(shown(2, 250) == "orders degraded 130000\nrefunds down 55500\n");
  CHECK(flows.at(2, second(250)).front().failing);
  CHECK_FALSE(flows.at(2, second(250)).back().failing);
  // What was recorded no more is not known, but still there.
  CHECK(shown(0, 1000) == "orders unknown 130000\nrefunds unknown 55500\n");
}

}  // namespace
}  // namespace seamwatch::rules::testing
