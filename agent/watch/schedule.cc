#include "agent/watch/schedule.h"

#include <algorithm>

#include "agent/core/assert.h"

namespace seamwatch::agent {
namespace {

// Where in its interval a probe starts: the same after every restart, different for each.
Nanos offset_in(Nanos interval, const std::string& identity) {
  std::uint64_t hash = 14695981039346656037ULL;
  for (const char c : identity) {
    hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  }
  hash ^= hash >> 29U;  // FNV's low bits alone are not spread well over similar names
  hash *= 0xbf58476d1ce4e5b9ULL;
  hash ^= hash >> 32U;
  return Nanos(static_cast<Nanos::rep>(hash % static_cast<std::uint64_t>(interval.count())));
}

}  // namespace

ScheduleId Schedule::add(const std::string& identity,
                         const std::string& target,
                         Nanos interval,
                         MonoTime now) {
  SW_ASSERT(interval > Nanos(0));
  ScheduleId id = static_cast<ScheduleId>(entries_.size());
  if (free_.empty()) {
    if (entries_.size() == entries_.capacity()) {
      entries_.reserve(entries_.size() + entries_.size() / 8 + 16);  // of a doubling most is empty
    }
    entries_.emplace_back();
  } else {
    id = free_.back();
    free_.pop_back();
    entries_[id] = Entry{};
  }
  entries_[id].target = targets_.try_emplace(target).first;
  ++entries_[id].target->second.probes;
  entries_[id].interval = interval;
  // A probe that looks every hour shows what it sees within a minute of a start as well, and then
  // goes over to its rhythm.
  const MonoTime first = now + offset_in(std::min<Nanos>(interval, kFirstStartWithin), identity);
  const MonoTime usual = now + offset_in(interval, identity);
  entries_[id].second_due = usual > first ? usual : first + interval;
  set_due(id, first);
  return id;
}

void Schedule::remove(ScheduleId id) {
  Entry& entry = entries_.at(id);
  SW_ASSERT(!entry.removed);
  entry.removed = true;
  if (!entry.running && !entry.waiting) {
    forget(id);
  }
}

// Lets the number of a removed probe be used again. Its slots in the queue are told apart by `due`.
void Schedule::forget(ScheduleId id) {
  entries_[id].due = MonoTime::max();
  free_.push_back(id);
  const auto target = entries_[id].target;
  if (--target->second.probes == 0) {
    targets_.erase(target);
  }
}

void Schedule::set_due(ScheduleId id, MonoTime due) {
  entries_[id].due = due;
  slots_.push(Slot{due, id});
}

void Schedule::collect_due(MonoTime now) {
  while (!slots_.empty() && slots_.top().due <= now) {
    const Slot slot = slots_.top();
    slots_.pop();
    Entry& entry = entries_[slot.id];
    if (entry.removed || entry.due != slot.due) {
      continue;  // taken out, or moved since
    }
    if (entry.not_before > now) {
      set_due(slot.id, entry.not_before);
      continue;
    }
    if (entry.running || entry.waiting) {
      ++skipped_;
      set_due(slot.id, slot.due + entry.interval);
      continue;
    }
    entry.waiting = true;
    waiting_.push_back(slot.id);
  }
}

std::vector<Start> Schedule::due(MonoTime now) {
  collect_due(now);
  std::vector<Start> starts;
  while (!waiting_.empty() && starts.size() < limits_.starts_per_tick_max &&
         in_flight_ < limits_.in_flight_max) {
    const ScheduleId id = waiting_.front();
    waiting_.pop_front();
    Entry& entry = entries_[id];
    if (entry.removed) {
      entry.waiting = false;
      forget(id);
      continue;
    }
    Target& target = entry.target->second;
    if (target.running >= limits_.per_target_max) {
      target.line.push_back(id);
      ++lined_up_;
      continue;
    }
    ++target.running;
    entry.waiting = false;
    entry.running = true;
    ++in_flight_;
    starts.push_back(Start{id, now - entry.due});
    // The rhythm is kept: a late start does not move the ones behind it, but none is made up for.
    MonoTime next = entry.second_due > entry.due ? entry.second_due : entry.due + entry.interval;
    while (next <= now) {
      ++skipped_;
      next += entry.interval;
    }
    set_due(id, next);
  }
  return starts;
}

void Schedule::finished(ScheduleId id) {
  Entry& entry = entries_.at(id);
  SW_ASSERT(entry.running);
  entry.running = false;
  --in_flight_;
  Target& target = entry.target->second;
  --target.running;
  if (!target.line.empty()) {
    waiting_.push_front(target.line.front());
    target.line.erase(target.line.begin());
    --lined_up_;
  }
  if (entry.removed) {
    forget(id);
  }
}

void Schedule::hold_until(ScheduleId id, MonoTime at) {
  entries_.at(id).not_before = at;
}

std::optional<MonoTime> Schedule::next(MonoTime now) const {
  const bool can_start = !waiting_.empty() && in_flight_ < limits_.in_flight_max;
  if (can_start) {
    return now + limits_.tick;
  }
  if (slots_.empty()) {
    return std::nullopt;
  }
  // Rounded up to the tick, so that probes due about the same time start together.
  const Nanos since = slots_.top().due.time_since_epoch();
  const Nanos tick = limits_.tick;
  const Nanos rounded = (since + tick - Nanos(1)) / tick * tick;
  return std::max(MonoTime(rounded), now + tick);
}

ScheduleCounts Schedule::counts() const {
  return ScheduleCounts{
      entries_.size() - free_.size(), in_flight_, waiting_.size() + lined_up_, skipped_};
}

}  // namespace seamwatch::agent
