#include "exporters/metrics/exposition.h"

#include <algorithm>

#include "agent/core/assert.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kFamiliesMax = 0xfffe;
constexpr std::size_t kDeadMin = 1024;

// Whether `text`, as label_text writes it, has a label called `name`. Quotes inside values are
// escaped, so `name="` behind a comma is always a label.
bool has_label(std::string_view text, std::string_view name) {
  std::string wanted = label_text(Labels({{std::string(name), "x"}}));
  wanted.resize(wanted.size() - 2);  // keeps `name="`
  return text.starts_with(wanted) || text.find("," + wanted) != std::string_view::npos;
}

}  // namespace

Exposition::Exposition() = default;

Exposition::~Exposition() {
  SW_ASSERT(renderings_ == 0);
}

FamilyId Exposition::family(const Family& family) {
  for (std::size_t i = 0; i < families_.size(); ++i) {
    if (families_[i].family.name == family.name) {
      return FamilyId{static_cast<std::uint16_t>(i)};
    }
  }
  SW_ASSERT(is_classic_metric_name(family.name));
  SW_ASSERT(family.type == MetricType::gauge ||
            (family.type == MetricType::counter && family.name.ends_with("_total")));
  SW_ASSERT(families_.size() < kFamiliesMax);
  families_.push_back(FamilyState{family, {}});
  return FamilyId{static_cast<std::uint16_t>(families_.size() - 1)};
}

GroupId Exposition::add_group(const Labels& common) {
  std::uint32_t id = 0;
  if (free_groups_.empty()) {
    id = static_cast<std::uint32_t>(groups_.size());
    groups_.emplace_back();
  } else {
    id = free_groups_.back();
    free_groups_.pop_back();
  }
  groups_[id] = Group{texts_.add(label_text(common)), 0, true};
  return GroupId{id};
}

void Exposition::remove_group(GroupId group) {
  SW_ASSERT(group.value < groups_.size() && groups_[group.value].used);
  Group& state = groups_[group.value];
  for (std::uint32_t next = state.first_slot; next != 0;) {
    const std::uint32_t slot = next - 1;
    next = at(slot).next_in_group;
    kill(slot);
  }
  texts_.release(state.text);
  state = Group{};
  free_groups_.push_back(group.value);
  sweep_when_due();
}

SlotId Exposition::slot(FamilyId family, GroupId group, const Labels& extra) {
  SW_ASSERT(family.value < families_.size());
  SW_ASSERT(group.value < groups_.size() && groups_[group.value].used);
  std::string text;
  if (!extra.empty()) {
    const std::string_view common = texts_.text(groups_[group.value].text);
    Labels own = extra;
    for (const auto& [name, value] : extra) {
      if (!common.empty() && has_label(common, name)) {
        own.erase(name);
      }
    }
    text = label_text(own);
  }
  const std::uint32_t known = texts_.find(text);
  // A group has few series and asks once for each, so that no index is worth its memory.
  for (std::uint32_t next = groups_[group.value].first_slot; next != 0;) {
    const Slot& slot = at(next - 1);
    if (slot.family == family.value && slot.extra == known) {
      return SlotId{next - 1};
    }
    next = slot.next_in_group;
  }
  const std::uint32_t id = take_slot();
  Group& owner = groups_[group.value];
  at(id) = Slot{0, group.value, texts_.add(text), owner.first_slot, family.value, false};
  owner.first_slot = id + 1;
  families_[family.value].slots.push_back(id);
  ++live_;
  return SlotId{id};
}

void Exposition::set(SlotId slot, double value) {
  SW_ASSERT(slot.value < slots_used_ && at(slot.value).family != kDead);
  Slot& state = at(slot.value);
  state.value = value;
  state.shown = true;
}

void Exposition::unset(SlotId slot) {
  SW_ASSERT(slot.value < slots_used_ && at(slot.value).family != kDead);
  at(slot.value).shown = false;
}

void Exposition::unset_group(GroupId group) {
  SW_ASSERT(group.value < groups_.size() && groups_[group.value].used);
  for (std::uint32_t next = groups_[group.value].first_slot; next != 0;) {
    Slot& slot = at(next - 1);
    slot.shown = false;
    next = slot.next_in_group;
  }
}

void Exposition::remove_slot(SlotId slot) {
  SW_ASSERT(slot.value < slots_used_ && at(slot.value).family != kDead);
  const Slot& state = at(slot.value);
  std::uint32_t* link = &groups_[state.group].first_slot;
  while (*link != slot.value + 1) {
    SW_ASSERT(*link != 0);
    link = &at(*link - 1).next_in_group;
  }
  *link = state.next_in_group;
  kill(slot.value);
  sweep_when_due();
}

std::size_t Exposition::memory_bytes() const {
  std::size_t bytes = blocks_.size() * sizeof(Slot) * (kBlockMask + 1) +
                      groups_.capacity() * sizeof(Group) + texts_.memory_bytes() +
                      (free_slots_.capacity() + dead_slots_.capacity()) * sizeof(std::uint32_t);
  for (const FamilyState& family : families_) {
    bytes += sizeof family + family.slots.capacity() * sizeof(std::uint32_t);
  }
  return bytes;
}

std::unique_ptr<Rendering> Exposition::render(Format format, std::string tail) {
  return std::make_unique<Rendering>(*this, format, std::move(tail));
}

std::uint32_t Exposition::take_slot() {
  if (!free_slots_.empty()) {
    const std::uint32_t id = free_slots_.back();
    free_slots_.pop_back();
    return id;
  }
  if (slots_used_ == blocks_.size() << kBlockBits) {
    blocks_.push_back(std::make_unique<Slot[]>(kBlockMask + 1));
  }
  return slots_used_++;
}

void Exposition::kill(std::uint32_t slot) {
  Slot& state = at(slot);
  texts_.release(state.extra);
  state.family = kDead;
  state.shown = false;
  dead_slots_.push_back(slot);
  --live_;
}

void Exposition::sweep_when_due() {
  if (renderings_ > 0 || dead_slots_.size() < std::max(kDeadMin, live_ / 4)) {
    return;
  }
  for (FamilyState& family : families_) {
    std::erase_if(family.slots, [&](std::uint32_t slot) { return at(slot).family == kDead; });
  }
  free_slots_.insert(free_slots_.end(), dead_slots_.begin(), dead_slots_.end());
  dead_slots_.clear();
}

}  // namespace seamwatch::exporters
