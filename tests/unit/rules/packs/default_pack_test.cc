#include "rules/packs/default_pack.h"

#include <map>
#include <set>

#include "agent/core/taxonomy.h"
#include "tests/unit/rules/groups/world.h"

namespace seamwatch::rules {
namespace {

constexpr double kStart = 1'700'000'000;

// One metric that keeps its value for the whole time.
struct Fact {
  std::string metric;
  double value;
};

// All groups of the pack over one store.
class Pack {
 public:
  Pack() {
    for (RuleGroup& definition : groups_of(default_pack())) {
      groups_.emplace_back(std::move(definition), GroupOptions());
    }
  }

  // Evaluates every 30 seconds up to minute `minutes`; gives what fires at the end.
  std::vector<Alert> run(const std::vector<Fact>& facts, double minutes, double from_minute = 0) {
    for (double second = from_minute * 60; second <= minutes * 60; second += 30) {
      const WallTime at = at_second(kStart + second);
      for (const Fact& fact : facts) {
        const auto labels = promql::parse_metric(fact.metric);
        REQUIRE(labels.has_value());
        store_.append({*labels, at, fact.value});
      }
      evaluate(at);
    }
    std::vector<Alert> firing;
    for (const auto& [labels, alert] : told_) {
      if (!alert.resolved(at_second(kStart + minutes * 60))) {
        firing.push_back(alert);
      }
    }
    return firing;
  }

 private:
  void evaluate(WallTime at) {
    const auto append = [this](const Sample& sample) { store_.append(sample); };
    for (Group& group : groups_) {
      const GroupResult result = group.evaluate({at, engine_, store_, append, {}});
      for (const RuleError& error : result.errors) {
        FAIL(error.what);
      }
      CHECK(result.template_failures == 0);
      for (const Alert& alert : result.to_send) {
        told_.insert_or_assign(alert.labels, alert);
      }
    }
  }

  std::vector<Group> groups_;
  promql::Engine engine_;
  SeriesStore store_;
  std::map<Labels, Alert> told_;
};

std::vector<Fact> states(const std::string& current) {
  std::vector<Fact> facts;
  for (const std::string state : {"ok", "degraded", "throttled", "down", "unknown"}) {
    facts.push_back({"seamwatch_integration_state{integration=\"shop\",state=\"" + state + "\"}",
                     state == current ? 1.0 : 0.0});
  }
  return facts;
}

const Fact kFailure = {
    "seamwatch_probe_failure_info{integration=\"shop\",probe=\"orders\",phase=\"connect\","
    "signal=\"ECONNREFUSED\",fault=\"connection "
    "refused\",category=\"unavailable\",persistence=\"persistent\"}",
    1};

Fact failure(const std::string& probe, const std::string& signal) {
  return {"seamwatch_probe_failure_info{integration=\"shop\",probe=\"" + probe +
              "\",phase=\"check\",category=\"process\",signal=\"" + signal +
              "\",persistence=\"persistent\"}",
          1};
}

Fact heartbeat_late(double late) {
  return {"seamwatch_heartbeat_late{integration=\"shop\",probe=\"job\"}", late};
}

std::vector<Fact> with(std::vector<Fact> facts, const std::vector<Fact>& more) {
  facts.insert(facts.end(), more.begin(), more.end());
  return facts;
}

struct FiringCase {
  std::string name;
  std::vector<Fact> facts;
  double minutes;
  std::set<std::string> want;  // the alerts that fire
};

std::vector<FiringCase> state_cases() {
  std::vector<Fact> down = states("down");
  down.push_back(kFailure);
  return {
      {"all is well", states("ok"), 30, {}},
      {"down pages within a minute", down, 1, {"IntegrationDown"}},
      {"down without a known cause", states("down"), 1, {"IntegrationDown"}},
      {"down for a late heartbeat alone is told once",
       with(states("down"), {heartbeat_late(1), failure("job", "heartbeat:late")}),
       2,
       {"HeartbeatLate"}},
      {"down for a heartbeat that never came is told once",
       with(states("down"), {heartbeat_late(1), failure("job", "heartbeat:never_seen")}),
       2,
       {"HeartbeatLate"}},
      {"down for something else as well",
       with(states("down"), {heartbeat_late(1), failure("job", "heartbeat:late"), kFailure}),
       2,
       {"HeartbeatLate", "IntegrationDown"}},
      {"down for a backlog alone is told once",
       with(states("down"),
            {{"seamwatch_queue_messages_ready{integration=\"shop\",queue=\"orders\"}", 50},
             {"seamwatch_queue_backlog_limit{integration=\"shop\",queue=\"orders\"}", 10},
             failure("queue", "queue:backlog")}),
       10,
       {"QueueBacklog"}},
      {"down for too few consumers",
       with(states("down"),
            {{"seamwatch_queue_messages_ready{integration=\"shop\",queue=\"orders\"}", 50},
             {"seamwatch_queue_consumers{integration=\"shop\",queue=\"orders\"}", 1},
             failure("queue", "queue:no_consumer")}),
       10,
       {"IntegrationDown"}},
      {"down for a job that failed in time",
       with(states("down"), {heartbeat_late(0), failure("job", "heartbeat:exit_code")}),
       2,
       {"IntegrationDown"}},
      {"down for a job that reports failures past its due time, too: it does report",
       with(states("down"), {heartbeat_late(1), failure("job", "heartbeat:exit_code")}),
       2,
       {"IntegrationDown"}},
      {"degraded for a short while", states("degraded"), 14, {}},
      {"degraded for long", states("degraded"), 15, {"IntegrationDegraded"}},
      {"throttled is not down", states("throttled"), 14, {}},
      {"throttled for long", states("throttled"), 15, {"IntegrationThrottled"}},
      {"unknown is silent", states("unknown"), 30, {}},
      {"a transient failure alone is silent", {kFailure}, 30, {}},
  };
}

std::vector<FiringCase> queue_cases() {
  const std::string queue = "{integration=\"shop\",queue=\"orders\"}";
  const Fact waiting = {"seamwatch_queue_messages_ready" + queue, 50};
  const Fact empty = {"seamwatch_queue_messages_ready" + queue, 0};
  const auto limit = [&](double value) {
    return Fact{"seamwatch_queue_backlog_limit" + queue, value};
  };
  const auto consumers = [&](double value) {
    return Fact{"seamwatch_queue_consumers" + queue, value};
  };
  return {
      {"a backlog without a limit", {waiting, consumers(1)}, 30, {}},
      {"a backlog at its limit", {waiting, limit(50), consumers(1)}, 30, {}},
      {"a backlog past its limit", {waiting, limit(49), consumers(1)}, 2, {"QueueBacklog"}},
      {"a backlog for a short while", {waiting, limit(49), consumers(1)}, 1.5, {}},
      {"nobody reads an empty queue", {empty, consumers(0)}, 30, {}},
      {"nobody reads", {waiting, consumers(0)}, 2, {"QueueNoConsumer"}},
      {"nobody reads an empty queue that somebody must read",
       {empty,
        consumers(0),
        {"seamwatch_probe_failure_info{integration=\"shop\",signal=\"queue:no_consumer\","
         "persistence=\"persistent\"}",
         1}},
       2,
       {"QueueNoConsumer"}},
      {"and as long as it may pass by itself",
       {empty,
        consumers(0),
        {"seamwatch_probe_failure_info{integration=\"shop\",signal=\"queue:no_consumer\","
         "persistence=\"transient\"}",
         1}},
       30,
       {}},
      {"a backlog that nobody reads is told once",
       {waiting, limit(49), consumers(0)},
       5,
       {"QueueNoConsumer"}},
      {"dead letters", {{"seamwatch_queue_dead_letters" + queue, 1}}, 1, {"QueueDeadLetters"}},
      {"no dead letters", {{"seamwatch_queue_dead_letters" + queue, 0}}, 30, {}},
  };
}

std::vector<FiringCase> other_cases() {
  const std::string probe = "{integration=\"shop\",probe=\"orders\"}";
  // Over the time of the test the certificate comes half an hour nearer.
  const auto expires_in = [&](double days) {
    return Fact{"probe_ssl_earliest_cert_expiry" + probe, kStart + days * 86400};
  };
  return {
      {"a heartbeat in time", {{"seamwatch_heartbeat_late" + probe, 0}}, 30, {}},
      {"a late heartbeat", {{"seamwatch_heartbeat_late" + probe, 1}}, 1, {"HeartbeatLate"}},
      {"a certificate for 15 days", {expires_in(15)}, 30, {}},
      {"a certificate for 13 days", {expires_in(13)}, 30, {"CertificateExpiry"}},
      {"a certificate for 2 days", {expires_in(2)}, 30, {"CertificateExpiry"}},
      {"a certificate that has expired", {expires_in(-1)}, 30, {"CertificateExpiry"}},
      {"a healthy agent",
       {{"seamwatch_store_healthy", 1},
        {"seamwatch_config_last_reload_successful", 1},
        {"seamwatch_loop_lag_seconds", 0.01},
        {"seamwatch_probe_slip_max_seconds", 0.05},
        {"seamwatch_outbox_held", 0},
        {"seamwatch_history_healthy", 1},
        {"seamwatch_history_failures_total", 2},
        {"seamwatch_history_corrupt_files_total", 1},
        {"seamwatch_series_refused_total{limit=\"series_max\"}", 3},
        {"seamwatch_outbox_pending", 3},
        {"seamwatch_outbox_dead_letters_total{receiver=\"team\"}", 2},
        {"seamwatch_rule_evaluation_failures_total", 4},
        {"seamwatch_template_text_expansion_failures_total", 4}},
       30,
       {}},
      {"probes that start late", {{"seamwatch_probe_slip_max_seconds", 5.1}}, 2, {"AgentUnwell"}},
      {"a store that cannot be written", {{"seamwatch_store_healthy", 0}}, 2, {"AgentUnwell"}},
      {"an outbox that fills", {{"seamwatch_outbox_pending", 1001}}, 2, {"AgentUnwell"}},
      {"history that is not kept", {{"seamwatch_history_healthy", 0}}, 2, {"AgentUnwell"}},
      {"an outbox near its limit",
       {{"seamwatch_outbox_pending", 81}, {"seamwatch_outbox_limit", 100}},
       2,
       {"OutboxFills"}},
      {"an outbox that has room",
       {{"seamwatch_outbox_pending", 80}, {"seamwatch_outbox_limit", 100}},
       2,
       {}},
      {"an outbox with little room left on disk",
       {{"seamwatch_outbox_bytes", 81}, {"seamwatch_outbox_bytes_limit", 100}},
       2,
       {"OutboxFillsDisk"}},
      {"an outbox that has room on disk",
       {{"seamwatch_outbox_bytes", 80}, {"seamwatch_outbox_bytes_limit", 100}},
       2,
       {}},
      {"two troubles are one alert",
       {{"seamwatch_store_healthy", 0}, {"seamwatch_loop_lag_seconds", 9}},
       2,
       {"AgentUnwell"}},
  };
}

void check_case(const FiringCase& c) {
  Pack pack;
  std::set<std::string> fires;
  for (const Alert& alert : pack.run(c.facts, c.minutes)) {
    fires.emplace(alert.labels.get("alertname"));
    for (const std::string text : {"summary", "description", "advice"}) {
      INFO(text << ": " << alert.annotations.get(text));
      CHECK(!alert.annotations.get(text).empty());
      CHECK(alert.annotations.get(text).find("<no value>") == std::string::npos);
      CHECK(alert.annotations.get(text).find("  ") == std::string::npos);
      CHECK_FALSE(alert.annotations.get(text).ends_with(' '));
    }
    CHECK(alert.labels.has("severity"));
  }
  CHECK(fires == c.want);
}

TEST_CASE("the pack fires on the state of integrations") {
  for (const FiringCase& c : state_cases()) {
    DYNAMIC_SECTION(c.name) {
      check_case(c);
    }
  }
}

TEST_CASE("the pack fires on queues") {
  for (const FiringCase& c : queue_cases()) {
    DYNAMIC_SECTION(c.name) {
      check_case(c);
    }
  }
}

TEST_CASE("the pack fires on heartbeats, certificates and the agent itself") {
  for (const FiringCase& c : other_cases()) {
    DYNAMIC_SECTION(c.name) {
      check_case(c);
    }
  }
}

TEST_CASE("an integration that is down says which probe failed and how") {
  Pack pack;
  std::vector<Fact> facts = states("down");
  facts.push_back(kFailure);
  const std::vector<Alert> firing = pack.run(facts, 1);
  REQUIRE(firing.size() == 1);
  const std::string description(firing[0].annotations.get("description"));
  INFO(description);
  CHECK(description.find("orders") != std::string::npos);
  CHECK(description.find("ECONNREFUSED") != std::string::npos);
}

TEST_CASE("what an integration suffers from is said in words, where they were recorded") {
  const auto summary_of = [](const std::string& state, const Fact& failing, double minutes) {
    Pack pack;
    std::vector<Fact> facts = states(state);
    facts.push_back(failing);
    const std::vector<Alert> firing = pack.run(facts, minutes);
    return firing.size() == 1 ? std::string(firing[0].annotations.get("summary")) : "none";
  };
  CHECK(summary_of("down", kFailure, 1) == "Integration shop is down: connection refused");
  CHECK(summary_of("degraded", kFailure, 16) == "Integration shop is degraded: connection refused");
  CHECK(summary_of("throttled", kFailure, 16) ==
        "Integration shop is throttled: connection refused");
  // Of an older version of the agent, as a replay may read it.
  CHECK(summary_of("down", failure("orders", "HTTP 503"), 1) ==
        "Integration shop is down: HTTP 503");
  CHECK(summary_of("degraded", failure("orders", "HTTP 503"), 16) ==
        "Integration shop is degraded");
}

TEST_CASE("what to check first depends on what fails") {
  std::set<std::string> all;
  for (int i = 0; i <= static_cast<int>(Category::not_found); ++i) {
    const auto category = static_cast<Category>(i);
    Pack pack;
    std::vector<Fact> facts = states("down");
    facts.push_back(
        {"seamwatch_probe_failure_info{integration=\"shop\",probe=\"orders\","
         "persistence=\"persistent\",category=\"" +
             std::string(to_string(category)) + "\"}",
         1});
    const std::vector<Alert> firing = pack.run(facts, 1);
    REQUIRE(firing.size() == 1);
    const std::string advice(firing[0].annotations.get("advice"));
    INFO(to_string(category) << ": " << advice);
    CHECK(advice.ends_with('.'));
    CHECK(advice.find("  ") == std::string::npos);
    CHECK_FALSE(advice.starts_with(' '));
    CHECK(advice.find_first_of("{}") == std::string::npos);
    CHECK(advice.find("status page") == std::string::npos);
    CHECK(all.insert(advice).second);
  }
}

TEST_CASE("a certificate that has expired is not said to expire") {
  const auto summary_of = [](double days) {
    Pack pack;
    const Fact expiry = {"probe_ssl_earliest_cert_expiry{integration=\"shop\",probe=\"orders\"}",
                         kStart + days * 86400};
    const std::vector<Alert> firing = pack.run({expiry}, 2);
    return firing.size() == 1 ? std::string(firing[0].annotations.get("summary")) : "none";
  };
  CHECK_THAT(summary_of(2), Catch::StartsWith("A certificate of shop expires in 1d 23h 5"));
  CHECK_THAT(summary_of(-1),
             Catch::StartsWith("A certificate of shop expired 1d 0h ") && Catch::EndsWith(" ago"));
}

TEST_CASE("what is wrong with the agent is said in words") {
  const auto summary_of = [](const std::string& metric, double value) {
    Pack pack;
    const std::vector<Alert> firing = pack.run({{metric, value}}, 2);
    return firing.size() == 1 ? std::string(firing[0].annotations.get("summary")) : "none";
  };
  const std::string unwell = "The monitoring agent is unwell: ";
  CHECK(summary_of("seamwatch_store_healthy", 0) == unwell + "its store cannot be written");
  CHECK(summary_of("seamwatch_config_last_reload_successful", 0) ==
        unwell + "its last reload was refused");
  CHECK(summary_of("seamwatch_loop_lag_seconds", 2) == unwell + "it is too busy");
  CHECK(summary_of("seamwatch_probe_slip_max_seconds", 6) == unwell + "probes start late");
  CHECK(summary_of("seamwatch_outbox_held", 1) == unwell + "notices cannot be stored");
  CHECK(summary_of("seamwatch_outbox_pending", 2000) ==
        unwell + "many notices wait to be delivered");
  CHECK(summary_of("seamwatch_history_healthy", 0) == unwell + "the history of series is not kept");
}

TEST_CASE("an Alertmanager that takes no alerts is told of, a blip is not") {
  Pack pack;
  const std::string metric = "seamwatch_notifications_errors_total{alertmanager=\"http://am/\"}";
  CHECK(pack.run({{metric, 0}}, 5).empty());
  CHECK(pack.run({{metric, 1}}, 9, 5.5).empty());
  CHECK(pack.run({{metric, 2}}, 10, 9.5).empty());
  const std::vector<Alert> firing = pack.run({{metric, 3}}, 12, 10.5);
  REQUIRE(firing.size() == 1);
  CHECK(firing[0].labels.get("alertname") == "AlertmanagerNotTold");
  CHECK(firing[0].labels.get("alertmanager") == "http://am/");
}

TEST_CASE("trouble with the history of series is told after it is over, once it was long enough") {
  Pack pack;
  const std::string failures = "seamwatch_history_failures_total";
  CHECK(pack.run({{failures, 0}}, 5).empty());
  CHECK(pack.run({{failures, 1}}, 6, 5.5).empty());  // for a minute
  const std::vector<Alert> firing = pack.run({{failures, 1}}, 7, 6.5);
  REQUIRE(firing.size() == 1);
  CHECK(firing[0].labels.get("alertname") == "AgentUnwell");
  CHECK_THAT(std::string(firing[0].annotations.get("description")),
             Catch::Contains("seamwatch_history_failures_total = 1"));
  CHECK(pack.run({{failures, 1}}, 25, 7.5).empty());
}

TEST_CASE("files of the history that were set aside at the start are told for an hour") {
  Pack pack;
  const std::string files = "seamwatch_history_corrupt_files_total";
  CHECK(pack.run({{files, 0}}, 0).empty());
  REQUIRE(pack.run({{files, 2}}, 10, 0.5).size() == 1);
  CHECK(pack.run({{files, 2}}, 75, 10.5).empty());
}

TEST_CASE("a template that fails is told as what it is, not as a rule that fails") {
  Pack pack;
  const std::string metric = "seamwatch_template_text_expansion_failures_total";
  const std::string rules = "seamwatch_rule_evaluation_failures_total";
  CHECK(pack.run({{metric, 0}, {rules, 0}}, 5).empty());
  const std::vector<Alert> firing = pack.run({{metric, 1}, {rules, 0}}, 6, 5.5);
  REQUIRE(firing.size() == 1);
  CHECK(firing[0].labels.get("alertname") == "RuleTemplateFails");
}

TEST_CASE("refused series are told with the limit") {
  Pack pack;
  const std::string metric = "seamwatch_series_refused_total{limit=\"integration_series_max\"}";
  CHECK(pack.run({{metric, 0}}, 5).empty());
  const std::vector<Alert> firing = pack.run({{metric, 7}}, 6, 5.5);
  REQUIRE(firing.size() == 1);
  CHECK(firing[0].labels.get("alertname") == "SeriesRefused");
  CHECK_THAT(std::string(firing[0].annotations.get("advice")),
             Catch::Contains("storage.integration_series_max"));
}

TEST_CASE("dead letters are told with their receiver") {
  Pack pack;
  const std::string metric = "seamwatch_outbox_dead_letters_total{receiver=\"team\"}";
  CHECK(pack.run({{metric, 0}}, 5).empty());
  const std::vector<Alert> firing = pack.run({{metric, 1}}, 6, 5.5);
  REQUIRE(firing.size() == 1);
  CHECK(firing[0].labels.get("alertname") == "NotificationsDeadLettered");
  CHECK(firing[0].labels.get("receiver") == "team");
  CHECK(firing[0].labels.get("seamwatch_self") == "true");
}

}  // namespace
}  // namespace seamwatch::rules
