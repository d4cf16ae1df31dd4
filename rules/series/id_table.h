// IdTable: a hash table of 32-bit numbers whose keys live elsewhere. Four bytes a slot, open
// addressing, no pointers: the store's indexes of labels, label sets and series. The caller can say
// the hash of a number again, so it is not kept.
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
    for (std::size_t i = hash & mask(); !slots_.empty() && slots_[i] != kNone;
         i = (i + 1) & mask()) {
      if (equal(slots_[i])) {
        return slots_[i];
      }
    }
    return kNone;
  }

  // Requires: `id` is not in it; hash_of(id) is its hash, and that of all others.
  template <class HashOf>
  void insert(std::uint32_t id, HashOf hash_of) {
    if ((size_ + 1) * 4 > slots_.size() * 3) {
      std::vector<std::uint32_t> old(slots_.empty() ? 16 : slots_.size() * 2, kNone);
      old.swap(slots_);
      for (const std::uint32_t known : old) {
        if (known != kNone) {
          place(known, hash_of(known));
        }
      }
    }
    place(id, hash_of(id));
    ++size_;
  }

  // Requires: `id` is in it.
  template <class HashOf>
  void erase(std::uint32_t id, HashOf hash_of) {
    std::size_t hole = hash_of(id) & mask();
    while (slots_[hole] != id) {
      hole = (hole + 1) & mask();
    }
    // Moves back what stands behind the hole, so that no tombstones are needed.
    for (std::size_t i = (hole + 1) & mask(); slots_[i] != kNone; i = (i + 1) & mask()) {
      const std::size_t home = hash_of(slots_[i]) & mask();
      if (((i - home) & mask()) >= ((i - hole) & mask())) {
        slots_[hole] = slots_[i];
        hole = i;
      }
    }
    slots_[hole] = kNone;
    --size_;
  }

  std::size_t size() const { return size_; }

  std::size_t allocated_bytes() const { return slots_.capacity() * sizeof(std::uint32_t); }

 private:
  std::size_t mask() const { return slots_.size() - 1; }

  void place(std::uint32_t id, std::uint32_t hash) {
    std::size_t i = hash & mask();
    while (slots_[i] != kNone) {
      i = (i + 1) & mask();
    }
    slots_[i] = id;
  }

  std::vector<std::uint32_t> slots_;
  std::size_t size_ = 0;
};

}  // namespace seamwatch::rules
