#include "agent/core/notice_text.h"

#include <catch2/catch.hpp>

using namespace seamwatch;

namespace {

constexpr WallTime kNow = wall_from_unix_millis(1'795'976'700'000);

Notification notice(const Labels& annotations) {
  Alert alert;
  alert.labels = Labels{{"alertname", "IntegrationDown"}, {"integration", "orders"}};
  alert.annotations = annotations;
  alert.starts_at = kNow - Millis(60'000);
  Notification out;
  out.alerts = {alert};
  out.reason = "first";
  return out;
}

}  // namespace

TEST_CASE("notice_line: since when it fails") {
  struct Case {
    const char* name;
    std::string failing_since;
    const char* line;
  };

  const auto at = [](Millis before) {
    std::string text = to_rfc3339(kNow - before);
    text[text.find('T')] = ' ';
    text.pop_back();
    return text + " +0000 UTC";
  };
  const auto c = GENERATE_COPY(values<Case>({
      {"not said: since it fires", "", "(1 min)"},
      {"before it fired", at(Millis(180'000)), "(3 min)"},
      {"with parts of a second", at(Millis(120'250)), "(2 min)"},
      {"after it fired: an older failure is told", at(Millis(1'000)), "(1 min)"},
      {"no time", "<no value>", "(1 min)"},
      {"half a time", "2026-11-29 +0000 UTC", "(1 min)"},
  }));
  CAPTURE(c.name, c.failing_since);
  const Labels annotations =
      c.failing_since.empty() ? Labels{} : Labels{{"failing_since", c.failing_since}};
  const std::string line = notice_line(notice(annotations), kNow);
  CAPTURE(line);
  CHECK(line.find(c.line) != std::string::npos);
  // It is said in the first line, and not once more as a fact.
  CHECK(notice_text(notice(annotations), kNow).find("failing_since") == std::string::npos);
}

TEST_CASE("notice: what the landscape does not name is said plainly, and nothing is guessed") {
  Alert alert;
  alert.labels = Labels{{"alertname", "Down"}, {"integration", "orders"}};
  alert.annotations = Labels{{"expected", "needs someone"}};
  alert.starts_at = wall_from_unix_millis(1'795'420'800'000);
  Notification notice;
  notice.alerts = {alert};
  const WallTime now = alert.starts_at + Millis(60'000);
  const auto line = [&] { return notice_line(notice, now); };
  CHECK(line() ==
        "orders fails since 2026-11-23 08:00:00 UTC (1 min). Expected: needs someone. No owner is "
        "named in the landscape. What to do: the landscape gives no advice.");
  SECTION("what is expected to happen is not said to be expected twice") {
    notice.alerts[0].annotations.set("expected", "expected to fix itself");
    CHECK(line().find("(1 min). It is expected to fix itself. No owner") != std::string::npos);
  }
  SECTION("an owner by its annotation") {
    notice.alerts[0].annotations.set("owner_display", "Operations");
    notice.alerts[0].annotations.set("contact", "phone 1");
    CHECK(line().find("Owner: Operations (phone 1).") != std::string::npos);
    CHECK(line().find("No owner") == std::string::npos);
  }
  SECTION("what may not leave is not said to be nowhere") {
    notice.alerts[0].labels.set("alert_id", "1");
    CHECK(line().find("landscape") == std::string::npos);
    notice.alerts[0].labels.erase("alert_id");
    notice.alerts[0].annotations = {};
    CHECK(line().find("landscape") == std::string::npos);
  }
  SECTION("alerts with different owners") {
    Alert other = alert;
    other.labels.set("owner", "ops");
    other.labels.set("alertname", "Late");
    notice.alerts.push_back(other);
    CHECK(line().find("No owner") == std::string::npos);
  }
}
