// Pool: items of one plain type by 32-bit number, in pages that never move, so that a reader may go
// to an item while another thread allocates one. Four bytes instead of a pointer, no overhead an
// item, and freed items are used again first. Owned by the series store; allocate() and release()
// under one lock of the owner.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <type_traits>

#include "agent/core/assert.h"

namespace seamwatch::rules {

// Items of `item_bytes` each. Number 0 is never given.
class RawPool {
 public:
  explicit RawPool(std::size_t item_bytes)
      : item_bytes_(item_bytes),
        pages_(static_cast<std::byte**>(std::calloc(kPagesMax, sizeof(std::byte*)))) {
    SW_ASSERT(item_bytes >= sizeof(std::uint32_t) && pages_ != nullptr);
  }

  ~RawPool() {
    for (std::size_t i = 0; i < kPagesMax && pages_[i] != nullptr; ++i) {
      std::free(pages_[i]);
    }
    std::free(pages_);
  }

  RawPool(const RawPool&) = delete;
  RawPool& operator=(const RawPool&) = delete;

  // A zeroed item.
  std::uint32_t allocate() {
    std::uint32_t number = free_;
    if (number != 0) {
      std::memcpy(&free_, at(number), sizeof free_);
    } else {
      number = next_++;
      std::byte*& page = pages_[number / kPageItems];
      if (page == nullptr) {
        SW_ASSERT(number / kPageItems < kPagesMax - 1);
        page = static_cast<std::byte*>(std::malloc(kPageItems * item_bytes_));
        SW_ASSERT(page != nullptr);
      }
    }
    std::memset(at(number), 0, item_bytes_);
    ++used_;
    return number;
  }

  // Requires: allocated and not released.
  void release(std::uint32_t number) {
    std::memcpy(at(number), &free_, sizeof free_);
    free_ = number;
    --used_;
  }

  std::byte* at(std::uint32_t number) const {
    return pages_[number / kPageItems] + (number % kPageItems) * item_bytes_;
  }

  std::size_t used() const { return used_; }

  std::size_t used_bytes() const { return used_ * item_bytes_; }

  // What has ever been touched; it stays with the pool.
  std::size_t allocated_bytes() const { return next_ * item_bytes_; }

  // Numbers ever given are below this.
  std::uint32_t end() const { return next_; }

 private:
  static constexpr std::size_t kPageItems = 4096;
  static constexpr std::size_t kPagesMax = 65536;

  const std::size_t item_bytes_;
  std::byte** pages_;  // a fixed table, of which only what is used takes memory
  std::uint32_t next_ = 1;
  std::uint32_t free_ = 0;
  std::size_t used_ = 0;
};

template <class T>
class Pool : public RawPool {
 public:
  static_assert(std::is_trivially_copyable_v<T>);

  Pool() : RawPool(sizeof(T)) {}

  T& operator[](std::uint32_t number) const { return *reinterpret_cast<T*>(at(number)); }
};

}  // namespace seamwatch::rules
