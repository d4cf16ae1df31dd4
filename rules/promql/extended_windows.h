// Windows of `anchored` and `smoothed` range selectors, whose borders count. Pure.
// Source: Prometheus, proposals 2025-04-04, extended range selectors semantics.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/times.h"
#include "rules/promql/ast.h"
#include "rules/series/storage.h"

namespace seamwatch::rules::promql {

// Where a window begins, (begin, end], and what is done there.
struct WindowBorders {
  WallTime begin{};
  WallTime end{};
  Borders borders = Borders::plain;
  bool counter = false;  // a fall between two points is a reset, not a slope
};

// The points of a window with one at either border: the last value before it (anchored) or what
// lies between its neighbours (smoothed). Empty where the window has no value. Requires: not plain;
// `points` reach beyond the borders as far as the lookback does.
std::vector<Point> with_borders(std::span<const Point> points, const WindowBorders& window);

// The value at `at`, between its neighbours among `points` or of the last one before.
std::optional<double> smoothed_value(std::span<const Point> points, WallTime at);

// rate, increase and delta of what with_borders gave; others: nothing.
std::optional<double> bordered_difference(std::string_view function,
                                          std::span<const Point> points,
                                          Millis range);

// Why `function` takes no such window, in Prometheus's words; "" where it does.
std::string borders_problem(std::string_view function, Borders borders);

}  // namespace seamwatch::rules::promql
