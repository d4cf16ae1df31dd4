#include "rules/series/storage.h"

#include <bit>

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

std::vector<SeriesData> Storage::select_last(const std::vector<Matcher>& matchers,
                                             WallTime from,
                                             WallTime to) const {
  std::vector<SeriesData> found = select(matchers, from, to);
  for (SeriesData& series : found) {
    series.points.erase(series.points.begin(), series.points.end() - 1);
  }
  return found;
}

}  // namespace seamwatch::rules
