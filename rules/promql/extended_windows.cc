#include "rules/promql/extended_windows.h"

#include <algorithm>
#include <array>

#include "agent/core/assert.h"

namespace seamwatch::rules::promql {
namespace {

// Sorted, as messages list them.
constexpr std::array<std::string_view, 5> kAnchored = {
    "changes", "delta", "increase", "rate", "resets"};
constexpr std::array<std::string_view, 3> kSmoothed = {"delta", "increase", "rate"};

template <std::size_t N>
std::string problem_of(std::string_view function,
                       std::string_view modifier,
                       const std::array<std::string_view, N>& functions) {
  if (std::find(functions.begin(), functions.end(), function) != functions.end()) {
    return "";
  }
  std::string out(modifier);
  out.append(" modifier can only be used with: ");
  for (const std::string_view name : functions) {
    out.append(name == functions.front() ? "" : ", ").append(name);
  }
  return out.append(" - not with ").append(function);
}

double between(const Point& before, const Point& after, WallTime at, bool counter) {
  // A counter that was reset in between began at zero.
  const double from = counter && after.value < before.value ? 0 : before.value;
  return from + (after.value - from) * static_cast<double>((at - before.at).count()) /
                    static_cast<double>((after.at - before.at).count());
}

}  // namespace

std::vector<Point> with_borders(std::span<const Point> points, const WindowBorders& window) {
  SW_ASSERT(window.borders != Borders::plain);
  const bool smoothed = window.borders == Borders::smoothed;
  if (points.empty()) {
    return {};
  }
  const auto first_after = [&](WallTime at, bool or_at) {
    const auto found = std::find_if(points.begin(), points.end(), [&](const Point& point) {
      return or_at ? point.at >= at : point.at > at;
    });
    return static_cast<std::size_t>(found - points.begin());
  };
  const std::size_t inside = first_after(window.begin, false);
  const std::size_t first = inside == 0 ? 0 : inside - 1;
  std::size_t last = points.size() - 1;
  if (smoothed) {
    last = std::min(last, first_after(window.end, true));
  }
  if (points[last].at <= window.begin || points[first].at > window.end) {
    return {};
  }
  double left = points[first].value;
  if (smoothed && points[first].at < window.begin) {
    left = between(points[first], points[first + 1], window.begin, window.counter);
  }
  double right = points[last].value;
  if (smoothed && last > 0 && points[last].at > window.end) {
    right = between(points[last - 1], points[last], window.end, window.counter);
  }
  std::vector<Point> out = {{window.begin, left}};
  for (std::size_t i = inside; i < points.size() && points[i].at < window.end; ++i) {
    out.push_back(points[i]);
  }
  out.push_back({window.end, right});
  return out;
}

std::optional<double> smoothed_value(std::span<const Point> points, WallTime at) {
  const auto next = std::find_if(
      points.begin(), points.end(), [&](const Point& point) { return point.at >= at; });
  if (next != points.end() && next->at == at) {
    return next->value;
  }
  if (next == points.begin()) {
    return std::nullopt;
  }
  const Point& before = *(next - 1);
  return next == points.end() ? before.value : between(before, *next, at, false);
}

std::optional<double> bordered_difference(std::string_view function,
                                          std::span<const Point> points,
                                          Millis range) {
  const bool counter = function == "rate" || function == "increase";
  if (points.empty() || (!counter && function != "delta")) {
    return std::nullopt;
  }
  double difference = points.back().value - points.front().value;
  for (std::size_t i = 1; counter && i < points.size(); ++i) {
    difference += points[i].value < points[i - 1].value ? points[i - 1].value : 0;
  }
  return function == "rate" ? difference / seconds(range) : difference;
}

std::string borders_problem(std::string_view function, Borders borders) {
  if (borders == Borders::plain) {
    return "";
  }
  return borders == Borders::anchored ? problem_of(function, "anchored", kAnchored)
                                      : problem_of(function, "smoothed", kSmoothed);
}

}  // namespace seamwatch::rules::promql
