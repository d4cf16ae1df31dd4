#include <algorithm>
#include <bit>
#include <cstring>

#include "rules/series/chunk.h"
#include "rules/series/chunk_end.h"
#include "rules/series/storage.h"

namespace seamwatch::rules {
namespace {

using namespace chunk_format;

// Reads past the end as far as the padding goes; callers look at ended() once a token.
class BitReader {
 public:
  BitReader(const std::uint8_t* bytes, std::uint32_t bits) : bytes_(bytes), end_(bits) {}

  // 57 bits at least, from the highest on.
  std::uint64_t peek() const {
    std::uint64_t word = 0;
    std::memcpy(&word, bytes_ + at_ / 8, sizeof word);
    return __builtin_bswap64(word) << (at_ % 8);
  }

  std::uint64_t bits(unsigned count) {
    if (count > 32) {
      const std::uint64_t high = bits(count - 32);
      return (high << 32U) | bits(32);
    }
    const std::uint64_t value = count == 0 ? 0 : peek() >> (64 - count);
    at_ += count;
    return value;
  }

  bool bit() { return bits(1) != 0; }

  void skip(unsigned count) { at_ += count; }

  // Ones up to a zero, which is read, or to `max`, after which there is none.
  unsigned ones(unsigned max) {
    const unsigned count = std::min(static_cast<unsigned>(std::countl_one(peek())), max);
    at_ += count < max ? count + 1 : count;
    return count;
  }

  bool overrun() const { return at_ > end_; }

 private:
  const std::uint8_t* bytes_;
  std::size_t at_ = 0;
  std::size_t end_;
};

class Decoder {
 public:
  explicit Decoder(const ChunkView& chunk)
      : reader_(chunk.bytes, chunk.bits),
        value_(chunk.first_value),
        scale_(static_cast<unsigned>(reader_.bits(4))),
        rice_(first_rice(value_, scale_ > kScaleMax ? kXor : scale_)) {
    valid_ = scale_ <= kScaleMax || scale_ == kXor;
    if (scale_ <= kScaleMax) {
      n_ = to_decimal(value_, scale_).value_or(0);
    }
  }

  // The next token: how many points it gives, all at delta() from one another with value(); the
  // first comes delta() after the last of the token before. 0: no valid token.
  std::uint32_t token() {
    if (scale_ != kXor && usual_point()) {
      return reader_.overrun() ? 0 : 1;
    }
    std::uint32_t count = 1;
    const bool noisy = scale_ != kXor && rice_ >= kNoisy;
    bool new_delta = false;
    if (noisy) {
      const unsigned kind = reader_.ones(2);
      count = kind == 2 ? run() : 1;
      new_delta = kind == 1;
      if (kind != 2) {
        point(new_delta);
      }
    } else if (reader_.bit()) {
      new_delta = reader_.bit();
      point(new_delta);
    } else {
      count = run();
    }
    return valid_ && !reader_.overrun() ? count : 0;
  }

  bool valid() const { return valid_; }

  std::uint64_t delta() const { return delta_; }

  ChunkEnd end() const {
    return {scale_, scale_ == kXor ? window_ : rice_, static_cast<std::int64_t>(delta_)};
  }

  // Divided here, as most points of a chunk are only passed on the way to a window.
  double value() const { return decimal_ ? from_decimal(n_, scale_) : value_; }

 private:
  // Most tokens: a decimal at the same distance, with a change that fits its Rice code. In one look
  // at the bits: two that say so, eight of the quotient and 48 of the rest are no more than there
  // are.
  bool usual_point() {
    const std::uint64_t word = reader_.peek();
    const unsigned kind_bits = rice_ >= kNoisy ? 1 : 2;
    if (word >> (64 - kind_bits) != (kind_bits == 1 ? 0 : 0b10)) {
      return false;
    }
    const auto quotient = static_cast<unsigned>(std::countl_one(word << kind_bits));
    if (quotient > kQuotientMax) {
      return false;
    }
    const unsigned before = kind_bits + quotient + 1;
    const std::uint64_t rest = rice_ == 0 ? 0 : (word << before) >> (64 - rice_);
    reader_.skip(before + rice_);
    change((std::uint64_t{quotient} << rice_) | rest);
    return true;
  }

  std::uint32_t run() {
    const unsigned width = reader_.ones(15);
    return (1U << width) | static_cast<std::uint32_t>(reader_.bits(width));
  }

  void point(bool new_delta) {
    if (new_delta) {
      const DeltaCode& code = kDeltaCodes[reader_.ones(4)];
      const auto half = std::uint64_t{1} << (code.payload_bits - 1);
      delta_ += reader_.bits(code.payload_bits) - half;
    }
    if (scale_ == kXor) {
      read_xor();
    } else {
      read_decimal();
    }
  }

  void read_decimal() {
    const unsigned quotient = reader_.ones(kQuotientMax + 1);
    if (quotient <= kQuotientMax) {
      change((std::uint64_t{quotient} << rice_) | reader_.bits(rice_));
      return;
    }
    switch (static_cast<Escape>(reader_.bits(2))) {
      case Escape::stale:
        n_ = 0;
        decimal_ = false;
        value_ = stale_marker();
        break;
      case Escape::full:
        change(reader_.bits(static_cast<unsigned>(reader_.bits(6))));
        break;
      case Escape::scale: {
        const auto scale = static_cast<unsigned>(reader_.bits(4));
        valid_ = valid_ && scale <= kScaleMax;
        if (valid_) {
          rice_ = rescaled_rice(rice_, scale_, scale);
          scale_ = scale;
          n_ = unzigzag(reader_.bits(static_cast<unsigned>(reader_.bits(6))));
          decimal_ = true;
        }
        break;
      }
      case Escape::raw:
        scale_ = kXor;
        window_ = kNoWindow;
        decimal_ = false;
        value_ = std::bit_cast<double>(reader_.bits(64));
        break;
    }
  }

  void change(std::uint64_t z) {
    rice_ = next_rice(rice_, z);
    n_ = static_cast<std::int64_t>(static_cast<std::uint64_t>(n_) +
                                   static_cast<std::uint64_t>(unzigzag(z)));
    decimal_ = true;
  }

  void read_xor() {
    if (!reader_.bit()) {
      return;
    }
    if (reader_.bit()) {
      window_ = static_cast<std::uint8_t>(reader_.bits(7));
    }
    const unsigned outside = (window_ >> 3U) * 4 + (window_ & 7U) * 8;
    valid_ = valid_ && window_ != kNoWindow && outside < 64;
    if (valid_) {
      const std::uint64_t difference = reader_.bits(64 - outside) << ((window_ & 7U) * 8);
      value_ = std::bit_cast<double>(std::bit_cast<std::uint64_t>(value_) ^ difference);
    }
  }

  BitReader reader_;
  std::uint64_t delta_ = 0;
  double value_;          // where it is not decimal_
  bool decimal_ = false;  // the value is n_ / 10^scale_
  unsigned scale_;
  unsigned rice_;
  std::int64_t n_ = 0;
  std::uint8_t window_ = kNoWindow;
  bool valid_ = true;
};

// Takes what lies in [from, to] of points that come one after the other.
class Taker {
 public:
  Taker(WallTime from, WallTime to, std::vector<Point>& out)
      : from_(unix_millis(from)), to_(unix_millis(to)), out_(out) {}

  // Points first, first + delta, ... with what value() says; false once past `to`.
  template <class Value>
  bool take(std::uint64_t first, std::uint64_t delta, std::uint32_t count, Value value) {
    for (std::uint32_t i = 0; i < count; ++i) {
      const auto millis = static_cast<std::int64_t>(first + i * delta);
      if (millis > to_) {
        return false;
      }
      if (millis >= from_) {
        out_.push_back({wall_from_unix_millis(millis), value()});
      }
    }
    return true;
  }

 private:
  std::int64_t from_;
  std::int64_t to_;
  std::vector<Point>& out_;
};

}  // namespace

bool decode_chunk(const ChunkView& chunk, WallTime from, WallTime to, std::vector<Point>& out) {
  Taker taker(from, to, out);
  const auto first = [&] { return chunk.first_value; };
  auto millis = static_cast<std::uint64_t>(chunk.first_millis);
  const auto run_delta = static_cast<std::uint64_t>(chunk.run_delta);
  if (chunk.bits == 0) {
    taker.take(millis, run_delta, chunk.points + chunk.run, first);
    return true;
  }
  Decoder decoder(chunk);
  if (!decoder.valid()) {
    return false;
  }
  if (!taker.take(millis, 0, 1, first)) {
    return true;
  }
  const auto value = [&] { return decoder.value(); };
  for (std::uint32_t read = 1; read < chunk.points;) {
    const std::uint32_t count = decoder.token();
    if (count == 0 || count > chunk.points - read) {
      return false;
    }
    if (!taker.take(millis + decoder.delta(), decoder.delta(), count, value)) {
      return true;
    }
    millis += decoder.delta() * count;
    read += count;
  }
  taker.take(millis + run_delta, run_delta, chunk.run, value);
  return true;
}

std::optional<ChunkEnd> end_of_chunk(const ChunkView& chunk) {
  Decoder decoder(chunk);
  for (std::uint32_t read = 1; decoder.valid() && read < chunk.points;) {
    const std::uint32_t count = decoder.token();
    if (count == 0 || count > chunk.points - read) {
      return std::nullopt;
    }
    read += count;
  }
  return decoder.valid() ? std::optional(decoder.end()) : std::nullopt;
}

}  // namespace seamwatch::rules
