// Label sets of a query as numbers. The operators of PromQL drop, keep and match labels of the same
// few series at every step and every evaluation; with each label set as a number, that is done once
// a set and then looked up. Sets are kept as numbers of name and value pairs, so that a hundred
// thousand cost some megabytes. Owned by a Query or, between queries, by a QueryCache; one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"

namespace seamwatch::rules::promql {

using LabelId = std::uint32_t;

inline constexpr LabelId kNoLabels = 0xffffffff;

// The name of a label that says: the metric's name goes at the end of the query. No UTF-8, so that
// no series has it.
inline constexpr std::string_view kUnnamedLabel = "\xff";

// What maps numbers to numbers, each computed once. Kept in pages, as one expression mostly sees
// neighbours.
class LabelMemo {
 public:
  template <class Make>
  std::uint32_t operator()(LabelId from, Make make) {
    std::uint32_t& to = slot(from);
    if (to != kNoLabels) {
      return to;
    }
    const std::uint32_t made = make();  // may use this memo itself
    return slot(from) = made;
  }

 private:
  static constexpr std::size_t kPage = 256;

  std::uint32_t& slot(LabelId from) {
    const std::size_t page = from / kPage;
    if (page >= pages_.size()) {
      pages_.resize(page + 1);
    }
    if (pages_[page] == nullptr) {
      pages_[page] = std::make_unique<std::uint32_t[]>(kPage);
      std::fill_n(pages_[page].get(), kPage, kNoLabels);
    }
    return pages_[page][from % kPage];
  }

  std::vector<std::unique_ptr<std::uint32_t[]>> pages_;
};

// Numbers found by what they stand for, which lives elsewhere: open addressing, never shrinks.
class NumberIndex {
 public:
  // The number with this hash for which equal(number) holds; kNoLabels where there is none.
  template <class Equal>
  std::uint32_t find(std::uint32_t hash, Equal equal) const {
    for (std::size_t i = hash; !slots_.empty(); ++i) {
      const Slot& slot = slots_[i & (slots_.size() - 1)];
      if (slot.number == kNoLabels || (slot.hash == hash && equal(slot.number))) {
        return slot.number;
      }
    }
    return kNoLabels;
  }

  // Requires: it is not in it.
  void insert(std::uint32_t hash, std::uint32_t number);

 private:
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t number = kNoLabels;
  };

  void place(Slot slot);

  std::vector<Slot> slots_;  // a power of two, at most three quarters full
  std::size_t size_ = 0;
};

// Texts by number, one behind the other in blocks that never move.
class TextBlocks {
 public:
  // The number of a copy of `text`: one more than the last.
  std::uint32_t add(std::string_view text);

  // Lives as long as this.
  std::string_view operator[](std::uint32_t number) const { return texts_[number]; }

 private:
  static constexpr std::size_t kBlockBytes = 16'384;

  std::deque<std::string_view> texts_;
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* end_ = nullptr;   // of the last text
  std::size_t left_ = 0;  // of the last block
};

class LabelTable {
 public:
  // The one number of these labels: equal labels, equal number.
  LabelId intern(const Labels& labels);

  // The number of no labels at all.
  LabelId empty() { return intern(std::span<const std::uint32_t>()); }

  Labels get(LabelId id) const;

  // The value of one label; "" where it is absent. Lives as long as the table.
  std::string_view value(LabelId id, std::string_view name) const;

  // The same labels without __name__, remembered.
  LabelId without_name(LabelId id);

  // The same labels and kUnnamedLabel, remembered.
  LabelId to_be_unnamed(LabelId id);

  // The same labels without __name__, __type__, __unit__ and kUnnamedLabel.
  LabelId without_metadata(LabelId id);

  // Those of the labels that are in `names`, and those that are not (__name__ and kUnnamedLabel
  // never).
  LabelId keep(LabelId id, const std::vector<std::string>& names);
  LabelId drop(LabelId id, const std::vector<std::string>& names);

  // How many label sets there are: their numbers are below.
  std::size_t size() const { return ends_.size(); }

 private:
  struct Pair {
    std::uint32_t name;
    std::uint32_t value;
  };

  std::span<const std::uint32_t> pairs_of(LabelId id) const;
  LabelId intern(std::span<const std::uint32_t> pairs);
  template <class Wanted>
  LabelId filtered(LabelId id, Wanted wanted);
  std::uint32_t find_symbol(std::string_view text) const;
  std::uint32_t symbol(std::string_view text);
  std::uint32_t pair(std::string_view name, std::string_view value);

  TextBlocks symbols_;
  NumberIndex symbol_ids_;
  std::vector<Pair> pairs_;
  NumberIndex pair_ids_;
  std::vector<std::uint32_t> members_;  // pairs of all sets, one after the other, sorted by name
  std::vector<std::size_t> ends_;       // of each set in members_
  NumberIndex set_ids_;
  LabelMemo without_name_;
  LabelMemo to_be_unnamed_;
  LabelMemo without_metadata_;
  std::vector<std::uint32_t> scratch_;
};

// Which label sets were seen in one turn, and with what. Turns cost nothing, however many sets
// there are.
class LabelMarks {
 public:
  // Begins a turn, in which nothing has been seen; `count` sets there are.
  void begin(std::size_t count);

  bool has(LabelId id) const { return marks_[id].turn == turn_; }

  // Requires: has(id).
  std::uint32_t at(LabelId id) const { return marks_[id].what; }

  void set(LabelId id, std::size_t what) { marks_[id] = {turn_, static_cast<std::uint32_t>(what)}; }

 private:
  struct Mark {
    std::uint32_t turn = 0;
    std::uint32_t what = 0;
  };

  std::vector<Mark> marks_;
  std::uint32_t turn_ = 0;
};

}  // namespace seamwatch::rules::promql
