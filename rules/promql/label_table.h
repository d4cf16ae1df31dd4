// Label sets of a query as numbers. The operators of PromQL drop, keep and match labels of the same
// few series at every step and every evaluation; with each label set as a number, that is done once
// a set and then looked up. Sets are kept as numbers of name and value pairs, so that a hundred
// thousand cost some megabytes. Owned by a Query or, between queries, by a QueryCache; one thread.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "rules/series/id_table.h"

namespace seamwatch::rules::promql {

using LabelId = std::uint32_t;

inline constexpr LabelId kNoLabels = 0xffffffff;

// The name of a label that says: the metric's name goes at the end of the query. No UTF-8, so that
// no series has it.
inline constexpr std::string_view kUnnamedLabel = "\xff";

// What maps numbers to numbers, each computed once. Kept in the pages from the lowest to the
// highest that was asked for, as one expression mostly sees neighbours.
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
    std::unique_ptr<std::uint32_t[]>& page = page_at(from / kPage);
    if (page == nullptr) {
      page = std::make_unique<std::uint32_t[]>(kPage);
      std::fill_n(page.get(), kPage, kNoLabels);
    }
    return page[from % kPage];
  }

  std::unique_ptr<std::uint32_t[]>& page_at(std::size_t page) {
    if (pages_.empty()) {
      first_ = page;
    }
    if (page < first_) {
      std::vector<std::unique_ptr<std::uint32_t[]>> more(first_ - page + pages_.size());
      std::move(pages_.begin(), pages_.end(), more.end() - std::ssize(pages_));
      pages_ = std::move(more);
      first_ = page;
    }
    if (page - first_ >= pages_.size()) {
      pages_.resize(page - first_ + 1);
    }
    return pages_[page - first_];
  }

  std::vector<std::unique_ptr<std::uint32_t[]>> pages_;
  std::size_t first_ = 0;  // which page the first of pages_ is
};

// Texts by number, one behind the other in blocks that never move.
class TextBlocks {
 public:
  // The number of a copy of `text`: one more than the last.
  std::uint32_t add(std::string_view text);

  // Lives as long as this.
  std::string_view operator[](std::uint32_t number) const;

 private:
  static constexpr std::size_t kBlockBytes = 16'384;

  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<std::uint32_t> starts_;  // of each text: its block times kBlockBytes, and where in it
  std::size_t used_ = kBlockBytes;     // of the last block
};

// The dozen series of one probe differ in their name alone, so a set is a name and the number of
// the other labels.
class LabelTable {
 public:
  // The one number of these labels: equal labels, equal number.
  LabelId intern(const Labels& labels);

  // The number of no labels at all.
  LabelId empty() { return intern(Labels()); }

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
  std::size_t size() const { return sets_.size(); }

 private:
  struct Pair {
    std::uint32_t name;
    std::uint32_t value;
  };

  struct Set {
    std::uint32_t metric;  // the pair of __name__; kNoLabels: none
    std::uint32_t rest;
  };

  struct Rest {
    std::uint32_t end;  // of its pairs in members_
    LabelId nameless;   // the set of these alone; kNoLabels: not asked for yet
  };

  std::span<const std::uint32_t> pairs_of(std::uint32_t rest) const;
  LabelId intern(Set set);
  std::uint32_t intern_rest(std::span<const std::uint32_t> pairs);
  template <class Wanted>
  LabelId filtered(LabelId id, Wanted wanted);
  template <class Visit>
  void each_pair(LabelId id, Visit visit) const;
  std::uint32_t find_symbol(std::string_view text) const;
  std::uint32_t symbol(std::string_view text);
  std::uint32_t pair(std::string_view name, std::string_view value);

  TextBlocks symbols_;
  IdTable symbol_ids_;
  std::vector<Pair> pairs_;
  IdTable pair_ids_;
  std::vector<std::uint32_t> members_;  // pairs of all rests, one after the other, sorted by name
  std::vector<Rest> rests_;
  IdTable rest_ids_;
  std::vector<Set> sets_;
  IdTable set_ids_;
  LabelMemo to_be_unnamed_;
  LabelMemo without_metadata_;
  std::vector<std::uint32_t> scratch_;
};

// Which label sets were seen in one turn, and with what. A turn takes room for what it sees, not
// for all sets there are, so that it stays in the processor's cache.
class LabelMarks {
 public:
  // Begins a turn, in which nothing has been seen, and at most `count` will be.
  void begin(std::size_t count);

  bool has(LabelId id) const { return marks_[place(id)].turn == turn_; }

  // Requires: has(id).
  std::uint32_t at(LabelId id) const { return marks_[place(id)].what; }

  void set(LabelId id, std::size_t what) {
    marks_[place(id)] = {id, turn_, static_cast<std::uint32_t>(what)};
  }

 private:
  struct Mark {
    LabelId id = 0;
    std::uint32_t turn = 0;
    std::uint32_t what = 0;
  };

  // Where the mark of `id` stands, or would.
  std::size_t place(LabelId id) const {
    std::size_t at = (id * 0x9e3779b97f4a7c15ULL) >> 32U & mask_;
    while (marks_[at].turn == turn_ && marks_[at].id != id) {
      at = (at + 1) & mask_;
    }
    return at;
  }

  std::vector<Mark> marks_;
  std::size_t mask_ = 0;  // of this turn: less than half of the places are used
  std::uint32_t turn_ = 0;
};

}  // namespace seamwatch::rules::promql
