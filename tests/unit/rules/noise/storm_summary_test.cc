#include "rules/noise/storm_summary.h"

#include <catch2/catch.hpp>

#include "agent/core/notice_text.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr WallTime kStart = wall_from_unix_millis(1'795'420'800'000);
constexpr Millis kMinute{60'000};

Alert alert_of(Labels labels, bool resolved = false) {
  Alert out;
  out.labels = std::move(labels);
  out.starts_at = kStart;
  if (resolved) {
    out.ends_at = kStart + kMinute;
  }
  return out;
}

Notification notice_of(const std::string& id, std::vector<Alert> alerts, int second = 0) {
  Notification out;
  out.id = id;
  out.receiver = "team";
  out.sink = "email[0]";
  out.group_key = "{}:{id=\"" + id + "\"}";
  out.route_labels = Labels{{"team", "shop"}, {"route", id}};
  out.alerts = std::move(alerts);
  out.created_at = kStart + Millis(1000) * second;
  out.reason = "first";
  out.external_url = "http://agent.test";
  return out;
}

}  // namespace

TEST_CASE("a summary tells all alerts of what was held, the worst ones first, each once") {
  const Labels down_a{{"alertname", "Down"}, {"integration", "a"}};
  const Labels down_b{{"alertname", "Down"}, {"integration", "b"}, {"criticality", "critical"}};
  const Labels backlog{{"alertname", "Backlog"}};
  const std::vector<Notification> held = {
      notice_of("1", {alert_of(backlog, true)}),
      notice_of("2", {alert_of(down_a), alert_of(backlog)}, 5),
      notice_of("3", {alert_of(down_b), alert_of(down_a, true)}, 3)};
  const Notification summary = storm_summary(held, kStart, kStart + kMinute);
  CHECK(summary.receiver == "team");
  CHECK(summary.sink == "email[0]");
  CHECK(summary.group_labels == Labels{{"storm", "3 notices in one"}});
  CHECK(summary.group_key == "{storm}:2026-11-23T08:00:00Z");
  CHECK(summary.route_labels == Labels{{"team", "shop"}});
  CHECK(summary.reason == "new_alerts");
  CHECK(summary.created_at == kStart + kMinute);
  CHECK(summary.external_url == "http://agent.test");
  REQUIRE(summary.alerts.size() == 3);
  CHECK(summary.alerts[0].labels == down_b);
  CHECK(summary.alerts[1].labels == backlog);  // as the later notice shows it
  CHECK_FALSE(summary.alerts[1].ends_at);
  CHECK(summary.alerts[2].labels == down_a);
  CHECK_FALSE(summary.alerts[2].ends_at);

  SECTION("its first line says that it is one") {
    CHECK(notice_line(summary, kStart)
              .starts_with("There is a storm of notices: this one sums up 3 notices. "));
    Notification other = summary;
    other.group_labels.set("alertname", "Down");
    CHECK(notice_line(other, kStart).find("sums up") == std::string::npos);
  }
  SECTION("its id is that of what it tells") {
    CHECK(storm_summary(held, kStart, kStart + 2 * kMinute).id == summary.id);
    CHECK(storm_summary({held[2], held[0], held[1]}, kStart, kStart).id == summary.id);
    CHECK(storm_summary({held[0], held[1]}, kStart, kStart).id != summary.id);
    CHECK(summary.id.size() == 32);
  }
  SECTION("where nothing fires it tells of ends") {
    const Notification ended = storm_summary({held[0]}, kStart, kStart);
    CHECK(ended.reason == "resolved");
    CHECK(ended.group_labels == Labels{{"storm", "1 notice in one"}});
  }
}

TEST_CASE("which notices may never wait") {
  struct Case {
    std::string name;
    Labels labels;
    bool want;
  };

  const std::vector<Case> cases = {
      {"critical", {{"criticality", "critical"}}, true},
      {"critical and persistent",
       {{"criticality", "critical"}, {"persistence", "persistent"}},
       true},
      {"critical, but expected to fix itself",
       {{"criticality", "critical"}, {"persistence", "transient"}},
       false},
      {"not critical, though it pages",
       {{"criticality", "non-critical"}, {"severity", "page"}},
       false},
      {"of others: severity critical", {{"severity", "critical"}}, true},
      {"of others: severity page", {{"severity", "page"}}, true},
      {"of others: severity warning", {{"severity", "warning"}}, false},
      {"nothing said", {{"alertname", "X"}}, false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(urgent(notice_of("1", {alert_of({{"alertname", "Y"}}), alert_of(c.labels)})) == c.want);
      CHECK_FALSE(urgent(notice_of("1", {alert_of(c.labels, true)})));
      Notification again = notice_of("1", {alert_of(c.labels)});
      again.reason = "new_alerts";
      CHECK(urgent(again) == c.want);
      again.reason = "repeat";
      CHECK_FALSE(urgent(again));
    }
  }
}
