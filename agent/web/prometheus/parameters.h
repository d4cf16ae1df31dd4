// The parameters of Prometheus's HTTP API: where they stand in a call, and how their texts are
// read. Pure.
// Source: Prometheus web/api/v1/api.go, parseTime, parseDuration, parseLimitParam,
// parseMatchersParam; the words of errors are its own.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/web/http_call.h"
#include "rules/series/matcher.h"

namespace seamwatch::agent {

// The parameters of a call: of a posted form first, then those of the URL.
class Form {
 public:
  Form() = default;

  explicit Form(const HttpCall& call);

  // For tests and for callers with parameters of their own.
  explicit Form(QueryParameters parameters) : parameters_(std::move(parameters)) {}

  // The first value of `name`, or "".
  const std::string& value(std::string_view name) const;

  std::vector<std::string> values(std::string_view name) const;

 private:
  QueryParameters parameters_;
};

// The earliest and latest times that are taken; what lies beyond counts as these.
inline constexpr WallTime kTimeMin = wall_from_unix_millis(-9'000'000'000'000'000);
inline constexpr WallTime kTimeMax = wall_from_unix_millis(9'000'000'000'000'000);

// Unix seconds with a fraction, or RFC 3339. Error: `cannot parse "x" to a valid timestamp`.
[[nodiscard]] Result<WallTime> parse_api_time(std::string_view text);

// Seconds with a fraction, or a Prometheus duration. Error: `cannot parse "x" to a valid duration`.
[[nodiscard]] Result<Millis> parse_api_duration(std::string_view text);

// The time at `name`, `otherwise` where it is empty. Error: as Prometheus words it, with the name.
[[nodiscard]] Result<WallTime> time_parameter(const Form& form,
                                              std::string_view name,
                                              WallTime otherwise);

// The number at "limit"; 0, where it is empty, is no limit. Errors: no number, or a negative one.
[[nodiscard]] Result<std::size_t> limit_parameter(const Form& form);

// Go's strconv.ParseBool; empty is false.
[[nodiscard]] Result<bool> parse_api_bool(std::string_view text);

// A decimal number with a sign, as Go's strconv.Atoi.
[[nodiscard]] Result<std::int64_t> parse_api_integer(std::string_view text);

using MatcherSets = std::vector<std::vector<rules::Matcher>>;

// The selectors at "match[]", none where there is none. Errors: a text that is no metric selector,
// with its position; one that matches everything.
[[nodiscard]] Result<MatcherSets> matchers_parameter(const Form& form);

// Selectors of labels alone, which may match everything: for rules and targets.
[[nodiscard]] Result<std::vector<rules::Matcher>> parse_selector(const std::string& text);

}  // namespace seamwatch::agent
