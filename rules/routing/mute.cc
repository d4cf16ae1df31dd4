#include "rules/routing/mute.h"

#include <algorithm>
#include <iterator>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

constexpr int kDaysAtOnce = 8;
constexpr int kDaysMax = 368;

}  // namespace

std::vector<std::string> muting_intervals(const Route& route,
                                          const NotifyConfig& config,
                                          WallTime now) {
  const auto is_active = [&](const std::string& name) {
    const NamedIntervals* named = config.time_interval(name);
    SW_ASSERT(named != nullptr);
    return active(named->intervals, now);
  };
  const auto& wanted = route.active_time_intervals;
  if (!wanted.empty() && std::none_of(wanted.begin(), wanted.end(), is_active)) {
    return wanted;
  }
  std::vector<std::string> out;
  std::copy_if(route.mute_time_intervals.begin(),
               route.mute_time_intervals.end(),
               std::back_inserter(out),
               is_active);
  return out;
}

std::string muted_by(const Route& route, const NotifyConfig& config, WallTime now) {
  const std::vector<std::string> names = muting_intervals(route, config, now);
  if (names.empty()) {
    return "";
  }
  return names == route.active_time_intervals ? "outside active_time_intervals"
                                              : "in mute_time_intervals " + quoted(names.front());
}

std::optional<WallTime> muted_until(const Route& route, const NotifyConfig& config, WallTime now) {
  constexpr Millis kDay{24 * 3'600'000};
  for (int day = 0; day < kDaysMax; day += kDaysAtOnce) {
    const WallTime from = now + day * kDay;
    const WallTime to = from + kDaysAtOnce * kDay;
    std::vector<WallTime> moments;
    for (const auto* names : {&route.mute_time_intervals, &route.active_time_intervals}) {
      for (const std::string& name : *names) {
        for (const TimeInterval& interval : config.time_interval(name)->intervals) {
          for (const WallTime at : possible_changes(interval, from, to)) {
            moments.push_back(at);
          }
        }
      }
    }
    std::sort(moments.begin(), moments.end());
    for (const WallTime at : moments) {
      if (muting_intervals(route, config, at).empty()) {
        return at;
      }
    }
  }
  return std::nullopt;
}

}  // namespace seamwatch::rules
