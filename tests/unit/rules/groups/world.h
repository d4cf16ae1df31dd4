// World: a rule group over a store of its own, evaluated step by step. For the tests of groups and
// of the shipped pack.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/groups/group.h"
#include "rules/groups/rule_file.h"
#include "rules/promql/engine.h"
#include "rules/promql/series_notation.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules {

inline WallTime at_second(double second) {
  return wall_from_unix_millis(static_cast<std::int64_t>(second * 1000));
}

// The groups of a rule file that must be good.
inline std::vector<RuleGroup> groups_of(std::string_view yaml) {
  Diagnostics problems;
  const Document document = parse_yaml("rules.yml", yaml, problems);
  RuleFile file = load_rule_file(document, problems);
  INFO(problems.to_string());
  REQUIRE(problems.empty());
  return std::move(file.groups);
}

class World {
 public:
  explicit World(std::string_view yaml, GroupOptions options = {})
      : group(std::move(groups_of(yaml).at(0)), std::move(options)) {}

  // Appends one sample of `metric` ("up{job=\"a\"}").
  void sample(const std::string& metric, double second, double value) {
    const auto labels = promql::parse_metric(metric);
    REQUIRE(labels.has_value());
    store.append({*labels, at_second(second), value});
  }

  GroupResult evaluate(double second) {
    const auto append = [this](const Sample& sample) { store.append(sample); };
    return group.evaluate({at_second(second), engine, store, append, {}});
  }

  // The value of an expression with one result at `second`; nothing where there is none.
  std::optional<double> value(const std::string& text, double second) {
    const auto expr = promql::parse_expr(text);
    REQUIRE(expr.has_value());
    const auto result = engine.instant(**expr, at_second(second), store);
    REQUIRE(result.has_value());
    const auto& samples = std::get<promql::VectorValue>(result->value).samples;
    REQUIRE(samples.size() <= 1);
    return samples.empty() ? std::nullopt : std::optional(samples.front().value);
  }

  promql::Engine engine;
  SeriesStore store;
  Group group;
};

// The phase of the one alert there is; "" where there is none.
inline std::string phase_of(const Group& group) {
  const std::vector<AlertState> states = group.states();
  REQUIRE(states.size() <= 1);
  return states.empty() ? "" : std::string(to_string(states.front().phase));
}

}  // namespace seamwatch::rules
