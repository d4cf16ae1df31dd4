#include "rules/noise/outage_notice.h"

#include <algorithm>

#include <catch2/catch.hpp>

#include "agent/core/failing_since.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'795'420'800'000);

std::vector<OutageMember> members() {
  return {
      {"refunds", "", "", false, IntegrationState::ok},
      {"fees", "", "finance", false, IntegrationState::down},
      {"orders", "Web orders", "Order management (+49 30 555 0100)", true, IntegrationState::down}};
}

}  // namespace

TEST_CASE("the one notice names all integrations through the system, critical ones first") {
  Alert alert;
  add_outage_text(alert, {"bank", kStart}, "Bank", members(), {});
  CHECK(alert.annotations.get("summary") ==
        "System Bank is down: 2 of 3 integrations through it fail");
  CHECK(alert.annotations.get("description") ==
        "Since 2026-11-23T08:00:00Z 2 of 3 integrations through it fail, so Bank itself is "
        "taken to be down. Notices of these integrations are held back until it is back:\n"
        "- orders (Web orders): down, critical; owner Order management (+49 30 555 0100)\n"
        "- fees: down; owner finance\n"
        "- refunds: ok");
  CHECK(alert.annotations.get("held_back") == "orders, fees, refunds");
  CHECK(alert.annotations.get("expected") == "needs someone");
  CHECK(failing_since(alert.annotations) == kStart);
  CHECK(alert.annotations.get("advice") ==
        "See to Bank first. What still fails 2 min after it is back is told on its own.");
}

TEST_CASE("a long list is cut and counted, and what may not be named is counted too") {
  std::vector<OutageMember> many;
  for (int i = 0; i < 60; ++i) {
    many.push_back({"i" + std::to_string(i), "", "", false, IntegrationState::down});
  }
  many.push_back({"", "secret", "", true, IntegrationState::down});
  Alert alert;
  add_outage_text(alert, {"bank", kStart}, "bank", many, {});
  const std::string text(alert.annotations.get("description"));
  CHECK(text.find("\n- and 11 integrations more") != std::string::npos);
  CHECK(text.find("\n- i10:") != std::string::npos);
  CHECK(text.find("secret") == std::string::npos);
  CHECK(std::count(text.begin(), text.end(), '\n') == 51);
}

TEST_CASE("the one notice says in words what fails, where it is known") {
  Alert alert;
  std::vector<OutageMember> all = members();
  all[0].fault = "of one that is well";
  all[1].fault = "connection refused";
  all[2].fault = "connection refused";
  add_outage_text(alert, {"bank", kStart}, "Bank", all, {});
  CHECK(alert.annotations.get("summary") ==
        "System Bank is down: 2 of 3 integrations through it fail: connection refused");
  CHECK_THAT(std::string(alert.annotations.get("description")),
             Catch::Contains("\n- fees: down; owner finance; connection refused\n"));
}

TEST_CASE("what may yet fix itself counts, behind what is down") {
  Alert alert;
  std::vector<OutageMember> all = members();
  all[0].state = IntegrationState::degraded;
  all[0].failing = true;
  all[1].state = IntegrationState::degraded;  // slow
  add_outage_text(alert, {"bank", kStart}, "Bank", all, {});
  CHECK(alert.annotations.get("summary") ==
        "System Bank is down: 2 of 3 integrations through it fail");
  CHECK(alert.annotations.get("held_back") == "orders, refunds, fees");
  CHECK(alert.annotations.get("expected") == "needs someone");
  all[2].state = IntegrationState::degraded;
  all[2].failing = true;
  add_outage_text(alert, {"bank", kStart}, "Bank", all, {});
  CHECK(alert.annotations.get("expected") == "expected to fix itself");
  add_recovery_text(alert, "Bank", all);
  CHECK_THAT(std::string(alert.annotations.get("description")),
             Catch::StartsWith("Of 3 integrations through it 2 still fail:\n- orders"));
}

TEST_CASE("the one notice says what mostly fails only where more than half do so") {
  struct Case {
    std::string name;
    std::vector<std::string> faults;  // "" is not known
    std::string want;
  };

  const std::vector<Case> cases = {
      {"all", {"refused", "refused"}, " 2 integrations through it fail: refused"},
      {"more than half", {"refused", "b", "refused"}, " fail, mostly: refused"},
      {"half", {"refused", "b", "refused", ""}, " 4 integrations through it fail"},
      {"the most, and less than half", {"a", "a", "b", "c", "d"}, " through it fail"},
      {"as many of another", {"a", "b"}, " 2 integrations through it fail"},
      {"one that is known of three", {"a", "", ""}, " 3 integrations through it fail"},
      {"one of one", {"a"}, " 1 of 1 integration through it fails: a"},
      {"none is known", {"", ""}, " 2 integrations through it fail"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      std::vector<OutageMember> all;
      for (const std::string& fault : c.faults) {
        const std::string name = "i" + std::to_string(all.size());
        all.push_back({name, "", "", false, IntegrationState::down, fault});
      }
      Alert alert;
      add_outage_text(alert, {"bank", kStart}, "Bank", all, {});
      CHECK_THAT(std::string(alert.annotations.get("summary")), Catch::EndsWith(c.want));
    }
  }
}

TEST_CASE("the end says how each integration stands") {
  Alert alert;
  add_outage_text(alert, {"bank", kStart}, "Bank", members(), {});
  add_recovery_text(alert, "Bank", {members().front()});
  CHECK(alert.annotations.get("summary") == "System Bank is back");
  CHECK(alert.annotations.get("description") ==
        "Of 1 integration through it 0 still fail:\n- refunds: ok");
  CHECK_FALSE(alert.annotations.has("advice"));
  add_recovery_text(alert, "Bank", {members().back()});
  CHECK(alert.annotations.get("advice") == "What still fails is told on its own.");
}

TEST_CASE("which of two alerts is graver") {
  struct Case {
    std::string name;
    Labels a;
    Labels b;
    bool want;
  };

  const std::vector<Case> cases = {
      {"criticality", {{"criticality", "critical"}}, {{"criticality", "non-critical"}}, true},
      {"criticality before severity",
       {{"criticality", "critical"}, {"severity", "warning"}},
       {{"criticality", "non-critical"}, {"severity", "page"}},
       true},
      {"severity", {{"severity", "page"}}, {{"severity", "warning"}}, true},
      {"the same", {{"severity", "page"}}, {{"severity", "critical"}}, false},
      {"one that says something", {{"severity", "warning"}}, {}, true},
      {"less", {}, {{"criticality", "critical"}}, false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(graver(c.a, c.b) == c.want);
      CHECK_FALSE((graver(c.a, c.b) && graver(c.b, c.a)));
    }
  }
}

TEST_CASE("why a notice is held") {
  CHECK(outage_reason({"bank", kStart}, 7) ==
        "held: system bank is down, SystemDown tells of its 7 integrations");
  CHECK(outage_reason({"bank", kStart}, 1) ==
        "held: system bank is down, SystemDown tells of its 1 integration");
}
