#include "rules/promql/series_notation.h"

#include <charconv>
#include <cmath>

#include "rules/promql/lexer.h"
#include "rules/promql/literals.h"
#include "rules/series/storage.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kValuesMax = 10'000'000;

Error bad(std::string_view text, std::string_view what) {
  return error("bad series " + go_quoted(text) + ": " + std::string(what));
}

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) {
    text.remove_prefix(1);
  }
  while (!text.empty() && is_blank(text.back())) {
    text.remove_suffix(1);
  }
  return text;
}

// A number with its sign at the front of `text`, up to a blank, x, + or - behind it.
std::optional<double> take_number(std::string_view& text) {
  std::size_t end = 0;
  const bool minus = !text.empty() && text[0] == '-';
  if (minus || (!text.empty() && text[0] == '+')) {
    ++end;
  }
  const std::size_t begin = end;
  // 0x10 is 0 eleven times; only with a letter behind it is it hexadecimal.
  const bool hex = (text.substr(begin).starts_with("0x") || text.substr(begin).starts_with("0X")) &&
                   text.find_first_of("abcdefABCDEF", begin + 2) != std::string_view::npos;
  if (hex) {
    end = text.size();
  } else {
    while (end < text.size() && text[end] != 'x') {
      const bool sign = text[end] == '+' || text[end] == '-';
      const bool exponent = end > begin && (text[end - 1] == 'e' || text[end - 1] == 'E');
      if (sign && !exponent) {
        break;
      }
      ++end;
    }
  }
  const auto value = parse_number(text.substr(begin, end - begin));
  text.remove_prefix(end);
  return value ? std::optional(minus ? -*value : *value) : std::nullopt;
}

// The count behind an x; 0 where `text` is empty.
std::optional<std::size_t> take_count(std::string_view text) {
  if (text.empty()) {
    return 0;
  }
  std::size_t count = 0;
  if (text.front() != 'x') {
    return std::nullopt;
  }
  const auto read = std::from_chars(text.data() + 1, text.data() + text.size(), count);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  // Of too many, one too many is enough to say so.
  return whole ? std::optional(std::min(count, kValuesMax + 1)) : std::nullopt;
}

// Adds the values of one item: `_x3`, `stalex2`, `1+2x3`.
bool add_item(std::string_view item, std::vector<std::optional<double>>& values) {
  if (item.front() == '_') {
    const auto count = take_count(item.substr(1));
    if (!count) {
      return false;
    }
    values.resize(values.size() + (item.size() == 1 ? 1 : *count));
    return true;
  }
  std::optional<double> first;
  double step = 0;
  if (item.starts_with("stale")) {
    first = stale_marker();
    item.remove_prefix(5);
  } else {
    first = take_number(item);
    if (first && !item.empty() && item.front() != 'x') {
      const auto increment = take_number(item);
      if (!increment || item.empty()) {
        return false;
      }
      step = *increment;
    }
  }
  const auto count = take_count(item);
  if (!first || !count) {
    return false;
  }
  double value = *first;
  for (std::size_t i = 0; i <= *count; ++i) {
    values.emplace_back(value);
    // Adding up, not multiplying: the rounding is part of the notation. A marker stays as it is.
    value = step == 0 ? value : value + step;
  }
  return true;
}

// Reads what stands between braces; `lexer` is behind the brace.
Status read_labels(Lexer& lexer,
                   std::string_view text,
                   std::vector<Labels::Pair>& pairs,
                   std::size_t& end) {
  for (;;) {
    Token token = lexer.next();
    if (token.kind == TokenKind::right_brace) {
      end = token.begin + 1;
      return {};
    }
    const bool is_quoted = token.kind == TokenKind::string;
    if (!is_quoted && token.kind != TokenKind::identifier) {
      return bad(text, token.kind == TokenKind::error ? token.word : "a label name was expected");
    }
    std::string name = is_quoted ? unquote(token.text) : std::string(token.text);
    token = lexer.next();
    if (token.kind == TokenKind::equal) {
      token = lexer.next();
      if (token.kind != TokenKind::string) {
        return bad(text, "a quoted label value was expected");
      }
      pairs.emplace_back(std::move(name), unquote(token.text));
      token = lexer.next();
    } else if (is_quoted) {
      pairs.emplace_back("__name__", std::move(name));
    } else {
      return bad(text, "\"=\" was expected");
    }
    if (token.kind == TokenKind::right_brace) {
      end = token.begin + 1;
      return {};
    }
    if (token.kind != TokenKind::comma) {
      return bad(text, token.kind == TokenKind::error ? token.word : "\",\" or \"}\" was expected");
    }
  }
}

}  // namespace

Result<Labels> take_metric(std::string_view& text) {
  text = trimmed(text);
  const std::size_t name_end = std::min(text.find_first_of("{ \t"), text.size());
  const std::string_view name = text.substr(0, name_end);
  std::vector<Labels::Pair> pairs;
  if (!name.empty()) {
    if (!is_classic_metric_name(name)) {
      return bad(text, "not a metric name");
    }
    pairs.emplace_back("__name__", name);
  }
  std::size_t end = name_end;
  if (name_end < text.size() && text[name_end] == '{') {
    const std::string_view braces = text.substr(name_end);
    Lexer lexer(braces);
    lexer.next();
    const Status read = read_labels(lexer, text, pairs, end);
    if (!read) {
      return read.error();
    }
    end += name_end;
  } else if (name.empty()) {
    return bad(text, "a metric was expected");
  }
  text.remove_prefix(end);
  return Labels(std::move(pairs));
}

Result<Labels> parse_metric(std::string_view text) {
  std::string_view rest = text;
  auto labels = take_metric(rest);
  if (labels && !trimmed(rest).empty()) {
    return bad(text, "nothing was expected behind the metric");
  }
  return labels;
}

Result<std::vector<std::optional<double>>> parse_values(std::string_view text) {
  std::vector<std::optional<double>> values;
  if (text.find("{{") != std::string_view::npos) {
    return bad(text, "native histograms are not supported");
  }
  std::string_view rest = trimmed(text);
  while (!rest.empty()) {
    std::size_t end = 0;
    while (end < rest.size() && !is_blank(rest[end])) {
      ++end;
    }
    if (!add_item(rest.substr(0, end), values)) {
      return bad(text, "bad value " + go_quoted(rest.substr(0, end)));
    }
    if (values.size() > kValuesMax) {
      return bad(text, "more than " + std::to_string(kValuesMax) + " values");
    }
    rest = trimmed(rest.substr(end));
  }
  return values;
}

Result<SeriesNotation> parse_series(std::string_view text) {
  std::string_view rest = text;
  auto labels = take_metric(rest);
  if (!labels) {
    return labels.error();
  }
  auto values = parse_values(rest);
  if (!values) {
    return values.error();
  }
  return SeriesNotation{std::move(*labels), std::move(*values)};
}

}  // namespace seamwatch::rules::promql
