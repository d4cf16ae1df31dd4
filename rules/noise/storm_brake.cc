#include "rules/noise/storm_brake.h"

#include <algorithm>

namespace seamwatch::rules {
namespace {

constexpr Millis kMinute{60'000};

void forget_old(std::deque<WallTime>& times, WallTime now) {
  // A clock that was set back must not make old ones count for longer.
  std::erase_if(times, [now](WallTime at) { return at + kMinute <= now || at > now; });
}

}  // namespace

bool BrakePolicy::covers(std::string_view sink) const {
  return enabled && sinks.contains(sink.substr(0, sink.find('[')));
}

bool StormBrake::passes(bool urgent, const BrakePolicy& policy, WallTime now) {
  forget_old(asked_, now);
  if (!engaged_since_ && static_cast<std::int64_t>(asked_.size()) >= policy.notices_per_minute) {
    engaged_since_ = now;
  }
  asked_.push_back(now);
  if (static_cast<std::int64_t>(asked_.size()) > policy.notices_per_minute + 1) {
    asked_.pop_front();  // that there are too many is all that counts
  }
  if (!engaged_since_ || urgent) {
    return true;
  }
  waiting_since_ = waiting_since_.value_or(now);
  return false;
}

bool StormBrake::summary_due(const BrakePolicy& policy, WallTime now) const {
  return waiting_since_ &&
         (!policy.enabled || *waiting_since_ + kMinute <= now || *waiting_since_ > now);
}

bool StormBrake::release(const BrakePolicy& policy, WallTime now) {
  forget_old(asked_, now);
  const bool busy = static_cast<std::int64_t>(asked_.size()) > policy.notices_per_minute;
  if (!engaged_since_ || waiting_since_ || (policy.enabled && busy)) {
    return false;
  }
  engaged_since_.reset();
  return true;
}

std::optional<WallTime> StormBrake::next_turn(const BrakePolicy& policy) const {
  if (waiting_since_) {
    return *waiting_since_ + kMinute;
  }
  if (!engaged_since_) {
    return std::nullopt;
  }
  const auto count = static_cast<std::int64_t>(asked_.size());
  const auto last = std::max<std::int64_t>(count - 1 - policy.notices_per_minute, 0);
  return asked_.empty() ? *engaged_since_ : asked_[static_cast<std::size_t>(last)] + kMinute;
}

bool StormBrake::idle(WallTime now) const {
  return !engaged_since_ && !waiting_since_ &&
         (asked_.empty() || asked_.back() + kMinute <= now || asked_.back() > now);
}

}  // namespace seamwatch::rules
