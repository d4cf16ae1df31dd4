#include "rules/promql/functions.h"

#include <algorithm>
#include <array>

namespace seamwatch::rules::promql {
namespace {

using enum FunctionForm;

constexpr ValueType kNone = ValueType::none;
constexpr ValueType kScalar = ValueType::scalar;
constexpr ValueType kVector = ValueType::vector;
constexpr ValueType kMatrix = ValueType::matrix;
constexpr ValueType kString = ValueType::string;

// Sorted by name, which find_function relies on.
constexpr Function kFunctions[] = {
    {"abs", math, kVector, {kVector}},
    {"absent", special, kVector, {kVector}},
    {"absent_over_time", special, kVector, {kMatrix}},
    {"acos", math, kVector, {kVector}},
    {"acosh", math, kVector, {kVector}},
    {"asin", math, kVector, {kVector}},
    {"asinh", math, kVector, {kVector}},
    {"atan", math, kVector, {kVector}},
    {"atanh", math, kVector, {kVector}},
    {"avg_over_time", range, kVector, {kMatrix}},
    {"ceil", math, kVector, {kVector}},
    {"changes", range, kVector, {kMatrix}},
    {"clamp", special, kVector, {kVector, kScalar, kScalar}},
    {"clamp_max", special, kVector, {kVector, kScalar}},
    {"clamp_min", special, kVector, {kVector, kScalar}},
    {"cos", math, kVector, {kVector}},
    {"cosh", math, kVector, {kVector}},
    {"count_over_time", range, kVector, {kMatrix}},
    {"day_of_month", date, kVector, {kVector}, 1},
    {"day_of_week", date, kVector, {kVector}, 1},
    {"day_of_year", date, kVector, {kVector}, 1},
    {"days_in_month", date, kVector, {kVector}, 1},
    {"deg", math, kVector, {kVector}},
    {"delta", range, kVector, {kMatrix}},
    {"deriv", range, kVector, {kMatrix}},
    {"double_exponential_smoothing", range, kVector, {kMatrix, kScalar, kScalar}, 0, true},
    {"end", special, kScalar, {}, 0, true},
    {"exp", math, kVector, {kVector}},
    {"first_over_time", range, kVector, {kMatrix}, 0, true},
    {"floor", math, kVector, {kVector}},
    {"histogram_avg", special, kVector, {kVector}},
    {"histogram_count", special, kVector, {kVector}},
    {"histogram_fraction", special, kVector, {kScalar, kScalar, kVector}},
    {"histogram_quantile", special, kVector, {kScalar, kVector}},
    {"histogram_quantiles", special, kVector, {kVector, kString, kScalar, kScalar}, 9, true},
    {"histogram_stddev", special, kVector, {kVector}},
    {"histogram_stdvar", special, kVector, {kVector}},
    {"histogram_sum", special, kVector, {kVector}},
    {"hour", date, kVector, {kVector}, 1},
    {"idelta", range, kVector, {kMatrix}},
    {"increase", range, kVector, {kMatrix}},
    {"info", special, kVector, {kVector, kVector}, 1, true},
    {"irate", range, kVector, {kMatrix}},
    {"label_join", special, kVector, {kVector, kString, kString, kString}, -1},
    {"label_replace", special, kVector, {kVector, kString, kString, kString, kString}},
    {"last_over_time", range, kVector, {kMatrix}},
    {"ln", math, kVector, {kVector}},
    {"log10", math, kVector, {kVector}},
    {"log2", math, kVector, {kVector}},
    {"mad_over_time", range, kVector, {kMatrix}, 0, true},
    {"max_of", special, kScalar, {kScalar, kScalar}, 0, true},
    {"max_over_time", range, kVector, {kMatrix}},
    {"min_of", special, kScalar, {kScalar, kScalar}, 0, true},
    {"min_over_time", range, kVector, {kMatrix}},
    {"minute", date, kVector, {kVector}, 1},
    {"month", date, kVector, {kVector}, 1},
    {"pi", special, kScalar, {}},
    {"predict_linear", range, kVector, {kMatrix, kScalar}},
    {"present_over_time", range, kVector, {kMatrix}},
    {"quantile_over_time", range, kVector, {kScalar, kMatrix}},
    {"rad", math, kVector, {kVector}},
    {"range", special, kScalar, {}, 0, true},
    {"rate", range, kVector, {kMatrix}},
    {"resets", range, kVector, {kMatrix}},
    {"round", special, kVector, {kVector, kScalar}, 1},
    {"scalar", special, kScalar, {kVector}},
    {"sgn", math, kVector, {kVector}},
    {"sin", math, kVector, {kVector}},
    {"sinh", math, kVector, {kVector}},
    {"sort", special, kVector, {kVector}},
    {"sort_by_label", special, kVector, {kVector, kString}, -1, true},
    {"sort_by_label_desc", special, kVector, {kVector, kString}, -1, true},
    {"sort_desc", special, kVector, {kVector}},
    {"sqrt", math, kVector, {kVector}},
    {"start", special, kScalar, {}, 0, true},
    {"stddev_over_time", range, kVector, {kMatrix}},
    {"stdvar_over_time", range, kVector, {kMatrix}},
    {"step", special, kScalar, {}, 0, true},
    {"sum_over_time", range, kVector, {kMatrix}},
    {"tan", math, kVector, {kVector}},
    {"tanh", math, kVector, {kVector}},
    {"time", special, kScalar, {}},
    {"timestamp", special, kVector, {kVector}},
    {"ts_of_first_over_time", range, kVector, {kMatrix}, 0, true},
    {"ts_of_last_over_time", range, kVector, {kMatrix}, 0, true},
    {"ts_of_max_over_time", range, kVector, {kMatrix}, 0, true},
    {"ts_of_min_over_time", range, kVector, {kMatrix}, 0, true},
    {"vector", special, kVector, {kScalar}},
    {"year", date, kVector, {kVector}, 1},
};

constexpr bool name_less(const Function& a, const Function& b) {
  return a.name < b.name;
}

static_assert(std::is_sorted(std::begin(kFunctions), std::end(kFunctions), name_less));

}  // namespace

std::string_view describe(ValueType type) {
  constexpr std::array kNames = {"none", "scalar", "instant vector", "range vector", "string"};
  return kNames[static_cast<std::size_t>(type)];
}

int Function::arg_count() const {
  const auto end = std::find(std::begin(args), std::end(args), kNone);
  return static_cast<int>(end - std::begin(args));
}

bool Function::needs_native_histograms() const {
  constexpr std::array<std::string_view, 5> kNames = {
      "histogram_avg", "histogram_count", "histogram_stddev", "histogram_stdvar", "histogram_sum"};
  return std::find(kNames.begin(), kNames.end(), name) != kNames.end();
}

const Function* find_function(std::string_view name) {
  const Function wanted{name, special, kNone, {}};
  const auto at = std::lower_bound(std::begin(kFunctions), std::end(kFunctions), wanted, name_less);
  return at != std::end(kFunctions) && at->name == name ? at : nullptr;
}

}  // namespace seamwatch::rules::promql
