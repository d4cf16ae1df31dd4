#include "rules/replay/compare.h"

#include <algorithm>
#include <deque>
#include <map>
#include <tuple>

namespace seamwatch::rules::replay {
namespace {

bool overlap(const AlertEpisode& a, const AlertEpisode& b) {
  const WallTime end_a = a.ended_at.value_or(WallTime::max());
  const WallTime end_b = b.ended_at.value_or(WallTime::max());
  return *a.fired_at <= end_b && *b.fired_at <= end_a;
}

bool same_times(const AlertEpisode& a, const AlertEpisode& b) {
  return a.fired_at == b.fired_at && a.ended_at == b.ended_at;
}

void compare_alerts(const ReplayResult& before, const ReplayResult& after, Comparison& out) {
  std::map<Labels, std::deque<std::size_t>> left;  // of `before`, not paired yet
  for (std::size_t i = 0; i < before.alerts.size(); ++i) {
    if (before.alerts[i].fired_at) {
      left[before.alerts[i].labels].push_back(i);
    }
  }
  for (std::size_t i = 0; i < after.alerts.size(); ++i) {
    const AlertEpisode& now = after.alerts[i];
    if (!now.fired_at) {
      continue;
    }
    std::deque<std::size_t>& same_labels = left[now.labels];
    const auto found = std::find_if(same_labels.begin(), same_labels.end(), [&](std::size_t each) {
      return overlap(before.alerts[each], now);
    });
    if (found == same_labels.end()) {
      out.added.push_back(i);
      continue;
    }
    if (same_times(before.alerts[*found], now)) {
      ++out.same;
    } else {
      out.moved.push_back({*found, i});
    }
    same_labels.erase(found);
  }
  for (const auto& [labels, rest] : left) {
    out.gone.insert(out.gone.end(), rest.begin(), rest.end());
  }
  std::sort(out.gone.begin(), out.gone.end());
}

std::vector<Labels> labels_of(const std::vector<Alert>& alerts) {
  std::vector<Labels> out;
  for (const Alert& alert : alerts) {
    out.push_back(alert.labels);
  }
  return out;
}

void compare_notices(const ReplayResult& before, const ReplayResult& after, Comparison& out) {
  const auto key = [](const Notice& notice) {
    return std::tuple(notice.at,
                      notice.receiver,
                      notice.sink,
                      notice.group_key,
                      notice.reason,
                      labels_of(notice.firing),
                      labels_of(notice.resolved));
  };
  std::map<decltype(key(before.notices.front())), std::deque<std::size_t>> left;
  for (std::size_t i = 0; i < before.notices.size(); ++i) {
    left[key(before.notices[i])].push_back(i);
  }
  for (std::size_t i = 0; i < after.notices.size(); ++i) {
    const auto found = left.find(key(after.notices[i]));
    if (found == left.end() || found->second.empty()) {
      out.notices_added.push_back(i);
    } else {
      found->second.pop_front();
    }
  }
  for (const auto& [notice, rest] : left) {
    out.notices_gone.insert(out.notices_gone.end(), rest.begin(), rest.end());
  }
  std::sort(out.notices_gone.begin(), out.notices_gone.end());
}

}  // namespace

bool Comparison::equal() const {
  return gone.empty() && added.empty() && moved.empty() && notices_gone.empty() &&
         notices_added.empty();
}

Comparison compare(const ReplayResult& before, const ReplayResult& after) {
  Comparison out;
  compare_alerts(before, after, out);
  compare_notices(before, after, out);
  for (const ReceiverCount& now : after.receivers) {
    out.receivers.push_back({now.receiver, 0, now.notices});
  }
  for (const ReceiverCount& then : before.receivers) {
    const auto found =
        std::find_if(out.receivers.begin(), out.receivers.end(), [&](const auto& each) {
          return each.receiver == then.receiver;
        });
    if (found == out.receivers.end()) {
      out.receivers.push_back({then.receiver, then.notices, 0});
    } else {
      found->before = then.notices;
    }
  }
  return out;
}

}  // namespace seamwatch::rules::replay
