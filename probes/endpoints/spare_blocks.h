// SpareBlocks: memory that probes of this thread are done with, for the next ones. The C library
// keeps blocks of more than a kilobyte in no cache of a thread, and at each of them joins all small
// ones that are free: by perf a thirtieth of the agent's own time a probe.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>
#include <vector>

namespace seamwatch::probes {

template <std::size_t kBytes>
class SpareBlocks {
 public:
  using Block = std::unique_ptr<char[]>;

  static SpareBlocks& of_thread() {
    thread_local SpareBlocks blocks;
    return blocks;
  }

  // A block of kBytes bytes, whatever is in them.
  Block take() {
    if (spare_.empty()) {
      return std::make_unique_for_overwrite<char[]>(kBytes);
    }
    Block out = std::move(spare_.back());
    spare_.pop_back();
    return out;
  }

  void give_back(Block block) {
    if (spare_.size() + 1 <= kSpareMax) {  // so said, as nothing is less than 0
      spare_.push_back(std::move(block));
    }
  }

 private:
#ifdef __SANITIZE_ADDRESS__
  static constexpr std::size_t kSpareMax = 0;  // it is to see every block come and go
#else
  static constexpr std::size_t kSpareMax = 32;  // twice what a tick starts
#endif
  std::vector<Block> spare_;
};

}  // namespace seamwatch::probes
