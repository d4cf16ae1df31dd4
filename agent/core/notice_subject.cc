// The subject of a notice: it names the alert and what it is about, as mail programs gather under
// one thread what has one subject.

#include <algorithm>
#include <array>

#include "agent/core/notice_names.h"
#include "agent/core/notice_text.h"

namespace seamwatch {
namespace {

constexpr std::size_t kSubjectBytesMax = 180;
constexpr std::size_t kShortBytesMax = 100;  // what is less than the name gives way to this

// The alerts that the notice is about: those that fire, and where none does, all.
std::vector<Alert> told(const Notification& notification) {
  std::vector<Alert> out;
  for (const Alert& alert : notification.alerts) {
    if (!alert.ends_at) {
      out.push_back(alert);
    }
  }
  return out.empty() ? notification.alerts : out;
}

std::string alert_names(const std::vector<Alert>& alerts) {
  std::vector<std::string> names;
  for (const Alert& alert : alerts) {
    names.push_back(one_line(alert.labels.get("alertname")));
  }
  return list_of_names(names);
}

// The integrations or systems that they are about.
std::string flow_names(const std::vector<Alert>& alerts) {
  std::vector<std::string> names;
  for (const Alert& alert : alerts) {
    const bool flow = alert.labels.has("integration");
    names.push_back(flow ? name_of(alert.labels, alert.annotations)
                         : one_line(alert.labels.get("system")));
  }
  return list_of_names(names);
}

// Whether a label says more of what the alert is about than name, weight and owner do.
bool tells_apart(std::string_view name) {
  static constexpr std::array<std::string_view, 10> kOthers = {"alertname",
                                                               "integration",
                                                               "system",
                                                               "severity",
                                                               "criticality",
                                                               "persistence",
                                                               "category",
                                                               "owner",
                                                               "seamwatch_self",
                                                               "alert_id"};
  return std::find(kOthers.begin(), kOthers.end(), name) == kOthers.end();
}

// " (critical, persistent)", or by severity where nothing says how critical it is.
std::string weight_of(const Labels& common) {
  std::string words;
  const std::string_view first = common.has("criticality") ? "criticality" : "severity";
  for (const std::string_view label : {first, std::string_view("persistence")}) {
    if (common.has(label)) {
      words += (words.empty() ? "" : ", ") + one_line(common.get(label));
    }
  }
  return words.empty() ? "" : " (" + words + ")";
}

// What the group is told apart by, and what its alerts share besides.
std::vector<std::string> details(const Labels& group, const Labels& shared) {
  std::vector<std::string> out;
  for (const auto& [label, value] : group) {
    if (tells_apart(label) && !value.empty()) {
      out.push_back(one_line(value));
    }
  }
  for (const auto& [label, value] : shared) {
    if (!group.has(label) && tells_apart(label) && !value.empty()) {
      out.push_back(one_line(value));
    }
  }
  return out;
}

// As many as leave `room_after` bytes of a short subject.
void add_details(std::string& subject,
                 std::string_view separator,
                 const std::vector<std::string>& details,
                 std::size_t room_after) {
  for (const std::string& detail : details) {
    if (subject.size() + separator.size() + detail.size() + room_after <= kShortBytesMax) {
      subject.append(separator).append(detail);
      separator = ", ";
    }
  }
}

// Cut between two code points.
std::string cut_to(std::string text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) {
    return text;
  }
  while (bytes_max > 0 && (static_cast<unsigned char>(text[bytes_max]) & 0xc0U) == 0x80U) {
    --bytes_max;
  }
  return text.substr(0, bytes_max) + "...";
}

}  // namespace

std::string notice_subject(const Notification& notification) {
  const std::vector<Alert> alerts = told(notification);
  const std::size_t firing = firing_count(notification);
  std::string out = notification.late ? "[LATE] " : "";
  out += escalates(notification) ? "[ESCALATED] " : "";
  out += firing > 0 ? "[FIRING:" + std::to_string(firing) + "] " : "[RESOLVED] ";
  const std::string alert = alert_names(alerts);
  const std::string flow = flow_names(alerts);
  const std::string name = alert + (alert.empty() || flow.empty() ? "" : ": ") + flow;
  out += name.empty() ? std::to_string(alerts.size()) + " alerts" : name;
  const Labels common = common_labels(alerts);
  const std::string weight = weight_of(common);
  // Integrations and systems say enough of what it is about.
  const std::vector<std::string> more =
      details(notification.group_labels, flow.empty() ? common : Labels());
  add_details(out, flow.empty() ? ": " : ", ", more, weight.size());
  if (out.size() + weight.size() <= kShortBytesMax) {
    out += weight;
  }
  return cut_to(std::move(out), kSubjectBytesMax);
}

}  // namespace seamwatch
