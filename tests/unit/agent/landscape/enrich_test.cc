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
