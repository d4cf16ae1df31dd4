#include "rules/series/storage.h"

#include <algorithm>
#include <bit>

#include "rules/series/listed_selection.h"

namespace seamwatch::rules {
namespace {

constexpr std::uint64_t kStaleBits = 0x7ff0000000000002ULL;

}  // namespace

double stale_marker() {
  return std::bit_cast<double>(kStaleBits);
}

bool is_stale(double value) {
  return std::bit_cast<std::uint64_t>(value) == kStaleBits;
}

Storage::Storage() : numbered_(std::make_unique<NumberedLabels>()) {}

Storage::~Storage() = default;

std::vector<SeriesData> Storage::select_last(const std::vector<Matcher>& matchers,
                                             WallTime from,
                                             WallTime to) const {
  std::vector<SeriesData> found = select(matchers, from, to);
  for (SeriesData& series : found) {
    series.points.erase(series.points.begin(), series.points.end() - 1);
  }
  return found;
}

std::shared_ptr<const Selection> Storage::select_ids(
    const std::vector<Matcher>& matchers, std::shared_ptr<const Selection> previous) const {
  auto found = std::make_shared<ListedSelection>(*this, *numbered_, matchers, previous.get());
  const bool same = previous != nullptr && std::ranges::equal(found->series(), previous->series());
  return same ? previous : found;
}

}  // namespace seamwatch::rules
