// PointArena: the points of all series of a store, compressed, in three pools without gaps. Of a
// series whose value and pace stay the same nothing is kept but how many points they are. Owned by
// the series store; each series is guarded by its page's lock, the pools by a lock of their own.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>
#include <mutex>
#include <vector>

#include "rules/series/chunk.h"
#include "rules/series/piece_pool.h"
#include "rules/series/pool.h"

namespace seamwatch::rules {

// Whether they are the same, signs of zero and kinds of NaN included.
inline bool same_bits(double a, double b) {
  return std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// What a series needs for its next point, and where its points are. Either the newest points are
// one run that no chunk holds, or the newest chunk is open.
class PointHead {
 public:
  PointHead() {}  // not an aggregate, so that what derives from it may use its padding

  static constexpr std::uint8_t kScaleMask = 0x0f;
  static constexpr std::uint8_t kOpen = 0x10;  // the newest chunk is open
  static constexpr std::uint8_t kLive = 0x20;  // of the store: the series takes points

  std::int64_t last_millis = 0;
  double last_value = 0;
  std::int32_t last_delta = 0;  // between the last two points; 0 after the first or a long pause
  std::uint32_t chunk = 0;      // the newest; 0: none
  std::uint16_t run = 0;  // points that no chunk holds yet; after the open one's, if there is one
  std::uint8_t flags = 0;
  std::uint8_t window = 0;  // Rice parameter or XOR window

  bool empty() const { return chunk == 0 && run == 0; }

  bool open() const { return (flags & kOpen) != 0; }

  std::int64_t run_first_millis() const {
    return last_millis - std::int64_t{last_delta} * (run - 1);
  }
};

// Chunks copied out of the arena, to be decoded without a lock.
class ChunkCopies {
 public:
  void clear();

  bool empty() const { return chunks_.empty(); }

  // Appends the points in [from, to].
  void decode(WallTime from, WallTime to, std::vector<Point>& out) const;

  // Most points there can be.
  std::size_t points() const;

 private:
  friend class PointArena;

  struct Copy {
    std::size_t begin;
    ChunkView view;
  };

  std::uint8_t* room(std::size_t size);

  std::vector<std::uint8_t> bytes_;  // as long as it ever was
  std::size_t used_ = 0;             // of it
  std::vector<Copy> chunks_;
};

class PointArena {
 public:
  // `span_max`: no chunk is open for longer, so that retention is as exact as that.
  explicit PointArena(std::int64_t span_max_millis)
      : span_max_(std::min(span_max_millis, Chunk::kDeltaMax)) {}

  // Requires: an empty head, or a time later than the last.
  void append(PointHead& head, std::int64_t millis, double value);

  // Frees the chunks that ended before `before_millis`, and the points of a run before it. Returns
  // how many points those were.
  std::uint32_t drop_before(PointHead& head, std::int64_t before_millis);

  // Copies the chunks with a point in [from, to], oldest first.
  void copy(const PointHead& head, WallTime from, WallTime to, ChunkCopies& out) const;

  // The last point at or before `to` where no chunk has to be decoded for it; else copies the one
  // chunk that has it. Requires: not empty.
  bool last_before(const PointHead& head, WallTime to, Point& found, ChunkCopies& out) const;

  // Whether it has a point in [from, to], or about so: a chunk that overlaps it.
  bool overlaps(const PointHead& head, WallTime from, WallTime to) const;

  // The time of the first point. Requires: not empty.
  std::int64_t first_millis(const PointHead& head) const {
    return head.chunk == 0 ? head.run_first_millis()
                           : chunks_[chunks_[head.chunk].next].first_millis;
  }

  // How many points the series has.
  std::uint32_t points(const PointHead& head) const;

  // Calls visit(const Chunk&) for each chunk, oldest first; the last is the open one where
  // head.open().
  template <class Visit>
  void each_chunk(const PointHead& head, Visit visit) const {
    if (head.chunk == 0) {
      return;
    }
    for (std::uint32_t at = chunks_[head.chunk].next;; at = chunks_[at].next) {
      visit(chunks_[at]);
      if (at == head.chunk) {
        return;
      }
    }
  }

  // Appends the bytes of the stream of a chunk of `head`.
  void copy_bytes(const PointHead& head, const Chunk& chunk, std::vector<std::uint8_t>& out) const;

  // A chunk as it was saved, the newest of `head` then; `span` of an open one is ignored.
  // Requires: `bytes` has as many bytes as chunk.bits needs.
  void restore_chunk(PointHead& head, const Chunk& chunk, const std::uint8_t* bytes, bool open);

  struct Use {
    std::size_t chunks = 0;
    std::size_t bytes_used = 0;
    std::size_t bytes_allocated = 0;
  };

  Use use() const;

 private:
  std::uint32_t add_chunk(PointHead& head);
  void free_chunk(std::uint32_t number, bool open);
  std::int64_t share_of(const PointHead& head) const;
  std::uint32_t add_segment(Chunk& chunk);
  void seal(Chunk& chunk);
  void open(PointHead& head);
  void close(PointHead& head);
  void flush_run(PointHead& head);
  void write_point(PointHead& head, std::int64_t delta, double value);
  void write_decimal(PointHead& head, Chunk& chunk, double value);
  void write_xor(PointHead& head, Chunk& chunk, double value);
  void write(Chunk& chunk, std::uint64_t bits, unsigned count);
  std::int64_t last_millis(const PointHead& head, std::uint32_t number) const;

  bool is_open(const PointHead& head, const Chunk& chunk) const {
    return head.open() && &chunk == &chunks_[head.chunk];
  }

  void copy_stream(const Chunk& chunk, bool open, std::uint8_t* out) const;

  const std::int64_t span_max_;
  mutable std::mutex mutex_;
  Pool<Chunk> chunks_;
  Pool<Segment> segments_;
  PiecePool pieces_;
};

}  // namespace seamwatch::rules
