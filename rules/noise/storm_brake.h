// StormBrake: of one sink, whether a notice goes out on its own or waits for a summary. When more
// notices a minute are due than the policy lets, the brake engages: from then on only urgent ones
// pass, the others wait and are told in one summary a minute. Owned by the notifier's loop, one a
// sink; time is a parameter. Why so: agent/decisions/noise-control.md.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "agent/core/times.h"

namespace seamwatch::rules {

struct BrakePolicy {
  bool enabled = true;
  std::int64_t notices_per_minute = 30;
  std::set<std::string, std::less<>> sinks = {"email", "slack", "msteamsv2"};  // kinds it is for

  // Whether it is for "email[0]".
  bool covers(std::string_view sink) const;

  friend bool operator==(const BrakePolicy&, const BrakePolicy&) = default;
};

class StormBrake {
 public:
  // One that was engaged before a restart.
  void restore(WallTime engaged_since) { engaged_since_ = engaged_since; }

  // Of one notice that is due now and does not wait already: whether it passes. An urgent one
  // always does.
  bool passes(bool urgent, const BrakePolicy& policy, WallTime now);

  // Since when it is engaged.
  std::optional<WallTime> engaged_since() const { return engaged_since_; }

  // Whether what waits is to be told now: a minute after the first of it came to wait, at once
  // where the brake was switched off.
  bool summary_due(const BrakePolicy& policy, WallTime now) const;

  // What waited was told, or need not be told any more.
  void nothing_waits() { waiting_since_.reset(); }

  // Whether the storm is over: nothing waits, and in the last minute no more was due than may pass.
  // Where it is, the brake is off again.
  bool release(const BrakePolicy& policy, WallTime now);

  // When summary_due() or release() says yes, if nothing comes meanwhile; nothing where neither
  // will.
  std::optional<WallTime> next_turn(const BrakePolicy& policy) const;

  // Whether nothing is remembered that matters.
  bool idle(WallTime now) const;

 private:
  std::deque<WallTime> asked_;  // in the last minute
  std::optional<WallTime> engaged_since_;
  std::optional<WallTime> waiting_since_;
};

}  // namespace seamwatch::rules
