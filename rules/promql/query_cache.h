// QueryCache: what queries that come back again and again keep between them, so that an evaluation
// of a rule reads numbers only: label sets as numbers with what each operator made of them, the
// series of each selector until the storage's index changes, and, for all queries at the same time,
// the values of expressions and the windows of range selectors that stand in several of them, and
// the windows of subqueries. Used with one Engine, by one thread at a time; every Storage it was
// used with outlives it. Owned by whoever evaluates rules.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

namespace seamwatch::rules::promql {

class CachedNodes;  // rules/promql/cached_nodes.h

class QueryCache {
 public:
  QueryCache();
  ~QueryCache();
  QueryCache(const QueryCache&) = delete;
  QueryCache& operator=(const QueryCache&) = delete;

  // To be called when series named `metric` were written, before the next query at the same time:
  // what was read of them is read anew.
  void written(std::string_view metric);

  // Forgets all of it: before it is used with another Engine. Not while a query runs.
  void clear();

  // How many label sets it holds: for its memory.
  std::size_t label_sets() const;

  // For the engine.
  CachedNodes& nodes() { return *nodes_; }

 private:
  std::unique_ptr<CachedNodes> nodes_;
};

}  // namespace seamwatch::rules::promql
