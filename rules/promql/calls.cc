// Functions of instant vectors: numbers, dates, sorting.
#include <algorithm>
#include <cmath>

#include "rules/promql/evaluation.h"
#include "rules/promql/extended_windows.h"
#include "rules/promql/go_math.h"
#include "rules/promql/literals.h"
#include "rules/promql/windows.h"

namespace seamwatch::rules::promql {
namespace {

using Math = double (*)(double);

struct NamedMath {
  std::string_view name;
  Math function;
};

constexpr NamedMath kMath[] = {
    {"abs", [](double v) { return std::fabs(v); }},
    {"acos", [](double v) { return std::acos(v); }},
    {"acosh", [](double v) { return std::acosh(v); }},
    {"asin", [](double v) { return std::asin(v); }},
    {"asinh", [](double v) { return std::asinh(v); }},
    {"atan", [](double v) { return std::atan(v); }},
    {"atanh", [](double v) { return std::atanh(v); }},
    {"ceil", [](double v) { return std::ceil(v); }},
    {"cos", [](double v) { return std::cos(v); }},
    {"cosh", [](double v) { return std::cosh(v); }},
    {"deg", [](double v) { return v * 180 / M_PI; }},
    {"exp", [](double v) { return std::exp(v); }},
    {"floor", [](double v) { return std::floor(v); }},
    {"ln", [](double v) { return go_ln(v); }},
    {"log10", [](double v) { return go_log10(v); }},
    {"log2", [](double v) { return go_log2(v); }},
    {"rad", [](double v) { return v * M_PI / 180; }},
    {"sgn", [](double v) { return v < 0   ? -1.0
                                  : v > 0 ? 1.0
                                          : v; }},
    {"sin", [](double v) { return std::sin(v); }},
    {"sinh", [](double v) { return std::sinh(v); }},
    {"sqrt", [](double v) { return std::sqrt(v); }},
    {"tan", [](double v) { return std::tan(v); }},
    {"tanh", [](double v) { return std::tanh(v); }},
};

struct Date {
  std::int64_t year;
  unsigned month;  // from 1
  unsigned day;
  std::int64_t days;  // since 1970-01-01
  std::int64_t second_of_day;
};

constexpr std::int64_t kDaySeconds = 86400;

// The UTC date of Unix seconds. Source: H. Hinnant, chrono-compatible low-level date algorithms.
Date date_of(double value) {
  // Beyond these bounds Go's own conversion gives nonsense too; ours stays defined.
  constexpr double kSecondsMax = 1e17;
  const auto at = static_cast<std::int64_t>(
      std::isnan(value) ? -kSecondsMax : std::clamp(value, -kSecondsMax, kSecondsMax));
  std::int64_t days = at / kDaySeconds;
  std::int64_t second = at % kDaySeconds;
  if (second < 0) {
    second += kDaySeconds;
    --days;
  }
  const std::int64_t shifted = days + 719468;
  const std::int64_t era = (shifted >= 0 ? shifted : shifted - 146096) / 146097;
  const auto day_of_era = static_cast<unsigned>(shifted - era * 146097);
  const unsigned year_of_era =
      (day_of_era - day_of_era / 1460 + day_of_era / 36524 - day_of_era / 146096) / 365;
  const unsigned day_of_year =
      day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  const unsigned shifted_month = (5 * day_of_year + 2) / 153;
  const unsigned month = shifted_month < 10 ? shifted_month + 3 : shifted_month - 9;
  return {static_cast<std::int64_t>(year_of_era) + era * 400 + (month <= 2 ? 1 : 0),
          month,
          day_of_year - (153 * shifted_month + 2) / 5 + 1,
          days,
          second};
}

bool is_leap(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

double days_in_month(const Date& date) {
  constexpr int kDays[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return kDays[date.month - 1] + (date.month == 2 && is_leap(date.year) ? 1 : 0);
}

double day_of_year(const Date& date) {
  constexpr int kBefore[] = {0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334};
  return kBefore[date.month - 1] + static_cast<int>(date.day) +
         (date.month > 2 && is_leap(date.year) ? 1 : 0);
}

double date_part(std::string_view name, const Date& date) {
  if (name == "year") {
    return static_cast<double>(date.year);
  }
  if (name == "month") {
    return date.month;
  }
  if (name == "day_of_month") {
    return date.day;
  }
  if (name == "day_of_week") {
    return static_cast<double>(((date.days + 4) % 7 + 7) % 7);
  }
  if (name == "day_of_year") {
    return day_of_year(date);
  }
  if (name == "days_in_month") {
    return days_in_month(date);
  }
  if (name == "hour") {
    return static_cast<double>(date.second_of_day / 3600);
  }
  SW_ASSERT(name == "minute");
  return static_cast<double>(date.second_of_day / 60 % 60);
}

constexpr double kInfinity = std::numeric_limits<double>::infinity();

// Go's math.Max and math.Min: NaN where either is, unless the other is the farthest that there is.
double greater_of(double a, double b) {
  if (a == kInfinity || b == kInfinity) {
    return kInfinity;
  }
  return std::isnan(a) || std::isnan(b) ? kNan : std::max(a, b);
}

double lesser_of(double a, double b) {
  if (a == -kInfinity || b == -kInfinity) {
    return -kInfinity;
  }
  return std::isnan(a) || std::isnan(b) ? kNan : std::min(a, b);
}

}  // namespace

Vector Evaluation::call(const Call& call, WallTime at) {
  for (const ExprPtr& arg : call.args) {
    if (const auto* matrix = as_if<MatrixSelector>(unwrapped(*arg))) {
      std::string problem = borders_problem(call.function->name, matrix->selector->borders);
      if (!problem.empty()) {
        query_.fail(std::move(problem));
        return {};
      }
    }
  }
  switch (call.function->form) {
    case FunctionForm::math:
      return math_call(call, at);
    case FunctionForm::date:
      return date_call(call, at);
    case FunctionForm::range:
      return range_call(call, at);
    case FunctionForm::special:
      return special_call(call, at);
  }
  SW_ASSERT(false);
}

Vector Evaluation::math_call(const Call& call, WallTime at) {
  const auto* found = std::find_if(std::begin(kMath), std::end(kMath), [&](const NamedMath& math) {
    return math.name == call.function->name;
  });
  SW_ASSERT(found != std::end(kMath));
  Vector out = vector(*call.args.front(), at);
  for (VectorEntry& entry : out) {
    entry.value = found->function(entry.value);
  }
  return unnamed(std::move(out));
}

Vector Evaluation::date_call(const Call& call, WallTime at) {
  const std::string_view name = call.function->name;
  if (call.args.empty()) {
    return {{query_.labels().empty(), date_part(name, date_of(unix_seconds(at)))}};
  }
  Vector out = vector(*call.args.front(), at);
  for (VectorEntry& entry : out) {
    entry.value = date_part(name, date_of(entry.value));
  }
  return unnamed(std::move(out));
}

Vector Evaluation::special_call(const Call& call, WallTime at) {
  const std::string_view name = call.function->name;
  if (name == "vector") {
    return {{query_.labels().empty(), scalar(*call.args.front(), at)}};
  }
  if (name.starts_with("absent")) {
    return absent(call, at);
  }
  if (name.starts_with("clamp")) {
    return clamp(call, at);
  }
  if (name == "round") {
    return round(call, at);
  }
  if (name == "sort" || name == "sort_desc") {
    return sorted(call, at);
  }
  if (name == "timestamp") {
    return timestamp(call, at);
  }
  if (name == "label_replace") {
    return label_replace(call, at);
  }
  if (name == "label_join") {
    return label_join(call, at);
  }
  if (name.starts_with("sort_by_label")) {
    return sorted_by_label(call, at);
  }
  if (name == "histogram_quantile" || name == "histogram_fraction") {
    return histogram(call, at);
  }
  if (name == "histogram_quantiles") {
    return histogram_quantiles(call, at);
  }
  if (name == "info") {
    return info(call, at);
  }
  SW_ASSERT(call.function->needs_native_histograms());
  vector(*call.args.front(), at);
  query_.warn(std::string(name) + "() is of native histograms, which are not supported: no result",
              call);
  return {};
}

// The functions whose value is one number.
double Evaluation::scalar_call(const Call& call, WallTime at) {
  const std::string_view name = call.function->name;
  if (name == "time") {
    return unix_seconds(at);
  }
  if (name == "pi") {
    return M_PI;
  }
  if (name == "start" || name == "end") {
    return unix_seconds(name == "start" ? query_.start : query_.end);
  }
  if (name == "step" || name == "range") {
    return seconds(name == "step" ? query_.pace.step : query_.pace.range);
  }
  if (name == "min_of" || name == "max_of") {
    const double first = scalar(*call.args[0], at);
    const double second = scalar(*call.args[1], at);
    return name == "min_of" ? lesser_of(first, second) : greater_of(first, second);
  }
  const Vector found = vector(*call.args.front(), at);
  return found.size() == 1 ? found.front().value : kNan;
}

Vector Evaluation::clamp(const Call& call, WallTime at) {
  const std::string_view name = call.function->name;
  double low = -kInfinity;
  double high = kInfinity;
  if (name == "clamp") {
    low = scalar(*call.args[1], at);
    high = scalar(*call.args[2], at);
  } else {
    (name == "clamp_min" ? low : high) = scalar(*call.args[1], at);
  }
  Vector out = vector(*call.args.front(), at);
  if (high < low) {
    return {};
  }
  for (VectorEntry& entry : out) {
    entry.value = greater_of(low, lesser_of(high, entry.value));
  }
  return unnamed(std::move(out));
}

Vector Evaluation::round(const Call& call, WallTime at) {
  // Dividing by the inverse keeps round(5.2, 0.1) at 5.2.
  const double inverse = 1 / (call.args.size() > 1 ? scalar(*call.args[1], at) : 1);
  Vector out = vector(*call.args.front(), at);
  for (VectorEntry& entry : out) {
    entry.value = std::floor(entry.value * inverse + 0.5) / inverse;
  }
  return unnamed(std::move(out));
}

// sort and sort_desc; NaN comes last in both.
Vector Evaluation::sorted(const Call& call, WallTime at) {
  const bool descending = call.function->name == "sort_desc";
  if (start_ != end_) {
    query_.warn("sort is ineffective for range queries since results are always ordered by labels",
                call);
  }
  Vector out = vector(*call.args.front(), at);
  std::stable_sort(out.begin(), out.end(), [&](const VectorEntry& a, const VectorEntry& b) {
    if (std::isnan(a.value) || std::isnan(b.value)) {
      return !std::isnan(a.value);
    }
    return descending ? a.value > b.value : a.value < b.value;
  });
  return out;
}

}  // namespace seamwatch::rules::promql
