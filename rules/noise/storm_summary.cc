#include "rules/noise/storm_summary.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "agent/core/assert.h"
#include "agent/core/taxonomy.h"
#include "rules/routing/notice_parts.h"

namespace seamwatch::rules {
namespace {

bool critical(const Alert& alert) {
  if (alert.labels.has("criticality")) {
    return alert.labels.get("criticality") == to_string(Criticality::critical);
  }
  const std::string_view severity = alert.labels.get("severity");
  return severity == "critical" || severity == "page";
}

// Each alert once, as the notice that was made last shows it.
std::vector<Alert> alerts_of(const std::vector<Notification>& held) {
  std::map<Labels, std::pair<WallTime, const Alert*>> latest;
  for (const Notification& notice : held) {
    for (const Alert& alert : notice.alerts) {
      const auto [known, fresh] =
          latest.try_emplace(alert.labels, std::make_pair(notice.created_at, &alert));
      if (!fresh && known->second.first < notice.created_at) {
        known->second = {notice.created_at, &alert};
      }
    }
  }
  std::vector<Alert> out;
  for (const auto& [labels, made] : latest) {
    out.push_back(*made.second);
  }
  std::stable_sort(out.begin(), out.end(), [](const Alert& a, const Alert& b) {
    return std::make_tuple(a.ends_at.has_value(), !critical(a)) <
           std::make_tuple(b.ends_at.has_value(), !critical(b));
  });
  return out;
}

Labels labels_of_all(const std::vector<Notification>& held) {
  Labels out;
  for (const auto& [name, value] : held.front().route_labels) {
    if (std::all_of(held.begin(), held.end(), [&](const Notification& notice) {
          return notice.route_labels.get(name) == value;
        })) {
      out.set(name, value);
    }
  }
  return out;
}

std::string id_of(const std::vector<Notification>& held) {
  std::vector<Labels::Pair> pairs;  // at once: one by one they would take the square of the time
  for (const Notification& notice : held) {
    pairs.emplace_back(notice.id, "held");
  }
  Labels ids(pairs);
  const std::string first = fingerprint_hex(ids.fingerprint());
  ids.set("of", first);
  return first + fingerprint_hex(ids.fingerprint());
}

}  // namespace

bool urgent(const Notification& notice) {
  if (notice.reason != "first" && notice.reason != "new_alerts" && notice.reason != "fallback") {
    return false;
  }
  return std::any_of(notice.alerts.begin(), notice.alerts.end(), [](const Alert& alert) {
    return !alert.ends_at && critical(alert) &&
           alert.labels.get("persistence") != to_string(Persistence::transient);
  });
}

std::string storm_group(WallTime since) {
  return "{storm}:" + to_rfc3339(since);
}

Notification storm_summary(const std::vector<Notification>& held, WallTime since, WallTime now) {
  SW_ASSERT(!held.empty());
  Notification out;
  out.id = id_of(held);
  out.receiver = held.front().receiver;
  out.sink = held.front().sink;
  out.group_key = storm_group(since);
  out.group_labels = summary_labels(held.size());
  out.route_labels = labels_of_all(held);
  out.alerts = alerts_of(held);
  out.created_at = now;
  const bool fires = std::any_of(
      out.alerts.begin(), out.alerts.end(), [](const Alert& alert) { return !alert.ends_at; });
  out.reason = fires ? "new_alerts" : "resolved";
  out.external_url = held.front().external_url;
  out.instead_of = held.front().instead_of;
  for (const Notification& notice : held) {
    out.parts.push_back(part_of(notice, out.id));
    out.instead_of = out.instead_of == notice.instead_of ? out.instead_of : "";
  }
  std::sort(out.parts.begin(), out.parts.end(), [](const NoticePart& a, const NoticePart& b) {
    return a.group_key < b.group_key;
  });
  return out;
}

}  // namespace seamwatch::rules
