// PiecePool: byte strings by 32-bit number, each as long as it must be, in pages that never move,
// so that a reader may go to one while another thread allocates. What is freed is used again for
// pieces of its size, or of less. Owned by the point arena; allocate() and release() under its
// lock.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

#include "agent/core/assert.h"

namespace seamwatch::rules {

class PiecePool {
 public:
  static constexpr std::size_t kBytesMax = 16'384;

  PiecePool() : pages_(static_cast<std::byte**>(std::calloc(kPagesMax, sizeof(std::byte*)))) {
    SW_ASSERT(pages_ != nullptr);
  }

  ~PiecePool() {
    for (std::size_t i = 0; i < kPagesMax && pages_[i] != nullptr; ++i) {
      std::free(pages_[i]);
    }
    std::free(pages_);
  }

  PiecePool(const PiecePool&) = delete;
  PiecePool& operator=(const PiecePool&) = delete;

  // A piece of `bytes`, of any contents; never number 0. Requires: 0 < bytes <= kBytesMax.
  std::uint32_t allocate(std::size_t bytes) {
    const std::size_t units = units_of(bytes);
    SW_ASSERT(units > 0 && bytes <= kBytesMax);
    used_units_ += units;
    for (std::size_t size = units; size < std::min(units + kLargerMax, free_.size()); ++size) {
      if (free_[size] != 0) {
        const std::uint32_t number = pop(size);
        push(number + static_cast<std::uint32_t>(units), size - units);
        return number;
      }
    }
    if (const std::size_t left = kPageUnits - next_ % kPageUnits; left < units) {
      push(next_, left);
      next_ += static_cast<std::uint32_t>(left);
    }
    std::byte*& page = pages_[next_ / kPageUnits];
    if (page == nullptr) {
      SW_ASSERT(next_ / kPageUnits < kPagesMax - 1);
      page = static_cast<std::byte*>(std::malloc(kPageUnits * kUnitBytes));
      SW_ASSERT(page != nullptr);
    }
    const std::uint32_t number = next_;
    next_ += static_cast<std::uint32_t>(units);
    return number;
  }

  // Requires: allocated with as many bytes, and not released.
  void release(std::uint32_t number, std::size_t bytes) {
    used_units_ -= units_of(bytes);
    push(number, units_of(bytes));
  }

  std::byte* at(std::uint32_t number) const {
    return pages_[number / kPageUnits] + (number % kPageUnits) * kUnitBytes;
  }

  std::size_t used_bytes() const { return used_units_ * kUnitBytes; }

  // What has ever been touched; it stays with the pool.
  std::size_t allocated_bytes() const { return next_ * kUnitBytes; }

 private:
  static constexpr std::size_t kUnitBytes = 8;
  static constexpr std::size_t kPageUnits = 8192;
  static constexpr std::size_t kPagesMax = 65'536;
  static constexpr std::size_t kLargerMax = 8;  // how much larger a piece is taken apart

  static std::size_t units_of(std::size_t bytes) { return (bytes + kUnitBytes - 1) / kUnitBytes; }

  void push(std::uint32_t number, std::size_t units) {
    if (units > 0) {
      std::memcpy(at(number), &free_[units], sizeof free_[units]);
      free_[units] = number;
    }
  }

  std::uint32_t pop(std::size_t units) {
    const std::uint32_t number = free_[units];
    std::memcpy(&free_[units], at(number), sizeof free_[units]);
    return number;
  }

  std::byte** pages_;       // a fixed table, of which only what is used takes memory
  std::uint32_t next_ = 1;  // the first unit that was never used
  std::size_t used_units_ = 0;
  // The first free piece of so many units; each holds the number of the next, 0 ends.
  std::array<std::uint32_t, kBytesMax / kUnitBytes + 1> free_{};
};

}  // namespace seamwatch::rules
