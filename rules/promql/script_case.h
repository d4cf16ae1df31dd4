// One case of a PromQL script, and how a result is compared with what it expects. Used by the
// script runner alone.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/promql/engine.h"

namespace seamwatch::rules::promql {

using Values = std::vector<std::optional<double>>;

// How many steps and where: one step for instant evaluations.
struct Steps {
  WallTime start{};
  WallTime end{};
  Millis step{1};
};

// What the lines below an `eval` say.
struct Expectation {
  bool fail = false;
  bool ordered = false;
  bool warn = false;
  bool info = false;
  bool no_warn = false;
  bool no_info = false;
  std::optional<double> scalar;
  std::optional<std::string> string;
  std::optional<Steps> range_vector;
  std::vector<std::pair<Labels, Values>> series;
  // By kind ("fail", "warn", "info"): patterns, of which a message must match one.
  std::map<std::string, std::vector<std::string>> patterns;
};

struct Case {
  int line = 0;
  bool range = false;
  Steps steps;
  std::string expr;
  Expectation want;
};

// All of these give "" where the result is as expected, else what differs.
std::string compare_matrix(const MatrixValue& got, const Expectation& want, const Steps& steps);
std::string compare_vector(const VectorValue& got, const Expectation& want);
std::string check_annotations(const std::vector<std::string>& got,
                              bool wanted,
                              bool forbidden,
                              const std::vector<std::string>& patterns,
                              const std::string& kind);

// Numbers that differ by rounding only, NaN and NaN.
bool same(double want, double got);

// Whether `message` matches one of `patterns`, or there is none.
bool matches_one(const std::vector<std::string>& patterns, const std::string& message);

}  // namespace seamwatch::rules::promql
