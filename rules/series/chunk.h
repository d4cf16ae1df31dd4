// Chunk: up to 120 points of one series, compressed as they come. Times are kept as the change of
// their distance in milliseconds, values as the XOR with the one before, so a steady value at a
// steady pace costs two bits a point. Owned by a series of the store; guarded by its shard.
// Source: Pelkonen and others, Gorilla: a fast, scalable, in-memory time series database, 2015.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "rules/series/storage.h"

namespace seamwatch::rules {

// What the next append needs to know of the points before.
struct ChunkState {
  double last_value = 0;
  std::int32_t last_delta = 0;
  std::uint8_t leading = 0xff;  // zero bits of the XOR window; 0xff: none yet
  std::uint8_t trailing = 0;
};

struct Chunk {
  static constexpr std::uint16_t kPointsMax = 120;
  static constexpr std::int64_t kDeltaMax = 0x7fffffff;  // 24 days; a longer pause begins a chunk

  std::unique_ptr<Chunk> next;  // later points
  std::int64_t first_millis = 0;
  std::int64_t last_millis = 0;
  std::unique_ptr<std::uint8_t[]> bytes;
  std::uint32_t bit_count = 0;
  std::uint16_t capacity = 0;  // in bytes
  std::uint16_t points = 0;

  Chunk() = default;
  ~Chunk();
  Chunk(const Chunk&) = delete;
  Chunk& operator=(const Chunk&) = delete;

  // Requires: takes(millis); later than the last point; `state` is what the last append left.
  void append(std::int64_t millis, double value, ChunkState& state);

  // Whether there is room for a point at `millis`.
  bool takes(std::int64_t millis) const {
    return points == 0 || (points < kPointsMax && millis - last_millis <= kDeltaMax);
  }

  // Gives back the bytes that a full chunk does not use.
  void shrink();

  // Of the chunk itself, allocation included.
  std::size_t allocated_bytes() const;

 private:
  void write(std::uint64_t bits, unsigned count);
  void write_delta(std::int64_t change);
  void write_value(double value, ChunkState& state);
  void reserve(std::size_t capacity_wanted);
};

// Appends the points of a chunk's bytes that lie in [from, to] to `out`.
void decode_chunk(const std::uint8_t* bytes,
                  std::int64_t first_millis,
                  std::uint16_t points,
                  WallTime from,
                  WallTime to,
                  std::vector<Point>& out);

}  // namespace seamwatch::rules
