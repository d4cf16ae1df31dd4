// LruMap: a map of bounded size that forgets what was longest unused. For caches of the real ports.
#pragma once

#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "agent/core/assert.h"

namespace seamwatch {

template <class Value>
class LruMap {
 public:
  // Requires: entries_max > 0.
  explicit LruMap(std::size_t entries_max) : entries_max_(entries_max) {
    SW_ASSERT(entries_max > 0);
  }

  // The value of `key`, now the most recently used; nullptr where there is none.
  Value* find(std::string_view key) {
    const auto at = index_.find(key);
    if (at == index_.end()) {
      return nullptr;
    }
    order_.splice(order_.begin(), order_, at->second);
    return &at->second->second;
  }

  // Sets or replaces; drops the longest unused entry where the map is full.
  Value& put(std::string_view key, Value value) {
    if (Value* found = find(key)) {
      *found = std::move(value);
      return *found;
    }
    if (order_.size() >= entries_max_) {
      index_.erase(order_.back().first);
      order_.pop_back();
    }
    order_.emplace_front(std::string(key), std::move(value));
    index_.emplace(order_.front().first, order_.begin());
    return order_.front().second;
  }

  void erase(std::string_view key) {
    const auto at = index_.find(key);
    if (at != index_.end()) {
      const auto entry = at->second;
      index_.erase(at);
      order_.erase(entry);
    }
  }

  void clear() {
    index_.clear();
    order_.clear();
  }

  std::size_t size() const { return order_.size(); }

 private:
  using Order = std::list<std::pair<std::string, Value>>;

  std::size_t entries_max_;
  Order order_;  // most recently used first
  std::unordered_map<std::string_view, typename Order::iterator> index_;  // keys live in order_
};

}  // namespace seamwatch
