#include "rules/promql/literals.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <limits>

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"

namespace seamwatch::rules::promql {
namespace {

// Close to Go's unicode.IsPrint: controls, separators, private use and non-characters are not.
bool is_printable(char32_t c) {
  const bool control = c < 0x20 || (c >= 0x7f && c <= 0xa0) || c == 0xad;
  const bool separator = (c >= 0x2000 && c <= 0x200f) || (c >= 0x2028 && c <= 0x202f) ||
                         (c >= 0x205f && c <= 0x206f) || c == 0x1680 || c == 0x3000 || c == 0xfeff;
  const bool unassigned = (c >= 0xe000 && c <= 0xf8ff) || (c & 0xfffeU) == 0xfffe || c >= 0xe0000;
  return !control && !separator && !unassigned;
}

std::string escaped(char32_t c, char32_t quote) {
  switch (c) {
    case '\a':
      return "\\a";
    case '\b':
      return "\\b";
    case '\f':
      return "\\f";
    case '\n':
      return "\\n";
    case '\r':
      return "\\r";
    case '\t':
      return "\\t";
    case '\v':
      return "\\v";
    case '\\':
      return "\\\\";
    default:
      break;
  }
  if (c == quote) {
    return std::string("\\") + static_cast<char>(quote);
  }
  std::string out;
  if (is_printable(c)) {
    append_utf8(out, c);
    return out;
  }
  char text[16];
  const char* format = c < 0x80 ? "\\x%02x" : c < 0x10000 ? "\\u%04x" : "\\U%08x";
  std::snprintf(text, sizeof text, format, static_cast<unsigned>(c));
  return text;
}

const char* not_finite(double value) {
  return std::isnan(value) ? "NaN" : value > 0 ? "+Inf" : "-Inf";
}

struct Unit {
  std::string_view name;
  std::int64_t millis;
};

constexpr std::int64_t kDay = 24LL * 3600 * 1000;
constexpr std::array kUnits = {Unit{"y", 365 * kDay},
                               Unit{"w", 7 * kDay},
                               Unit{"d", kDay},
                               Unit{"h", 3600 * 1000},
                               Unit{"m", 60 * 1000},
                               Unit{"s", 1000},
                               Unit{"ms", 1}};

}  // namespace

std::string go_quoted(std::string_view text) {
  std::string out = "\"";
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t before = at;
    const char32_t c = next_code_point(text, at);
    if (c == 0xfffd && at - before == 1) {
      char hex[8];
      std::snprintf(hex, sizeof hex, "\\x%02x", static_cast<unsigned char>(text[before]));
      out += hex;
    } else {
      out += escaped(c, '"');
    }
  }
  return out + "\"";
}

std::string go_quoted_rune(char32_t rune) {
  return "'" + escaped(rune, '\'') + "'";
}

std::string go_unicode(char32_t rune) {
  char text[16];
  std::snprintf(text, sizeof text, "U+%04X", static_cast<unsigned>(rune));
  std::string out = text;
  if (is_printable(rune)) {
    out += " '";
    append_utf8(out, rune);
    out += "'";
  }
  return out;
}

std::string unquote(std::string_view literal) {
  const std::string_view body = literal.substr(1, literal.size() - 2);
  if (literal.front() == '`') {
    return std::string(body);
  }
  std::string out;
  for (std::size_t i = 0; i < body.size(); ++i) {
    if (body[i] != '\\') {
      out += body[i];
      continue;
    }
    const char c = body[++i];
    constexpr std::string_view kNames = "abfnrtv";
    constexpr std::string_view kValues = "\a\b\f\n\r\t\v";
    if (const std::size_t simple = kNames.find(c); simple != std::string_view::npos) {
      out += kValues[simple];
    } else if (c == 'x' || c == 'u' || c == 'U' || (c >= '0' && c <= '7')) {
      const bool octal = c >= '0' && c <= '7';
      const std::size_t digits = octal ? 3 : c == 'x' ? 2 : c == 'u' ? 4 : 8;
      const std::size_t first = octal ? i : i + 1;
      char32_t value = 0;
      for (std::size_t k = first; k < first + digits; ++k) {
        value = value * (octal ? 8U : 16U) + static_cast<char32_t>(hex_value(body[k]));
      }
      i = first + digits - 1;
      if (octal || c == 'x') {
        out += static_cast<char>(static_cast<unsigned char>(value));
      } else {
        append_utf8(out, value);
      }
    } else {
      out += c;
    }
  }
  return out;
}

std::string format_plain(double value) {
  if (!std::isfinite(value)) {
    return not_finite(value);
  }
  std::array<char, 512> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed).ptr;
  return std::string(text.data(), end);
}

std::string format_general(double value) {
  if (!std::isfinite(value)) {
    return not_finite(value);
  }
  const double size = std::fabs(value);
  if (value == 0 || (size >= 1e-4 && size < 1e21)) {
    return format_plain(value);
  }
  std::array<char, 64> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::scientific)
          .ptr;
  return std::string(text.data(), end);
}

std::string format_fixed(double value, int digits) {
  if (!std::isfinite(value)) {
    return not_finite(value);
  }
  std::array<char, 512> text;
  std::snprintf(text.data(), text.size(), "%.*f", digits, value);
  return text.data();
}

std::optional<double> parse_number(std::string_view text) {
  std::string lower;
  for (const char c : text) {
    if (c != '_') {
      lower += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    }
  }
  if (lower == "inf") {
    return std::numeric_limits<double>::infinity();
  }
  if (lower == "nan") {
    return std::numeric_limits<double>::quiet_NaN();
  }
  const char* begin = lower.data();
  const char* end = begin + lower.size();
  int base = 10;
  if (lower.size() > 1 && lower[0] == '0') {
    const char mark = lower[1];
    base = mark == 'x'                                   ? 16
           : mark == 'b'                                 ? 2
           : mark == 'o' || (mark >= '0' && mark <= '7') ? 8
                                                         : 10;
    begin += base == 10 ? 0 : mark == 'x' || mark == 'b' || mark == 'o' ? 2 : 1;
  }
  if (base != 10) {
    std::int64_t whole = 0;
    const auto [stop, failure] = std::from_chars(begin, end, whole, base);
    if (failure == std::errc() && stop == end) {
      return static_cast<double>(whole);
    }
    if (base == 16) {
      double real = 0;
      const auto read = std::from_chars(begin, end, real, std::chars_format::hex);
      return read.ec == std::errc() && read.ptr == end ? std::optional(real) : std::nullopt;
    }
    begin = lower.data();
  }
  double real = 0;
  const auto [stop, failure] = std::from_chars(begin, end, real);
  if (failure == std::errc::result_out_of_range && stop == end) {
    // Too small is zero; too large is what Go refuses.
    return lower.find("e-") != std::string::npos ? std::optional(0.0) : std::nullopt;
  }
  return failure == std::errc() && stop == end ? std::optional(real) : std::nullopt;
}

Result<Millis> parse_promql_duration(std::string_view text) {
  const auto invalid = [&] { return error("not a valid duration string: " + go_quoted(text)); };
  std::int64_t total = 0;
  std::size_t next_unit = 0;
  for (std::size_t at = 0; at < text.size();) {
    std::int64_t count = 0;
    const auto read = std::from_chars(text.data() + at, text.data() + text.size(), count);
    std::size_t unit_end = static_cast<std::size_t>(read.ptr - text.data());
    const std::size_t digits_end = unit_end;
    while (unit_end < text.size() && text[unit_end] >= 'a' && text[unit_end] <= 'z') {
      ++unit_end;
    }
    const std::string_view name = text.substr(digits_end, unit_end - digits_end);
    const auto unit = std::find_if(kUnits.begin(), kUnits.end(), [&](const Unit& candidate) {
      return candidate.name == name;
    });
    if (unit == kUnits.end()) {
      return error("unknown unit " + go_quoted(name) + " in duration " + go_quoted(text));
    }
    const auto index = static_cast<std::size_t>(unit - kUnits.begin());
    if (index < next_unit) {
      return invalid();
    }
    constexpr std::int64_t kMax = std::numeric_limits<std::int64_t>::max() / 1'000'000;
    if (read.ec != std::errc() || count > (kMax - total) / unit->millis) {
      return error("duration out of range");
    }
    next_unit = index + 1;
    total += count * unit->millis;
    at = unit_end;
  }
  if (total == 0) {
    return error("duration must be greater than 0");
  }
  return Millis(total);
}

std::string format_promql_duration(Millis span) {
  return format_duration(span);
}

}  // namespace seamwatch::rules::promql
