// Schedule: which probes start now. Pure: time is a parameter, and nothing is started here. Probes
// start on a tick, at most a few a tick, spread over their interval; a target is not probed by more
// than a few at a time; what cannot start in time is counted, not hidden. Owned by the agent, loop
// thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <queue>
#include <string>
#include <vector>

#include "agent/core/times.h"

namespace seamwatch::agent {

using ScheduleId = std::uint32_t;

// No first start is later than this, however long the interval.
inline constexpr Millis kFirstStartWithin{60'000};

struct ScheduleLimits {
  Nanos tick = std::chrono::milliseconds(20);
  std::size_t starts_per_tick_max = 15;
  std::size_t in_flight_max = 256;
  std::size_t per_target_max = 1;
};

// One probe to start. `slip` is how much later than due that is.
struct Start {
  ScheduleId id = 0;
  Nanos slip{};
};

struct ScheduleCounts {
  std::size_t entries = 0;
  std::size_t in_flight = 0;
  std::size_t waiting = 0;    // due, held back by a limit
  std::uint64_t skipped = 0;  // starts left out because the run before had not ended
};

class Schedule {
 public:
  explicit Schedule(ScheduleLimits limits) : limits_(limits) {}

  // Adds a probe that looks at `target` (host and port, or any name of what must not be asked by
  // more than `per_target_max` at a time) every `interval`. Its first start is within one interval
  // and one minute of `now`, the second within one interval of the first, all at offsets that
  // depend only on `identity`. Requires: interval > 0.
  ScheduleId add(const std::string& identity,
                 const std::string& target,
                 Nanos interval,
                 MonoTime now);

  // Takes a probe out; a run under way is still to be reported by finished().
  void remove(ScheduleId id);

  // The probes to start at `now`, each now in flight.
  std::vector<Start> due(MonoTime now);

  // The run of `id` has ended.
  void finished(ScheduleId id);

  // `id` does not start before `at`: its peer asked us to wait. The interval goes on behind it.
  void hold_until(ScheduleId id, MonoTime at);

  // When due() is to be asked next, on a tick; empty where nothing is scheduled.
  std::optional<MonoTime> next(MonoTime now) const;

  void set_in_flight_max(std::size_t in_flight_max) { limits_.in_flight_max = in_flight_max; }

  // What runs or waits already is not touched. Requires: > 0.
  void set_per_target_max(std::size_t per_target_max) { limits_.per_target_max = per_target_max; }

  ScheduleCounts counts() const;

 private:
  struct Target {
    std::size_t probes = 0;  // that look at it
    std::size_t running = 0;
    std::vector<ScheduleId> line;  // due while the target was busy; short, and mostly not there
  };

  struct Entry {
    std::map<std::string, Target>::iterator target;
    Nanos interval{};
    MonoTime due{};         // the next start
    MonoTime second_due{};  // the start after the first, at the usual offset
    MonoTime not_before{};
    bool running = false;
    bool waiting = false;  // in waiting_, or in its target's line
    bool removed = false;
  };

  struct Slot {
    MonoTime due{};
    ScheduleId id = 0;

    bool operator>(const Slot& other) const {
      return due != other.due ? due > other.due : id > other.id;
    }
  };

  void collect_due(MonoTime now);
  void set_due(ScheduleId id, MonoTime due);
  void forget(ScheduleId id);

  ScheduleLimits limits_;
  std::vector<Entry> entries_;
  std::vector<ScheduleId> free_;
  std::map<std::string, Target> targets_;
  std::priority_queue<Slot, std::vector<Slot>, std::greater<>> slots_;
  std::deque<ScheduleId> waiting_;
  std::size_t in_flight_ = 0;
  std::size_t lined_up_ = 0;
  std::uint64_t skipped_ = 0;
};

}  // namespace seamwatch::agent
