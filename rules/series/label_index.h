// LabelIndex: label texts interned once, label pairs as numbers, and for each pair the series that
// carry it. Owned by the series store, which guards it with its lock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "agent/core/labels.h"
#include "rules/series/id_table.h"
#include "rules/series/matcher.h"

namespace seamwatch::rules {

using PairId = std::uint32_t;
using Slot = std::uint32_t;  // of a series in the store

class LabelIndex {
 public:
  // Interns the pairs of `labels` in name order and takes a reference to each.
  std::vector<PairId> acquire(const Labels& labels);

  // Gives the references back; texts without one are freed.
  void release(std::span<const PairId> pairs);

  void add_posting(PairId pair, Slot slot);

  // Removes the slots for which dead[slot] holds from the postings of `pairs`.
  void remove_postings(const std::vector<PairId>& pairs, const std::vector<bool>& dead);

  // The series with the label, in order of their coming.
  const std::vector<Slot>& postings(PairId pair) const { return pairs_[pair].postings; }

  // The pair name=value, or IdTable::kNone.
  PairId find_pair(std::string_view name, std::string_view value) const;

  // All pairs of the label `name`.
  std::vector<PairId> pairs_of(std::string_view name) const;

  std::string_view name(PairId pair) const { return text(pairs_[pair].name); }

  std::string_view value(PairId pair) const { return text(pairs_[pair].value); }

  Labels labels(std::span<const PairId> pairs) const;

  // Sorted names of all labels in use.
  std::vector<std::string> names() const;

  std::size_t allocated_bytes() const;

 private:
  struct Symbol {
    std::string text;
    std::uint32_t references = 0;
  };

  struct Pair {
    std::uint32_t name = 0;
    std::uint32_t value = 0;
    std::uint32_t references = 0;
    std::vector<Slot> postings;
  };

  std::string_view text(std::uint32_t symbol) const { return symbols_[symbol].text; }

  std::uint32_t find_symbol(std::string_view text) const;
  std::uint32_t acquire_symbol(std::string_view text);
  void release_symbol(std::uint32_t symbol);
  PairId find_pair(std::uint32_t name, std::uint32_t value) const;

  std::vector<Symbol> symbols_;
  std::vector<std::uint32_t> free_symbols_;
  IdTable symbol_ids_;
  std::vector<Pair> pairs_;
  std::vector<PairId> free_pairs_;
  IdTable pair_ids_;
  std::unordered_map<std::uint32_t, std::vector<PairId>> by_name_;
};

}  // namespace seamwatch::rules
