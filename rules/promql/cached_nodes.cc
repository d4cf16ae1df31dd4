#include "rules/promql/cached_nodes.h"

#include <algorithm>

#include "rules/promql/query_cache.h"

namespace seamwatch::rules::promql {
namespace {

// What no query used for this long is forgotten; rules with longer intervals begin anew.
constexpr Millis kUnusedMax(10 * 60'000);

// How many label sets may be held beyond those of the selectors and four times as many that
// operators made of them.
constexpr std::size_t kLabelSetsSpare = 100'000;

void add_names(const VectorSelector& selector, MetricNames& reads) {
  for (const Matcher& matcher : selector.matchers) {
    if (matcher.name == "__name__" && matcher.type == MatchType::equal) {
      reads.names.push_back(matcher.value);
      return;
    }
  }
  reads.any = true;
}

template <class Visit>
void each_child(const Expr& expr, Visit visit) {
  switch (expr.kind) {
    case ExprKind::subquery:
      visit(*as<Subquery>(expr).expr);
      break;
    case ExprKind::call:
      for (const ExprPtr& arg : as<Call>(expr).args) {
        visit(*arg);
      }
      if (as<Call>(expr).info != nullptr) {
        visit(*as<Call>(expr).info);
      }
      break;
    case ExprKind::aggregate:
      if (as<Aggregate>(expr).param != nullptr) {
        visit(*as<Aggregate>(expr).param);
      }
      visit(*as<Aggregate>(expr).expr);
      break;
    case ExprKind::binary:
      visit(*as<Binary>(expr).lhs);
      visit(*as<Binary>(expr).rhs);
      break;
    case ExprKind::unary:
      visit(*as<Unary>(expr).expr);
      break;
    case ExprKind::paren:
      visit(*as<Paren>(expr).expr);
      break;
    default:
      break;
  }
}

void collect_names(const Expr& expr, MetricNames& reads) {
  if (const auto* selector = as_if<VectorSelector>(expr)) {
    add_names(*selector, reads);
  } else if (const auto* matrix = as_if<MatrixSelector>(expr)) {
    add_names(*matrix->selector, reads);
  }
  each_child(expr, [&](const Expr& child) { collect_names(child, reads); });
}

// What the canonical text leaves out: `ignoring() group_left` is printed as nothing, and a negative
// number like the negation of one.
void append_structure(const Expr& expr, std::string& out) {
  out += static_cast<char>('a' + static_cast<int>(expr.kind));
  if (const auto* binary = as_if<Binary>(expr)) {
    out += static_cast<char>('0' + static_cast<int>(binary->matching.cardinality));
  }
  each_child(expr, [&](const Expr& child) { append_structure(child, out); });
}

std::string shape_of(const Expr& expr) {
  std::string shape = to_string(expr);
  shape += '\n';
  append_structure(expr, shape);
  return shape;
}

std::string key_of(const std::vector<Matcher>& matchers) {
  std::string key;
  for (const Matcher& matcher : matchers) {
    key += matcher.to_string() + ",";
  }
  return key;
}

}  // namespace

bool MetricNames::has(std::string_view name) const {
  return any || std::find(names.begin(), names.end(), name) != names.end();
}

QueryCache::QueryCache() : nodes_(std::make_unique<CachedNodes>()) {}

QueryCache::~QueryCache() = default;

void QueryCache::written(std::string_view metric) {
  nodes_->written(metric);
}

void QueryCache::clear() {
  nodes_->clear();
}

std::size_t QueryCache::label_sets() const {
  return nodes_->labels.size();
}

void CachedNodes::begin(WallTime at, const Storage& storage) {
  if (storage_ != &storage) {
    clear();
    storage_ = &storage;
  }
  if (at_ == at) {
    return;
  }
  at_ = at;
  forget_values();
  if (at - swept_at_ > kUnusedMax || at < swept_at_) {
    forget_unused();
    swept_at_ = at;
  }
  std::size_t selected = 0;
  for (const auto& [key, selector] : selectors_) {
    selected += selector->labels.size();
  }
  if (labels.size() > 5 * selected + kLabelSetsSpare) {
    clear();
  }
}

void CachedNodes::clear() {
  with_values_.clear();
  found_.clear();
  known_.clear();
  nodes_.clear();
  selectors_.clear();
  labels = LabelTable();
}

void CachedNodes::forget_values() {
  for (Node* node : with_values_) {
    node->value.reset();
    node->windows.reset();
  }
  with_values_.clear();
  for (SelectorSeries* selector : found_) {
    selector->found = false;
  }
  found_.clear();
}

void CachedNodes::forget_unused() {
  const WallTime before = swept_at_;
  std::erase_if(known_, [&](const auto& entry) {
    const bool unused = entry.second.used_at < before;
    entry.second.node->uses -= unused ? 1 : 0;
    return unused;
  });
  std::erase_if(nodes_, [](const auto& entry) { return entry.second->uses == 0; });
  std::erase_if(selectors_, [](const auto& entry) { return entry.second.use_count() == 1; });
}

Node& CachedNodes::node(const Expr& expr) {
  Known& known = known_[expr.serial];
  known.used_at = *at_;
  if (known.node == nullptr) {
    known.node = &add(expr);
    ++known.node->uses;
  }
  return *known.node;
}

Node& CachedNodes::add(const Expr& expr) {
  std::unique_ptr<Node>& node = nodes_[shape_of(expr)];
  if (node == nullptr) {
    node = std::make_unique<Node>();
    collect_names(expr, node->reads);
  }
  return *node;
}

const SelectorSeries& CachedNodes::series(Node& node, const std::vector<Matcher>& matchers) {
  if (node.selector == nullptr) {
    std::shared_ptr<SelectorSeries>& made = selectors_[key_of(matchers)];
    if (made == nullptr) {
      made = std::make_shared<SelectorSeries>();
    }
    node.selector = made;
  }
  SelectorSeries& found = *node.selector;
  if (found.found) {
    return found;
  }
  found.found = true;
  found.reads = node.reads;
  found_.push_back(&found);
  auto selection = storage_->select_ids(matchers, found.selection);
  if (selection == found.selection) {
    return found;
  }
  const std::size_t same = found.selection == nullptr ? 0 : selection->unchanged_front();
  found.labels.resize(same);
  found.labels.reserve(selection->size());
  for (std::size_t i = same; i < selection->size(); ++i) {
    found.labels.push_back(labels.intern(selection->labels(i)));
  }
  found.selection = std::move(selection);
  return found;
}

void CachedNodes::keep_value(Node& node, const Vector& value) {
  if (node.uses > 1) {
    node.value = value;
    with_values_.push_back(&node);
  }
}

void CachedNodes::keep_windows(Node& node, Windows windows) {
  node.windows = std::move(windows);
  with_values_.push_back(&node);
}

void CachedNodes::written(std::string_view metric) {
  std::erase_if(with_values_, [&](Node* node) {
    if (!node->reads.has(metric)) {
      return false;
    }
    node->value.reset();
    node->windows.reset();
    return true;
  });
  std::erase_if(found_, [&](SelectorSeries* selector) {
    selector->found = selector->found && !selector->reads.has(metric);
    return !selector->found;
  });
}

}  // namespace seamwatch::rules::promql
