#include "agent/core/notice_names.h"

#include <algorithm>
#include <set>

#include "agent/core/utf8.h"

namespace seamwatch {
namespace {

constexpr std::size_t kNamesShownMax = 3;  // the others are counted

}  // namespace

std::string one_line(std::string_view text) {
  std::string out = to_valid_utf8(text);
  std::replace_if(
      out.begin(),
      out.end(),
      [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; },
      ' ');
  while (!out.empty() && out.back() == ' ') {
    out.pop_back();
  }
  return out;
}

std::string list_of_names(const std::vector<std::string>& names) {
  std::set<std::string_view> different;
  std::string out;
  for (const std::string& name : names) {
    if (!name.empty() && different.insert(name).second && different.size() <= kNamesShownMax) {
      out.append(out.empty() ? "" : ", ").append(name);
    }
  }
  const bool more = different.size() > kNamesShownMax;
  return more ? out + " and " + std::to_string(different.size() - kNamesShownMax) + " more" : out;
}

std::string name_of(const Labels& labels, const Labels& annotations) {
  if (labels.has("integration") && annotations.has("display")) {
    return one_line(annotations.get("display"));
  }
  for (const std::string_view label : {"integration", "alertname"}) {
    if (labels.has(label)) {
      return one_line(labels.get(label));
    }
  }
  return "An alert";
}

std::size_t firing_count(const Notification& notification) {
  return static_cast<std::size_t>(std::count_if(notification.alerts.begin(),
                                                notification.alerts.end(),
                                                [](const Alert& alert) { return !alert.ends_at; }));
}

bool escalates(const Notification& notification) {
  return !notification.escalation.empty() && firing_count(notification) > 0;
}

}  // namespace seamwatch
