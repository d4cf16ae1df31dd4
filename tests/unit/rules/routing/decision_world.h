// One notification file with its log and its inhibitor, to decide with: for the tests of decisions.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/routing/decision.h"

namespace seamwatch::rules::deciding {

inline constexpr WallTime kNow = wall_from_unix_millis(1'700'000'000'000);  // a Tuesday, 22:13 UTC

inline constexpr const char* kFile = R"(
route:
  receiver: r
  group_by: [g]
  routes:
    - matchers: [when="night"]
      mute_time_intervals: [evening]
    - matchers: [when="day"]
      active_time_intervals: [morning]
time_intervals:
  - name: evening
    time_intervals: [{times: [{start_time: '22:00', end_time: '24:00'}]}]
  - name: morning
    time_intervals: [{times: [{start_time: '06:00', end_time: '12:00'}]}]
inhibit_rules:
  - source_matchers: [severity="critical"]
    target_matchers: [severity="warning"]
receivers:
  - name: r
    webhook_configs:
      - url: http://one
      - url: http://two
        send_resolved: false
)";

inline NotifyConfig load() {
  Diagnostics problems;
  NotifyConfig out = load_notify_config(parse_yaml("n.yml", kFile, problems), problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

inline Alert alert(const std::string& name, bool is_resolved = false) {
  Alert out;
  out.labels = Labels{{"alertname", name}, {"g", "1"}};
  out.starts_at = kNow - Millis(60'000);
  if (is_resolved) {
    out.ends_at = kNow - Millis(1'000);
  }
  return out;
}

inline std::uint64_t fingerprint(const std::string& name) {
  return alert(name).labels.fingerprint();
}

// One file, its log and its inhibitor.
struct DecisionWorld {
  NotifyConfig config = load();
  NotificationLog log;
  Inhibitor inhibitor{config.inhibit_rules};

  GroupFlush flush(const std::vector<Alert>& alerts) const {
    GroupFlush out{&config.route, "{}:{g=\"1\"}", Labels{{"g", "1"}}, {}, {}, kNow};
    for (const Alert& alert : alerts) {
      (alert.ends_at ? out.resolved : out.firing).push_back(std::make_shared<const Alert>(alert));
    }
    return out;
  }

  Decision decide(const GroupFlush& flush) const {
    return rules::decide(flush, {config, log, inhibitor, "http://me", {}});
  }

  void put(std::string sink, std::vector<std::uint64_t> firing, Millis ago) {
    std::sort(firing.begin(), firing.end());
    log.put({{"{}:{g=\"1\"}", "r", std::move(sink)}, firing, {}, kNow - ago, kNow + ago});
  }
};

}  // namespace seamwatch::rules::deciding
