#include "rules/promql/go_math.h"

#include <cmath>
#include <cstdint>
#include <limits>

namespace seamwatch::rules::promql {
namespace {

// Rounded once: quotients of rounded logarithms would differ in the last bit.
constexpr double kLog2OfE = 1.44269504088896340735992468100189214;
constexpr double kLog10OfE = 0.434294481903251827651128918916605082;
constexpr double kHalfOfRoot2 = 0.707106781186547524400844362104849039;

// ln 2 in two parts, of which the first has zeros at its end: products with it are exact.
constexpr double kLn2High = 6.93147180369123816490e-01;
constexpr double kLn2Low = 1.90821492927058770002e-10;

// Of the remainder R in ln(1+f) = f - f*f/2 + s*(f*f/2 + R), a polynomial in s*s, s = f/(2+f).
constexpr double kRemainder[] = {6.666666666666735130e-01,
                                 3.999999999940941908e-01,
                                 2.857142874366239149e-01,
                                 2.222219843214978396e-01,
                                 1.818357216161805012e-01,
                                 1.531383769920937332e-01,
                                 1.479819860510658591e-01};

// A number as fraction * 2^exponent, whose products do not overflow.
struct Scaled {
  double fraction = 1;
  std::int64_t exponent = 0;
};

// start * base^power by squaring. The order of the products decides the last bit.
Scaled whole_power(double start, double base, std::int64_t power) {
  constexpr std::int64_t kExponentMax = 4096;  // past it the result is infinite or zero
  int exponent = 0;
  Scaled square{std::frexp(base, &exponent), 0};
  square.exponent = exponent;
  Scaled product{start, 0};
  for (; power != 0; power >>= 1) {
    if (square.exponent < -kExponentMax || square.exponent > kExponentMax) {
      product.exponent += square.exponent;
      break;
    }
    if ((power & 1) == 1) {
      product.fraction *= square.fraction;
      product.exponent += square.exponent;
    }
    square.fraction *= square.fraction;
    square.exponent *= 2;
    if (square.fraction < 0.5) {
      square.fraction *= 2;
      --square.exponent;
    }
  }
  return product;
}

}  // namespace

double go_pow(double base, double exponent) {
  constexpr double kWholeMax = 9.2e18;  // more does not fit 64 bits
  const bool special = !std::isfinite(base) || !std::isfinite(exponent) || base == 0 || base == 1 ||
                       exponent == 0 || std::fabs(exponent) > kWholeMax;
  if (special) {
    return std::pow(base, exponent);
  }
  if (std::fabs(exponent) == 0.5) {
    return exponent > 0 ? std::sqrt(base) : 1 / std::sqrt(base);
  }
  double whole = 0;
  double rest = std::modf(std::fabs(exponent), &whole);
  if (rest != 0 && base < 0) {
    return std::numeric_limits<double>::quiet_NaN();
  }
  if (rest > 0.5) {
    rest -= 1;
    whole += 1;
  }
  const double root = rest == 0 ? 1 : std::exp(rest * go_ln(base));
  Scaled result = whole_power(root, base, static_cast<std::int64_t>(whole));
  if (exponent < 0) {
    result.fraction = 1 / result.fraction;
    result.exponent = -result.exponent;
  }
  return std::ldexp(result.fraction, static_cast<int>(result.exponent));
}

double go_ln(double value) {
  if (!std::isfinite(value) || value <= 0) {
    return std::log(value);
  }
  int exponent = 0;
  double fraction = std::frexp(value, &exponent);
  if (fraction < kHalfOfRoot2) {
    fraction *= 2;
    --exponent;
  }
  const double f = fraction - 1;
  const double s = f / (2 + f);
  const double s2 = s * s;
  const double s4 = s2 * s2;
  const double* const c = kRemainder;
  // Odd and even powers apart: the order of the sums decides the last bit.
  const double odd = s2 * (c[0] + s4 * (c[2] + s4 * (c[4] + s4 * c[6])));
  const double even = s4 * (c[1] + s4 * (c[3] + s4 * c[5]));
  const double half_square = 0.5 * f * f;
  const double correction = s * (half_square + (odd + even)) + exponent * kLn2Low;
  return exponent * kLn2High - ((half_square - correction) - f);
}

double go_log2(double value) {
  if (!std::isfinite(value) || value <= 0) {
    return std::log2(value);
  }
  int exponent = 0;
  const double fraction = std::frexp(value, &exponent);
  // Powers of two are exact.
  return fraction == 0.5 ? exponent - 1 : go_ln(fraction) * kLog2OfE + exponent;
}

double go_log10(double value) {
  return go_ln(value) * kLog10OfE;
}

}  // namespace seamwatch::rules::promql
