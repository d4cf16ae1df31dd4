// The reading half of the point arena: copies out, to be decoded without a lock; and chunks put
// back from a file.
#include <algorithm>
#include <cstring>
#include <utility>

#include "rules/series/point_arena.h"

namespace seamwatch::rules {
namespace {

bool meets(std::int64_t first, std::int64_t last, WallTime from, WallTime to) {
  return first <= unix_millis(to) && last >= unix_millis(from);
}

std::size_t bytes_of(const Chunk& chunk) {
  return (chunk.bits + 7U) / 8;
}

}  // namespace

void ChunkCopies::clear() {
  used_ = 0;
  chunks_.clear();
}

std::uint8_t* ChunkCopies::room(std::size_t size) {
  const std::size_t begin = std::exchange(used_, used_ + size);
  if (bytes_.size() < used_) {
    bytes_.resize(std::max(used_, 2 * bytes_.size()));
  }
  return bytes_.data() + begin;
}

std::size_t ChunkCopies::points() const {
  std::size_t points = 0;
  for (const Copy& chunk : chunks_) {
    points += chunk.view.points + chunk.view.run;
  }
  return points;
}

void ChunkCopies::decode(WallTime from, WallTime to, std::vector<Point>& out) const {
  for (const Copy& chunk : chunks_) {
    ChunkView view = chunk.view;
    view.bytes = bytes_.data() + chunk.begin;
    decode_chunk(view, from, to, out);
  }
}

// Whole segments, as copies of a size that the compiler knows are cheap: up to kBytes past the end
// of the stream, which is padding to whoever decodes.
void PointArena::copy_stream(const Chunk& chunk, bool open, std::uint8_t* out) const {
  std::memcpy(out, chunk.bytes, Chunk::kInlineBytes);
  out += Chunk::kInlineBytes;
  const std::size_t left = chunk.bytes_beyond();
  if (!open && left > 0) {
    std::memcpy(out, pieces_.at(chunk.rope), left);
    return;
  }
  std::uint32_t at = chunk.rope;
  for (std::size_t done = 0; done < left; done += Segment::kBytes) {
    const Segment& segment = segments_[at];
    std::memcpy(out, segment.bytes, Segment::kBytes);
    out += Segment::kBytes;
    at = segment.next;
  }
}

void PointArena::copy_bytes(const PointHead& head,
                            const Chunk& chunk,
                            std::vector<std::uint8_t>& out) const {
  const std::size_t begin = out.size();
  out.resize(begin + bytes_of(chunk) + ChunkView::kPadding);
  copy_stream(chunk, is_open(head, chunk), out.data() + begin);
  out.resize(begin + bytes_of(chunk));
}

void PointArena::copy(const PointHead& head, WallTime from, WallTime to, ChunkCopies& out) const {
  const Chunk* const newest = head.chunk == 0 ? nullptr : &chunks_[head.chunk];
  const auto copy_chunk = [&](const Chunk& chunk) {
    const bool open = &chunk == newest && head.open();
    const std::int64_t last = open ? head.last_millis : chunk.first_millis + chunk.span;
    if (!meets(chunk.first_millis, last, from, to)) {
      return;
    }
    ChunkView view{nullptr, chunk.bits, chunk.first_millis, chunk.first_value, chunk.points, 0, 0};
    if (open) {
      view.run = head.run;
      view.run_delta = head.last_delta;
    } else if (chunk.bits == 0 && chunk.points > 1) {
      view.run_delta = chunk.span / (chunk.points - 1U);
    }
    out.chunks_.push_back({out.used_, view});
    copy_stream(chunk, open, out.room(bytes_of(chunk) + ChunkView::kPadding));
  };
  // Windows mostly lie at the end: then the older chunks need no look.
  if (newest != nullptr && newest->first_millis <= unix_millis(from)) {
    copy_chunk(*newest);
  } else {
    each_chunk(head, copy_chunk);
  }
  if (!head.open() && head.run > 0) {
    const std::int64_t first = head.run == 1 ? head.last_millis : head.run_first_millis();
    if (meets(first, head.last_millis, from, to)) {
      const std::int64_t delta = head.run == 1 ? 0 : head.last_delta;
      out.chunks_.push_back(
          {out.used_, ChunkView{nullptr, 0, first, head.last_value, head.run, 0, delta}});
    }
  }
}

bool PointArena::last_before(const PointHead& head,
                             WallTime to,
                             Point& found,
                             ChunkCopies& out) const {
  const std::int64_t until = unix_millis(to);
  if (head.last_millis <= until) {
    found = {wall_from_unix_millis(head.last_millis), head.last_value};
    return true;
  }
  // Of a run the points before the last are known as well; of the run after an open chunk the point
  // before its first too, as a run repeats that.
  const std::int64_t before = head.open() ? head.run : head.run - 1;
  if (before > 0) {
    const std::int64_t delta = head.last_delta;
    const std::int64_t back = (head.last_millis - until + delta - 1) / delta;
    if (back <= before) {
      found = {wall_from_unix_millis(head.last_millis - back * delta), head.last_value};
      return true;
    }
  }
  const Chunk* wanted = nullptr;
  each_chunk(head,
             [&](const Chunk& chunk) { wanted = chunk.first_millis <= until ? &chunk : wanted; });
  if (wanted != nullptr) {
    const WallTime first = wall_from_unix_millis(wanted->first_millis);
    copy(head, first, first, out);
  }
  return false;
}

bool PointArena::overlaps(const PointHead& head, WallTime from, WallTime to) const {
  bool found = false;
  each_chunk(head, [&](const Chunk& chunk) {
    const std::int64_t last =
        is_open(head, chunk) ? head.last_millis : chunk.first_millis + chunk.span;
    found = found || meets(chunk.first_millis, last, from, to);
  });
  const std::int64_t first = head.run <= 1 ? head.last_millis : head.run_first_millis();
  return found || (!head.open() && head.run > 0 && meets(first, head.last_millis, from, to));
}

void PointArena::restore_chunk(PointHead& head,
                               const Chunk& chunk,
                               const std::uint8_t* bytes,
                               bool open) {
  Chunk& added = chunks_[add_chunk(head)];
  added.first_millis = chunk.first_millis;
  added.first_value = chunk.first_value;
  added.points = chunk.points;
  added.span = 0;
  const std::size_t size = bytes_of(chunk);
  const std::size_t in_line = std::min(size, Chunk::kInlineBytes);
  if (in_line > 0) {
    std::memcpy(added.bytes, bytes, in_line);
  }
  if (!open && size > in_line) {
    const std::scoped_lock lock(mutex_);
    added.rope = pieces_.allocate(size - in_line);
    std::memcpy(pieces_.at(added.rope), bytes + in_line, size - in_line);
  }
  for (std::size_t at = in_line; open && at < size; at += Segment::kBytes) {
    const std::uint32_t segment = add_segment(added);
    std::memcpy(segments_[segment].bytes, bytes + at, std::min(Segment::kBytes, size - at));
  }
  added.bits = chunk.bits;
  if (!open) {
    added.span = chunk.span;
  }
}

}  // namespace seamwatch::rules
