// What the tests of the series store share: times after a start, matchers, labels.
#pragma once

#include <initializer_list>
#include <tuple>
#include <vector>

#include "rules/series/series_store.h"

namespace seamwatch::rules {

inline constexpr WallTime kStart = wall_from_unix_millis(1'700'000'000'000);
inline constexpr WallTime kLongAgo = wall_from_unix_millis(0);
inline constexpr WallTime kFarAway = wall_from_unix_millis(4'000'000'000'000);

inline WallTime after(std::int64_t seconds_since) {
  return kStart + Millis(seconds_since * 1000);
}

inline std::vector<Matcher> where(
    std::initializer_list<std::tuple<const char*, MatchType, const char*>> all) {
  std::vector<Matcher> out;
  for (const auto& [name, type, value] : all) {
    out.push_back(*Matcher::make(type, name, value));
  }
  return out;
}

inline std::vector<Matcher> named(const char* name) {
  return where({{"__name__", MatchType::equal, name}});
}

inline Labels labels(const char* name, const char* job, const char* instance) {
  return Labels{{"__name__", name}, {"job", job}, {"instance", instance}};
}

}  // namespace seamwatch::rules
