// The functions over a window of points: rate, avg_over_time, deriv and their kin. Pure; the
// evaluation gives each a window without staleness markers.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "agent/core/times.h"
#include "rules/series/storage.h"

namespace seamwatch::rules::promql {

struct Expr;
struct Query;

struct WindowArgs {
  std::span<const Point> points;  // at least one, in (begin, end]
  WallTime begin{};
  WallTime end{};
  WallTime now{};  // of the evaluation
  Millis range{0};
  std::array<double, 2> params{};  // the scalar arguments, in order
};

// Nothing where the window has too few points.
using WindowFunction = std::optional<double> (*)(const WindowArgs& args);

// The body of function `name`, or nullptr.
WindowFunction find_window_function(std::string_view name);

// What is wrong with the scalar arguments of function `name`, in Prometheus's words.
std::optional<std::string> check_window_params(std::string_view name,
                                               const std::array<double, 2>& params);

// Warns that `q` is no quantile, at `where`.
void warn_quantile(Query& query, double q, const Expr& where);

}  // namespace seamwatch::rules::promql
