#include "rules/series/label_index.h"

#include <algorithm>
#include <functional>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

std::uint32_t hash_of(std::string_view text) {
  const std::size_t hash = std::hash<std::string_view>()(text);
  return static_cast<std::uint32_t>(hash ^ (hash >> 32U));
}

std::uint32_t hash_of(std::uint32_t name, std::uint32_t value) {
  const std::uint64_t mixed = ((std::uint64_t{name} << 32U) | value) * 0x9e3779b97f4a7c15ULL;
  return static_cast<std::uint32_t>(mixed >> 32U);
}

}  // namespace

std::uint32_t LabelIndex::find_symbol(std::string_view wanted) const {
  return symbol_ids_.find(hash_of(wanted), [&](std::uint32_t id) { return text(id) == wanted; });
}

std::uint32_t LabelIndex::acquire_symbol(std::string_view wanted) {
  std::uint32_t id = find_symbol(wanted);
  if (id == IdTable::kNone) {
    if (free_symbols_.empty()) {
      id = static_cast<std::uint32_t>(symbols_.size());
      symbols_.emplace_back();
    } else {
      id = free_symbols_.back();
      free_symbols_.pop_back();
    }
    symbols_[id].text = wanted;
    symbol_ids_.insert(hash_of(wanted), id);
  }
  ++symbols_[id].references;
  return id;
}

void LabelIndex::release_symbol(std::uint32_t symbol) {
  Symbol& entry = symbols_[symbol];
  SW_ASSERT(entry.references > 0);
  if (--entry.references == 0) {
    symbol_ids_.erase(hash_of(entry.text), symbol);
    entry.text = std::string();
    free_symbols_.push_back(symbol);
  }
}

PairId LabelIndex::find_pair(std::uint32_t name, std::uint32_t value) const {
  return pair_ids_.find(hash_of(name, value), [&](std::uint32_t id) {
    return pairs_[id].name == name && pairs_[id].value == value;
  });
}

PairId LabelIndex::find_pair(std::string_view name, std::string_view value) const {
  const std::uint32_t name_id = find_symbol(name);
  const std::uint32_t value_id = find_symbol(value);
  return name_id == IdTable::kNone || value_id == IdTable::kNone ? IdTable::kNone
                                                                 : find_pair(name_id, value_id);
}

std::vector<PairId> LabelIndex::acquire(const Labels& labels) {
  std::vector<PairId> out;
  out.reserve(labels.size());
  for (const auto& [name, value] : labels) {
    const std::uint32_t name_id = acquire_symbol(name);
    const std::uint32_t value_id = acquire_symbol(value);
    PairId id = find_pair(name_id, value_id);
    if (id == IdTable::kNone) {
      if (free_pairs_.empty()) {
        id = static_cast<PairId>(pairs_.size());
        pairs_.emplace_back();
      } else {
        id = free_pairs_.back();
        free_pairs_.pop_back();
      }
      pairs_[id].name = name_id;
      pairs_[id].value = value_id;
      pair_ids_.insert(hash_of(name_id, value_id), id);
      by_name_[name_id].push_back(id);
    } else {
      // The pair holds its own references already.
      release_symbol(name_id);
      release_symbol(value_id);
    }
    ++pairs_[id].references;
    out.push_back(id);
  }
  return out;
}

void LabelIndex::release(std::span<const PairId> pairs) {
  for (const PairId id : pairs) {
    Pair& pair = pairs_[id];
    SW_ASSERT(pair.references > 0);
    if (--pair.references > 0) {
      continue;
    }
    SW_ASSERT(pair.postings.empty());
    pair.postings = std::vector<Slot>();
    pair_ids_.erase(hash_of(pair.name, pair.value), id);
    const auto siblings = by_name_.find(pair.name);
    std::erase(siblings->second, id);
    if (siblings->second.empty()) {
      by_name_.erase(siblings);
    }
    release_symbol(pair.name);
    release_symbol(pair.value);
    free_pairs_.push_back(id);
  }
}

void LabelIndex::add_posting(PairId pair, Slot slot) {
  std::vector<Slot>& postings = pairs_[pair].postings;
  if (postings.size() == postings.capacity()) {
    // Grows by an eighth: there are many lists, and most of a doubling would stay empty.
    postings.reserve(postings.size() + std::max<std::size_t>(1, postings.size() / 8));
  }
  postings.push_back(slot);
}

void LabelIndex::remove_postings(const std::vector<PairId>& pairs, const std::vector<bool>& dead) {
  for (const PairId pair : pairs) {
    std::vector<Slot>& postings = pairs_[pair].postings;
    std::erase_if(postings, [&](Slot slot) { return dead[slot]; });
    if (postings.size() * 2 < postings.capacity()) {
      postings.shrink_to_fit();
    }
  }
}

std::vector<PairId> LabelIndex::pairs_of(std::string_view name) const {
  const auto at = by_name_.find(find_symbol(name));
  return at == by_name_.end() ? std::vector<PairId>() : at->second;
}

Labels LabelIndex::labels(std::span<const PairId> pairs) const {
  std::vector<Labels::Pair> out;
  out.reserve(pairs.size());
  for (const PairId pair : pairs) {
    out.emplace_back(name(pair), value(pair));
  }
  return Labels(std::move(out));
}

std::vector<std::string> LabelIndex::names() const {
  std::vector<std::string> out;
  out.reserve(by_name_.size());
  for (const auto& entry : by_name_) {
    out.emplace_back(text(entry.first));
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::size_t LabelIndex::allocated_bytes() const {
  constexpr std::size_t kShortText = 15;  // what std::string keeps within itself
  constexpr std::size_t kMallocOverhead = 8;
  std::size_t bytes = symbols_.capacity() * sizeof(Symbol) + pairs_.capacity() * sizeof(Pair) +
                      symbol_ids_.allocated_bytes() + pair_ids_.allocated_bytes();
  for (const Symbol& symbol : symbols_) {
    bytes += symbol.text.capacity() > kShortText ? symbol.text.capacity() + 1 + kMallocOverhead : 0;
  }
  for (const Pair& pair : pairs_) {
    bytes += pair.postings.capacity() * sizeof(Slot) + kMallocOverhead;
  }
  for (const auto& entry : by_name_) {
    bytes += sizeof entry + 2 * kMallocOverhead + entry.second.capacity() * sizeof(PairId);
  }
  return bytes;
}

}  // namespace seamwatch::rules
