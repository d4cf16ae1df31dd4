#include "rules/groups/written_series.h"

#include <algorithm>
#include <string_view>
#include <utility>

namespace seamwatch::rules {
namespace {

void put_number(std::string& out, std::size_t number) {
  for (; number >= 0x80; number >>= 7U) {
    out += static_cast<char>(0x80U | (number & 0x7fU));
  }
  out += static_cast<char>(number);
}

void put_text(std::string& out, std::string_view text, std::string_view before) {
  const auto differs = std::mismatch(text.begin(), text.end(), before.begin(), before.end());
  const auto shared = static_cast<std::size_t>(differs.first - text.begin());
  put_number(out, shared);
  put_number(out, text.size() - shared);
  out += text.substr(shared);
}

// The pairs of the series before, one after the other, then ones of nothing.
class PairsBefore {
 public:
  explicit PairsBefore(const Labels& labels) : at_(labels.begin()), end_(labels.end()) {}

  Labels::View next() { return at_ == end_ ? Labels::View() : *at_++; }

 private:
  Labels::Iterator at_;
  Labels::Iterator end_;
};

// Reads what put_number and put_text wrote.
class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : rest_(packed) {}

  std::size_t number() {
    std::size_t out = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = static_cast<unsigned char>(rest_.front());
      rest_.remove_prefix(1);
      out |= static_cast<std::size_t>(byte & 0x7fU) << shift;
      if (byte < 0x80) {
        return out;
      }
    }
  }

  std::string text(std::string_view before) {
    const std::size_t shared = number();
    return std::string(before.substr(0, shared)) + std::string(own());
  }

  // Whether the next text is `wanted`.
  bool is(std::string_view wanted, std::string_view before) {
    const std::size_t shared = number();
    const std::string_view ending = own();
    return wanted.size() == shared + ending.size() && wanted.ends_with(ending) &&
           wanted.starts_with(before.substr(0, shared));
  }

 private:
  std::string_view own() {
    const std::size_t size = number();
    const std::string_view out = rest_.substr(0, size);
    rest_.remove_prefix(size);
    return out;
  }

  std::string_view rest_;
};

}  // namespace

bool WrittenSeries::same(const std::vector<Sample>& samples) const {
  if (samples.size() != count_) {
    return false;
  }
  Unpacker unpacker(packed_);
  const Labels none;
  const Labels* before = &none;
  for (const Sample& sample : samples) {
    if (unpacker.number() != sample.labels.size()) {
      return false;
    }
    PairsBefore pairs_before(*before);
    for (const auto& [name, value] : sample.labels) {
      const auto [name_before, value_before] = pairs_before.next();
      if (!unpacker.is(name, name_before) || !unpacker.is(value, value_before)) {
        return false;
      }
    }
    before = &sample.labels;
  }
  return true;
}

void WrittenSeries::assign(const std::vector<Sample>& samples) {
  std::string packed;
  const Labels none;
  const Labels* before = &none;
  for (const Sample& sample : samples) {
    put_number(packed, sample.labels.size());
    PairsBefore pairs_before(*before);
    for (const auto& [name, value] : sample.labels) {
      const auto [name_before, value_before] = pairs_before.next();
      put_text(packed, name, name_before);
      put_text(packed, value, value_before);
    }
    before = &sample.labels;
  }
  packed_ = std::string(packed);  // no longer than it must be
  count_ = samples.size();
}

void WrittenSeries::each(const std::function<void(Labels)>& visit) const {
  Unpacker unpacker(packed_);
  Labels before;
  for (std::size_t i = 0; i < count_; ++i) {
    std::vector<Labels::Pair> pairs;
    PairsBefore pairs_before(before);
    for (std::size_t left = unpacker.number(); left > 0; --left) {
      const auto [name_before, value_before] = pairs_before.next();
      std::string name = unpacker.text(name_before);
      pairs.emplace_back(std::move(name), unpacker.text(value_before));
    }
    before = Labels(pairs);
    visit(before);
  }
}

}  // namespace seamwatch::rules
