#include "rules/series/point_arena.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "agent/core/assert.h"
#include "rules/series/storage.h"

namespace seamwatch::rules {
namespace {

using namespace chunk_format;

constexpr std::uint32_t kInlineBits = Chunk::kInlineBytes * 8;
constexpr std::uint32_t kSegmentBits = Segment::kBytes * 8;
constexpr std::int64_t kWhole = 128;

unsigned scale(const PointHead& head) {
  return head.flags & PointHead::kScaleMask;
}

void set_scale(PointHead& head, unsigned scale) {
  head.flags = static_cast<std::uint8_t>((head.flags & ~PointHead::kScaleMask) | scale);
}

bool fits(std::int64_t value, unsigned bits) {
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  return value >= -half && value < half;
}

}  // namespace

void PointArena::append(PointHead& head, std::int64_t millis, double value) {
  const std::int64_t delta = millis - head.last_millis;
  const bool same = same_bits(value, head.last_value);
  const bool first = head.empty();
  SW_ASSERT(first || delta > 0);
  bool continues = head.run > 0 || head.open();
  if (continues && head.open()) {
    const Chunk& chunk = chunks_[head.chunk];
    const std::int64_t share = share_of(head);
    continues = delta <= Chunk::kDeltaMax &&
                (chunk.points + head.run) * kWhole < Chunk::kPointsMax * share &&
                millis - chunk.first_millis <= span_max_ * share / kWhole;
    if (continues && same && delta == head.last_delta) {
      ++head.run;
    } else if (continues) {
      flush_run(head);
      write_point(head, delta, value);
    }
  } else if (continues) {
    const bool regular = head.run == 1 || delta == head.last_delta;
    continues = delta <= Chunk::kDeltaMax && head.run < 0xffff &&
                millis - head.run_first_millis() <= Chunk::kDeltaMax;
    if (continues && same && regular) {
      ++head.run;
    } else {
      continues = continues && head.run < Chunk::kPointsMax &&
                  millis - head.run_first_millis() <= span_max_;
      if (continues) {
        open(head);
        flush_run(head);
        write_point(head, delta, value);
      }
    }
  }
  if (!continues) {
    close(head);
    head.run = 1;
  }
  // Kept over the borders of chunks, so that it depends on the points alone.
  const bool near = !first && delta <= Chunk::kDeltaMax;
  head.last_delta = near ? static_cast<std::int32_t>(delta) : 0;
  head.last_millis = millis;
  head.last_value = value;
}

std::uint32_t PointArena::add_chunk(PointHead& head) {
  std::uint32_t number = 0;
  {
    const std::scoped_lock lock(mutex_);
    number = chunks_.allocate();
  }
  if (head.chunk == 0) {
    chunks_[number].next = number;
  } else {
    chunks_[number].next = chunks_[head.chunk].next;
    chunks_[head.chunk].next = number;
  }
  head.chunk = number;
  return number;
}

void PointArena::free_chunk(std::uint32_t number, bool open) {
  const std::scoped_lock lock(mutex_);
  const Chunk& chunk = chunks_[number];
  if (!open && chunk.rope != 0) {
    pieces_.release(chunk.rope, chunk.bytes_beyond());
  }
  for (std::uint32_t at = open ? chunk.rope : 0; at != 0;) {
    const std::uint32_t next = segments_[at].next;
    segments_.release(at);
    at = next;
  }
  chunks_.release(number);
}

// How much of a chunk the open one may be. The first of a series is an eighth to all of one, each
// another: series that began together would else fill and seal their chunks together for ever, and
// the pools of open and of closed ones would have their most in turns.
std::int64_t PointArena::share_of(const PointHead& head) const {
  const bool is_first = chunks_[head.chunk].next == head.chunk;
  return is_first ? kWhole / 8 + (head.chunk * 0x9e3779b1U >> 25U) * 7 / 8 : kWhole;
}

// Puts one more behind the open chunk's segments.
std::uint32_t PointArena::add_segment(Chunk& chunk) {
  const std::scoped_lock lock(mutex_);
  const std::uint32_t added = segments_.allocate();
  (chunk.rope == 0 ? chunk.rope : segments_[chunk.span].next) = added;
  chunk.span = added;
  return added;
}

// Moves what an open chunk has in segments into one piece.
void PointArena::seal(Chunk& chunk) {
  if (chunk.rope == 0) {
    return;
  }
  const std::scoped_lock lock(mutex_);
  std::size_t left = chunk.bytes_beyond();
  const std::uint32_t piece = pieces_.allocate(left);
  std::byte* out = pieces_.at(piece);
  for (std::uint32_t at = chunk.rope; at != 0;) {
    const Segment segment = segments_[at];
    const std::size_t taken = std::min(left, Segment::kBytes);
    std::memcpy(out, segment.bytes, taken);
    out += taken;
    left -= taken;
    segments_.release(at);
    at = segment.next;
  }
  chunk.rope = piece;
}

// Puts the run, which is all there is since the last chunk, into a new open chunk.
void PointArena::open(PointHead& head) {
  Chunk& chunk = chunks_[add_chunk(head)];
  const std::uint16_t rest = head.run - 1;
  const std::int32_t delta = rest > 0 ? head.last_delta : 0;
  chunk.first_millis = head.last_millis - std::int64_t{delta} * rest;
  chunk.first_value = head.last_value;
  chunk.points = 1;
  head.flags |= PointHead::kOpen;
  const unsigned first_scale = scale_of(head.last_value);
  set_scale(head, first_scale);
  head.window = first_scale == kXor
                    ? kNoWindow
                    : static_cast<std::uint8_t>(first_rice(head.last_value, first_scale));
  write(chunk, first_scale, 4);
  head.last_delta = 0;
  head.run = 0;
  if (rest > 0) {
    write_point(head, delta, head.last_value);
    head.run = static_cast<std::uint16_t>(rest - 1);
  }
}

// Ends what is open: the newest points are then in a closed chunk, and the run is empty.
void PointArena::close(PointHead& head) {
  if (head.open()) {
    flush_run(head);
    Chunk& chunk = chunks_[head.chunk];
    seal(chunk);
    chunk.span = static_cast<std::uint32_t>(head.last_millis - chunk.first_millis);
    head.flags &= static_cast<std::uint8_t>(~PointHead::kOpen);
  } else if (head.run > 0) {
    const std::int64_t first = head.run == 1 ? head.last_millis : head.run_first_millis();
    Chunk& chunk = chunks_[add_chunk(head)];
    chunk.first_millis = first;
    chunk.span = static_cast<std::uint32_t>(head.last_millis - first);
    chunk.points = head.run;
    chunk.first_value = head.last_value;
  }
  head.run = 0;
}

void PointArena::flush_run(PointHead& head) {
  if (head.run == 0) {
    return;
  }
  Chunk& chunk = chunks_[head.chunk];
  const bool noisy = scale(head) != kXor && head.window >= kNoisy;
  write(chunk, noisy ? 0b11 : 0, noisy ? 2 : 1);
  const auto width = static_cast<unsigned>(std::bit_width(head.run)) - 1;
  if (width < 15) {
    write(chunk, ((1U << width) - 1) << 1U, width + 1);
  } else {
    write(chunk, (1U << width) - 1, width);
  }
  write(chunk, head.run & ((1U << width) - 1), width);
  chunk.points = static_cast<std::uint16_t>(chunk.points + head.run);
  head.run = 0;
}

// Requires: open, no run.
void PointArena::write_point(PointHead& head, std::int64_t delta, double value) {
  Chunk& chunk = chunks_[head.chunk];
  const std::int64_t change = delta - head.last_delta;
  const bool noisy = scale(head) != kXor && head.window >= kNoisy;
  if (noisy) {
    write(chunk, change == 0 ? 0 : 0b10, change == 0 ? 1 : 2);
  } else {
    write(chunk, change == 0 ? 0b10 : 0b11, 2);
  }
  for (const DeltaCode& code : kDeltaCodes) {
    if (change != 0 && fits(change, code.payload_bits)) {
      write(chunk, code.prefix, code.prefix_bits);
      const std::int64_t half = std::int64_t{1} << (code.payload_bits - 1);
      write(chunk, static_cast<std::uint64_t>(change + half), code.payload_bits);
      break;
    }
  }
  head.last_delta = static_cast<std::int32_t>(delta);
  if (scale(head) == kXor) {
    write_xor(head, chunk, value);
  } else {
    write_decimal(head, chunk, value);
  }
  ++chunk.points;
}

void PointArena::write_decimal(PointHead& head, Chunk& chunk, double value) {
  const auto escape = [&](Escape kind) {
    write(chunk, (1U << (kQuotientMax + 1)) - 1, kQuotientMax + 1);
    write(chunk, static_cast<std::uint64_t>(kind), 2);
  };
  const auto in_full = [&](std::uint64_t z) {
    const auto width = static_cast<unsigned>(std::bit_width(z));
    write(chunk, width, 6);
    write(chunk, z, width);
  };
  if (is_stale(value)) {
    escape(Escape::stale);
    return;
  }
  if (const auto n = to_decimal(value, scale(head))) {
    const std::uint64_t z = zigzag(*n - to_decimal(head.last_value, scale(head)).value_or(0));
    const std::uint64_t quotient = z >> head.window;
    if (quotient <= kQuotientMax) {
      write(chunk, ((1U << quotient) - 1) << 1U, static_cast<unsigned>(quotient) + 1);
      write(chunk, z & ((std::uint64_t{1} << head.window) - 1), head.window);
    } else {
      escape(Escape::full);
      in_full(z);
    }
    head.window = static_cast<std::uint8_t>(next_rice(head.window, z));
    return;
  }
  const unsigned needed = scale_of(value);
  if (needed == kXor) {
    escape(Escape::raw);
    write(chunk, std::bit_cast<std::uint64_t>(value), 64);
    head.window = kNoWindow;
  } else {
    escape(Escape::scale);
    write(chunk, needed, 4);
    in_full(zigzag(*to_decimal(value, needed)));
    head.window = static_cast<std::uint8_t>(rescaled_rice(head.window, scale(head), needed));
  }
  set_scale(head, needed);
}

void PointArena::write_xor(PointHead& head, Chunk& chunk, double value) {
  const std::uint64_t difference =
      std::bit_cast<std::uint64_t>(value) ^ std::bit_cast<std::uint64_t>(head.last_value);
  if (difference == 0) {
    write(chunk, 0, 1);
    return;
  }
  const unsigned leading = std::min(static_cast<unsigned>(std::countl_zero(difference)) / 4, 15U);
  const unsigned trailing = static_cast<unsigned>(std::countr_zero(difference)) / 8;
  const unsigned size = 64 - leading * 4 - trailing * 8;
  constexpr unsigned kWasteMax = 8;  // bits that a new window costs, about
  if (head.window != kNoWindow) {
    const unsigned old_leading = head.window >> 3U;
    const unsigned old_trailing = head.window & 7U;
    const unsigned old_size = 64 - old_leading * 4 - old_trailing * 8;
    if (leading >= old_leading && trailing >= old_trailing && old_size <= size + kWasteMax) {
      write(chunk, 0b10, 2);
      write(chunk, difference >> (old_trailing * 8), old_size);
      return;
    }
  }
  head.window = static_cast<std::uint8_t>((leading << 3U) | trailing);
  write(chunk, 0b11, 2);
  write(chunk, head.window, 7);
  write(chunk, difference >> (trailing * 8), size);
}

void PointArena::write(Chunk& chunk, std::uint64_t bits, unsigned count) {
  while (count > 0) {
    std::uint8_t* bytes = chunk.bytes;
    std::uint32_t at = chunk.bits;
    if (at >= kInlineBits) {
      at = (at - kInlineBits) % kSegmentBits;
      if (at == 0) {
        add_segment(chunk);
      }
      bytes = segments_[chunk.span].bytes;
    }
    const unsigned left = 8 - at % 8;
    const unsigned taken = std::min(left, count);
    const std::uint64_t part = (bits >> (count - taken)) & ((1ULL << taken) - 1);
    bytes[at / 8] |= static_cast<std::uint8_t>(part << (left - taken));
    chunk.bits = static_cast<std::uint16_t>(chunk.bits + taken);
    count -= taken;
  }
}

std::int64_t PointArena::last_millis(const PointHead& head, std::uint32_t number) const {
  const Chunk& chunk = chunks_[number];
  return number == head.chunk && head.open() ? head.last_millis : chunk.first_millis + chunk.span;
}

std::uint32_t PointArena::drop_before(PointHead& head, std::int64_t before_millis) {
  std::uint32_t dropped = 0;
  while (head.chunk != 0) {
    const std::uint32_t oldest = chunks_[head.chunk].next;
    if (last_millis(head, oldest) >= before_millis) {
      return dropped;
    }
    const bool open = is_open(head, chunks_[oldest]);
    dropped += chunks_[oldest].points;
    if (oldest != head.chunk) {
      chunks_[head.chunk].next = chunks_[oldest].next;
    } else {
      if (open) {
        dropped += head.run;
        head.run = 0;
        head.flags &= static_cast<std::uint8_t>(~PointHead::kOpen);
      }
      head.chunk = 0;
    }
    free_chunk(oldest, open);
  }
  if (head.run > 0 && head.last_millis < before_millis) {
    dropped += head.run;
    head.run = 0;
  } else if (head.run > 1 && head.run_first_millis() < before_millis) {
    const std::int64_t old =
        (before_millis - head.run_first_millis() + head.last_delta - 1) / head.last_delta;
    head.run = static_cast<std::uint16_t>(head.run - old);
    dropped += static_cast<std::uint32_t>(old);
  }
  return dropped;
}

std::uint32_t PointArena::points(const PointHead& head) const {
  std::uint32_t points = head.run;
  each_chunk(head, [&](const Chunk& chunk) { points += chunk.points; });
  return points;
}

PointArena::Use PointArena::use() const {
  const std::scoped_lock lock(mutex_);
  return {chunks_.used(),
          chunks_.used_bytes() + segments_.used_bytes() + pieces_.used_bytes(),
          chunks_.allocated_bytes() + segments_.allocated_bytes() + pieces_.allocated_bytes()};
}

}  // namespace seamwatch::rules
