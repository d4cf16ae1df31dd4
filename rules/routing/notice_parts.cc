#include "rules/routing/notice_parts.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "rules/routing/group_members.h"

namespace seamwatch::rules {

bool LogPlace::holds(std::uint64_t fingerprint) const {
  return alerts == nullptr || std::binary_search(alerts->begin(), alerts->end(), fingerprint);
}

std::vector<LogPlace> log_places(const Notification& notice) {
  std::vector<LogPlace> out;
  if (notice.parts.empty()) {
    out.push_back({{notice.group_key, notice.receiver, notice.sink}, notice.id});
  }
  for (const NoticePart& part : notice.parts) {
    out.push_back({{part.group_key, notice.receiver, notice.sink}, part.notice, &part.alerts});
  }
  return out;
}

NoticePart part_of(const Notification& notice, const std::string& summary) {
  NoticePart out{
      notice.group_key, summary, notice.reason, notice.group_labels, notice.route_labels, {}};
  for (const Alert& alert : notice.alerts) {
    out.alerts.push_back(alert.labels.fingerprint());
  }
  std::sort(out.alerts.begin(), out.alerts.end());
  return out;
}

std::vector<NoticePart> parts_of_both(const Notification& older, const Notification& newer) {
  std::map<std::string, NoticePart> out;
  for (const NoticePart& part : older.parts) {
    out.emplace(part.group_key, part);
  }
  for (const NoticePart& part : newer.parts) {
    const auto [known, fresh] = out.try_emplace(part.group_key, part);
    if (!fresh) {
      std::vector<std::uint64_t> alerts;
      std::set_union(known->second.alerts.begin(),
                     known->second.alerts.end(),
                     part.alerts.begin(),
                     part.alerts.end(),
                     std::back_inserter(alerts));
      known->second = part;
      known->second.alerts = std::move(alerts);
    }
  }
  std::vector<NoticePart> all;
  for (auto& [group, part] : out) {
    all.push_back(std::move(part));
  }
  return all;
}

Labels summary_labels(std::size_t notices) {
  return Labels{
      {"storm", std::to_string(notices) + (notices == 1 ? " notice in one" : " notices in one")}};
}

std::vector<Notification> taken_apart(const Notification& notice) {
  std::vector<Notification> out;
  if (notice.parts.empty()) {
    out.push_back(notice);
    return out;
  }
  Notification frame = notice;  // what all parts have of it
  frame.alerts = std::vector<Alert>();
  frame.parts = std::vector<NoticePart>();
  std::unordered_map<std::uint64_t, const Alert*> alerts;
  for (const Alert& alert : notice.alerts) {
    alerts.emplace(alert.labels.fingerprint(), &alert);
  }
  for (const NoticePart& part : notice.parts) {
    Notification one = frame;
    one.group_key = part.group_key;
    one.reason = part.reason;
    one.group_labels = part.group_labels;
    one.route_labels = part.route_labels;
    for (const std::uint64_t fingerprint : part.alerts) {
      if (const auto alert = alerts.find(fingerprint); alert != alerts.end()) {
        one.alerts.push_back(*alert->second);
      }
    }
    std::sort(one.alerts.begin(), one.alerts.end(), alert_before);
    out.push_back(std::move(one));
  }
  return out;
}

void forget_absent(Notification& summary) {
  if (summary.parts.empty()) {
    return;
  }
  std::unordered_set<std::uint64_t> there;
  for (const Alert& alert : summary.alerts) {
    there.insert(alert.labels.fingerprint());
  }
  for (NoticePart& part : summary.parts) {
    std::erase_if(part.alerts,
                  [&](std::uint64_t fingerprint) { return !there.contains(fingerprint); });
  }
  std::erase_if(summary.parts, [](const NoticePart& part) { return part.alerts.empty(); });
  summary.group_labels = summary_labels(summary.parts.size());
}

}  // namespace seamwatch::rules
