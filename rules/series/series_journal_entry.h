// One entry of the journal: a point that a series of a page took, as little as the series' head
// before it does not say. Written by the store as it appends, read by SeriesArchive.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#include "rules/series/archive_bytes.h"
#include "rules/series/point_arena.h"

namespace seamwatch::rules {

// Two bytes: the place in the page, and what follows.
inline constexpr unsigned kEntryPlaceBits = 10;
inline constexpr unsigned kEntryAbsolute = 1U << kEntryPlaceBits;  // 8 bytes of Unix milliseconds
inline constexpr unsigned kEntryDelta = 2U << kEntryPlaceBits;     // 4 bytes since the last point
inline constexpr unsigned kEntryValue = 4U << kEntryPlaceBits;     // 8 bytes; else the last value
inline constexpr std::size_t kEntryBytesMax = 2 + 8 + 8;
inline constexpr std::size_t kPageJournalBytesMax = 1 << 20;

template <class T>
void put_bytes(std::vector<std::uint8_t>& out, T value) {
  const auto* bytes = reinterpret_cast<const std::uint8_t*>(&value);
  out.insert(out.end(), bytes, bytes + sizeof value);
}

// False, and nothing is written, where nobody took the journal for too long.
inline bool write_journal_entry(std::vector<std::uint8_t>& out,
                                std::size_t place,
                                const PointHead& before,
                                std::int64_t millis,
                                double value) {
  if (out.size() + kEntryBytesMax > kPageJournalBytesMax) {
    return false;
  }
  const std::int64_t delta = millis - before.last_millis;
  const bool absolute = before.empty() || delta > Chunk::kDeltaMax;
  const bool same = !absolute && std::bit_cast<std::uint64_t>(value) ==
                                     std::bit_cast<std::uint64_t>(before.last_value);
  const unsigned time = absolute ? kEntryAbsolute : delta != before.last_delta ? kEntryDelta : 0;
  put_bytes(out, static_cast<std::uint16_t>(place | time | (same ? 0 : kEntryValue)));
  if (absolute) {
    put_bytes(out, millis);
  } else if (time != 0) {
    put_bytes(out, static_cast<std::int32_t>(delta));
  }
  if (!same) {
    put_bytes(out, value);
  }
  return true;
}

struct JournalEntry {
  std::size_t place = 0;  // of the series in its page
  unsigned what = 0;      // which of the others are there
  std::int64_t absolute = 0;
  std::int32_t delta = 0;
  double value = 0;

  bool has(unsigned part) const { return (what & part) != 0; }
};

// False at the end of what can be read.
inline bool read_journal_entry(ByteReader& reader, JournalEntry& entry) {
  entry.what = reader.number<std::uint16_t>();
  entry.place = entry.what & (kEntryAbsolute - 1);
  if (entry.has(kEntryAbsolute)) {
    entry.absolute = reader.number<std::int64_t>();
  } else if (entry.has(kEntryDelta)) {
    entry.delta = reader.number<std::int32_t>();
  }
  if (entry.has(kEntryValue)) {
    entry.value = reader.number<double>();
  }
  return reader.ok();
}

}  // namespace seamwatch::rules
