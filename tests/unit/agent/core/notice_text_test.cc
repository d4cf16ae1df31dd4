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
