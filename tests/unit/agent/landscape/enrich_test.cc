#include "agent/landscape/enrich.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

Landscape shop_landscape() {
  Landscape landscape;
  Owner ops{"ops", "Operations", "+49 30 1234", "ops@example.org", "https://faq/ops", {}};
  landscape.owners["ops"] = ops;
  landscape.systems["shop"] = System{"shop", "Shop", "ops", "", "", {}};
  landscape.systems["erp"] = System{"erp", "ERP", "", "", "", {}};
  Integration orders;
  orders.name = "orders";
  orders.display = "Web orders";
  orders.source = "shop";
  orders.target = "erp";
  orders.advice = "Call operations.";
  orders.criticality = Criticality::critical;
  ProbeConfig probe;
  probe.name = "nightly";
  probe.criticality = Criticality::non_critical;
  orders.probes.push_back(probe);
  landscape.integrations["orders"] = orders;
  return landscape;
}

Alert alert_with(Labels labels, Labels annotations = {}) {
  Alert alert;
  alert.labels = std::move(labels);
  alert.annotations = std::move(annotations);
  return alert;
}

}  // namespace

TEST_CASE("an alert gets what the landscape knows") {
  const Alert alert =
      enrich(alert_with({{"alertname", "Down"}, {"integration", "orders"}}), shop_landscape());
  CHECK(alert.labels == Labels{{"alertname", "Down"},
                               {"criticality", "critical"},
                               {"integration", "orders"},
                               {"owner", "ops"},
                               {"source", "shop"},
                               {"target", "erp"}});
  CHECK(alert.annotations == Labels{{"advice", "Call operations."},
                                    {"contact", "+49 30 1234"},
                                    {"display", "Web orders"},
                                    {"faq_url", "https://faq/ops"},
                                    {"owner_display", "Operations"}});
}

TEST_CASE("what an alert says itself stays") {
  const Alert alert =
      enrich(alert_with({{"integration", "orders"}, {"owner", "me"}, {"target", "t"}},
                        {{"advice", "Wait."}, {"expected", "who knows"}}),
             shop_landscape());
  CHECK(alert.labels.get("owner") == "me");
  CHECK(alert.labels.get("target") == "t");
  CHECK(alert.annotations.get("advice") == "Call operations. Wait.");
  CHECK(alert.annotations.get("expected") == "who knows");
}

TEST_CASE("two pieces of advice are two sentences") {
  Landscape landscape = shop_landscape();
  landscape.integrations.at("orders").advice = "Call operations";
  const Alert alert =
      enrich(alert_with({{"integration", "orders"}}, {{"advice", "Wait."}}), landscape);
  CHECK(alert.annotations.get("advice") == "Call operations. Wait.");
}

TEST_CASE("expected follows from persistence") {
  struct Case {
    std::string persistence;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"transient", "expected to fix itself"},
      {"persistent", "needs someone"},
      {"depends", ""},
      {"", ""},
      {"Transient", ""},
  }));
  DYNAMIC_SECTION("persistence " << c.persistence) {
    const Alert alert = enrich(alert_with({{"persistence", c.persistence}}), Landscape());
    CHECK(alert.annotations.get("expected") == c.want);
  }
}

TEST_CASE("criticality is that of the probe, where the alert names one") {
  struct Case {
    std::string probe;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"", "critical"},
      {"nightly", "non-critical"},
      {"gone", "critical"},
  }));
  DYNAMIC_SECTION("probe " << c.probe) {
    const Alert alert =
        enrich(alert_with({{"integration", "orders"}, {"probe", c.probe}}), shop_landscape());
    CHECK(alert.labels.get("criticality") == c.want);
  }
}

TEST_CASE("an unknown integration changes nothing") {
  const Alert before = alert_with({{"integration", "gone"}});
  CHECK(enrich(before, shop_landscape()) == before);
}

TEST_CASE(
    "the contact is the owner's email where there is no other, the FAQ the integration's own") {
  Landscape landscape = shop_landscape();
  landscape.owners["ops"].contact = "";
  landscape.integrations["orders"].faq_url = "https://faq/orders";
  const Alert alert = enrich(alert_with({{"integration", "orders"}}), landscape);
  CHECK(alert.annotations.get("contact") == "ops@example.org");
  CHECK(alert.annotations.get("faq_url") == "https://faq/orders");
}

TEST_CASE("as told an alert has the external labels that it does not have itself") {
  const Labels external{{"site", "berlin"}, {"owner", "nobody"}};
  const Alert alert =
      as_told(alert_with({{"alertname", "Down"}, {"integration", "orders"}, {"site", "x"}}),
              external,
              shop_landscape());
  CHECK(alert.labels.get("site") == "x");
  CHECK(alert.labels.get("owner") == "nobody");
  CHECK(alert.labels.get("source") == "shop");
}

TEST_CASE("what is seen of an integration says whether it fixes itself, and since when it fails") {
  const WallTime since = wall_from_unix_millis(1'795'420'800'000);

  struct Case {
    std::string name;
    FlowStanding standing;
    std::string expected;
    std::string failing_since;
  };

  const auto c = GENERATE_COPY(values<Case>({
      {"well", {}, "not known, as no probe of it fails", ""},
      {"transient",
       {true, false, since, {}},
       "expected to fix itself",
       "2026-11-23 08:00:00 +0000 UTC"},
      {"persistent", {true, true, since, {}}, "needs someone", "2026-11-23 08:00:00 +0000 UTC"},
      {"throttled",
       {true, false, since, since + Millis(90'500)},
       "expected to fix itself; its peer asked us to wait until 2026-11-23T08:01:30Z",
       "2026-11-23 08:00:00 +0000 UTC"},
      {"throttled for good",
       {true, true, since, since + Millis(90'500)},
       "needs someone",
       "2026-11-23 08:00:00 +0000 UTC"},
  }));
  DYNAMIC_SECTION(c.name) {
    const Alert got = with_standing(alert_with({{"integration", "orders"}}), c.standing);
    CHECK(got.annotations.get("expected") == c.expected);
    CHECK(got.annotations.get("failing_since") == c.failing_since);
    const Alert own = with_standing(
        alert_with({}, {{"expected", "soon"}, {"failing_since", "2026-11-23 07:00:00 +0000 UTC"}}),
        c.standing);
    CHECK(own.annotations ==
          Labels{{"expected", "soon"}, {"failing_since", "2026-11-23 07:00:00 +0000 UTC"}});
    CHECK_FALSE(with_standing(alert_with({{"persistence", "transient"}}), c.standing)
                    .annotations.has("expected"));
  }
}

TEST_CASE("an alert whose rule has no summary gets what fails as one") {
  FlowStanding standing;
  standing.failing = true;
  standing.fault = "connection refused";
  CHECK(with_standing(alert_with({}), standing).annotations.get("summary") == "connection refused");
  CHECK(with_standing(alert_with({}, {{"summary", "own"}}), standing).annotations.get("summary") ==
        "own");
  standing.fault.clear();
  CHECK_FALSE(with_standing(alert_with({}), standing).annotations.has("summary"));
}

TEST_CASE("a posted alert keeps its labels, and gets what people need") {
  const Labels labels{{"alertname", "Foreign"}, {"integration", "orders"}};
  const Alert got = enrich_posted(alert_with(labels), shop_landscape());
  CHECK(got.labels == labels);
  CHECK(got.annotations.get("owner_display") == "Operations");
  CHECK(got.annotations.get("contact") == "+49 30 1234");
  CHECK(got.annotations.get("advice") == "Call operations.");
  CHECK(got.annotations.get("display") == "Web orders");
  const Alert foreign = alert_with({{"alertname", "Foreign"}});
  CHECK(enrich_posted(foreign, shop_landscape()) == foreign);
}
