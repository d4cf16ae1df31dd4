#include "rules/series/matcher.h"

#include <re2/re2.h>

#include "agent/core/assert.h"
#include "agent/core/go_regexp.h"

namespace seamwatch::rules {
namespace {

// A regexp that any user can write must not be able to take the agent's memory.
constexpr std::size_t kRegexpBytesMax = 64 << 10;
constexpr std::int64_t kRegexpMemoryMax = 8 << 20;

bool is_literal(std::string_view pattern) {
  return pattern.find_first_of("\\.+*?()|[]{}^$") == std::string_view::npos;
}

}  // namespace

std::string_view to_string(MatchType type) {
  switch (type) {
    case MatchType::equal:
      return "=";
    case MatchType::not_equal:
      return "!=";
    case MatchType::regexp:
      return "=~";
    case MatchType::not_regexp:
      return "!~";
  }
  SW_ASSERT(false);
}

Result<Matcher> Matcher::make(MatchType type, std::string name, std::string value) {
  Matcher matcher;
  matcher.type = type;
  matcher.name = std::move(name);
  matcher.value = std::move(value);
  return compiled(std::move(matcher));
}

Result<Matcher> Matcher::make_for_alerts(MatchType type, std::string name, std::string value) {
  Matcher matcher;
  matcher.type = type;
  matcher.name = std::move(name);
  matcher.value = std::move(value);
  matcher.dot_takes_breaks_ = false;
  return compiled(std::move(matcher));
}

Result<Matcher> Matcher::compiled(Matcher matcher) {
  const bool regexp = matcher.type == MatchType::regexp || matcher.type == MatchType::not_regexp;
  if (!regexp || is_literal(matcher.value)) {
    return matcher;
  }
  if (matcher.value.size() > kRegexpBytesMax) {
    return error("regular expression is longer than 65536 bytes");
  }
  if (const std::string fault = go_regexp_fault(matcher.value); !fault.empty()) {
    return error("error parsing regexp: " + fault);
  }
  re2::RE2::Options options(re2::RE2::Quiet);
  options.set_max_mem(kRegexpMemoryMax);
  options.set_never_capture(true);
  const std::string_view start = matcher.dot_takes_breaks_ ? "^(?s:" : "^(?:";
  auto compiled =
      std::make_shared<const re2::RE2>(std::string(start) + matcher.value + ")$", options);
  // "a)(b" is good only inside our own parentheses, so the bare text is checked where in doubt.
  const bool good = compiled->ok() && re2::RE2(matcher.value, options).ok();
  if (!good) {
    const re2::RE2 bare(matcher.value, options);
    return error("error parsing regexp: " + (bare.ok() ? compiled->error() : bare.error()));
  }
  matcher.regexp_ = std::move(compiled);
  return matcher;
}

bool Matcher::matches(std::string_view text) const {
  switch (type) {
    case MatchType::equal:
      return text == value;
    case MatchType::not_equal:
      return text != value;
    case MatchType::regexp:
    case MatchType::not_regexp:
      break;
  }
  bool matched = false;
  if (regexp_ == nullptr) {
    matched = text == value;
  } else if (value == ".*") {
    matched = dot_takes_breaks_ || text.find('\n') == std::string_view::npos;
  } else if (value == ".+") {
    matched = !text.empty() && (dot_takes_breaks_ || text.find('\n') == std::string_view::npos);
  } else {
    matched = re2::RE2::FullMatch(text, *regexp_);
  }
  return matched == (type == MatchType::regexp);
}

std::string Matcher::to_string() const {
  std::string out = is_classic_label_name(name) ? name : quoted(name);
  out += rules::to_string(type);
  return out + quoted(value);
}

}  // namespace seamwatch::rules
