// Quantiles and fractions of classic histograms: cumulative buckets with upper bounds. Pure.
// Source: Prometheus, promql/quantile.go.
#pragma once

#include <vector>

namespace seamwatch::rules::promql {

struct Bucket {
  double upper_bound = 0;
  double count = 0;  // cumulative
};

struct BucketQuantile {
  double value = 0;
  bool forced_monotonic = false;  // counts fell with rising bounds and were lifted
};

// The q-quantile, interpolated within its bucket. NaN for NaN, without a +Inf bucket, with less
// than two buckets, or without observations; -Inf and +Inf for q below 0 and above 1. Requires: at
// least one bucket.
BucketQuantile bucket_quantile(double q, std::vector<Bucket> buckets);

// The share of observations between `lower` and `upper`. Requires: at least one bucket.
double bucket_fraction(double lower, double upper, std::vector<Bucket> buckets);

}  // namespace seamwatch::rules::promql
