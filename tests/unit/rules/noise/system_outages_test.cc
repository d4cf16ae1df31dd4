#include "rules/noise/system_outages.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'795'420'800'000);
constexpr Millis kMinute{60'000};

// "orders shop bank down 30": from shop to bank, down for 30 s.
struct Row {
  std::string integration;
  std::string source;
  std::string target;
  IntegrationState state = IntegrationState::down;
  int seconds_ago = 30;
  bool of_target = false;
  bool failing = false;
};

constexpr IntegrationState ok = IntegrationState::ok;
constexpr IntegrationState degraded = IntegrationState::degraded;
constexpr IntegrationState down = IntegrationState::down;
constexpr IntegrationState unknown = IntegrationState::unknown;

std::vector<FlowStanding> flows(const std::vector<Row>& rows, WallTime now = kNow) {
  std::vector<FlowStanding> out;
  for (const Row& row : rows) {
    std::vector<std::string> systems = {row.target};
    if (row.source != row.target) {
      systems.push_back(row.source);
    }
    const WallTime since = now - Millis(1000) * row.seconds_ago;
    FlowStanding flow{row.integration, systems, row.state, since, row.of_target};
    flow.failing = row.failing;
    out.push_back(std::move(flow));
  }
  return out;
}

std::optional<WallTime> nobody_alerts(std::string_view) {
  return std::nullopt;
}

std::string down_now(const SystemOutages& outages) {
  std::string out;
  for (const auto& [name, outage] : outages.all()) {
    out += (out.empty() ? "" : " ") + name;
  }
  return out;
}

}  // namespace

TEST_CASE("which systems are down, from how their integrations stand") {
  struct Case {
    std::string name;
    std::vector<Row> rows;
    std::string want;
  };

  const std::vector<Case> cases = {
      {"nothing fails", {{"a", "shop", "bank", ok}, {"b", "erp", "bank", ok}}, ""},
      {"one is below the minimum", {{"a", "shop", "bank"}}, ""},
      {"two of two", {{"a", "shop", "bank"}, {"b", "erp", "bank"}}, "bank"},
      {"two of three are less than three quarters",
       {{"a", "shop", "bank"}, {"b", "erp", "bank"}, {"c", "crm", "bank", ok}},
       ""},
      {"three of four are three quarters",
       {{"a", "shop", "bank"}, {"b", "erp", "bank"}, {"c", "crm", "bank"}, {"d", "hr", "bank", ok}},
       "bank"},
      {"degraded and throttled are not down",
       {{"a", "shop", "bank", IntegrationState::degraded},
        {"b", "erp", "bank", IntegrationState::throttled},
        {"c", "crm", "bank"}},
       ""},
      {"what is unknown may yet be well, for a minute",
       {{"a", "shop", "bank"}, {"b", "erp", "bank"}, {"c", "crm", "bank", unknown}},
       ""},
      {"then it does not count",
       {{"a", "shop", "bank", down, 60}, {"b", "erp", "bank"}, {"c", "crm", "bank", unknown}},
       "bank"},
      {"one that is known is well beside one that is not",
       {{"a", "shop", "bank", down, 60},
        {"b", "erp", "bank"},
        {"c", "crm", "bank", unknown},
        {"d", "hr", "bank", ok}},
       ""},
      {"the source can be it",
       {{"a", "bank", "shop"},
        {"b", "bank", "erp"},
        {"c", "crm", "shop", ok},
        {"d", "x", "erp", ok}},
       "bank"},
      {"of two systems with the same integrations the target",
       {{"a", "shop", "bank"}, {"b", "shop", "bank"}},
       "bank"},
      {"the system that explains more, and not the other one as well",
       {{"a", "shop", "bank"}, {"b", "shop", "bank"}, {"c", "erp", "bank"}},
       "bank"},
      {"what is left over is too little for a second one",
       {{"a", "shop", "bank"}, {"b", "shop", "bank"}, {"c", "erp", "bank"}, {"d", "shop", "crm"}},
       "bank"},
      {"two systems at once",
       {{"a", "x", "bank"}, {"b", "y", "bank"}, {"c", "z", "erp"}, {"d", "w", "erp"}},
       "bank erp"},
      {"begun just within the window",
       {{"a", "shop", "bank", down, 0}, {"b", "erp", "bank", down, 600}},
       "bank"},
      {"begun just too far apart",
       {{"a", "shop", "bank", down, 0}, {"b", "erp", "bank", down, 601}},
       ""},
      {"an old failure beside two new ones",
       {{"a", "shop", "bank", down, 5},
        {"b", "erp", "bank", down, 9},
        {"c", "crm", "bank", down, 90'000}},
       "bank"},
      {"what fails for its target alone does not count against its source",
       {{"a", "erp", "bank", down, 30, true}, {"b", "erp", "tax", down, 30, true}},
       ""},
      {"nor does it help another one to be its cause",
       {{"a", "erp", "bank", down, 30, true}, {"b", "erp", "tax"}, {"c", "erp", "hr"}},
       ""},
      {"but it does count against its target",
       {{"a", "erp", "bank", down, 30, true}, {"b", "shop", "bank", down, 30, true}},
       "bank"},
      {"from a system to itself counts once", {{"a", "bank", "bank"}}, ""},
      {"what may fix itself is no outage before anybody is told",
       {{"a", "shop", "bank", degraded, 30, false, true},
        {"b", "erp", "bank", degraded, 30, false, true}},
       ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      SystemOutages outages;
      outages.update(flows(c.rows), {}, kNow, nobody_alerts);
      CHECK(down_now(outages) == c.want);
    }
  }
}

TEST_CASE("what may fix itself is an outage with the first alert that comes of it") {
  struct Case {
    std::string name;
    std::vector<Row> rows;
    std::optional<int> alerted_seconds_ago;  // of "a"
    std::string want;
  };

  const Row a{"a", "shop", "bank", degraded, 30, false, true};
  const Row b{"b", "erp", "bank", degraded, 40, false, true};
  const Row late_b{"b", "erp", "bank", degraded, 10, false, true};
  const Row a_is_down{"a", "shop", "bank", down, 30};
  const Row b_is_slow{"b", "erp", "bank", degraded, 40};
  const Row b_waits{"b", "erp", "bank", IntegrationState::throttled, 40};
  const std::vector<Case> cases = {
      {"nobody is told yet", {a, b}, std::nullopt, ""},
      {"the alert begins", {a, b}, 0, "bank"},
      {"it began as the last failure did, by another clock", {a, b}, 90, "bank"},
      {"it is about something else: it was there before", {a, b}, 91, ""},
      {"it began with the first failure, the last came later", {a, late_b}, 80, ""},
      {"one is down, one may fix itself", {a_is_down, b}, 0, "bank"},
      {"one alone", {a, {"b", "erp", "bank", ok}}, 0, ""},
      {"one fails and one is slow", {a, b_is_slow}, 0, ""},
      {"one fails and one is asked to wait", {a, b_waits}, 0, ""},
      {"it is no word against the source",
       {a, {"b", "shop", "crm", degraded, 40, false, true}},
       0,
       ""},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      SystemOutages outages;
      const auto alerted = [&c](std::string_view integration) -> std::optional<WallTime> {
        return integration == "a" && c.alerted_seconds_ago
                   ? std::optional(kNow - Millis(1000) * *c.alerted_seconds_ago)
                   : std::nullopt;
      };
      outages.update(flows(c.rows), {}, kNow, alerted);
      CHECK(down_now(outages) == c.want);
    }
  }
}

TEST_CASE("an outage lasts while its integrations fail in whatever way") {
  SystemOutages outages;
  outages.update(flows({{"a", "shop", "bank"}, {"b", "erp", "bank"}}), {}, kNow, nobody_alerts);
  const auto fail = flows({{"a", "shop", "bank", degraded, 30, false, true}, {"b", "erp", "bank"}});
  outages.update(fail, {}, kNow + kMinute, nobody_alerts);
  CHECK_FALSE(outages.find("bank")->well_since);
}

TEST_CASE("an outage began when the first of its integrations did, and says what was seen") {
  SystemOutages outages;
  const auto changes =
      outages.update(flows({{"a", "shop", "bank", down, 20}, {"b", "erp", "bank", down, 40}}),
                     {},
                     kNow,
                     nobody_alerts);
  REQUIRE(changes.size() == 1);
  CHECK(changes[0].down);
  CHECK(changes[0].reason == "2 of 2 integrations through it fail");
  CHECK(changes[0].outage.since == kNow - Millis(40'000));
  CHECK(outages.of({"shop", "bank"}) == outages.find("bank"));
  CHECK(outages.of({"shop", "erp"}) == nullptr);
}

TEST_CASE("a system is back when its grace has passed, and not before") {
  const auto all = flows({{"a", "shop", "bank"}, {"b", "erp", "bank"}});
  const auto one = flows({{"a", "shop", "bank"}, {"b", "erp", "bank", ok}});
  const auto none_known = flows({{"a", "shop", "bank", unknown}, {"b", "erp", "bank", unknown}});
  SystemOutages outages;
  outages.update(all, {}, kNow, nobody_alerts);

  SECTION("one that works is enough") {
    CHECK(outages.update(one, {}, kNow + kMinute, nobody_alerts).empty());
    CHECK(outages.find("bank")->well_since == kNow + kMinute);
    CHECK(outages.update(one, {}, kNow + 3 * kMinute - Millis(1), nobody_alerts).empty());
    const auto changes = outages.update(one, {}, kNow + 3 * kMinute, nobody_alerts);
    REQUIRE(changes.size() == 1);
    CHECK_FALSE(changes[0].down);
    CHECK(changes[0].reason == "1 of 2 integrations through it fail");
    CHECK(down_now(outages).empty());
  }
  SECTION("down again within the grace: it never was back") {
    outages.update(one, {}, kNow + kMinute, nobody_alerts);
    outages.update(all, {}, kNow + 2 * kMinute, nobody_alerts);
    CHECK_FALSE(outages.find("bank")->well_since);
    outages.update(one, {}, kNow + 4 * kMinute, nobody_alerts);
    CHECK(down_now(outages) == "bank");
  }
  SECTION("while nothing is known it stays") {
    outages.update(none_known, {}, kNow + kMinute, nobody_alerts);
    outages.update(none_known, {}, kNow + 60 * kMinute, nobody_alerts);
    CHECK(down_now(outages) == "bank");
  }
  SECTION("a clock set back does not lengthen the grace") {
    outages.update(one, {}, kNow + 60 * kMinute, nobody_alerts);
    outages.update(one, {}, kNow, nobody_alerts);
    CHECK(outages.update(one, {}, kNow + 2 * kMinute, nobody_alerts).size() == 1);
  }
  SECTION("a system without integrations, and the policy switched off, end it at once") {
    OutagePolicy off;
    off.enabled = false;
    CHECK(outages.update({}, {}, kNow, nobody_alerts).size() == 1);
    outages.update(all, {}, kNow, nobody_alerts);
    CHECK(outages.update(all, off, kNow, nobody_alerts).size() == 1);
    CHECK(down_now(outages).empty());
  }
  SECTION("what is known stays the cause when another one would explain more") {
    const auto more = flows(
        {{"a", "shop", "bank"}, {"b", "erp", "bank"}, {"c", "erp", "crm"}, {"d", "erp", "hr"}});
    outages.update(more, {}, kNow + kMinute, nobody_alerts);
    CHECK(down_now(outages) == "bank erp");
    SystemOutages fresh;
    fresh.update(more, {}, kNow + kMinute, nobody_alerts);
    CHECK(down_now(fresh) == "erp");
  }
}

TEST_CASE("an outage holds back what began no earlier than its window before it") {
  const Outage outage{"bank", kNow};
  const OutagePolicy policy;
  Alert alert;
  alert.starts_at = kNow + 60 * kMinute;
  CHECK(holds_back(outage, alert, policy));
  alert.starts_at = kNow - policy.window;
  CHECK(holds_back(outage, alert, policy));
  alert.starts_at -= Millis(1);
  CHECK_FALSE(holds_back(outage, alert, policy));
}

TEST_CASE("an outage outlives a restart") {
  const Outage outage{"bank", kNow, kNow + kMinute};
  SystemOutages outages;
  outages.restore(outage);
  CHECK(*outages.find("bank") == outage);
  const auto fine = flows({{"a", "shop", "bank", ok}});
  CHECK(outages.update(fine, {}, kNow, nobody_alerts).empty());  // its grace begins
  CHECK(outages.update(fine, {}, kNow + 2 * kMinute, nobody_alerts).size() == 1);
}
