#include "agent/watch/recorder.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "agent/core/assert.h"
#include "exporters/metrics/probe_families.h"

namespace seamwatch::agent {
namespace {

constexpr rules::Slot kNotStored = rules::IdTable::kNone;
constexpr std::uint32_t kTryAgainWrites = 64;  // between two tries to store refused series

// As the store keeps it with the fewest bits: a whole number of microseconds.
double rounded(const Fact& fact) {
  constexpr double kMicros = 1e6;
  constexpr double kMicrosMax = 9e15;  // beyond it not every whole number is a double
  const double micros = fact.value * kMicros;
  const bool is_time = fact.name.ends_with("_seconds") && std::abs(micros) < kMicrosMax;
  return is_time ? std::round(micros) / kMicros : fact.value;
}

}  // namespace

Recorder::Slots::Slots(const std::vector<rules::Slot>& slots)
    : first_(slots.empty() ? 0 : slots.front()) {
  for (std::size_t i = 0; i < slots.size(); ++i) {
    if (slots[i] != first_ + static_cast<rules::Slot>(i)) {
      each_ = std::make_unique<rules::Slot[]>(slots.size());
      std::ranges::copy(slots, each_.get());
      return;
    }
  }
}

std::vector<rules::Slot> Recorder::Slots::all(std::size_t size) const {
  std::vector<rules::Slot> out(size);
  for (std::size_t i = 0; i < size; ++i) {
    out[i] = (*this)[i];
  }
  return out;
}

Recorder::GroupKey Recorder::add_group(CommonLabels common) {
  GroupKey key = static_cast<GroupKey>(groups_.size());
  if (free_.empty()) {
    groups_.emplace_back();
  } else {
    key = free_.back();
    free_.pop_back();
  }
  Group& group = groups_[key];
  group.shown = exposition_.add_group(common());
  group.common = std::move(common);
  return key;
}

void Recorder::rebind(GroupKey group, CommonLabels common) {
  groups_.at(group).common = std::move(common);
}

void Recorder::remove_group(GroupKey key, WallTime at) {
  Group& group = groups_.at(key);
  SW_ASSERT(group.common);
  for (std::size_t i = 0; i < size(group); ++i) {
    if (group.stored[i] != kNotStored) {
      series_.release(series_.held(group.stored[i]), at);
    }
  }
  exposition_.remove_group(group.shown);
  group = Group{};
  free_.push_back(key);
}

// Takes the series in the store, where that has room.
rules::Slot Recorder::store(const Labels& common, const Fact& fact) {
  Labels all = fact.labels;
  for (const auto& [name, value] : common) {
    all.set(name, value);
  }
  all.set("__name__", fact.name);
  return series_.add(all).value_or(rules::SeriesId()).slot;
}

void Recorder::append(rules::Slot series, WallTime at, double value) {
  if (series != kNotStored) {
    series_.append(series_.held(series), at, value);
  }
}

// Whether the group's series are those of `facts`, in this order: nearly always, as facts come in
// the same order run after run.
bool Recorder::shows(const Group& group, const std::vector<Fact>& facts) const {
  const auto is_of = [&](const exporters::Shape::Series& series, const Fact& fact) {
    return exposition_.name(series.family) == fact.name &&
           series.labels_hash == exporters::short_hash(fact.labels);
  };
  return std::ranges::equal(exposition_.series(group.shown), facts, is_of);
}

// Series that stay are taken over, new ones begin, and what is left ends.
void Recorder::reshape(Group& group, const std::vector<Fact>& facts) {
  const auto shown = exposition_.series(group.shown);
  const std::vector<exporters::Shape::Series> before(shown.begin(), shown.end());
  const Labels common = group.common();
  std::vector<exporters::GroupSeries> series;
  std::vector<rules::Slot> left = group.stored.all(before.size());
  std::vector<rules::Slot> stored(facts.size(), kNotStored);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    const exporters::Family* family = exporters::find_family(facts[i].name);
    SW_ASSERT(family != nullptr);
    series.push_back({exposition_.family(*family), facts[i].labels});
    const std::uint32_t labels_hash = exporters::short_hash(facts[i].labels);
    const auto same = std::ranges::find_if(before, [&](const exporters::Shape::Series& one) {
      return one.family == series[i].family && one.labels_hash == labels_hash;
    });
    if (same != before.end()) {
      stored[i] = std::exchange(left[static_cast<std::size_t>(same - before.begin())], kNotStored);
    }
    if (stored[i] == kNotStored) {
      stored[i] = store(common, facts[i]);
    }
  }
  for (const rules::Slot slot : left) {
    if (slot != kNotStored) {
      series_.release(series_.held(slot), group.at);
    }
  }
  group.stored = Slots(stored);
  exposition_.reshape(group.shown, series);
}

// Tries again for the series that the store had no room for.
void Recorder::store_rest(Group& group, const std::vector<Fact>& facts) {
  std::vector<rules::Slot> stored = group.stored.all(facts.size());
  if (std::ranges::find(stored, kNotStored) == stored.end()) {
    return;
  }
  for (std::size_t i = 0; i < facts.size(); ++i) {
    stored[i] = stored[i] == kNotStored ? store(group.common(), facts[i]) : stored[i];
  }
  group.stored = Slots(stored);
}

void Recorder::write(GroupKey key, WallTime at, const std::vector<Fact>& facts) {
  Group& group = groups_.at(key);
  SW_ASSERT(group.common);
  group.at = at > group.at ? at : group.at + Millis(1);  // a refresh may have come in between
  const bool try_again = ++group.writes % kTryAgainWrites == 0;  // others may have gone meanwhile
  if (!shows(group, facts)) {
    reshape(group, facts);
  }
  if (try_again) {
    store_rest(group, facts);
  }
  const std::span<double> values = exposition_.values(group.shown);
  for (std::size_t i = 0; i < facts.size(); ++i) {
    values[i] = rounded(facts[i]);
    append(group.stored[i], group.at, values[i]);
  }
}

void Recorder::refresh(WallTime now, Millis age) {
  for (Group& group : groups_) {
    if (!group.common || size(group) == 0 || group.at + age > now) {
      continue;
    }
    group.at = now;
    const std::span<const double> values = exposition_.values(group.shown);
    for (std::size_t i = 0; i < values.size(); ++i) {
      append(group.stored[i], now, values[i]);
    }
  }
}

}  // namespace seamwatch::agent
