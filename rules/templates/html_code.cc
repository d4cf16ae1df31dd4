#include "rules/templates/html_code.h"

#include <algorithm>
#include <array>

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"
#include "rules/templates/go_format.h"
#include "rules/templates/text_escapes.h"

namespace seamwatch::rules::templates {

const std::string_view kUnsafe = "ZgotmplZ";

namespace {

constexpr std::string_view kLowerHex = "0123456789abcdef";

bool is_word(char c) {
  return c == '_' || c == '$' || is_letter_or_digit(c);
}

// Words after which a slash starts a regular expression.
bool precedes_regexp(std::string_view word) {
  constexpr std::array<std::string_view, 14> kWords = {"break",
                                                       "case",
                                                       "continue",
                                                       "delete",
                                                       "do",
                                                       "else",
                                                       "finally",
                                                       "in",
                                                       "instanceof",
                                                       "return",
                                                       "throw",
                                                       "try",
                                                       "typeof",
                                                       "void"};
  return std::find(kWords.begin(), kWords.end(), word) != kWords.end();
}

// For a string, template literal or regular expression of JavaScript.
std::string script_literal(std::string_view text, CodeTracker::State state) {
  const std::string_view by_number = state == CodeTracker::State::template_literal
                                         ? std::string_view("\0\v\"`&'+<>${}", 12)
                                         : std::string_view("\0\v\"`&'+<>", 9);
  constexpr std::string_view kLetters = "\t\n\f\r";
  constexpr std::string_view kNames = "tnfr";
  std::string out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t start = at;
    const char32_t rune = next_code_point(text, at);
    const char c = rune < 0x80 ? static_cast<char>(rune) : 'x';
    const std::size_t letter = kLetters.find(c);
    const bool pattern_mark = state == CodeTracker::State::regexp &&
                              std::string_view("$()*-.?[]^{|}").find(c) != std::string_view::npos;
    if (rune == 0x2028 || rune == 0x2029 || (rune < 0x80 && by_number.find(c) != by_number.npos)) {
      out += unicode_escape(rune);
    } else if (letter != std::string_view::npos) {
      out += std::string("\\") + kNames[letter];
    } else if (rune == '/' || rune == '\\' || (rune < 0x80 && pattern_mark)) {
      out += std::string("\\") + c;
    } else {
      out += text.substr(start, at - start);
    }
  }
  return out.empty() && state == CodeTracker::State::regexp ? "(?:)" : out;
}

// A whole JavaScript value: JSON, kept apart from words beside it.
std::string script_value(const Value& value) {
  if (value.type() == js_type()) {
    return value.as_string();
  }
  const bool prints_itself = value.type() != nullptr && value.type()->to_string;
  const auto json = to_json(prints_itself ? Value(sprint(value)) : value);
  if (!json) {
    return " /* " + script_literal(json.error().message, CodeTracker::State::string) + " */null ";
  }
  return is_word(json->front()) || is_word(json->back()) ? " " + *json + " " : *json;
}

std::string style_string(std::string_view text) {
  constexpr std::string_view kEscaped("\0\t\n\f\r\"&'()+/:;<>\\{}", 20);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (kEscaped.find(text[i]) == std::string_view::npos) {
      out += text[i];
    } else if (text[i] == '\\') {
      out += "\\\\";
    } else {
      out += '\\';
      out += byte >= 16 ? std::string(1, kLowerHex[byte >> 4U]) : "";
      out += kLowerHex[byte & 15U];
      // A hex digit or space that follows would be read as part of the escape.
      const char next = i + 1 < text.size() ? text[i + 1] : '\0';
      const char small = ascii_lower(std::string_view(&next, 1)).front();
      out += i + 1 == text.size() || kLowerHex.find(small) != std::string_view::npos ||
                     std::string_view(" \t\n\f\r").find(next) != std::string_view::npos
                 ? " "
                 : "";
    }
  }
  return out;
}

std::string style_value(const Value& value) {
  const std::string text = value_text(value);
  if (value.type() == css_type()) {
    return text;
  }
  constexpr std::string_view kForbidden("\0\"'()/;@[\\]`{}<>", 16);
  if (text.find_first_of(kForbidden) != std::string::npos || text.find("--") != std::string::npos) {
    return std::string(kUnsafe);
  }
  std::string letters;
  for (const char c : ascii_lower(text)) {
    letters += is_word(c) || c == '-' ? std::string(c == '-' ? "" : std::string(1, c)) : "";
  }
  const bool active = letters.find("expression") != std::string::npos ||
                      letters.find("mozbinding") != std::string::npos;
  return active ? std::string(kUnsafe) : text;
}

}  // namespace

std::string value_text(const Value& value) {
  return value.is_nil() ? "" : sprint(value);
}

bool is_safe_url(std::string_view url) {
  const std::size_t colon = url.find(':');
  if (colon == std::string_view::npos || url.substr(0, colon).find('/') != std::string_view::npos) {
    return true;
  }
  const std::string scheme = ascii_lower(url.substr(0, colon));
  return scheme == "http" || scheme == "https" || scheme == "mailto";
}

std::string encode_url(std::string_view url, bool normalize) {
  const auto is_hex = [&](std::size_t at) {
    return at < url.size() &&
           kLowerHex.find(ascii_lower(url.substr(at, 1))) != std::string_view::npos;
  };
  std::string out;
  for (std::size_t i = 0; i < url.size(); ++i) {
    const char c = url[i];
    const bool plain = (is_word(c) && c != '$') || c == '-' || c == '.' || c == '~';
    const bool mark =
        normalize && std::string_view("!#$&*+,/:;=?@[]").find(c) != std::string_view::npos;
    const bool encoded = normalize && c == '%' && is_hex(i + 1) && is_hex(i + 2);
    if (plain || mark || encoded) {
      out += c;
    } else {
      const auto byte = static_cast<unsigned char>(c);
      out += '%';
      out += kLowerHex[byte >> 4U];
      out += kLowerHex[byte & 15U];
    }
  }
  return out;
}

void CodeTracker::start(Language language) {
  *this = CodeTracker();
  language_ = language;
}

void CodeTracker::value_written() {
  regexp_may_follow_ = false;
  last_word_.clear();
}

void CodeTracker::follow(std::string_view text, std::string& out) {
  while (!text.empty()) {
    text.remove_prefix(step(text, out));
  }
}

std::size_t CodeTracker::step(std::string_view text, std::string& out) {
  switch (state_) {
    case State::line_comment:
    case State::block_comment:
      return step_comment(text, out);
    case State::code:
      return language_ == Language::script ? step_script(text, out) : step_style(text, out);
    default:
      return step_literal(text, out);
  }
}

std::size_t CodeTracker::step_comment(std::string_view text, std::string& out) {
  if (state_ == State::block_comment) {
    const std::size_t end = text.find("*/");
    if (end == std::string_view::npos) {
      return text.size();
    }
    state_ = State::code;
    out += ' ';
    return end + 2;
  }
  const std::size_t end = text.find_first_of("\r\n");
  if (end == std::string_view::npos) {
    return text.size();
  }
  state_ = State::code;
  return end;
}

// Remembers whether a slash may come after `text`.
void CodeTracker::note_script(std::string_view text) {
  for (const char c : text) {
    if (is_word(c)) {
      last_word_ += c;
      regexp_may_follow_ = precedes_regexp(last_word_);
    } else if (c != ' ' && c != '\t' && c != '\r' && c != '\n') {
      last_word_.clear();
      regexp_may_follow_ = c != ')' && c != ']' && c != '.';
    } else if (!regexp_may_follow_ || last_word_.empty()) {
      last_word_.clear();
    } else {
      last_word_.clear();  // after "return" a slash still starts a regexp
    }
  }
}

std::size_t CodeTracker::step_script(std::string_view text, std::string& out) {
  const std::size_t at = std::min(text.find_first_of("\"'`/"), text.size());
  note_script(text.substr(0, at));
  out += text.substr(0, at);
  if (at == text.size()) {
    return at;
  }
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  if (text[at] == '/' && (next == '/' || next == '*')) {
    state_ = next == '/' ? State::line_comment : State::block_comment;
    return at + 2;
  }
  if (text[at] != '/') {
    quote_ = text[at];
    state_ = text[at] == '`' ? State::template_literal : State::string;
  } else if (regexp_may_follow_) {
    in_class_ = false;
    state_ = State::regexp;
  } else {
    regexp_may_follow_ = true;
  }
  out += text[at];
  return at + 1;
}

std::size_t CodeTracker::step_style(std::string_view text, std::string& out) {
  const std::size_t at = std::min(text.find_first_of("\"'/("), text.size());
  out += text.substr(0, at);
  if (at == text.size()) {
    return at;
  }
  const char next = at + 1 < text.size() ? text[at + 1] : '\0';
  if (text[at] == '/' && next == '*') {
    state_ = State::block_comment;
    return at + 2;
  }
  out += text[at];
  if (text[at] == '"' || text[at] == '\'') {
    quote_ = text[at];
    state_ = State::string;
  } else if (text[at] == '(' && ascii_lower(out).ends_with("url(")) {
    const std::size_t start = text.find_first_not_of(" \t\r\n\f", at + 1);
    const bool is_quoted =
        start != std::string_view::npos && (text[start] == '"' || text[start] == '\'');
    quote_ = is_quoted ? text[start] : '\0';
    state_ = State::url;
    const std::size_t end = is_quoted ? start + 1 : at + 1;
    out += text.substr(at + 1, end - at - 1);
    return end;
  }
  return at + 1;
}

// A string, template literal, regular expression or CSS url, up to its end.
std::size_t CodeTracker::step_literal(std::string_view text, std::string& out) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == '\\') {
      ++i;
      continue;
    }
    if (state_ == State::regexp) {
      in_class_ = c == '[' || (in_class_ && c != ']');
    }
    const bool ends = state_ == State::regexp ? c == '/' && !in_class_
                      : quote_ != '\0'        ? c == quote_
                                              : c == ')';
    if (ends) {
      state_ = State::code;
      regexp_may_follow_ = false;
      out += text.substr(0, i + 1);
      return i + 1;
    }
  }
  out += text;
  return text.size();
}

std::string CodeTracker::escape(const Value& value) const {
  switch (state_) {
    case State::line_comment:
    case State::block_comment:
      return "";
    case State::code:
      return language_ == Language::script ? script_value(value) : style_value(value);
    default:
      break;
  }
  const std::string text = value_text(value);
  return language_ == Language::script ? script_literal(text, state_) : style_string(text);
}

}  // namespace seamwatch::rules::templates
