#include "agent/landscape/landscape.h"

#include <functional>

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

Place at_line(int line) {
  return Place{"f.yml", line, 3};
}

Landscape shop_landscape() {
  Landscape landscape;
  landscape.owners["ops"] = Owner{"ops", "Operations", "", "", "", at_line(1)};
  landscape.owners["erp-team"] = Owner{"erp-team", "ERP team", "", "", "", at_line(2)};
  landscape.systems["shop"] = System{"shop", "Shop", "ops", "", "", at_line(3)};
  landscape.systems["erp"] = System{"erp", "ERP", "erp-team", "", "", at_line(4)};
  landscape.systems["print"] = System{"print", "Print", "", "", "", at_line(5)};
  Integration orders;
  orders.name = "orders";
  orders.source = "shop";
  orders.target = "erp";
  orders.place = at_line(6);
  landscape.integrations["orders"] = orders;
  return landscape;
}

}  // namespace

TEST_CASE("pattern words are closed and read back") {
  for (const Pattern pattern : {Pattern::real_time,
                                Pattern::asynchronous,
                                Pattern::push,
                                Pattern::pull,
                                Pattern::one_way_sync,
                                Pattern::bidirectional_sync,
                                Pattern::aggregation,
                                Pattern::embedding,
                                Pattern::batching}) {
    CHECK_FALSE(to_string(pattern).empty());
    CHECK(parse_pattern(to_string(pattern)) == pattern);
  }
  CHECK(parse_pattern("Push") == std::nullopt);
  CHECK(parse_pattern("") == std::nullopt);
}

TEST_CASE("the owner of an integration falls back to its target, then to its source") {
  struct Case {
    std::string name;
    std::string owner;
    std::string source;
    std::string target;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"its own", "ops", "shop", "erp", "ops"},
      {"target's", "", "shop", "erp", "erp-team"},
      {"source's", "", "shop", "print", "ops"},
      {"nobody", "", "print", "print", ""},
      {"an unknown own owner is not replaced", "nobody", "shop", "erp", ""},
      {"an unknown target", "", "shop", "gone", "ops"},
  }));
  DYNAMIC_SECTION(c.name) {
    Landscape landscape = shop_landscape();
    Integration& orders = landscape.integrations["orders"];
    orders.owner = c.owner;
    orders.source = c.source;
    orders.target = c.target;
    const Owner* owner = landscape.owner_of(orders);
    CHECK((owner == nullptr ? "" : owner->name) == c.want);
  }
}

TEST_CASE("landscape checks") {
  struct Case {
    std::string name;
    std::function<void(Landscape&)> change;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"good", [](Landscape&) {}, ""},
      {"dangling source",
       [](Landscape& l) { l.integrations["orders"].source = "shopp"; },
       "f.yml:6:3: integration \"orders\": source \"shopp\" is not in `systems`; did you mean "
       "\"shop\"?\n"},
      {"dangling owners",
       [](Landscape& l) {
         l.systems["shop"].owner = "nobody";
         l.integrations["orders"].owner = "oops";
         l.integrations["orders"].owner_at = Spot{8, 12};
       },
       "f.yml:3:3: system \"shop\": owner \"nobody\" is not in `owners`; add it there\n"
       "f.yml:8:12: integration \"orders\": owner \"oops\" is not in `owners`; did you mean "
       "\"ops\"?\n"},
      {"critical without owner",
       [](Landscape& l) {
         l.integrations["orders"].criticality = Criticality::critical;
         l.integrations["orders"].source = "print";
         l.integrations["orders"].target = "print";
       },
       "f.yml:6:3: critical integration \"orders\" has no owner; write `owner:` here or at one of "
       "its systems\n"},
      {"critical, and its system's owner is dangling: told once",
       [](Landscape& l) {
         l.integrations["orders"].criticality = Criticality::critical;
         l.integrations["orders"].source = "print";
         l.systems["erp"].owner = "nobody";
       },
       "f.yml:4:3: system \"erp\": owner \"nobody\" is not in `owners`; add it there\n"},
      {"critical, and a system is not there: told once",
       [](Landscape& l) {
         l.integrations["orders"].criticality = Criticality::critical;
         l.integrations["orders"].source = "print";
         l.integrations["orders"].target = "warehouse";
       },
       "f.yml:6:3: integration \"orders\": target \"warehouse\" is not in `systems`; add it "
       "there\n"},
      {"critical probe without owner",
       [](Landscape& l) {
         Integration& orders = l.integrations["orders"];
         orders.source = "print";
         orders.target = "print";
         orders.probes.emplace_back().criticality = Criticality::critical;
       },
       "f.yml:6:3: critical integration \"orders\" has no owner; write `owner:` here or at one of "
       "its systems\n"},
      {"not critical without owner",
       [](Landscape& l) {
         l.integrations["orders"].source = "print";
         l.integrations["orders"].target = "print";
       },
       ""},
  }));
  DYNAMIC_SECTION(c.name) {
    Landscape landscape = shop_landscape();
    c.change(landscape);
    Diagnostics problems;
    check_landscape(landscape, problems);
    CHECK(problems.to_string() == c.want);
  }
}

TEST_CASE("a probe is unchanged when what it does is") {
  ProbeConfig before;
  before.integration = "orders";
  before.name = "api";
  before.target = "http://erp/";
  before.interval = Millis(15000);
  before.definition = "abc";
  ProbeConfig after = before;
  after.criticality = Criticality::critical;
  after.at.line = 9;
  CHECK(unchanged(before, after));
  const std::vector<std::function<void(ProbeConfig&)>> changes = {
      [](ProbeConfig& p) { p.integration = "other"; },
      [](ProbeConfig& p) { p.name = "x"; },
      [](ProbeConfig& p) { p.module = "x"; },
      [](ProbeConfig& p) { p.target = "x"; },
      [](ProbeConfig& p) { p.interval += Millis(1); },
      [](ProbeConfig& p) { p.timeout += Millis(1); },
      [](ProbeConfig& p) { p.confirm_retries = 0; },
      [](ProbeConfig& p) { p.heartbeat = true; },
      [](ProbeConfig& p) { p.definition = "abd"; },
  };
  for (const auto& change : changes) {
    ProbeConfig changed = before;
    change(changed);
    CHECK_FALSE(unchanged(before, changed));
  }
}
