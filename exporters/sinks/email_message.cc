#include "exporters/sinks/email_message.h"

#include <algorithm>
#include <array>
#include <cstdio>

#include "agent/core/ascii.h"
#include "agent/core/labels.h"
#include "agent/core/notice_names.h"

namespace seamwatch::exporters {
namespace {

constexpr std::size_t kHeaderLineMax = 78;       // RFC 5322 section 2.1.1, without CRLF
constexpr std::size_t kEncodedWordMax = 75;      // RFC 2047 section 2
constexpr std::size_t kQuotedPrintableMax = 76;  // RFC 2045 section 6.7

constexpr std::string_view kHexDigits = "0123456789ABCDEF";
constexpr std::string_view kWordStart = "=?utf-8?q?";
constexpr std::string_view kWordEnd = "?=";
constexpr std::array<const char*, 7> kDays = {"Thu", "Fri", "Sat", "Sun", "Mon", "Tue", "Wed"};
constexpr std::array<const char*, 12> kMonths = {
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};

std::string hex_byte(char prefix, char byte) {
  const auto value = static_cast<unsigned char>(byte);
  return {prefix, kHexDigits[value >> 4U], kHexDigits[value & 0xfU]};
}

// One code point in the Q encoding of RFC 2047 section 4.2.
std::string q_encoded(std::string_view code_point) {
  const char c = code_point.front();
  const bool safe =
      code_point.size() == 1 &&
      (is_letter_or_digit(c) || std::string_view("!*+-/").find(c) != std::string_view::npos);
  if (safe) {
    return std::string(code_point);
  }
  if (c == ' ') {
    return "_";
  }
  std::string out;
  for (const char byte : code_point) {
    out += hex_byte('=', byte);
  }
  return out;
}

// `column` is where on its line the text starts: a line with encoded words has at most 76
// characters.
std::string encoded_words(std::string_view text, std::size_t column) {
  std::string out(kWordStart);
  std::size_t word = kWordStart.size() + std::min(column, kEncodedWordMax / 2);
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    next_code_point(text, at);
    const std::string encoded = q_encoded(text.substr(from, at - from));
    if (word + encoded.size() + kWordEnd.size() > kEncodedWordMax) {
      out += std::string(kWordEnd) + "\r\n " + std::string(kWordStart);
      word = kWordStart.size();
    }
    out += encoded;
    word += encoded.size();
  }
  return out + std::string(kWordEnd);
}

// `value` with every line end that is not a fold as a space: whatever it holds, it stays one
// header.
std::string one_header(std::string_view value) {
  std::string out(value);
  for (std::size_t i = 0; i < out.size(); ++i) {
    if (out.compare(i, 2, "\r\n") == 0 && i + 2 < out.size() && out[i + 2] == ' ') {
      i += 2;
    } else if (out[i] == '\r' || out[i] == '\n' || out[i] == '\0') {
      out[i] = ' ';
    }
  }
  return out;
}

// A line end between words wherever a line would grow too long.
std::string folded(std::string_view name, std::string_view value) {
  std::string out(name);
  out += ": ";
  std::size_t line = out.size();
  std::size_t at = 0;
  while (at < value.size()) {
    const std::size_t space = std::min(value.find(' ', at + 1), value.size());
    const std::size_t broken = value.substr(at, space - at).find("\r\n");
    const std::string_view word = value.substr(at, space - at);
    if (line + word.size() > kHeaderLineMax && at > 0 && word.front() == ' ' &&
        broken == std::string_view::npos && word.size() > 1) {
      out += "\r\n";
      line = 0;
    }
    out += word;
    line = broken == std::string_view::npos ? line + word.size() : word.size() - broken - 2;
    at = space;
  }
  return out + "\r\n";
}

void append_part(std::string& out,
                 const std::string& boundary,
                 std::string_view type,
                 std::string_view body) {
  out += "--" + boundary + "\r\nContent-Type: " + std::string(type) +
         "; charset=UTF-8\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n" +
         quoted_printable(body) + "\r\n";
}

}  // namespace

bool is_header_name(std::string_view name) {
  return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
    return c > ' ' && c < 0x7f && c != ':';
  });
}

std::string encode_header(std::string_view text, std::size_t column) {
  const std::string clean = one_line(text);  // nothing in a value can end its header
  const bool ascii = std::all_of(
      clean.begin(), clean.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
  std::size_t longest = 0;
  for (std::size_t at = 0; at < clean.size();) {
    const std::size_t space = std::min(clean.find(' ', at), clean.size());
    longest = std::max(longest, space - at);
    at = space + 1;
  }
  // Text that looks like an encoded word must not be taken for one.
  const bool plain = ascii && longest < kHeaderLineMax && clean.find("=?") == std::string::npos;
  return plain ? clean : encoded_words(clean, column);
}

std::string quoted_printable(std::string_view text) {
  std::string out;
  std::size_t line = 0;
  const auto add = [&](const std::string& piece) {
    if (line + piece.size() > kQuotedPrintableMax - 1) {  // leaves room for the soft break
      out += "=\r\n";
      line = 0;
    }
    out += piece;
    line += piece.size();
  };
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool crlf = c == '\r' && i + 1 < text.size() && text[i + 1] == '\n';
    if (c == '\n' || crlf) {
      i += crlf ? 1 : 0;
      out += "\r\n";
      line = 0;
      continue;
    }
    const bool ends_line = i + 1 == text.size() || text[i + 1] == '\n' || text[i + 1] == '\r';
    const bool blank = c == ' ' || c == '\t';
    // A dot alone at the start of a line would end an SMTP message that a relay handles badly.
    const bool leading_dot = c == '.' && line == 0;
    const bool printable = c > ' ' && c < 0x7f && c != '=' && !leading_dot;
    add(printable || (blank && !ends_line) ? std::string(1, c) : hex_byte('=', c));
  }
  return out;
}

std::string email_date(WallTime at) {
  const std::string iso = to_rfc3339(at);  // 2026-11-23T20:58:14.5Z
  const auto days = std::chrono::floor<std::chrono::days>(at.time_since_epoch()).count();
  const auto weekday = static_cast<std::size_t>(((days % 7) + 7) % 7);  // 1970-01-01 was a Thursday
  const auto month = static_cast<std::size_t>(std::stoi(iso.substr(5, 2)) - 1);
  return std::string(kDays[weekday]) + ", " + iso.substr(8, 2) + " " + kMonths[month] + " " +
         iso.substr(0, 4) + " " + iso.substr(11, 8) + " +0000";
}

std::string compose(const EmailMessage& message) {
  // "=_" never occurs in quoted-printable text (RFC 2045 section 6.7), so no body can hold it.
  const Labels seed{{"seed", message.boundary_seed}};
  const std::string boundary = "=_seamwatch_" + fingerprint_hex(seed.fingerprint());
  std::string out;
  for (const auto& [name, value] : message.headers) {
    if (is_header_name(name)) {
      out += folded(name, one_header(value));
    }
  }
  out += "MIME-Version: 1.0\r\nContent-Type: multipart/alternative;\r\n boundary=\"" + boundary +
         "\"\r\n\r\n";
  if (!message.text.empty()) {
    append_part(out, boundary, "text/plain", message.text);
  }
  if (!message.html.empty() || message.text.empty()) {
    append_part(out, boundary, "text/html", message.html);
  }
  return out + "--" + boundary + "--\r\n";
}

}  // namespace seamwatch::exporters
