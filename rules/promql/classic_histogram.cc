#include "rules/promql/classic_histogram.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "rules/promql/go_math.h"

namespace seamwatch::rules::promql {
namespace {

constexpr double kInf = std::numeric_limits<double>::infinity();

// Relative differences below this are noise of floating point, not a falling count.
constexpr double kTolerance = 1e-12;

bool almost_equal(double a, double b) {
  if (a == b || (std::isnan(a) && std::isnan(b))) {
    return true;
  }
  const double sum = std::fabs(a) + std::fabs(b);
  const double difference = std::fabs(a - b);
  if (a == 0 || b == 0 || sum < std::numeric_limits<double>::min()) {
    return difference < kTolerance * std::numeric_limits<double>::min();
  }
  return difference / std::min(sum, std::numeric_limits<double>::max()) < kTolerance;
}

// Sorts by bound and adds up buckets of the same bound.
void coalesce(std::vector<Bucket>& buckets) {
  std::sort(buckets.begin(), buckets.end(), [](const Bucket& a, const Bucket& b) {
    return a.upper_bound < b.upper_bound;
  });
  std::size_t last = 0;
  for (std::size_t i = 1; i < buckets.size(); ++i) {
    if (buckets[i].upper_bound == buckets[last].upper_bound) {
      buckets[last].count += buckets[i].count;
    } else {
      buckets[++last] = buckets[i];
    }
  }
  buckets.resize(last + 1);
}

bool make_monotonic(std::vector<Bucket>& buckets) {
  bool forced = false;
  double previous = buckets.front().count;
  for (Bucket& bucket : buckets) {
    if (almost_equal(previous, bucket.count)) {
      bucket.count = previous;
    } else if (bucket.count < previous) {
      bucket.count = previous;
      forced = true;
    } else {
      previous = bucket.count;
    }
  }
  return forced;
}

}  // namespace

BucketQuantile bucket_quantile(double q, std::vector<Bucket> buckets) {
  if (std::isnan(q)) {
    return {kNan};
  }
  if (q < 0 || q > 1) {
    return {q < 0 ? -kInf : kInf};
  }
  coalesce(buckets);
  if (buckets.back().upper_bound != kInf) {
    return {kNan};
  }
  const bool forced = make_monotonic(buckets);
  const double observations = buckets.back().count;
  if (buckets.size() < 2 || observations == 0 || std::isnan(observations)) {
    return {kNan, forced};
  }
  double rank = q * observations;
  const auto last = buckets.end() - 1;
  const auto at = std::find_if(
      buckets.begin(), last, [&](const Bucket& bucket) { return bucket.count >= rank; });
  if (at == last) {
    return {(last - 1)->upper_bound, forced};
  }
  if (at == buckets.begin() && at->upper_bound <= 0) {
    return {at->upper_bound, forced};
  }
  double start = 0;
  double count = at->count;
  if (at != buckets.begin()) {
    start = (at - 1)->upper_bound;
    count -= (at - 1)->count;
    rank -= (at - 1)->count;
  }
  return {start + (at->upper_bound - start) * (rank / count), forced};
}

double bucket_fraction(double lower, double upper, std::vector<Bucket> buckets) {
  coalesce(buckets);
  const double count = buckets.back().count;
  if (buckets.back().upper_bound != kInf || count == 0 || std::isnan(lower) || std::isnan(upper)) {
    return kNan;
  }
  if (lower >= upper) {
    return 0;
  }
  // The number of observations below `value`; linear within a bucket. The first bucket begins at 0
  // where its bound is positive, else at -Inf.
  const auto rank_of = [&](double value) {
    double rank = 0;
    for (std::size_t i = 0; i < buckets.size(); ++i) {
      const Bucket& bucket = buckets[i];
      const double begin = i > 0 ? buckets[i - 1].upper_bound : bucket.upper_bound > 0 ? 0 : -kInf;
      if (value <= begin) {
        return rank;
      }
      if (value < bucket.upper_bound) {
        if (std::isinf(begin)) {
          return bucket.count;
        }
        if (std::isinf(bucket.upper_bound)) {
          return rank;
        }
        return rank + (bucket.count - rank) * (value - begin) / (bucket.upper_bound - begin);
      }
      rank = bucket.count;
    }
    return count;
  };
  return (std::min(rank_of(upper), count) - std::min(rank_of(lower), count)) / count;
}

}  // namespace seamwatch::rules::promql
