#include "rules/lint/function_facts.h"

#include <algorithm>
#include <cmath>

namespace seamwatch::rules {
namespace {

using promql::AggregateOp;

constexpr double kInf = std::numeric_limits<double>::infinity();

// What the values of a function lie between, whatever its arguments.
struct Bounded {
  std::string_view function;
  double low;
  double high;
  bool may_be_nan;
};

constexpr Bounded kBounded[] = {
    {"abs", 0, kInf, true},
    {"changes", 0, kInf, false},
    {"count_over_time", 1, kInf, false},
    {"day_of_month", 1, 31, true},
    {"day_of_week", 0, 6, true},
    {"day_of_year", 1, 366, true},
    {"days_in_month", 28, 31, true},
    {"exp", 0, kInf, true},
    {"hour", 0, 23, true},
    {"increase", 0, kInf, true},
    {"irate", 0, kInf, true},
    {"minute", 0, 59, true},
    {"month", 1, 12, true},
    {"present_over_time", 1, 1, false},
    {"rate", 0, kInf, true},
    {"resets", 0, kInf, false},
    {"sgn", -1, 1, true},
    {"sqrt", 0, kInf, true},
    {"stddev_over_time", 0, kInf, true},
    {"stdvar_over_time", 0, kInf, true},
    {"time", 0, kInf, false},
    {"timestamp", 0, kInf, false},
};

// Functions whose values lie where those of one argument do.
struct Keeping {
  std::string_view function;
  std::size_t argument;
};

constexpr Keeping kKeeping[] = {
    {"avg_over_time", 0},
    {"label_join", 0},
    {"label_replace", 0},
    {"last_over_time", 0},
    {"max_over_time", 0},
    {"min_over_time", 0},
    {"sort", 0},
    {"sort_by_label", 0},
    {"sort_by_label_desc", 0},
    {"sort_desc", 0},
    {"vector", 0},
};

bool gives_always(const promql::Call& call, const std::vector<ExprFacts>& args) {
  const bool returns_vector = call.function->returns == promql::ValueType::vector;
  if (!returns_vector) {
    return true;
  }
  switch (call.function->form) {
    case promql::FunctionForm::math:
    case promql::FunctionForm::date:
      return args.empty() || args.front().always;
    default:
      return (call.function->name == "vector" || call.function->name.starts_with("label_") ||
              call.function->name.starts_with("sort") || call.function->name == "timestamp" ||
              call.function->name == "round" || call.function->name.starts_with("clamp_")) &&
             args.front().always;
  }
}

Interval clamped(std::string_view name, const std::vector<ExprFacts>& args) {
  Interval values = args.front().values;
  const bool has_low = name == "clamp" || name == "clamp_min";
  const bool has_high = name == "clamp" || name == "clamp_max";
  const Interval low = has_low ? args[1].values : Interval{-kInf, -kInf, false, false};
  const Interval high = has_high ? args.back().values : Interval{kInf, kInf, false, false};
  if ((has_low && !low.is_point()) || (has_high && !high.is_point()) || low.low > high.low) {
    return {};
  }
  values.low = std::clamp(values.low, low.low, high.low);
  values.high = std::clamp(values.high, low.low, high.low);
  values.low_open = false;
  values.high_open = false;
  return values;
}

}  // namespace

ExprFacts function_facts(const promql::Call& call, const std::vector<ExprFacts>& args) {
  const std::string_view name = call.function->name;
  ExprFacts made;
  made.always = gives_always(call, args);
  for (const Bounded& bounded : kBounded) {
    if (bounded.function == name) {
      made.values = {bounded.low, bounded.high, false, false};
      made.may_be_nan = bounded.may_be_nan;
      return made;
    }
  }
  for (const Keeping& keeping : kKeeping) {
    if (keeping.function == name) {
      made.values = args[keeping.argument].values;
      made.may_be_nan = args[keeping.argument].may_be_nan;
      return made;
    }
  }
  if (name.starts_with("clamp")) {
    made.values = clamped(name, args);
  } else if (name == "ceil" || name == "floor") {
    const Interval& inner = args.front().values;
    const auto rounded = [&](double v) { return name == "ceil" ? std::ceil(v) : std::floor(v); };
    made.values = {rounded(inner.low), rounded(inner.high), false, false};
  }
  return made;
}

ExprFacts aggregate_facts(const promql::Aggregate& aggregate, const ExprFacts& inner) {
  ExprFacts made;
  made.always = inner.always;
  switch (aggregate.op) {
    case AggregateOp::count:
    case AggregateOp::count_values:
      made.values = {1, kInf, false, false};
      made.may_be_nan = false;
      break;
    case AggregateOp::group:
      made.values = {1, 1, false, false};
      made.may_be_nan = false;
      break;
    case AggregateOp::stddev:
    case AggregateOp::stdvar:
      made.values = {0, kInf, false, false};
      break;
    case AggregateOp::sum:
      made.values.low = inner.values.low >= 0 ? inner.values.low : -kInf;
      made.values.high = inner.values.high <= 0 ? inner.values.high : kInf;
      break;
    case AggregateOp::avg:
    case AggregateOp::min:
    case AggregateOp::max:
      made.values = inner.values;
      made.values.low_open = false;
      made.values.high_open = false;
      made.may_be_nan = inner.may_be_nan;
      break;
    case AggregateOp::topk:
    case AggregateOp::bottomk:
    case AggregateOp::limitk:
    case AggregateOp::limit_ratio:
      made.values = inner.values;
      made.always = false;  // of none
      made.may_be_nan = inner.may_be_nan;
      break;
    case AggregateOp::quantile:
      break;
  }
  return made;
}

}  // namespace seamwatch::rules
