#include "rules/promql/query_memory.h"

#include <algorithm>

namespace seamwatch::rules::promql {

bool QueryMemory::take(std::size_t bytes) {
  std::size_t used = used_;
  do {
    if (used > bytes_max_ || bytes > bytes_max_ - used) {
      return false;
    }
  } while (!used_.compare_exchange_weak(used, used + bytes));
  return true;
}

bool HeldMemory::take(std::size_t bytes) {
  if (from_ != nullptr && !from_->take(bytes)) {
    wanted_ = bytes_ + bytes <= from_->max() ? bytes_ + bytes : 0;
    return false;
  }
  bytes_ += bytes;
  return true;
}

void HeldMemory::give(std::size_t bytes) {
  bytes = std::min(bytes, bytes_);
  bytes_ -= bytes;
  if (from_ != nullptr) {
    from_->give(bytes);
  }
}

}  // namespace seamwatch::rules::promql
