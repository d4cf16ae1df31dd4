// The signatures of PromQL's functions: one literal table, read by the parser, the type check and
// the evaluation (which knows by `form` where the body is).
// Source: Prometheus, querying/functions, of 3.5 and, where marked experimental, of later versions.
#pragma once

#include <string_view>

namespace seamwatch::rules::promql {

enum class ValueType { none, scalar, vector, matrix, string };

// As error messages say it: "instant vector", "range vector", "scalar", "string", "none".
std::string_view describe(ValueType type);

// What kind of body a function has.
enum class FunctionForm {
  math,     // a number of a number, for each sample of a vector
  date,     // a part of the date of each sample, of the evaluation time where no vector is given
  range,    // a number of a window of points, for each series of a matrix
  special,  // one of its own
};

struct Function {
  std::string_view name;
  FunctionForm form;
  ValueType returns;
  ValueType args[5];  // up to the first none
  int variadic = 0;   // how many of the last argument may be missing or added; -1: any number
  bool experimental = false;

  int arg_count() const;

  // histogram_count and its kin, which give nothing for samples that are numbers.
  bool needs_native_histograms() const;
};

// nullptr where there is none of this name.
const Function* find_function(std::string_view name);

}  // namespace seamwatch::rules::promql
