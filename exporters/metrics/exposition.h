// Exposition: the gauges and counters of all integrations, ready to be scraped. Label texts are
// rendered once when a group or a label set first appears; a series then costs a slot of 24 bytes
// and its place in the family. Owned by the agent; used on the loop thread only.
// Source: https://prometheus.io/docs/instrumenting/exposition_formats/ and OpenMetrics 1.0.0.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "exporters/metrics/family.h"
#include "exporters/metrics/text_pool.h"

namespace seamwatch::exporters {

struct FamilyId {
  std::uint16_t value = 0;

  friend bool operator==(FamilyId, FamilyId) = default;
};

struct GroupId {
  std::uint32_t value = 0;

  friend bool operator==(GroupId, GroupId) = default;
};

struct SlotId {
  std::uint32_t value = 0;

  friend bool operator==(SlotId, SlotId) = default;
};

class Rendering;

class Exposition {
 public:
  Exposition();
  ~Exposition();
  Exposition(const Exposition&) = delete;
  Exposition& operator=(const Exposition&) = delete;

  // Registers a family, or finds it where one of that name exists (its type and help then stay).
  // Families are rendered in the order of registration. Requires: family.name is a classic metric
  // name; a gauge, or a counter whose name ends in _total; at most 65,534 families.
  FamilyId family(const Family& family);

  std::string_view name(FamilyId family) const { return families_[family.value].family.name; }

  // A new group of series that share `common` labels, mostly one per integration and probe. Groups
  // that carry the same families must differ in their labels, or a scrape would see duplicates.
  // Label names that are not classic get an underscore for each character that is not allowed.
  GroupId add_group(const Labels& common);

  // Drops the group and all its slots; ids of both are invalid from now on.
  void remove_group(GroupId group);

  // The slot of the series `family{common, extra}`, made where it is not there yet; a new slot has
  // no value and is not rendered. Of a name in both label sets, the group's value wins. The id
  // stays valid until remove_slot or remove_group, so callers may keep it.
  SlotId slot(FamilyId family, GroupId group, const Labels& extra = {});

  // Sets the value that the next rendering shows.
  void set(SlotId slot, double value);

  // The value set last; 0 where none was.
  double value(SlotId slot) const { return at(slot.value).value; }

  // Hides the series until the next set().
  void unset(SlotId slot);

  // Hides all series of the group. Use before setting the facts of a new observation, so that what
  // was not seen this time is not shown with an old value.
  void unset_group(GroupId group);

  // Drops one series.
  void remove_slot(SlotId slot);

  // Slots, hidden ones included.
  std::size_t size() const { return live_; }

  // Bytes held, for the agent's own metrics.
  std::size_t memory_bytes() const;

  // Starts a rendering. `tail` is text in the same format (such as AgentMetrics::render gives) that
  // is appended before the end mark. Requires: this outlives the rendering.
  std::unique_ptr<Rendering> render(Format format, std::string tail = "");

 private:
  friend class Rendering;

  struct Slot {
    double value = 0;
    std::uint32_t group = 0;          // of groups_; of a free slot: unused
    std::uint32_t extra = 0;          // id in texts_
    std::uint32_t next_in_group = 0;  // slot + 1; 0 = last
    std::uint16_t family = 0;         // kDead: waits for the next sweep
    bool shown = false;
  };

  struct Group {
    std::uint32_t text = 0;        // id in texts_
    std::uint32_t first_slot = 0;  // slot + 1; 0 = none
    bool used = false;
  };

  struct FamilyState {
    Family family;
    std::vector<std::uint32_t> slots;  // in order of creation, dead ones included until the sweep
  };

  Slot& at(std::uint32_t slot) { return blocks_[slot >> kBlockBits][slot & kBlockMask]; }

  const Slot& at(std::uint32_t slot) const {
    return blocks_[slot >> kBlockBits][slot & kBlockMask];
  }

  std::uint32_t take_slot();
  void kill(std::uint32_t slot);
  void sweep_when_due();

  static constexpr std::uint32_t kBlockBits = 10;
  static constexpr std::uint32_t kBlockMask = (1U << kBlockBits) - 1;
  static constexpr std::uint16_t kDead = 0xffff;

  std::vector<FamilyState> families_;
  std::vector<Group> groups_;
  std::vector<std::uint32_t> free_groups_;
  std::vector<std::unique_ptr<Slot[]>> blocks_;
  std::uint32_t slots_used_ = 0;           // slots ever taken from blocks_
  std::vector<std::uint32_t> free_slots_;  // ready for use
  std::vector<std::uint32_t> dead_slots_;  // still listed in their family
  std::size_t live_ = 0;
  int renderings_ = 0;  // while one runs, no slot is reused
  TextPool texts_;
};

// One answer to a scrape in the making. The set of series is that of the start; the values are
// those of the moment each chunk is made. Made by Exposition::render.
class Rendering {
 public:
  Rendering(Exposition& exposition, Format format, std::string tail);
  ~Rendering();
  Rendering(const Rendering&) = delete;
  Rendering& operator=(const Rendering&) = delete;

  // Replaces `chunk` with the next part, about 64 KiB in whole lines (some 0.3 ms of work). False,
  // with an empty chunk, when all has been given.
  bool next(std::string& chunk);

 private:
  void append_series(std::string& chunk);

  Exposition& exposition_;
  Format format_;
  std::string tail_;
  std::vector<std::size_t> limits_;  // slots of each family at the start
  std::size_t family_ = 0;
  std::size_t position_ = 0;
  bool header_due_ = true;
  bool ended_ = false;
};

}  // namespace seamwatch::exporters
