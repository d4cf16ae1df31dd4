// Chunk: some points of one series, compressed as they come. A chunk opens with its first point;
// what follows is a stream of bits, of which tokens are:
//   run      n points more at the same distance with the same value
//   point    a change of the distance in milliseconds and a value
// Values are whole numbers of some power of ten where they can be (durations are so many
// nanoseconds, most others are small integers): the change from the one before, Rice coded with a
// parameter that follows the noise. What is no such number is the XOR with the one before.
// Chunks and their bytes lie in a PointArena, those of the open chunk in segments, those of closed
// ones in one piece; readers decode copies, without a lock.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "rules/series/selection.h"

namespace seamwatch::rules {

struct Chunk {
  static constexpr std::uint16_t kPointsMax = 120;
  static constexpr std::int64_t kDeltaMax = 0x7fffffff;  // 24 days; a longer pause begins a chunk
  static constexpr std::size_t kInlineBytes = 16;

  std::uint32_t next;  // the chunk after it in time; of the newest, the oldest
  std::uint32_t rope;  // its first segment, or its piece; 0: the inline bytes are enough
  std::int64_t first_millis;
  std::uint32_t span;  // last less first millisecond; of the open chunk, its last segment
  std::uint16_t points;
  std::uint16_t bits;  // 0: the points are one run
  double first_value;
  std::uint8_t bytes[kInlineBytes];

  // How many bytes of the stream are not inline.
  std::size_t bytes_beyond() const {
    const std::size_t all = (bits + 7U) / 8;
    return all > kInlineBytes ? all - kInlineBytes : 0;
  }
};

static_assert(sizeof(Chunk) == 48);

// More bytes of an open chunk.
struct Segment {
  static constexpr std::size_t kBytes = 28;

  std::uint32_t next;
  std::uint8_t bytes[kBytes];
};

// A chunk to decode.
struct ChunkView {
  // May be read past the end: kPadding bytes more than bits needs, of any value.
  static constexpr std::size_t kPadding = 40;

  const std::uint8_t* bytes = nullptr;
  std::uint32_t bits = 0;
  std::int64_t first_millis = 0;
  double first_value = 0;
  std::uint32_t points = 0;  // in the stream; of a chunk without bits all, `run_delta` apart
  std::uint32_t run = 0;     // that follow it at the last distance with the last value
  std::int64_t run_delta = 0;
};

// Appends the points in [from, to] to `out`. False where the bytes are not such a stream; safe for
// any bytes.
bool decode_chunk(const ChunkView& chunk, WallTime from, WallTime to, std::vector<Point>& out);

// How values are written; shared by the two directions.
namespace chunk_format {

inline constexpr unsigned kScaleMax = 9;  // digits after the point
inline constexpr unsigned kXor = 15;      // the scale of values that are no decimals
inline constexpr unsigned kNoisy = 4;     // from this Rice parameter on, runs are rare
inline constexpr unsigned kRiceMax = 48;
inline constexpr unsigned kQuotientMax = 7;  // more is written in full
inline constexpr std::uint8_t kNoWindow = 0x80;

enum class Escape : std::uint8_t { stale, full, scale, raw };

// n where value is exactly n / 10^scale and |n| < 2^51, so that there is one such n.
std::optional<std::int64_t> to_decimal(double value, unsigned scale);

inline constexpr std::array<double, kScaleMax + 1> kPowers = {
    1, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9};

// Inline, as it is done for each point that is read.
inline double from_decimal(std::int64_t n, unsigned scale) {
  return static_cast<double>(n) / kPowers[scale];
}

// The smallest scale that `value` has; kXor where it has none. A staleness marker has 0.
unsigned scale_of(double value);

// The Rice parameter that a chunk begins with.
unsigned first_rice(double value, unsigned scale);

// The parameter after a change of `z` was written with `rice`.
inline unsigned next_rice(unsigned rice, std::uint64_t z) {
  const std::uint64_t quotient = z >> rice;
  if (quotient > kQuotientMax) {
    return std::min({rice + 3, static_cast<unsigned>(std::bit_width(z)) - 1, kRiceMax});
  }
  if (quotient >= 2) {
    return std::min(rice + 1, kRiceMax);
  }
  return rice > 0 && (z >> (rice - 1)) == 0 ? rice - 1 : rice;
}

unsigned rescaled_rice(unsigned rice, unsigned from, unsigned to);

inline std::uint64_t zigzag(std::int64_t n) {
  return (static_cast<std::uint64_t>(n) << 1U) ^ static_cast<std::uint64_t>(n >> 63U);
}

inline std::int64_t unzigzag(std::uint64_t z) {
  return static_cast<std::int64_t>((z >> 1U) ^ (~(z & 1U) + 1));
}

// Prefix codes of a change of distance that is not zero: n ones, a zero but for the last, a
// payload. 4 bits hold the jitter of a timer, 7 and 12 that of a busy agent.
struct DeltaCode {
  unsigned prefix_bits;
  std::uint64_t prefix;
  unsigned payload_bits;
};

inline constexpr std::array<DeltaCode, 5> kDeltaCodes = {
    DeltaCode{1, 0b0, 4}, {2, 0b10, 7}, {3, 0b110, 12}, {4, 0b1110, 20}, {4, 0b1111, 33}};

}  // namespace chunk_format

}  // namespace seamwatch::rules
