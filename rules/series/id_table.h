// IdTable: a hash table of 32-bit numbers whose keys live elsewhere. Four bytes a slot, open
// addressing, no pointers: the store's indexes of labels, label sets and series. The caller can say
// the hash of a number again, so it is not kept.
#pragma once

#include <algorithm>
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
    if (slots_.empty()) {
      return kNone;
    }
    for (std::size_t i = home(hash); slots_[i] != kNone; i = next(i)) {
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
      // By a quarter: a doubled table stands half empty for long.
      std::vector<std::uint32_t> old(std::max<std::size_t>(16, slots_.size() / 4 * 5), kNone);
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
    std::size_t hole = home(hash_of(id));
    while (slots_[hole] != id) {
      hole = next(hole);
    }
    // Moves back what stands behind the hole, so that no tombstones are needed.
    for (std::size_t i = next(hole); slots_[i] != kNone; i = next(i)) {
      if (distance(home(hash_of(slots_[i])), i) >= distance(hole, i)) {
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
  // The slots are no power of two, so the hash is scaled to them.
  std::size_t home(std::uint32_t hash) const {
    return (std::uint64_t{hash} * slots_.size()) >> 32U;
  }

  std::size_t next(std::size_t i) const { return i + 1 == slots_.size() ? 0 : i + 1; }

  std::size_t distance(std::size_t from, std::size_t to) const {
    return to >= from ? to - from : to + slots_.size() - from;
  }

  void place(std::uint32_t id, std::uint32_t hash) {
    std::size_t i = home(hash);
    while (slots_[i] != kNone) {
      i = next(i);
    }
    slots_[i] = id;
  }

  std::vector<std::uint32_t> slots_;
  std::size_t size_ = 0;
};

}  // namespace seamwatch::rules
