#include "rules/series/chunk.h"

#include <algorithm>
#include <bit>
#include <cstring>

#include "agent/core/assert.h"

namespace seamwatch::rules {
namespace {

constexpr std::size_t kFirstBytes = 24;
constexpr std::size_t kMallocOverhead = 8;

// Prefix codes of the change of a distance: 0 is one bit, then n ones, a zero and a payload.
// 4 bits hold the jitter of a timer, 7 and 12 that of a busy agent.
struct DeltaCode {
  unsigned prefix_bits;
  std::uint64_t prefix;
  unsigned payload_bits;
};

constexpr DeltaCode kDeltaCodes[] = {
    {2, 0b10, 4}, {3, 0b110, 7}, {4, 0b1110, 12}, {5, 0b11110, 20}, {5, 0b11111, 64}};

bool fits(std::int64_t value, unsigned bits) {
  if (bits == 64) {
    return true;
  }
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  return value >= -half && value < half;
}

class BitReader {
 public:
  explicit BitReader(const std::uint8_t* bytes) : bytes_(bytes) {}

  bool bit() {
    const bool set = ((bytes_[at_ / 8] >> (7 - at_ % 8)) & 1U) != 0;
    ++at_;
    return set;
  }

  std::uint64_t bits(unsigned count) {
    std::uint64_t value = 0;
    while (count > 0) {
      const unsigned left = 8 - static_cast<unsigned>(at_ % 8);
      const unsigned taken = std::min(left, count);
      const unsigned shifted = static_cast<unsigned>(bytes_[at_ / 8]) >> (left - taken);
      value = (value << taken) | (shifted & ((1U << taken) - 1));
      at_ += taken;
      count -= taken;
    }
    return value;
  }

 private:
  const std::uint8_t* bytes_;
  std::size_t at_ = 0;
};

std::int64_t read_delta(BitReader& reader) {
  if (!reader.bit()) {
    return 0;
  }
  std::size_t code = 0;
  while (code < 4 && reader.bit()) {
    ++code;
  }
  const unsigned bits = kDeltaCodes[code].payload_bits;
  const std::uint64_t raw = reader.bits(bits);
  if (bits == 64) {
    return static_cast<std::int64_t>(raw);
  }
  const std::int64_t half = std::int64_t{1} << (bits - 1);
  return static_cast<std::int64_t>(raw) - half;
}

// The value window: how many bits of the XOR are zero at both ends.
struct Window {
  unsigned leading = 0;
  unsigned trailing = 0;
};

std::uint64_t read_xor(BitReader& reader, Window& window) {
  if (!reader.bit()) {
    return 0;
  }
  if (reader.bit()) {
    window.leading = static_cast<unsigned>(reader.bits(5));
    const auto size = static_cast<unsigned>(reader.bits(6)) + 1;
    window.trailing = 64 - window.leading - size;
  }
  return reader.bits(64 - window.leading - window.trailing) << window.trailing;
}

}  // namespace

Chunk::~Chunk() {
  // A long chain must not be destroyed by recursion.
  for (std::unique_ptr<Chunk> rest = std::move(next); rest != nullptr;) {
    rest = std::move(rest->next);
  }
}

void Chunk::append(std::int64_t millis, double value, ChunkState& state) {
  SW_ASSERT(takes(millis));
  if (points == 0) {
    first_millis = millis;
    state = ChunkState{};
  } else {
    const std::int64_t delta = millis - last_millis;
    SW_ASSERT(delta > 0);
    write_delta(delta - state.last_delta);
    state.last_delta = static_cast<std::int32_t>(delta);
  }
  write_value(value, state);
  state.last_value = value;
  last_millis = millis;
  ++points;
}

void Chunk::write_delta(std::int64_t change) {
  if (change == 0) {
    write(0, 1);
    return;
  }
  for (const DeltaCode& code : kDeltaCodes) {
    if (fits(change, code.payload_bits)) {
      write(code.prefix, code.prefix_bits);
      const std::uint64_t bias = code.payload_bits == 64 ? 0 : 1ULL << (code.payload_bits - 1);
      write(static_cast<std::uint64_t>(change) + bias, code.payload_bits);
      return;
    }
  }
}

void Chunk::write_value(double value, ChunkState& state) {
  const std::uint64_t difference =
      std::bit_cast<std::uint64_t>(value) ^ std::bit_cast<std::uint64_t>(state.last_value);
  if (difference == 0) {
    write(0, 1);
    return;
  }
  const auto leading = std::min(static_cast<unsigned>(std::countl_zero(difference)), 31U);
  const auto trailing = static_cast<unsigned>(std::countr_zero(difference));
  if (state.leading != 0xff && leading >= state.leading && trailing >= state.trailing) {
    write(0b10, 2);
    write(difference >> state.trailing, 64U - state.leading - state.trailing);
    return;
  }
  const unsigned size = 64 - leading - trailing;
  write(0b11, 2);
  write(leading, 5);
  write(size - 1, 6);
  write(difference >> trailing, size);
  state.leading = static_cast<std::uint8_t>(leading);
  state.trailing = static_cast<std::uint8_t>(trailing);
}

void Chunk::write(std::uint64_t bits, unsigned count) {
  reserve((bit_count + count + 7) / 8);
  while (count > 0) {
    const unsigned left = 8 - bit_count % 8;
    const unsigned taken = std::min(left, count);
    const std::uint64_t part = (bits >> (count - taken)) & ((1ULL << taken) - 1);
    bytes[bit_count / 8] |= static_cast<std::uint8_t>(part << (left - taken));
    bit_count += taken;
    count -= taken;
  }
}

void Chunk::reserve(std::size_t capacity_wanted) {
  if (capacity_wanted <= capacity) {
    return;
  }
  const std::size_t grown = std::max({kFirstBytes, capacity_wanted, std::size_t{capacity} * 3 / 2});
  auto larger = std::make_unique<std::uint8_t[]>(grown);  // zeroed
  if (capacity > 0) {
    std::memcpy(larger.get(), bytes.get(), capacity);
  }
  bytes = std::move(larger);
  capacity = static_cast<std::uint16_t>(grown);
}

void Chunk::shrink() {
  const std::size_t used = (bit_count + 7) / 8;
  if (used + 8 < capacity) {
    auto exact = std::make_unique<std::uint8_t[]>(used);
    std::memcpy(exact.get(), bytes.get(), used);
    bytes = std::move(exact);
    capacity = static_cast<std::uint16_t>(used);
  }
}

std::size_t Chunk::allocated_bytes() const {
  return sizeof(Chunk) + capacity + 2 * kMallocOverhead;
}

void decode_chunk(const std::uint8_t* bytes,
                  std::int64_t first_millis,
                  std::uint16_t points,
                  WallTime from,
                  WallTime to,
                  std::vector<Point>& out) {
  BitReader reader(bytes);
  Window window;
  std::int64_t millis = first_millis;
  std::int64_t delta = 0;
  std::uint64_t value = 0;
  for (std::uint16_t i = 0; i < points; ++i) {
    if (i > 0) {
      delta += read_delta(reader);
      millis += delta;
    }
    value ^= read_xor(reader, window);
    const WallTime at = wall_from_unix_millis(millis);
    if (at > to) {
      break;
    }
    if (at >= from) {
      out.push_back({at, std::bit_cast<double>(value)});
    }
  }
}

}  // namespace seamwatch::rules
