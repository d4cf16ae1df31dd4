#include "probes/endpoints/captures.h"

#include <charconv>

#include <re2/re2.h>

#include "agent/core/ascii.h"
#include "agent/core/utf8.h"

namespace seamwatch::probes {
namespace {

bool is_name(char c) {
  return is_letter_or_digit(c) || c == '_';
}

std::string value_of(std::string_view name, const Captures& captures) {
  std::size_t index = 0;
  const auto [end, failure] = std::from_chars(name.data(), name.data() + name.size(), index);
  if (failure != std::errc() || end != name.data() + name.size()) {
    const auto named = captures.names.find(std::string(name));
    if (named == captures.names.end()) {
      return "";
    }
    index = static_cast<std::size_t>(named->second);
  }
  return index < captures.groups.size() ? captures.groups[index] : "";
}

}  // namespace

std::optional<Captures> find_match(const re2::RE2& expression, std::string_view text) {
  std::vector<re2::StringPiece> found(
      static_cast<std::size_t>(expression.NumberOfCapturingGroups()) + 1);
  const std::string valid = is_valid_utf8(text) ? std::string() : to_valid_utf8(text);
  const std::string_view read = valid.empty() ? text : std::string_view(valid);
  const re2::StringPiece subject(read.data(), read.size());
  if (!expression.Match(subject,
                        0,
                        subject.size(),
                        re2::RE2::UNANCHORED,
                        found.data(),
                        static_cast<int>(found.size()))) {
    return std::nullopt;
  }
  Captures captures;
  for (const re2::StringPiece& piece : found) {
    captures.groups.emplace_back(piece.data() == nullptr ? std::string() : piece.as_string());
  }
  captures.names = expression.NamedCapturingGroups();
  return captures;
}

std::string expand(std::string_view text, const Captures& captures) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '$' || i + 1 == text.size()) {
      out += text[i];
      continue;
    }
    if (text[i + 1] == '$') {
      out += '$';
      ++i;
      continue;
    }
    const bool braced = text[i + 1] == '{';
    const std::size_t first = i + (braced ? 2 : 1);
    std::size_t last = first;
    while (last < text.size() && is_name(text[last])) {
      ++last;
    }
    const bool closed = !braced || (last < text.size() && text[last] == '}');
    if (last == first || !closed) {
      out += '$';  // no reference at all
      continue;
    }
    out += value_of(text.substr(first, last - first), captures);
    i = braced ? last : last - 1;
  }
  return out;
}

}  // namespace seamwatch::probes
