#include "agent/web/prometheus/json_text.h"

#include <array>
#include <charconv>
#include <cmath>

#include "agent/core/assert.h"
#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

void append_escaped(std::string& out, char letter) {
  constexpr std::string_view kHex = "0123456789abcdef";
  switch (letter) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  const auto code = static_cast<unsigned char>(letter);
  if (code < 0x20) {
    out += "\\u00";
    out += kHex[code >> 4U];
    out += kHex[code & 15U];
  } else {
    out += letter;
  }
}

void append_digits(std::string& out, double value, std::chars_format format) {
  std::array<char, 400> text{};  // 1e308 has 309 digits, 5e-324 about 330
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, format);
  SW_ASSERT(end.ec == std::errc());
  out.append(text.data(), end.ptr);
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  bool plain = true;
  for (const char letter : text) {
    plain = plain && static_cast<signed char>(letter) >= 0x20 && letter != '"' && letter != '\\';
  }
  if (plain) {
    out += text;
  } else {
    for (const char letter : to_valid_utf8(text)) {
      append_escaped(out, letter);
    }
  }
  out += '"';
}

void append_json_strings(std::string& out, const std::vector<std::string>& texts) {
  out += '[';
  for (std::size_t i = 0; i < texts.size(); ++i) {
    out += i == 0 ? "" : ",";
    append_json_string(out, texts[i]);
  }
  out += ']';
}

void append_json_labels(std::string& out, const Labels& labels) {
  out += '{';
  bool first = true;
  for (const auto& [name, value] : labels) {
    out += first ? "" : ",";
    first = false;
    append_json_string(out, name);
    out += ':';
    append_json_string(out, value);
  }
  out += '}';
}

void append_json_time(std::string& out, WallTime at) {
  const std::int64_t millis = unix_millis(at);
  // Unsigned, as the lowest number has no positive twin.
  const auto absolute =
      millis < 0 ? 0 - static_cast<std::uint64_t>(millis) : static_cast<std::uint64_t>(millis);
  out += millis < 0 ? "-" : "";
  out += std::to_string(absolute / 1000);
  const std::uint64_t rest = absolute % 1000;
  if (rest != 0) {
    out += '.';
    out += static_cast<char>('0' + rest / 100);
    out += static_cast<char>('0' + rest / 10 % 10);
    out += static_cast<char>('0' + rest % 10);
  }
}

void append_json_value(std::string& out, double value) {
  out += '"';
  if (std::isnan(value)) {
    out += "NaN";
  } else if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else {
    const double size = std::fabs(value);
    const bool scientific = size != 0 && (size < 1e-6 || size >= 1e21);
    append_digits(
        out, value, scientific ? std::chars_format::scientific : std::chars_format::fixed);
  }
  out += '"';
}

void append_json_number(std::string& out, double value) {
  SW_ASSERT(std::isfinite(value));
  append_digits(out, value, std::chars_format::fixed);
}

}  // namespace seamwatch::agent
