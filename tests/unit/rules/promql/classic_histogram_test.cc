#include "rules/promql/classic_histogram.h"

#include <cmath>
#include <limits>

#include <catch2/catch.hpp>

namespace seamwatch::rules::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();
const double kNan = std::nan("");

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) || a == b || std::fabs(a - b) < 1e-9;
}

TEST_CASE("quantiles of buckets") {
  const std::vector<Bucket> good = {{1, 10}, {2, 30}, {kInf, 40}};

  struct Case {
    const char* name;
    double q;
    std::vector<Bucket> buckets;
    double want;
    bool forced = false;
  };

  const Case cases[] = {
      {"below 0", -0.1, good, -kInf},
      {"0", 0, good, 0},
      {"in the first bucket", 0.125, good, 0.5},
      {"in the second", 0.5, good, 1.5},
      {"in the last: its lower bound", 0.9, good, 2},
      {"1", 1, good, 2},
      {"above 1", 1.1, good, kInf},
      {"not a number", kNan, good, kNan},
      {"no +Inf bucket", 0.5, {{1, 10}, {2, 30}}, kNan},
      {"one bucket", 0.5, {{kInf, 30}}, kNan},
      {"nothing observed", 0.5, {{1, 0}, {kInf, 0}}, kNan},
      {"negative first bound", 0.1, {{-1, 10}, {kInf, 20}}, -1},
      {"same bound twice", 0.5, {{1, 5}, {1, 5}, {2, 30}, {kInf, 40}}, 1.5},
      {"falling counts", 0.5, {{1, 10}, {2, 5}, {kInf, 10}}, 0.5, true},
      {"noise is no fall", 0.5, {{1, 10}, {2, 10 - 1e-13}, {kInf, 10}}, 0.5},
      {"any order", 0.5, {{kInf, 40}, {2, 30}, {1, 10}}, 1.5},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      const BucketQuantile got = bucket_quantile(c.q, c.buckets);
      CHECK(same(got.value, c.want));
      CHECK(got.forced_monotonic == c.forced);
    }
  }
}

TEST_CASE("fractions of buckets") {
  const std::vector<Bucket> good = {{1, 10}, {2, 30}, {kInf, 40}};

  struct Case {
    const char* name;
    double lower;
    double upper;
    std::vector<Bucket> buckets;
    double want;
  };

  const Case cases[] = {
      {"all", -kInf, kInf, good, 1},
      {"a bucket", 1, 2, good, 0.5},
      {"within a bucket", 0, 0.5, good, 0.125},
      {"the last bucket", 2, kInf, good, 0.25},
      {"turned round", 2, 1, good, 0},
      {"no number", kNan, 1, good, kNan},
      {"nothing observed", 0, 1, {{1, 0}, {kInf, 0}}, kNan},
      {"no +Inf bucket", 0, 1, {{1, 10}}, kNan},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(same(bucket_fraction(c.lower, c.upper, c.buckets), c.want));
    }
  }
}

}  // namespace
}  // namespace seamwatch::rules::promql
