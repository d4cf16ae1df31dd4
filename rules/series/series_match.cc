#include "rules/series/series_match.h"

#include <algorithm>

namespace seamwatch::rules {

SeriesStore::Match::Match(const LabelIndex& index, const std::vector<Matcher>& matchers)
    : index_(index) {
  for (const Matcher& matcher : matchers) {
    const bool equality = matcher.type == MatchType::equal || matcher.type == MatchType::not_equal;
    Condition condition{&matcher, index.find_name(matcher.name), 0, {}};
    if (equality && !matcher.value.empty()) {
      condition.wanted = index.find_pair(matcher.name, matcher.value);
    }
    const bool on_name = matcher.name == "__name__";
    if (matcher.type == MatchType::equal && !matcher.value.empty()) {
      hopeless_ = hopeless_ || condition.wanted == IdTable::kNone;
      if (on_name && !name_) {
        name_ = condition.wanted;
      }
    }
    (on_name ? on_name_ : on_labels_).push_back(std::move(condition));
  }
}

bool SeriesStore::Match::holds(Condition& condition, PairId pair) {
  switch (condition.matcher->type) {
    case MatchType::equal:
      return pair == condition.wanted;
    case MatchType::not_equal:
      return pair != condition.wanted;
    default:
      break;
  }
  const auto [at, is_new] = condition.known.emplace(pair, false);
  if (is_new) {
    at->second = condition.matcher->matches(pair == 0 ? std::string_view() : index_.value(pair));
  }
  return at->second;
}

bool SeriesStore::Match::takes_name(PairId name) {
  return std::all_of(on_name_.begin(), on_name_.end(), [&](Condition& condition) {
    return holds(condition, name);
  });
}

bool SeriesStore::Match::operator()(SeriesKey key) {
  const auto holds_in_set = [&](Condition& condition) {
    const bool unknown = condition.name == IdTable::kNone;
    return holds(condition, unknown ? 0 : index_.pair_in(key.set, condition.name));
  };
  return takes_name(key.name) && std::all_of(on_labels_.begin(), on_labels_.end(), holds_in_set);
}

}  // namespace seamwatch::rules
