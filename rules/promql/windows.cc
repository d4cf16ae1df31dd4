#include "rules/promql/windows.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include "rules/promql/evaluation.h"
#include "rules/promql/go_math.h"
#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

using Value = std::optional<double>;

double mean(std::span<const Point> points) {
  KahanSum sum;
  double running = 0;
  double compensation = 0;
  bool incremental = false;
  double count = 0;
  for (const Point& point : points) {
    count += 1;
    if (!incremental) {
      KahanSum next = sum;
      next.add(point.value);
      if (count == 1 || !std::isinf(next.sum)) {
        sum = next;
        continue;
      }
      // The sum would overflow: from here on the mean itself is carried along.
      incremental = true;
      running = sum.sum / (count - 1);
      compensation = sum.compensation / (count - 1);
    }
    const double share = (count - 1) / count;
    KahanSum step{share * running, share * compensation};
    step.add(point.value / count);
    running = step.sum;
    compensation = step.compensation;
  }
  return incremental ? running + compensation : sum.sum / count + sum.compensation / count;
}

double variance(std::span<const Point> points) {
  KahanSum average;
  KahanSum squares;
  double count = 0;
  for (const Point& point : points) {
    count += 1;
    const double delta = point.value - (average.sum + average.compensation);
    average.add(delta / count);
    squares.add(delta * (point.value - (average.sum + average.compensation)));
  }
  return (squares.sum + squares.compensation) / count;
}

// rate, increase and delta: the difference over the window, extrapolated to its borders where the
// points come close to them. Source: Prometheus, promql/functions.go, extrapolatedRate.
Value extrapolated(const WindowArgs& args, bool counter, bool per_second) {
  const auto& points = args.points;
  if (points.size() < 2) {
    return std::nullopt;
  }
  double result = points.back().value - points.front().value;
  if (counter) {
    double previous = points.front().value;
    for (const Point& point : points.subspan(1)) {
      if (point.value < previous) {
        result += previous;
      }
      previous = point.value;
    }
  }
  double to_start = seconds(points.front().at - args.begin);
  double to_end = seconds(args.end - points.back().at);
  const double sampled = seconds(points.back().at - points.front().at);
  const double average = sampled / static_cast<double>(points.size() - 1);
  const double threshold = average * 1.1;
  if (to_start >= threshold) {
    to_start = average / 2;
  }
  if (counter && result > 0 && points.front().value >= 0) {
    // A counter is not extrapolated below zero.
    to_start = std::min(to_start, sampled * (points.front().value / result));
  }
  if (to_end >= threshold) {
    to_end = average / 2;
  }
  double factor = (sampled + to_start + to_end) / sampled;
  if (per_second) {
    factor /= seconds(args.range);
  }
  return result * factor;
}

Value rate(const WindowArgs& args) {
  return extrapolated(args, true, true);
}

Value increase(const WindowArgs& args) {
  return extrapolated(args, true, false);
}

Value delta(const WindowArgs& args) {
  return extrapolated(args, false, false);
}

Value last_two(const WindowArgs& args, bool is_rate) {
  if (args.points.size() < 2) {
    return std::nullopt;
  }
  const Point& last = args.points.back();
  const Point& previous = args.points[args.points.size() - 2];
  const double interval = seconds(last.at - previous.at);
  if (interval == 0) {
    return std::nullopt;
  }
  if (!is_rate) {
    return last.value - previous.value;
  }
  // A counter that went down started again from zero.
  return (last.value < previous.value ? last.value : last.value - previous.value) / interval;
}

Value irate(const WindowArgs& args) {
  return last_two(args, true);
}

Value idelta(const WindowArgs& args) {
  return last_two(args, false);
}

struct Line {
  double slope;
  double intercept;
};

Line regression(std::span<const Point> points, WallTime origin) {
  KahanSum x;
  KahanSum y;
  KahanSum xy;
  KahanSum xx;
  bool constant = true;
  const double first = points.front().value;
  const double n = static_cast<double>(points.size());
  for (const Point& point : points) {
    constant = constant && point.value == first;
    const double at = seconds(point.at - origin);
    x.add(at);
    y.add(point.value);
    xy.add(at * point.value);
    xx.add(at * at);
  }
  if (constant) {
    return std::isinf(first) ? Line{kNan, kNan} : Line{0, first};
  }
  const double sum_x = x.sum + x.compensation;
  const double sum_y = y.sum + y.compensation;
  const double covariance = xy.sum + xy.compensation - sum_x * sum_y / n;
  const double spread = xx.sum + xx.compensation - sum_x * sum_x / n;
  const double slope = covariance / spread;
  return {slope, sum_y / n - slope * sum_x / n};
}

Value deriv(const WindowArgs& args) {
  if (args.points.size() < 2) {
    return std::nullopt;
  }
  return regression(args.points, args.points.front().at).slope;
}

Value predict_linear(const WindowArgs& args) {
  if (args.points.size() < 2) {
    return std::nullopt;
  }
  const Line line = regression(args.points, args.now);
  return line.slope * args.params[0] + line.intercept;
}

Value double_exponential_smoothing(const WindowArgs& args) {
  if (args.points.size() < 2) {
    return std::nullopt;
  }
  const double smoothing = args.params[0];
  const double trend_factor = args.params[1];
  double previous = 0;
  double current = args.points[0].value;
  double trend = args.points[1].value - args.points[0].value;
  for (std::size_t i = 1; i < args.points.size(); ++i) {
    if (i > 1) {
      trend = trend_factor * (current - previous) + (1 - trend_factor) * trend;
    }
    previous = current;
    current = smoothing * args.points[i].value + (1 - smoothing) * (current + trend);
  }
  return current;
}

Value changes(const WindowArgs& args) {
  double count = 0;
  for (std::size_t i = 1; i < args.points.size(); ++i) {
    const double previous = args.points[i - 1].value;
    const double current = args.points[i].value;
    count += current != previous && !(std::isnan(current) && std::isnan(previous)) ? 1 : 0;
  }
  return count;
}

Value resets(const WindowArgs& args) {
  double count = 0;
  for (std::size_t i = 1; i < args.points.size(); ++i) {
    count += args.points[i].value < args.points[i - 1].value ? 1 : 0;
  }
  return count;
}

Value avg_over_time(const WindowArgs& args) {
  return mean(args.points);
}

Value sum_over_time(const WindowArgs& args) {
  KahanSum sum;
  for (const Point& point : args.points) {
    sum.add(point.value);
  }
  return sum.total();
}

Value count_over_time(const WindowArgs& args) {
  return static_cast<double>(args.points.size());
}

Value present_over_time(const WindowArgs&) {
  return 1;
}

Value last_over_time(const WindowArgs& args) {
  return args.points.back().value;
}

Value first_over_time(const WindowArgs& args) {
  return args.points.front().value;
}

// The first point that no later one goes past; NaN gives way to numbers. Ties: the last where
// `latest`.
const Point& extreme(std::span<const Point> points, bool greatest, bool latest) {
  const Point* best = &points.front();
  for (const Point& point : points.subspan(1)) {
    const bool past = greatest ? point.value > best->value : point.value < best->value;
    const bool tie = latest && point.value == best->value;
    if (past || tie || std::isnan(best->value)) {
      best = &point;
    }
  }
  return *best;
}

Value max_over_time(const WindowArgs& args) {
  return extreme(args.points, true, false).value;
}

Value min_over_time(const WindowArgs& args) {
  return extreme(args.points, false, false).value;
}

Value ts_of_max_over_time(const WindowArgs& args) {
  return unix_seconds(extreme(args.points, true, true).at);
}

Value ts_of_min_over_time(const WindowArgs& args) {
  return unix_seconds(extreme(args.points, false, true).at);
}

Value ts_of_first_over_time(const WindowArgs& args) {
  return unix_seconds(args.points.front().at);
}

Value ts_of_last_over_time(const WindowArgs& args) {
  return unix_seconds(args.points.back().at);
}

Value stdvar_over_time(const WindowArgs& args) {
  return variance(args.points);
}

Value stddev_over_time(const WindowArgs& args) {
  return std::sqrt(variance(args.points));
}

std::vector<double> values_of(std::span<const Point> points) {
  std::vector<double> values;
  values.reserve(points.size());
  for (const Point& point : points) {
    values.push_back(point.value);
  }
  return values;
}

Value quantile_over_time(const WindowArgs& args) {
  std::vector<double> values = values_of(args.points);
  return quantile(args.params[0], values);
}

Value mad_over_time(const WindowArgs& args) {
  std::vector<double> values = values_of(args.points);
  const double median = quantile(0.5, values);
  for (double& value : values) {
    value = std::fabs(value - median);
  }
  return quantile(0.5, values);
}

struct Named {
  std::string_view name;
  WindowFunction function;
};

constexpr Named kWindowFunctions[] = {
    {"avg_over_time", avg_over_time},
    {"changes", changes},
    {"count_over_time", count_over_time},
    {"delta", delta},
    {"deriv", deriv},
    {"double_exponential_smoothing", double_exponential_smoothing},
    {"first_over_time", first_over_time},
    {"idelta", idelta},
    {"increase", increase},
    {"irate", irate},
    {"last_over_time", last_over_time},
    {"mad_over_time", mad_over_time},
    {"max_over_time", max_over_time},
    {"min_over_time", min_over_time},
    {"predict_linear", predict_linear},
    {"present_over_time", present_over_time},
    {"quantile_over_time", quantile_over_time},
    {"rate", rate},
    {"resets", resets},
    {"stddev_over_time", stddev_over_time},
    {"stdvar_over_time", stdvar_over_time},
    {"sum_over_time", sum_over_time},
    {"ts_of_first_over_time", ts_of_first_over_time},
    {"ts_of_last_over_time", ts_of_last_over_time},
    {"ts_of_max_over_time", ts_of_max_over_time},
    {"ts_of_min_over_time", ts_of_min_over_time},
};

}  // namespace

WindowFunction find_window_function(std::string_view name) {
  for (const Named& candidate : kWindowFunctions) {
    if (candidate.name == name) {
      return candidate.function;
    }
  }
  return nullptr;
}

std::optional<std::string> check_window_params(std::string_view name,
                                               const std::array<double, 2>& params) {
  if (name != "double_exponential_smoothing") {
    return std::nullopt;
  }
  if (!(params[0] > 0 && params[0] < 1)) {
    return "invalid smoothing factor. Expected: 0 < sf < 1, got: " + format_fixed(params[0], 6);
  }
  if (!(params[1] > 0 && params[1] < 1)) {
    return "invalid trend factor. Expected: 0 < tf < 1, got: " + format_fixed(params[1], 6);
  }
  return std::nullopt;
}

void warn_quantile(Query& query, double q, const Expr& where) {
  query.warn("quantile value should be between 0 and 1, got " + format_general(q), where);
}

void KahanSum::add(double value) {
  const double next = sum + value;
  if (std::isinf(next)) {
    compensation = 0;
  } else if (std::fabs(sum) >= std::fabs(value)) {
    compensation += (sum - next) + value;
  } else {
    compensation += (value - next) + sum;
  }
  sum = next;
}

double KahanSum::total() const {
  return std::isinf(sum) ? sum : sum + compensation;
}

double quantile(double q, std::vector<double>& values) {
  if (values.empty() || std::isnan(q)) {
    return kNan;
  }
  if (q < 0 || q > 1) {
    return q < 0 ? -std::numeric_limits<double>::infinity()
                 : std::numeric_limits<double>::infinity();
  }
  std::sort(values.begin(), values.end(), [](double a, double b) {
    return std::isnan(a) ? !std::isnan(b) : a < b;
  });
  const double rank = q * static_cast<double>(values.size() - 1);
  const auto lower = static_cast<std::size_t>(rank);
  const std::size_t upper = std::min(values.size() - 1, lower + 1);
  const double weight = rank - std::floor(rank);
  return values[lower] * (1 - weight) + values[upper] * weight;
}

}  // namespace seamwatch::rules::promql
