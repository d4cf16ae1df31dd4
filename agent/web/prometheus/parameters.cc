#include "agent/web/prometheus/parameters.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include <boost/algorithm/string/predicate.hpp>

#include "agent/core/labels.h"
#include "rules/promql/ast.h"
#include "rules/promql/engine.h"
#include "rules/promql/lexer.h"

namespace seamwatch::agent {
namespace {

namespace promql = rules::promql;

// The outermost times of Prometheus, as its own clients write them.
constexpr std::string_view kGoTimeMin = "-292273086-05-16T16:47:06Z";
constexpr std::string_view kGoTimeMax = "292277025-08-18T07:12:54.999999999Z";

std::optional<double> parse_float(std::string_view text) {
  if (text.starts_with('+')) {
    text.remove_prefix(1);
    if (text.starts_with('-')) {
      return std::nullopt;
    }
  }
  double value = 0;
  const auto end = std::from_chars(text.data(), text.data() + text.size(), value);
  if (end.ec != std::errc() || end.ptr != text.data() + text.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

// Where in `text` a metric selector is not one: `1:4: parse error: unexpected ...`; empty where the
// parser is to judge.
std::string not_a_selector(const std::string& text) {
  promql::Lexer lexer(text);
  promql::Token token = lexer.next();
  if (token.kind == promql::TokenKind::identifier ||
      token.kind == promql::TokenKind::metric_identifier) {
    token = lexer.next();
  }
  if (token.kind == promql::TokenKind::left_brace) {
    while (token.kind != promql::TokenKind::right_brace && token.kind != promql::TokenKind::error &&
           token.kind != promql::TokenKind::end) {
      token = lexer.next();
    }
    token = token.kind == promql::TokenKind::right_brace ? lexer.next() : token;
  }
  if (token.kind == promql::TokenKind::end || token.kind == promql::TokenKind::error) {
    return "";
  }
  const auto before = std::string_view(text).substr(0, token.begin);
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return std::to_string(line) + ":" + std::to_string(token.begin - line_begin + 1) +
         ": parse error: unexpected " + promql::describe(token);
}

// A selector in braces that the parser takes only together with a matcher that excludes something.
Result<std::vector<rules::Matcher>> parse_wide_selector(const std::string& text) {
  std::string narrow = text.substr(0, text.rfind('}'));
  const std::size_t last = narrow.find_last_not_of(" \t\n\r");
  const bool needs_comma = last != std::string::npos && narrow[last] != '{' && narrow[last] != ',';
  narrow += needs_comma ? ",__name__!=\"\"}" : "__name__!=\"\"}";
  const auto expr = promql::parse_expr(narrow);
  const auto* selector = expr ? promql::as_if<promql::VectorSelector>(**expr) : nullptr;
  if (selector == nullptr) {
    return error("1:1: parse error: not a metric selector");
  }
  std::vector<rules::Matcher> matchers;
  for (const rules::Matcher& matcher : selector->matchers) {
    if (matcher.name != "__name__") {
      matchers.push_back(matcher);
    }
  }
  return matchers;
}

bool matches_everything(const std::vector<rules::Matcher>& matchers) {
  return std::all_of(matchers.begin(), matchers.end(), [](const rules::Matcher& matcher) {
    return matcher.matches(std::string_view());
  });
}

}  // namespace

Form::Form(const HttpCall& call) {
  const std::string_view type = header(call.headers, "content-type");
  if (call.method == "POST" &&
      boost::algorithm::istarts_with(type, "application/x-www-form-urlencoded")) {
    parameters_ = parse_query(call.body);
  }
  parameters_.insert(parameters_.end(), call.query.begin(), call.query.end());
}

const std::string& Form::value(std::string_view name) const {
  static const std::string kNone;
  for (const auto& [key, value] : parameters_) {
    if (key == name) {
      return value;
    }
  }
  return kNone;
}

std::vector<std::string> Form::values(std::string_view name) const {
  std::vector<std::string> found;
  for (const auto& [key, value] : parameters_) {
    if (key == name) {
      found.push_back(value);
    }
  }
  return found;
}

Result<WallTime> parse_api_time(std::string_view text) {
  if (const auto number = parse_float(text)) {
    const double millis = std::round(*number * 1000);
    if (millis >= static_cast<double>(unix_millis(kTimeMax))) {
      return kTimeMax;
    }
    if (millis <= static_cast<double>(unix_millis(kTimeMin))) {
      return kTimeMin;
    }
    return wall_from_unix_millis(static_cast<std::int64_t>(millis));
  }
  if (const auto date = parse_rfc3339(text)) {
    return *date;
  }
  if (text == kGoTimeMin || text == kGoTimeMax) {
    return text == kGoTimeMin ? kTimeMin : kTimeMax;
  }
  return error("cannot parse " + quoted(text) + " to a valid timestamp");
}

Result<Millis> parse_api_duration(std::string_view text) {
  if (const auto number = parse_float(text)) {
    constexpr double kSecondsMax = 9'223'372'036.0;  // of Go's nanoseconds
    if (*number > kSecondsMax || *number < -kSecondsMax) {
      return error("cannot parse " + quoted(text) + " to a valid duration. It overflows int64");
    }
    return Millis(static_cast<std::int64_t>(*number * 1000));
  }
  if (const auto span = text.empty() ? Result<Millis>(error("")) : parse_duration(text)) {
    return *span;
  }
  return error("cannot parse " + quoted(text) + " to a valid duration");
}

Result<WallTime> time_parameter(const Form& form, std::string_view name, WallTime otherwise) {
  const std::string& text = form.value(name);
  if (text.empty()) {
    return otherwise;
  }
  const auto time = parse_api_time(text);
  if (!time) {
    return error("invalid time value for '" + std::string(name) + "': " + time.error().message);
  }
  return time;
}

Result<std::int64_t> parse_api_integer(std::string_view text) {
  const std::string_view digits = text.starts_with('+') ? text.substr(1) : text;
  std::int64_t number = 0;
  const auto end = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  const bool whole = end.ptr == digits.data() + digits.size() && !digits.starts_with("+");
  if (end.ec == std::errc::result_out_of_range && whole) {
    return error("strconv.Atoi: parsing " + quoted(text) + ": value out of range");
  }
  if (end.ec != std::errc() || !whole || (text.starts_with('+') && digits.starts_with('-'))) {
    return error("strconv.Atoi: parsing " + quoted(text) + ": invalid syntax");
  }
  return number;
}

Result<std::size_t> limit_parameter(const Form& form) {
  const std::string& text = form.value("limit");
  if (text.empty()) {
    return std::size_t{0};
  }
  const auto number = parse_api_integer(text);
  if (!number) {
    return number.error();
  }
  if (*number < 0) {
    return error("limit must be non-negative");
  }
  return static_cast<std::size_t>(*number);
}

Result<bool> parse_api_bool(std::string_view text) {
  for (const std::string_view yes : {"1", "t", "T", "true", "TRUE", "True"}) {
    if (text == yes) {
      return true;
    }
  }
  for (const std::string_view no : {"", "0", "f", "F", "false", "FALSE", "False"}) {
    if (text == no) {
      return false;
    }
  }
  return error("strconv.ParseBool: parsing " + quoted(text) + ": invalid syntax");
}

Result<std::vector<rules::Matcher>> parse_selector(const std::string& text) {
  const std::string wrong = not_a_selector(text);
  if (!wrong.empty()) {
    return error(wrong);
  }
  const auto expr = promql::parse_expr(text);
  if (!expr) {
    // Here, unlike in a query, a selector may match everything: it is read with a matcher more.
    const bool too_wide =
        expr.error().message.ends_with("must contain at least one non-empty matcher");
    return too_wide ? parse_wide_selector(text) : expr.error();
  }
  const auto* selector = promql::as_if<promql::VectorSelector>(**expr);
  if (selector == nullptr) {
    return error("1:1: parse error: not a metric selector");
  }
  return selector->matchers;
}

Result<MatcherSets> matchers_parameter(const Form& form) {
  MatcherSets sets;
  for (const std::string& text : form.values("match[]")) {
    auto matchers = parse_selector(text);
    if (!matchers) {
      return matchers.error();
    }
    if (matches_everything(*matchers)) {
      return error("match[] must contain at least one non-empty matcher");
    }
    sets.push_back(std::move(*matchers));
  }
  return sets;
}

}  // namespace seamwatch::agent
