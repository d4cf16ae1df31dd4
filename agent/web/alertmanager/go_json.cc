#include "agent/web/alertmanager/go_json.h"

#include <charconv>
#include <optional>

#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kEscape = 6;  // "\ud83d"

// The code unit of an escape at `at`.
std::optional<unsigned> unit_at(const std::string& text, std::size_t at) {
  if (text.compare(at, 2, "\\u") != 0 || text.size() - at < kEscape) {
    return std::nullopt;
  }
  unsigned unit = 0;
  const char* end = text.data() + at + kEscape;
  const auto read = std::from_chars(text.data() + at + 2, end, unit, 16);
  return read.ec == std::errc() && read.ptr == end ? std::optional(unit) : std::nullopt;
}

bool is_high(unsigned unit) {
  return unit >= 0xd800 && unit <= 0xdbff;
}

bool is_low(unsigned unit) {
  return unit >= 0xdc00 && unit <= 0xdfff;
}

}  // namespace

std::string as_go_reads(std::string text) {
  if (!is_valid_utf8(text)) {
    text = to_valid_utf8(text);
  }
  std::size_t at = text.find('\\');
  while (at != std::string::npos) {
    const std::optional<unsigned> unit = unit_at(text, at);
    std::size_t length = unit ? kEscape : 2;
    if (unit && (is_high(*unit) || is_low(*unit))) {
      const std::optional<unsigned> next =
          at + kEscape < text.size() ? unit_at(text, at + kEscape) : std::nullopt;
      if (is_high(*unit) && next && is_low(*next)) {
        length = 2 * kEscape;
      } else {
        text.replace(at, kEscape, "\\ufffd");
      }
    }
    at = text.find('\\', at + length);
  }
  return text;
}

}  // namespace seamwatch::agent
