#include "rules/templates/text_escapes.h"

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::string_view kUpperHex = "0123456789ABCDEF";

bool is_unreserved(char c) {
  return is_letter_or_digit(c) || c == '-' || c == '_' || c == '.' || c == '~';
}

void append_percent(std::string& out, char c) {
  const auto byte = static_cast<unsigned char>(c);
  out += '%';
  out += kUpperHex[byte >> 4U];
  out += kUpperHex[byte & 15U];
}

}  // namespace

std::string html_escape(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '\0':
        out += "\uFFFD";
        break;
      case '"':
        out += "&#34;";
        break;
      case '\'':
        out += "&#39;";
        break;
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string unicode_escape(char32_t rune) {
  constexpr std::string_view kDigits = "0123456789abcdef";
  std::string text = "\\u";
  for (unsigned shift = 16; shift > 0; shift -= 4) {
    text += kDigits[(rune >> (shift - 4)) & 15U];
  }
  return text;
}

std::string js_escape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t rune = next_code_point(text, at);
    const bool control_beyond = rune >= 0x80 && rune <= 0xA0;
    if (rune == '\\' || rune == '\'' || rune == '"') {
      out += '\\';
      out += static_cast<char>(rune);
    } else if (rune < 0x20 || rune == '<' || rune == '>' || rune == '&' || rune == '=' ||
               control_beyond || (rune >= 0x2000 && rune <= 0x200F) ||
               (rune >= 0x2028 && rune <= 0x202F) || rune == 0xAD || rune == 0xFEFF) {
      out += sprintf("\\u%04X", {Value(static_cast<std::int64_t>(rune))});
    } else {
      out += text.substr(start, at - start);
    }
  }
  return out;
}

std::string query_escape(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == ' ') {
      out += '+';
    } else if (is_unreserved(c)) {
      out += c;
    } else {
      append_percent(out, c);
    }
  }
  return out;
}

Result<std::string> query_unescape(std::string_view text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    const int high = at + 1 < text.size() ? hex_value(text[at + 1]) : -1;
    const int low = at + 2 < text.size() ? hex_value(text[at + 2]) : -1;
    if (high < 0 || low < 0) {
      return error("invalid URL escape " + go_quote(text.substr(at, 3)));
    }
    out += static_cast<char>(static_cast<unsigned char>(high * 16 + low));
    at += 2;
  }
  return out;
}

}  // namespace seamwatch::rules::templates
