#include "agent/recorder.h"

#include "agent/core/assert.h"
#include "exporters/metrics/probe_families.h"

namespace seamwatch::agent {
namespace {

constexpr int kTryAgainRounds = 64;  // between two tries to store a refused series

std::uint32_t hash_of(const Labels& labels) {
  const std::uint64_t hash = labels.empty() ? 0 : labels.fingerprint();
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

// Names and values, each ended by a zero byte.
std::string pack(const Labels& labels) {
  std::string out;
  for (const auto& [name, value] : labels) {
    out.append(name).push_back('\0');
    out.append(value).push_back('\0');
  }
  out.shrink_to_fit();
  return out;
}

Labels unpack(std::string_view packed) {
  std::vector<Labels::Pair> pairs;
  const auto next = [&packed] {
    const std::size_t end = packed.find('\0');
    std::string text(packed.substr(0, end));
    packed.remove_prefix(end + 1);
    return text;
  };
  while (!packed.empty()) {
    std::string name = next();
    pairs.emplace_back(std::move(name), next());
  }
  return Labels(std::move(pairs));
}

}  // namespace

Recorder::GroupKey Recorder::add_group(const Labels& common) {
  GroupKey key = static_cast<GroupKey>(groups_.size());
  if (free_.empty()) {
    groups_.emplace_back();
  } else {
    key = free_.back();
    free_.pop_back();
  }
  Group& group = groups_[key];
  group = Group{};
  group.shown = exposition_.add_group(common);
  group.common = pack(common);
  group.used = true;
  return key;
}

void Recorder::remove_group(GroupKey key, WallTime at) {
  Group& group = groups_.at(key);
  SW_ASSERT(group.used);
  for (const Slot& slot : group.slots) {
    if (slot.stored) {
      series_.release(slot.series, at);
    }
  }
  exposition_.remove_group(group.shown);
  group = Group{};
  free_.push_back(key);
}

Recorder::Slot Recorder::make_slot(const Group& group,
                                   const Fact& fact,
                                   std::uint32_t labels_hash) {
  const exporters::Family* family = exporters::find_family(fact.name);
  SW_ASSERT(family != nullptr);
  Slot slot;
  slot.family = exposition_.family(*family);
  slot.labels_hash = labels_hash;
  slot.shown = exposition_.slot(slot.family, group.shown, fact.labels);
  store(group, fact, slot);
  return slot;
}

// Takes the series in the store, where that has room.
void Recorder::store(const Group& group, const Fact& fact, Slot& slot) {
  Labels all = fact.labels;
  for (const auto& [name, value] : unpack(group.common)) {
    all.set(name, value);
  }
  all.set("__name__", fact.name);
  if (const auto series = series_.add(all)) {
    slot.series = *series;
    slot.stored = true;
  }
}

// Facts come in the same order run after run, so the slot at `hint` is nearly always the one.
Recorder::Slot& Recorder::slot(Group& group, std::size_t hint, const Fact& fact) {
  const std::uint32_t labels_hash = hash_of(fact.labels);
  const auto is_it = [&](const Slot& slot) {
    return slot.labels_hash == labels_hash && exposition_.name(slot.family) == fact.name;
  };
  if (hint < group.slots.size() && is_it(group.slots[hint])) {
    return group.slots[hint];
  }
  for (Slot& slot : group.slots) {
    if (is_it(slot)) {
      return slot;
    }
  }
  if (group.slots.size() == group.slots.capacity()) {
    group.slots.reserve(group.slots.size() + 4);  // not doubled: groups are many and of like size
  }
  group.slots.push_back(make_slot(group, fact, labels_hash));
  return group.slots.back();
}

void Recorder::write(GroupKey key, WallTime at, const std::vector<Fact>& facts) {
  Group& group = groups_.at(key);
  SW_ASSERT(group.used);
  ++group.round;
  group.at = at > group.at ? at : group.at + Millis(1);  // a refresh may have come in between
  std::size_t hint = 0;
  for (const Fact& fact : facts) {
    Slot& found = slot(group, hint++, fact);
    found.round = group.round;
    exposition_.set(found.shown, fact.value);
    if (!found.stored && group.round % kTryAgainRounds == 0) {
      store(group, fact, found);  // others may have gone meanwhile
    }
    if (found.stored) {
      series_.append(found.series, group.at, fact.value);
    }
  }
  drop_unseen(group, group.at);
}

void Recorder::drop_unseen(Group& group, WallTime at) {
  for (std::size_t i = 0; i < group.slots.size();) {
    if (group.slots[i].round == group.round) {
      ++i;
      continue;
    }
    if (group.slots[i].stored) {
      series_.release(group.slots[i].series, at);
    }
    exposition_.remove_slot(group.slots[i].shown);
    group.slots.erase(group.slots.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

void Recorder::refresh(WallTime now, Millis age) {
  for (Group& group : groups_) {
    if (!group.used || group.slots.empty() || group.at + age > now) {
      continue;
    }
    group.at = now;
    for (const Slot& slot : group.slots) {
      if (slot.stored) {
        series_.append(slot.series, now, exposition_.value(slot.shown));
      }
    }
  }
}

}  // namespace seamwatch::agent
