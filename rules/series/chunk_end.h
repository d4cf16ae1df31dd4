// What an open chunk is continued with; for whoever restores one. Pure.
#pragma once

#include <cstdint>
#include <optional>

#include "rules/series/chunk.h"

namespace seamwatch::rules {

struct ChunkEnd {
  unsigned scale = 0;
  unsigned window = 0;     // Rice parameter or XOR window
  std::int64_t delta = 0;  // between the last two points of the stream
};

// How the stream ends. Nothing where the bytes are not such a stream. Requires: chunk.bits > 0.
std::optional<ChunkEnd> end_of_chunk(const ChunkView& chunk);

}  // namespace seamwatch::rules
