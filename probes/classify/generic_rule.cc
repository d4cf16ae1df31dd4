// The rule for protocols without a table. It reads the words that error names share across
// protocols; the first rule whose words all occur decides. Low confidence: the reason says
// unknown_signal.

#include <algorithm>
#include <array>
#include <charconv>

#include "probes/classify/table_list.h"
#include "probes/classify/words.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

struct WordRule {
  std::string_view words;  // all of these (separated by a blank) begin a word of the signal
  Persistence persistence;
  Category category;
};

// Rates before limits and limits before their subject: "message rate too high" is throttling,
// "message too large" a limit. Identity before absence: "unknown user" is not a missing object.
constexpr std::array kWordRules = {
    WordRule{"throttl", kTransient, throttled},
    WordRule{"slow down", kTransient, throttled},
    WordRule{"server busy", kTransient, throttled},
    WordRule{"rate", kTransient, throttled},
    WordRule{"too many request", kTransient, throttled},
    WordRule{"timeout", kTransient, timeout},
    WordRule{"timed out", kTransient, timeout},
    WordRule{"deadline", kTransient, timeout},
    WordRule{"credential", kPersistent, authentication},
    WordRule{"password", kPersistent, authentication},
    WordRule{"authentic", kPersistent, authentication},
    WordRule{"unauthenticated", kPersistent, authentication},
    WordRule{"auth method", kPersistent, authentication},
    WordRule{"sasl", kPersistent, authentication},
    WordRule{"login", kPersistent, authentication},
    WordRule{"invalid client", kPersistent, authentication},
    WordRule{"invalid grant", kPersistent, authentication},
    WordRule{"token", kPersistent, authentication},
    WordRule{"signature", kPersistent, authentication},
    WordRule{"authoriz", kPersistent, authorization},
    WordRule{"unauthorized", kPersistent, authorization},
    WordRule{"permission", kPersistent, authorization},
    WordRule{"privilege", kPersistent, authorization},
    WordRule{"access", kPersistent, authorization},
    WordRule{"forbidden", kPersistent, authorization},
    WordRule{"denied", kPersistent, authorization},
    WordRule{"license", kPersistent, authorization},
    WordRule{"certificate", kPersistent, tls},
    WordRule{"ssl", kPersistent, tls},
    WordRule{"tls", kPersistent, tls},
    WordRule{"encrypt", kPersistent, tls},
    WordRule{"not found", kPersistent, not_found},
    WordRule{"no such", kPersistent, not_found},
    WordRule{"not exist", kPersistent, not_found},
    WordRule{"deleted", kPersistent, not_found},
    WordRule{"quota", kPersistent, platform_limit},
    WordRule{"too large", kPersistent, platform_limit},
    WordRule{"too big", kPersistent, platform_limit},
    WordRule{"too long", kPersistent, platform_limit},
    WordRule{"exceeded", kPersistent, platform_limit},
    WordRule{"limit", kPersistent, platform_limit},
    WordRule{"maximum", kPersistent, platform_limit},
    WordRule{"full", kPersistent, platform_limit},
    WordRule{"deadlock", kTransient, process},
    WordRule{"in progress", kTransient, process},
    WordRule{"concurrent", kTransient, process},
    WordRule{"lock", kTransient, process},
    WordRule{"pending", kTransient, process},
    WordRule{"unavailable", kTransient, unavailable},
    WordRule{"not available", kTransient, unavailable},
    WordRule{"leader", kTransient, unavailable},
    WordRule{"election", kTransient, unavailable},
    WordRule{"rebalanc", kTransient, unavailable},
    WordRule{"failover", kTransient, unavailable},
    WordRule{"loading", kTransient, unavailable},
    WordRule{"restart", kTransient, unavailable},
    WordRule{"shutdown", kTransient, unavailable},
    WordRule{"shutting down", kTransient, unavailable},
    WordRule{"going away", kTransient, unavailable},
    WordRule{"busy", kTransient, unavailable},
    WordRule{"try again", kTransient, unavailable},
    WordRule{"temporar", kTransient, unavailable},
    WordRule{"dns", kTransient, dns},
    WordRule{"resolve", kTransient, dns},
    WordRule{"network", kTransient, network},
    WordRule{"connect", kTransient, network},
    WordRule{"disconnect", kTransient, network},
    WordRule{"socket", kTransient, network},
    WordRule{"broken pipe", kTransient, network},
    WordRule{"unsupported", kPersistent, configuration},
    WordRule{"not support", kPersistent, configuration},
    WordRule{"not implemented", kPersistent, configuration},
    WordRule{"not allowed", kPersistent, configuration},
    WordRule{"disabled", kPersistent, configuration},
    WordRule{"config", kPersistent, configuration},
    WordRule{"version", kPersistent, configuration},
    WordRule{"invalid", kPersistent, data},
    WordRule{"malformed", kPersistent, data},
    WordRule{"illegal", kPersistent, data},
    WordRule{"syntax", kPersistent, data},
    WordRule{"parse", kPersistent, data},
    WordRule{"duplicate", kPersistent, data},
    WordRule{"exist", kPersistent, data},
    WordRule{"missing", kPersistent, data},
    WordRule{"required", kPersistent, data},
    WordRule{"violation", kPersistent, data},
    WordRule{"protocol error", kPersistent, data},
    WordRule{"transaction", kPersistent, process},
    WordRule{"internal", kTransient, runtime},
    WordRule{"unknown", kPersistent, runtime},
    WordRule{"unspecified", kPersistent, runtime},
    WordRule{"implementation", kPersistent, runtime},
};

// SQLSTATE classes. Source: ISO/IEC 9075-2, and the PostgreSQL error code appendix.
struct StateClass {
  std::string_view prefix;
  Persistence persistence;
  Category category;
};

constexpr std::array kStateClasses = {
    StateClass{"08", kTransient, network},        StateClass{"0A", kPersistent, configuration},
    StateClass{"22", kPersistent, data},          StateClass{"23", kPersistent, data},
    StateClass{"25", kPersistent, process},       StateClass{"28", kPersistent, authentication},
    StateClass{"3D", kPersistent, not_found},     StateClass{"3F", kPersistent, not_found},
    StateClass{"40", kTransient, process},        StateClass{"42", kPersistent, configuration},
    StateClass{"53", kTransient, platform_limit}, StateClass{"54", kPersistent, platform_limit},
    StateClass{"55", kTransient, process},        StateClass{"57", kTransient, unavailable},
    StateClass{"58", kPersistent, runtime},       StateClass{"F0", kPersistent, configuration},
    StateClass{"HV", kPersistent, runtime},       StateClass{"P0", kPersistent, process},
    StateClass{"XX", kPersistent, runtime},
};

// The rows that the rules give, one a rule, made once; static lifetime as every row.
template <class Rules, class Text>
auto make_rows(const Rules& rules, Text text) {
  std::array<Row, std::tuple_size_v<Rules>> rows;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    rows[i].code = text(rules[i]);
    rows[i].persistence = rules[i].persistence;
    rows[i].category = rules[i].category;
  }
  return rows;
}

bool begins_a_word(const std::vector<std::string>& words, std::string_view stem) {
  return std::any_of(
      words.begin(), words.end(), [&](const std::string& word) { return word.starts_with(stem); });
}

bool all_begin_words(const std::vector<std::string>& words, std::string_view stems) {
  while (!stems.empty()) {
    const auto blank = stems.find(' ');
    if (!begins_a_word(words, stems.substr(0, blank))) {
      return false;
    }
    stems = blank == std::string_view::npos ? std::string_view() : stems.substr(blank + 1);
  }
  return true;
}

// The three digits of an HTTP-like code, also in "http:503"; 0 where there are none.
int three_digits(std::string_view code) {
  const auto colon = code.rfind(':');
  const std::string_view digits = colon == std::string_view::npos ? code : code.substr(colon + 1);
  int value = 0;
  const auto [end, failure] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  const bool whole = digits.size() == 3 && failure == std::errc();
  return whole && end == digits.data() + digits.size() && value >= 400 && value <= 599 ? value : 0;
}

const Row* by_state_class(const Signal& signal) {
  static const auto rows =
      make_rows(kStateClasses, [](const StateClass& rule) { return rule.prefix; });
  const bool sql = signal.protocol.starts_with("postgres") || signal.protocol == "sqlstate";
  if (!sql || signal.code.size() != 5) {
    return nullptr;
  }
  for (const Row& row : rows) {
    if (signal.code.starts_with(row.code)) {
      return &row;
    }
  }
  return nullptr;
}

const Row* by_words(const std::vector<std::string>& words) {
  static const auto rows = make_rows(kWordRules, [](const WordRule& rule) { return rule.words; });
  for (const Row& row : rows) {
    if (all_begin_words(words, row.code)) {
      return &row;
    }
  }
  return nullptr;
}

}  // namespace

const Row* generic_rule(const Signal& signal) {
  static constexpr Row kNothing = {"no rule", Row::kNoNumber, "", "", kDepends, runtime, false};
  if (three_digits(signal.code) != 0) {
    const bool replies = signal.protocol == "ftp" || signal.protocol == "lmtp";
    const auto digits = signal.code.substr(signal.code.size() - 3);
    return match(Signal{replies ? "smtp" : "http", digits, "", signal.when}).row;
  }
  if (const Row* row = by_state_class(signal)) {
    return row;
  }
  const Row* row = by_words(split_words(signal.code + " " + signal.name));
  return row != nullptr ? row : &kNothing;
}

}  // namespace seamwatch::probes
