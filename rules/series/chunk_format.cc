// What both directions of the chunk format agree on.
#include <algorithm>
#include <bit>
#include <cmath>

#include "rules/series/chunk.h"
#include "rules/series/storage.h"

namespace seamwatch::rules::chunk_format {
namespace {

constexpr double kNumberMax = 2251799813685248.0;  // 2^51

}  // namespace

std::optional<std::int64_t> to_decimal(double value, unsigned scale) {
  const double scaled = value * kPowers[scale];
  if (!(scaled > -kNumberMax && scaled < kNumberMax)) {
    return std::nullopt;
  }
  const auto n = static_cast<std::int64_t>(scaled + (scaled < 0 ? -0.5 : 0.5));
  // By bits, as -0 is no whole number of anything.
  const bool exact =
      std::bit_cast<std::uint64_t>(from_decimal(n, scale)) == std::bit_cast<std::uint64_t>(value);
  return exact ? std::optional(n) : std::nullopt;
}

unsigned scale_of(double value) {
  if (is_stale(value)) {
    return 0;
  }
  for (unsigned scale = 0; scale <= kScaleMax; ++scale) {
    if (to_decimal(value, scale)) {
      return scale;
    }
  }
  return kXor;
}

unsigned first_rice(double value, unsigned scale) {
  constexpr unsigned kBelow = 4;  // a noise of a sixteenth of the value
  const auto n = scale == kXor ? std::nullopt : to_decimal(value, scale);
  const auto width = static_cast<unsigned>(std::bit_width(zigzag(n.value_or(0))));
  return width > kBelow ? width - kBelow : 0;
}

unsigned rescaled_rice(unsigned rice, unsigned from, unsigned to) {
  const unsigned bits = to > from ? (to - from) * 10 / 3 : 0;
  return std::min(rice + bits, kRiceMax);
}

}  // namespace seamwatch::rules::chunk_format
