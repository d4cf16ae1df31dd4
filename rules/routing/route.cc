#include "rules/routing/route.h"

#include <algorithm>

namespace seamwatch::rules {
namespace {

// Appends the routes that match below and including `route`; false where it does not match.
bool collect(const Route& route, const Labels& labels, std::vector<const Route*>& out) {
  if (!match_all(route.matchers, labels)) {
    return false;
  }
  bool child_matched = false;
  for (const Route& child : route.routes) {
    if (collect(child, labels, out)) {
      child_matched = true;
      if (!child.continue_matching) {
        break;
      }
    }
  }
  if (!child_matched) {
    out.push_back(&route);
  }
  return true;
}

}  // namespace

std::vector<const Route*> match(const Route& root, const Labels& labels) {
  std::vector<const Route*> out;
  collect(root, labels, out);
  return out;
}

bool tell_the_same(const Route& a, const Route& b) {
  return a.receiver == b.receiver && a.group_wait == b.group_wait &&
         a.group_interval == b.group_interval && a.repeat_interval <= b.repeat_interval &&
         a.labels == b.labels && a.mute_time_intervals == b.mute_time_intervals &&
         a.active_time_intervals == b.active_time_intervals && a.escalate == b.escalate;
}

Labels group_labels(const Route& route, const Labels& labels) {
  if (route.group_by_all) {
    return labels;
  }
  std::vector<Labels::View> pairs;
  pairs.reserve(route.group_by.size());
  for (const std::string& name : route.group_by) {
    if (const std::string_view value = labels.get(name); !value.empty()) {
      pairs.emplace_back(name, value);
    }
  }
  return Labels::of(std::move(pairs));
}

std::string group_key(const Route& route, const Labels& group) {
  return route.key + ":" + group.to_string();
}

}  // namespace seamwatch::rules
