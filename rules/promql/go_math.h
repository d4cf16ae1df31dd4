// Powers and logarithms that round as Go's do, to the last bit: unit tests of rules compare numbers
// exactly, with what Prometheus gave. Pure.
// Source: Go package math, which computes these from ln and the exponent of the number, and ln as
// fdlibm does (K. C. Ng, Sun Microsystems, e_log.c, with the coefficients of its polynomial).
#pragma once

#include <limits>

namespace seamwatch::rules::promql {

inline constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

double go_pow(double base, double exponent);
double go_ln(double value);
double go_log2(double value);
double go_log10(double value);

}  // namespace seamwatch::rules::promql
