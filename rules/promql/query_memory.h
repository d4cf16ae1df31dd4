// QueryMemory: the bytes that queries and their answers may hold, all of them together, so that no
// query and no number of them takes the memory of a small agent. Any thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <memory>

namespace seamwatch::rules::promql {

class QueryMemory {
 public:
  explicit QueryMemory(std::size_t bytes_max) : bytes_max_(bytes_max) {}

  // False where so many bytes are not left; then none is taken.
  [[nodiscard]] bool take(std::size_t bytes);

  // Requires: they were taken.
  void give(std::size_t bytes) { used_ -= bytes; }

  // From now on; what is held stays held.
  void set_max(std::size_t bytes_max) { bytes_max_ = bytes_max; }

  std::size_t max() const { return bytes_max_; }

  std::size_t used() const { return used_; }

  std::size_t left() const {
    const std::size_t used = used_;
    const std::size_t most = bytes_max_;
    return most - std::min(used, most);
  }

 private:
  std::atomic<std::size_t> bytes_max_;
  std::atomic<std::size_t> used_ = 0;
};

// What one query and its answer hold of it: all goes back in the end. One thread at a time.
class HeldMemory {
 public:
  explicit HeldMemory(std::shared_ptr<QueryMemory> from) : from_(std::move(from)) {}

  ~HeldMemory() { give(bytes_); }

  HeldMemory(const HeldMemory&) = delete;
  HeldMemory& operator=(const HeldMemory&) = delete;

  [[nodiscard]] bool take(std::size_t bytes);

  // As much of `bytes` as is held.
  void give(std::size_t bytes);

  std::size_t bytes() const { return bytes_; }

  // What it would have held where it was refused for what others hold: once so much is left, it may
  // be tried again. 0: it was not.
  std::size_t wanted() const { return wanted_; }

 private:
  std::shared_ptr<QueryMemory> from_;  // null: there is no limit
  std::size_t bytes_ = 0;
  std::size_t wanted_ = 0;
};

}  // namespace seamwatch::rules::promql
