// CachedNodes: the inside of a QueryCache, which the evaluation works on. Expressions with the same
// canonical text share a Node, whichever query they stand in.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/promql/node.h"
#include "rules/series/storage.h"

namespace seamwatch::rules::promql {

class CachedNodes {
 public:
  // Begins a query at `at` on `storage`. A new time forgets the values of the one before; another
  // storage forgets everything.
  void begin(WallTime at, const Storage& storage);

  Node& node(const Expr& expr);

  // The series of a selector's node, found anew where something may have been added. Requires: a
  // node of a vector or range selector.
  const SelectorSeries& series(Node& node, const std::vector<Matcher>& matchers);

  // Keeps what `node` says at this time, where another query may ask for it.
  void keep_value(Node& node, const Vector& value);

  // Keeps its windows until another time.
  void keep_windows(Node& node, Windows windows);

  void written(std::string_view metric);

  void clear();

  LabelTable labels;
  LabelMarks marks;
  LabelMarks more_marks;
  LastColumn last;  // room to read into

 private:
  // One expression of a query.
  struct Known {
    Node* node = nullptr;
    WallTime used_at{};
  };

  Node& add(const Expr& expr);
  void forget_values();
  void forget_unused();

  const Storage* storage_ = nullptr;
  std::optional<WallTime> at_;
  WallTime swept_at_{};
  std::unordered_map<std::uint64_t, Known> known_;                              // by Expr::serial
  std::unordered_map<std::string, std::unique_ptr<Node>> nodes_;                // by shape
  std::unordered_map<std::string, std::shared_ptr<SelectorSeries>> selectors_;  // by matchers
  std::vector<Node*> with_values_;
  std::vector<SelectorSeries*> found_;  // at this time
};

}  // namespace seamwatch::rules::promql
