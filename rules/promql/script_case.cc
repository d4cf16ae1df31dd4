#include "rules/promql/script_case.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include <re2/re2.h>

#include "rules/promql/literals.h"

namespace seamwatch::rules::promql {
namespace {

// "" where the points are those of `values` on the steps, else what differs.
std::string compare_points(const std::vector<Point>& points,
                           const Values& values,
                           const Steps& steps) {
  std::size_t next = 0;
  for (std::size_t k = 0; k < values.size(); ++k) {
    const WallTime at = steps.start + steps.step * static_cast<std::int64_t>(k);
    if (!values[k]) {
      continue;
    }
    if (next >= points.size() || points[next].at != at) {
      return "no point at " + format_duration(at.time_since_epoch());
    }
    if (!same(*values[k], points[next].value)) {
      return "got " + format_general(points[next].value) + " at " +
             format_duration(at.time_since_epoch()) + ", want " + format_general(*values[k]);
    }
    ++next;
  }
  return next == points.size()
             ? ""
             : "unexpected point at " + format_duration(points[next].at.time_since_epoch());
}

bool matches(const std::string& pattern, const std::string& message) {
  // "=text" is the text itself, "~regexp" is searched for.
  return pattern[0] == '=' ? message == pattern.substr(1)
                           : re2::RE2::PartialMatch(message, pattern.substr(1));
}

}  // namespace

bool same(double want, double got) {
  if (std::isnan(want) || std::isnan(got)) {
    return std::isnan(want) && std::isnan(got);
  }
  if (want == got) {
    return true;
  }
  const double sum = std::fabs(want) + std::fabs(got);
  const double difference = std::fabs(want - got);
  constexpr double kMin = std::numeric_limits<double>::min();
  if (want == 0 || got == 0 || sum < kMin) {
    return difference < 1e-6 * kMin;
  }
  return difference / std::min(sum, std::numeric_limits<double>::max()) < 1e-6;
}

std::string compare_matrix(const MatrixValue& got, const Expectation& want, const Steps& steps) {
  std::size_t with_points = 0;
  for (const auto& [labels, values] : want.series) {
    const bool empty =
        std::none_of(values.begin(), values.end(), [](const auto& v) { return !!v; });
    with_points += empty ? 0 : 1;
    const auto at = std::find_if(got.series.begin(), got.series.end(), [&](const SeriesData& s) {
      return s.labels == labels;
    });
    if (at == got.series.end()) {
      if (!empty) {
        return "missing series " + labels.to_string();
      }
    } else if (const std::string problem = compare_points(at->points, values, steps);
               !problem.empty()) {
      return labels.to_string() + ": " + problem;
    }
  }
  return with_points == got.series.size() ? ""
                                          : "got " + std::to_string(got.series.size()) +
                                                " series, want " + std::to_string(with_points);
}

std::string compare_vector(const VectorValue& got, const Expectation& want) {
  if (got.samples.size() != want.series.size()) {
    std::string all;
    for (const VectorSample& sample : got.samples) {
      all += " " + sample.labels.to_string() + " " + format_general(sample.value);
    }
    return "got " + std::to_string(got.samples.size()) + " samples, want " +
           std::to_string(want.series.size()) + ":" + all.substr(0, 300);
  }
  for (std::size_t i = 0; i < want.series.size(); ++i) {
    const auto& [labels, values] = want.series[i];
    auto at = got.samples.begin() + static_cast<std::ptrdiff_t>(i);
    if (!want.ordered) {
      at = std::find_if(
          got.samples.begin(), got.samples.end(), [&, &wanted = labels](const VectorSample& s) {
            return s.labels == wanted;
          });
    }
    if (at == got.samples.end() || at->labels != labels) {
      return "missing " + labels.to_string();
    }
    if (values.empty() || !values[0] || !same(*values[0], at->value)) {
      return labels.to_string() + ": got " + format_general(at->value) + ", want " +
             (values.empty() || !values[0] ? "a value" : format_general(*values[0]));
    }
  }
  return "";
}

bool matches_one(const std::vector<std::string>& patterns, const std::string& message) {
  return patterns.empty() ||
         std::any_of(patterns.begin(), patterns.end(), [&](const auto& pattern) {
           return matches(pattern, message);
         });
}

std::string check_annotations(const std::vector<std::string>& got,
                              bool wanted,
                              bool forbidden,
                              const std::vector<std::string>& patterns,
                              const std::string& kind) {
  if (wanted && got.empty()) {
    return "no " + kind + " annotation";
  }
  if (forbidden && !got.empty()) {
    return "unexpected " + kind + ": " + got.front();
  }
  for (const std::string& message : got) {
    if (wanted && !matches_one(patterns, message)) {
      return "unexpected " + kind + ": " + message;
    }
  }
  return "";
}

}  // namespace seamwatch::rules::promql
