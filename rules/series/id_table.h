// IdTable: a hash table of 32-bit numbers whose keys live elsewhere. Eight bytes an entry, open
// addressing, no pointers: the store's indexes of symbols, label pairs and series.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace seamwatch::rules {

class IdTable {
 public:
  static constexpr std::uint32_t kNone = 0xffffffff;

  // The number with this hash for which equal(id) holds, or kNone.
  template <class Equal>
  std::uint32_t find(std::uint32_t hash, Equal equal) const {
    for (std::size_t i = hash & mask(); !slots_.empty() && slots_[i].id != kNone;
         i = (i + 1) & mask()) {
      if (slots_[i].hash == hash && equal(slots_[i].id)) {
        return slots_[i].id;
      }
    }
    return kNone;
  }

  // Requires: `id` is not in it.
  void insert(std::uint32_t hash, std::uint32_t id) {
    if ((size_ + 1) * 4 > slots_.size() * 3) {
      grow();
    }
    place(hash, id);
    ++size_;
  }

  // Requires: `id` is in it under `hash`.
  void erase(std::uint32_t hash, std::uint32_t id) {
    std::size_t hole = hash & mask();
    while (slots_[hole].id != id) {
      hole = (hole + 1) & mask();
    }
    // Moves back what stands behind the hole, so that no tombstones are needed.
    for (std::size_t i = (hole + 1) & mask(); slots_[i].id != kNone; i = (i + 1) & mask()) {
      const std::size_t home = slots_[i].hash & mask();
      if (((i - home) & mask()) >= ((i - hole) & mask())) {
        slots_[hole] = slots_[i];
        hole = i;
      }
    }
    slots_[hole] = Slot{};
    --size_;
  }

  std::size_t size() const { return size_; }

  std::size_t allocated_bytes() const { return slots_.capacity() * sizeof(Slot); }

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t id = kNone;
  };

  std::size_t mask() const { return slots_.size() - 1; }

  void place(std::uint32_t hash, std::uint32_t id) {
    std::size_t i = hash & mask();
    while (slots_[i].id != kNone) {
      i = (i + 1) & mask();
    }
    slots_[i] = Slot{hash, id};
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : slots_.size() * 2);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (slot.id != kNone) {
        place(slot.hash, slot.id);
      }
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace seamwatch::rules
