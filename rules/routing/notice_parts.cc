#include "rules/routing/notice_parts.h"

#include <algorithm>
#include <iterator>
#include <map>
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
  }
  for (const NoticePart& part : notice.parts) {
    Notification one = notice;
    one.parts.clear();
    one.group_key = part.group_key;
    one.reason = part.reason;
    one.group_labels = part.group_labels;
    one.route_labels = part.route_labels;
    std::erase_if(one.alerts, [&](const Alert& alert) {
      return !std::binary_search(
          part.alerts.begin(), part.alerts.end(), alert.labels.fingerprint());
    });
    std::sort(one.alerts.begin(), one.alerts.end(), alert_before);
    out.push_back(std::move(one));
  }
  return out;
}

}  // namespace seamwatch::rules
