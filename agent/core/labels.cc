#include "agent/core/labels.h"

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstring>
#include <limits>
#include <new>

#include "agent/core/ascii.h"
#include "agent/core/assert.h"
#include "agent/core/json_text.h"
#include "agent/core/utf8.h"

namespace seamwatch {
namespace {

bool is_classic(std::string_view name, bool colons) {
  if (name.empty()) {
    return false;
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    const char c = name[i];
    const bool letter = is_lower(c) || is_upper(c) || c == '_';
    const bool digit = i > 0 && is_digit(c);
    if (!letter && !digit && !(colons && c == ':')) {
      return false;
    }
  }
  return true;
}

// What stands before, between and after names and values in JSON; all of one length where it
// counts.
constexpr std::string_view kBefore = "{\"";
constexpr std::string_view kAfterName = "\":\"";
constexpr std::string_view kAfterValue = "\",\"";
constexpr std::string_view kAfter = "\"}";
constexpr std::uint32_t kBetween = 3;
constexpr char kNotPlain = ' ';  // in the place of the first brace
constexpr std::size_t kFew = 16;

static_assert(kAfterName.size() == kBetween && kAfterValue.size() == kBetween);

char* append(char* at, std::string_view text) {
  return std::copy(text.begin(), text.end(), at);
}

}  // namespace

// One allocation: this, where each name and value ends, and the texts, as they stand in JSON:
// {"a":"1","b":"2"}, so that the many notices which hold the labels copy them in one go. Where a
// text would have to be escaped, kNotPlain is the first character. Where an end lies takes two
// bytes, four in the rare long one.
struct Labels::Block {
  mutable std::atomic<std::uint32_t> users{0};
  const std::uint32_t size : 31;
  const std::uint32_t wide : 1;
  mutable std::atomic<std::uint64_t> fingerprint{0};  // 0 = not computed yet

  Block(std::size_t pairs, bool is_wide)
      : size(static_cast<std::uint32_t>(pairs) & 0x7fffffffU), wide(is_wide ? 1U : 0U) {}

  static std::size_t ends_bytes(std::size_t pairs, bool is_wide) {
    return 2 * pairs * (is_wide ? sizeof(std::uint32_t) : sizeof(std::uint16_t));
  }

  char* ends() { return reinterpret_cast<char*>(this + 1); }

  const char* ends() const { return reinterpret_cast<const char*>(this + 1); }

  std::uint32_t end(std::size_t index) const {
    return wide != 0 ? reinterpret_cast<const std::uint32_t*>(ends())[index]
                     : reinterpret_cast<const std::uint16_t*>(ends())[index];
  }

  void set_end(std::size_t index, std::size_t at) {
    if (wide != 0) {
      reinterpret_cast<std::uint32_t*>(ends())[index] = static_cast<std::uint32_t>(at);
    } else {
      reinterpret_cast<std::uint16_t*>(ends())[index] = static_cast<std::uint16_t>(at);
    }
  }

  char* text() { return ends() + ends_bytes(size, wide != 0); }

  const char* text() const { return ends() + ends_bytes(size, wide != 0); }

  std::string_view all_text() const { return {text(), end(2 * std::size_t{size} - 1)}; }

  std::string_view part(std::size_t index) const {
    const std::size_t begin = index == 0 ? kBefore.size() : end(index - 1) + kBetween;
    return {text() + begin, end(index) - begin};
  }
};

void intrusive_ptr_add_ref(const Labels::Block* block) {
  block->users.fetch_add(1, std::memory_order_relaxed);
}

void intrusive_ptr_release(const Labels::Block* block) {
  if (block->users.fetch_sub(1, std::memory_order_acq_rel) == 1) {
    block->~Block();
    ::operator delete(const_cast<Labels::Block*>(block));
  }
}

Labels Labels::sorted(const std::vector<View>& pairs) {
  Labels out;
  if (pairs.empty()) {
    return out;
  }
  std::size_t bytes = kBefore.size() + (2 * pairs.size() - 1) * kBetween + kAfter.size();
  bool plain = true;
  for (const auto& [name, value] : pairs) {
    bytes += name.size() + value.size();
    plain = plain && is_plain_json(name) && is_plain_json(value);
  }
  SW_ASSERT(bytes <= std::numeric_limits<std::uint32_t>::max());
  const bool wide = bytes > std::numeric_limits<std::uint16_t>::max();
  void* const memory =
      ::operator new(sizeof(Block) + Block::ends_bytes(pairs.size(), wide) + bytes);
  Block* const block = new (memory) Block(pairs.size(), wide);
  std::size_t ends = 0;
  const auto end_at = [&](const char* at) {
    block->set_end(ends++, static_cast<std::size_t>(at - block->text()));
  };
  char* at = append(block->text(), kBefore);
  for (const auto& [name, value] : pairs) {
    at = ends == 0 ? at : append(at, kAfterValue);
    at = append(at, name);
    end_at(at);
    at = append(append(at, kAfterName), value);
    end_at(at);
  }
  append(at, kAfter);
  if (!plain) {
    *block->text() = kNotPlain;
  }
  out.block_.reset(block);
  return out;
}

Labels Labels::take(std::vector<View>& pairs) {
  const auto by_name = [](const View& a, const View& b) { return a.first < b.first; };
  const auto unsorted = std::is_sorted_until(pairs.begin(), pairs.end(), by_name);
  if (pairs.size() <= kFew) {  // as nearly always; a stable sort would ask for memory
    for (auto at = unsorted; at != pairs.end(); ++at) {
      std::rotate(std::upper_bound(pairs.begin(), at, *at, by_name), at, at + 1);
    }
  } else if (unsorted != pairs.end()) {
    std::stable_sort(pairs.begin(), pairs.end(), by_name);
  }
  // Keep the last of each run of equal names, without empty values.
  std::size_t kept = 0;
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const bool last = i + 1 == pairs.size() || pairs[i + 1].first != pairs[i].first;
    if (last && !pairs[i].second.empty()) {
      pairs[kept++] = pairs[i];
    }
  }
  pairs.resize(kept);
  return sorted(pairs);
}

Labels::Labels(std::initializer_list<Pair> pairs)
    : Labels(of(std::vector<View>(pairs.begin(), pairs.end()))) {}

Labels::Labels(const std::vector<Pair>& pairs)
    : Labels(of(std::vector<View>(pairs.begin(), pairs.end()))) {}

std::size_t Labels::size() const {
  return block_ == nullptr ? 0 : block_->size;
}

Labels::View Labels::at(std::size_t index) const {
  return {block_->part(2 * index), block_->part(2 * index + 1)};
}

std::size_t Labels::lower_bound(std::string_view name) const {
  std::size_t low = 0;
  std::size_t high = size();
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    if (block_->part(2 * middle) < name) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return low;
}

std::string_view Labels::get(std::string_view name) const {
  if (size() <= kFew) {  // names differ in length more often than in their first letters
    for (std::size_t i = 0; i < size(); ++i) {
      if (block_->part(2 * i) == name) {
        return block_->part(2 * i + 1);
      }
    }
    return {};
  }
  const std::size_t index = lower_bound(name);
  return index < size() && block_->part(2 * index) == name ? block_->part(2 * index + 1)
                                                           : std::string_view();
}

bool Labels::is_plain() const {
  return block_ == nullptr || *block_->text() != kNotPlain;
}

bool Labels::has(std::string_view name) const {
  return !get(name).empty();
}

void Labels::set(std::string_view name, std::string_view value) {
  std::vector<View> pairs(begin(), end());
  const std::size_t index = lower_bound(name);
  const auto place = pairs.begin() + static_cast<std::ptrdiff_t>(index);
  const bool found = index < pairs.size() && place->first == name;
  if (value.empty()) {
    if (!found) {
      return;
    }
    pairs.erase(place);
  } else if (found) {
    place->second = value;
  } else {
    pairs.emplace(place, name, value);
  }
  *this = sorted(pairs);
}

void Labels::erase(std::string_view name) {
  set(name, "");
}

bool operator==(const Labels& a, const Labels& b) {
  if (a.block_ == b.block_ || a.size() != b.size()) {
    return a.block_ == b.block_;
  }
  const std::string_view text = a.block_->all_text();
  return text == b.block_->all_text() && a.block_->wide == b.block_->wide &&
         std::memcmp(a.block_->ends(),
                     b.block_->ends(),
                     Labels::Block::ends_bytes(a.size(), a.block_->wide != 0)) == 0;
}

std::strong_ordering operator<=>(const Labels& a, const Labels& b) {
  const std::size_t common = std::min(a.size(), b.size());
  for (std::size_t i = 0; i < common && a.block_ != b.block_; ++i) {
    if (const auto order = a.at(i) <=> b.at(i); order != 0) {
      return order;
    }
  }
  return a.size() <=> b.size();
}

std::uint64_t Labels::fingerprint() const {
  std::uint64_t hash = 14695981039346656037ULL;
  if (block_ == nullptr) {
    return hash;
  }
  if (const std::uint64_t known = block_->fingerprint.load(std::memory_order_relaxed)) {
    return known;
  }
  const auto add = [&hash](std::string_view bytes) {
    for (const char c : bytes) {
      hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
    }
    hash = (hash ^ 0xffU) * 1099511628211ULL;
  };
  for (const auto& [name, value] : *this) {
    add(name);
    add(value);
  }
  block_->fingerprint.store(hash, std::memory_order_relaxed);
  return hash;
}

std::string Labels::to_string() const {
  std::string out = "{";
  for (const auto& [name, value] : *this) {
    if (out.size() > 1) {
      out += ", ";
    }
    out += is_classic_label_name(name) ? std::string(name) : quoted(name);
    out += '=';
    out += quoted(value);
  }
  return out + "}";
}

// Here, as it knows how a block lies in memory.
void append_json_labels(std::string& out, const Labels& labels) {
  if (labels.empty()) {
    out += "{}";
    return;
  }
  if (labels.is_plain()) {
    const char* const begin = labels.begin()->first.data() - kBefore.size();
    const std::string_view last = (*Labels::Iterator(&labels, labels.size() - 1)).second;
    const char* const end = last.data() + last.size() + kAfter.size();
    out.append(begin, static_cast<std::size_t>(end - begin));
    return;
  }
  std::string_view before = "{";
  for (const auto& [name, value] : labels) {
    out += before;
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
    before = ",";
  }
  out += '}';
}

void append_json_labels(std::string& out, const Labels& labels, const Labels& but) {
  const bool plain = labels.is_plain();
  const std::size_t but_size = but.size();
  std::size_t next = 0;  // of `but`
  char before = '{';
  for (const auto& [name, value] : labels) {
    std::string_view left_out;
    for (; next < but_size; ++next) {
      left_out = (*Labels::Iterator(&but, next)).first;
      if (left_out == name || left_out > name) {
        break;
      }
    }
    if (next < but_size && left_out == name) {
      ++next;
      continue;
    }
    out += before;
    before = ',';
    if (plain) {  // with the quotes that stand before and behind
      const char* const begin = name.data() - 1;
      out.append(begin, static_cast<std::size_t>(value.data() + value.size() + 1 - begin));
    } else {
      append_json_string(out, name);
      out += ':';
      append_json_string(out, value);
    }
  }
  out += before == '{' ? "{}" : "}";
}

std::string fingerprint_hex(std::uint64_t fingerprint) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string out(16, '0');
  for (auto digit = out.rbegin(); digit != out.rend(); ++digit) {
    *digit = kDigits[fingerprint & 15U];
    fingerprint >>= 4U;
  }
  return out;
}

bool is_classic_metric_name(std::string_view name) {
  return is_classic(name, true);
}

bool is_classic_label_name(std::string_view name) {
  return is_classic(name, false);
}

bool is_utf8_name(std::string_view name) {
  return !name.empty() && is_valid_utf8(name);
}

std::string quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\r':
        out += "\\r";
        break;
      default:
        if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
          char escape[5];
          std::snprintf(escape, sizeof escape, "\\x%02x", static_cast<unsigned char>(c));
          out += escape;
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

}  // namespace seamwatch
