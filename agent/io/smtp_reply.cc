#include "agent/io/smtp_reply.h"

#include <algorithm>
#include <cctype>

#include "agent/core/ascii.h"

namespace seamwatch {
namespace {

bool same(std::string_view a, std::string_view b) {
  return a.size() == b.size() && std::equal(a.begin(), a.end(), b.begin(), [](char x, char y) {
           return std::tolower(static_cast<unsigned char>(x)) ==
                  std::tolower(static_cast<unsigned char>(y));
         });
}

std::string_view next_word(std::string_view& line) {
  const std::size_t start = std::min(line.find_first_not_of(" ="), line.size());
  line.remove_prefix(start);
  const std::size_t end = std::min(line.find_first_of(" ="), line.size());
  const std::string_view word = line.substr(0, end);
  line.remove_prefix(end);
  return word;
}

}  // namespace

std::optional<SmtpReply> take_reply(std::string& input) {
  SmtpReply reply;
  std::size_t at = 0;
  for (;;) {
    const std::size_t end = input.find('\n', at);
    if (end == std::string::npos) {
      return std::nullopt;
    }
    std::string_view line(input.data() + at, end - at);
    at = end + 1;
    if (!line.empty() && line.back() == '\r') {
      line.remove_suffix(1);
    }
    const bool coded = line.size() >= 3 && is_digit(line[0]) && is_digit(line[1]) &&
                       is_digit(line[2]) && line[0] >= '2' && line[0] <= '5';
    const char mark = line.size() > 3 ? line[3] : ' ';
    if (!coded || (mark != ' ' && mark != '-')) {
      return SmtpReply();
    }
    reply.code = (line[0] - '0') * 100 + (line[1] - '0') * 10 + (line[2] - '0');
    reply.text += reply.text.empty() ? "" : "\n";
    reply.text += line.substr(std::min<std::size_t>(4, line.size()));
    if (mark == ' ') {
      input.erase(0, at);
      return reply;
    }
  }
}

std::string enhanced_code(std::string_view text) {
  const std::string_view word = text.substr(0, text.find_first_of(" \n"));
  int dots = 0;
  for (std::size_t i = 0; i < word.size(); ++i) {
    const bool dot = word[i] == '.' && i > 0 && i + 1 < word.size() && word[i - 1] != '.';
    if (!is_digit(word[i]) && !dot) {
      return "";
    }
    dots += dot ? 1 : 0;
  }
  const bool classed = word.size() >= 5 && word.size() <= 9 && word[1] == '.' &&
                       (word[0] == '2' || word[0] == '4' || word[0] == '5');
  return dots == 2 && classed ? std::string(word) : "";
}

bool offers(std::string_view text, std::string_view keyword, std::string_view parameter) {
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    if (!same(next_word(line), keyword)) {
      continue;
    }
    if (parameter.empty()) {
      return true;
    }
    for (std::string_view word = next_word(line); !word.empty(); word = next_word(line)) {
      if (same(word, parameter)) {
        return true;
      }
    }
  }
  return false;
}

std::optional<std::string> from_base64(std::string_view text) {
  constexpr std::string_view kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  while (!text.empty() && (text.back() == ' ' || text.back() == '=')) {
    text.remove_suffix(1);
  }
  std::string out;
  unsigned bits = 0;
  int held = 0;
  for (const char c : text) {
    const std::size_t value = kAlphabet.find(c);
    if (value == std::string_view::npos) {
      return std::nullopt;
    }
    bits = (bits << 6U | static_cast<unsigned>(value)) & 0xffffU;
    held += 6;
    if (held >= 8) {
      held -= 8;
      out += static_cast<char>(bits >> static_cast<unsigned>(held) & 0xffU);
    }
  }
  return out;
}

bool is_bare_address(std::string_view address) {
  return !address.empty() && address.size() <= 320 &&
         std::none_of(address.begin(), address.end(), [](unsigned char c) {
           return c <= ' ' || c == 0x7f || c == '<' || c == '>';
         });
}

std::string dot_stuffed(std::string_view message) {
  std::string out;
  out.reserve(message.size() + message.size() / 32 + 8);
  bool line_start = true;
  for (std::size_t i = 0; i < message.size(); ++i) {
    const char c = message[i];
    if (line_start && c == '.') {
      out += '.';
    }
    line_start = c == '\n';
    if (c == '\n' && (i == 0 || message[i - 1] != '\r')) {
      out += '\r';
    }
    out += c;
  }
  if (!line_start) {
    out += "\r\n";
  }
  return out + ".\r\n";
}

}  // namespace seamwatch
