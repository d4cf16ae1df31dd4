#include "agent/core/common_labels.h"

#include <cstddef>
#include <string_view>
#include <utility>

namespace seamwatch {
namespace {

// Name and value lie one behind the other: a look at both is one.
std::string_view text_of(const Labels::View& pair) {
  const char* const end = pair.second.data() + pair.second.size();
  return {pair.first.data(), static_cast<std::size_t>(end - pair.first.data())};
}

bool same(const Labels::View& a, const Labels::View& b) {
  return a.first.size() == b.first.size() && text_of(a) == text_of(b);
}

// A pair of the first set, and where it stands there: mostly it stands there in the others too.
struct Shared {
  Labels::View pair;
  std::size_t place;
};

}  // namespace

Labels common_of(const std::vector<const Labels*>& all) {
  if (all.empty()) {
    return {};
  }
  const Labels& first = *all.front();
  std::vector<Shared> shared;
  for (const Labels::View pair : first) {
    shared.push_back({pair, shared.size()});
  }
  for (auto at = all.begin() + 1; at != all.end() && !shared.empty(); ++at) {
    const Labels& labels = **at;
    const std::size_t size = labels.size();
    std::erase_if(shared, [&](const Shared& one) {
      return !(one.place < size && same(*Labels::Iterator(&labels, one.place), one.pair)) &&
             labels.get(one.pair.first) != one.pair.second;
    });
  }
  if (shared.size() == first.size()) {
    return first;
  }
  std::vector<Labels::View> pairs;
  for (const Shared& one : shared) {
    pairs.push_back(one.pair);
  }
  return Labels::of(std::move(pairs));
}

}  // namespace seamwatch
