#include "rules/lint/contradiction.h"

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "rules/lint/alternatives.h"

namespace seamwatch::rules {
namespace {

using Group = std::vector<const Matcher*>;  // of one label

// All values that `matcher` matches, where they can be listed.
std::optional<std::vector<std::string>> values_of(const Matcher& matcher) {
  switch (matcher.type) {
    case MatchType::equal:
      return std::vector<std::string>{matcher.value};
    case MatchType::regexp:
      return plain_alternatives(matcher.value);
    case MatchType::not_regexp:
      if (matcher.value == ".+") {
        return std::vector<std::string>{""};
      }
      if (matcher.value == ".*") {
        return std::vector<std::string>();
      }
      return std::nullopt;
    case MatchType::not_equal:
      return std::nullopt;
  }
  return std::nullopt;
}

bool are_opposites(const Matcher& a, const Matcher& b) {
  return a.value == b.value && ((a.type == MatchType::regexp && b.type == MatchType::not_regexp) ||
                                (a.type == MatchType::not_regexp && b.type == MatchType::regexp));
}

std::string described(const Group& group) {
  std::string all;
  for (const Matcher* matcher : group) {
    all += (all.empty() ? "" : ", ") + matcher->to_string();
  }
  return group.size() == 1 ? all + " matches nothing" : all + " never hold together";
}

bool is_contradictory(const Group& group) {
  for (const Matcher* listed : group) {
    const auto values = values_of(*listed);
    if (!values) {
      continue;
    }
    return std::none_of(values->begin(), values->end(), [&](const std::string& value) {
      return std::all_of(
          group.begin(), group.end(), [&](const Matcher* other) { return other->matches(value); });
    });
  }
  for (const Matcher* a : group) {
    for (const Matcher* b : group) {
      if (are_opposites(*a, *b)) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace

std::string contradiction(const promql::VectorSelector& selector) {
  std::map<std::string, Group> by_label;
  for (const Matcher& matcher : selector.matchers) {
    by_label[matcher.name].push_back(&matcher);
  }
  for (const auto& [label, group] : by_label) {
    if (is_contradictory(group)) {
      return described(group);
    }
  }
  return "";
}

}  // namespace seamwatch::rules
