#include "rules/promql/label_table.h"

#include <algorithm>
#include <functional>

namespace seamwatch::rules::promql {
namespace {

LabelId& slot(std::vector<LabelId>& memo, LabelId id) {
  if (id >= memo.size()) {
    memo.resize(id + id / 2 + 16, kNoLabels);
  }
  return memo[id];
}

}  // namespace

LabelTable::LabelTable() : interned_(16, Hash{this}, Equal{this}) {}

std::size_t LabelTable::Hash::operator()(LabelId id) const {
  std::size_t hash = 0;
  for (const auto& [name, value] : table->get(id)) {
    hash = hash * 0x9e3779b97f4a7c15ULL + std::hash<std::string>()(name);
    hash = hash * 0x9e3779b97f4a7c15ULL + std::hash<std::string>()(value);
  }
  return hash;
}

LabelId LabelTable::add(Labels labels) {
  items_.push_back(std::move(labels));
  return static_cast<LabelId>(items_.size() - 1);
}

LabelId LabelTable::intern(Labels labels) {
  const LabelId id = add(std::move(labels));
  const auto [at, is_new] = interned_.insert(id);
  if (!is_new) {
    items_.pop_back();
  }
  return *at;
}

LabelId LabelTable::canonical(LabelId id) {
  LabelId& known = slot(canonical_, id);
  if (known == kNoLabels) {
    known = *interned_.insert(id).first;
  }
  return known;
}

LabelId LabelTable::without_name(LabelId id) {
  LabelId& known = slot(without_name_, id);
  if (known == kNoLabels) {
    if (get(id).has("__name__")) {
      Labels labels = get(id);
      labels.erase("__name__");
      known = intern(std::move(labels));
    } else {
      known = canonical(id);
    }
  }
  return known;
}

Labels keep_labels(const Labels& labels, const std::vector<std::string>& names) {
  std::vector<Labels::Pair> kept;
  for (const auto& label : labels) {
    if (std::find(names.begin(), names.end(), label.first) != names.end()) {
      kept.push_back(label);
    }
  }
  return Labels(std::move(kept));
}

Labels drop_labels(const Labels& labels, const std::vector<std::string>& names) {
  std::vector<Labels::Pair> kept;
  for (const auto& label : labels) {
    if (label.first != "__name__" &&
        std::find(names.begin(), names.end(), label.first) == names.end()) {
      kept.push_back(label);
    }
  }
  return Labels(std::move(kept));
}

}  // namespace seamwatch::rules::promql
