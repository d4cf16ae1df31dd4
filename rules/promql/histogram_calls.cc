// Functions of classic histograms: quantiles and fractions.
#include <algorithm>
#include <cmath>

#include "rules/promql/classic_histogram.h"
#include "rules/promql/evaluation.h"
#include "rules/promql/go_math.h"
#include "rules/promql/literals.h"
#include "rules/promql/windows.h"
#include "rules/series/tight_vector.h"

namespace seamwatch::rules::promql {
namespace {

// The bound that a bucket's `le` names, or NaN.
double parse_bound(std::string_view text) {
  const bool minus = !text.empty() && text.front() == '-';
  if (minus || (!text.empty() && text.front() == '+')) {
    text.remove_prefix(1);
  }
  const auto value =
      text == "Infinity" || text == "infinity" ? parse_number("inf") : parse_number(text);
  return value ? (minus ? -*value : *value) : kNan;
}

// A number as a label's value, as OpenMetrics writes it: "0.5", "1.0", "+Inf".
std::string label_text(double value) {
  std::string text = format_general(value);
  const bool whole = std::isfinite(value) && text.find_first_of(".e") == std::string::npos;
  return whole ? text + ".0" : text;
}

// Where `bound` stands among the bounds, of which there are few.
std::uint32_t number_of_bound(Node& state, double bound) {
  const auto same = std::find_if(state.bounds.begin(), state.bounds.end(), [&](double known) {
    return known == bound || (std::isnan(known) && std::isnan(bound));
  });
  if (same == state.bounds.end()) {
    state.bounds.push_back(bound);
    return static_cast<std::uint32_t>(state.bounds.size() - 1);
  }
  return static_cast<std::uint32_t>(same - state.bounds.begin());
}

void say_fixed(Query& query, std::string_view function, const Expr& input) {
  query.inform("input to " + std::string(function) +
                   " needed to be fixed for monotonicity (see "
                   "https://prometheus.io/docs/prometheus/latest/querying/functions/"
                   "#histogram_quantile) for metric name \"\"",
               input);
}

}  // namespace

// Which histogram, from 0, a bucket series belongs to, and its bound.
BucketPlace Evaluation::bucket_place(Node& state, LabelId labels) {
  const std::uint32_t place = state.labels(labels, [&] {
    Labels rest = query_.labels().get(labels);
    const std::uint32_t bound = number_of_bound(state, parse_bound(rest.get("le")));
    rest.erase("le");
    const LabelId key = query_.labels().intern(rest);
    make_room(state.buckets);
    state.buckets.push_back({number_of_group(state, key), bound});
    return static_cast<std::uint32_t>(state.buckets.size() - 1);
  });
  return state.buckets[place];
}

// What is remembered of the histograms in `input`: the same for every call that takes it.
Node& Evaluation::histograms_node(const Expr& input) {
  std::unique_ptr<Node>& made = node(input).histograms;
  if (made == nullptr) {
    made = std::make_unique<Node>();
  }
  return *made;
}

// The buckets of each histogram in `input`, by its number in that node.
std::vector<std::vector<Bucket>> Evaluation::histograms_of(const Expr& input, WallTime at) {
  const Vector samples = vector(input, at);
  Node& state = histograms_node(input);
  std::vector<std::vector<Bucket>> histograms(state.groups.size());
  for (const VectorEntry& sample : samples) {
    const BucketPlace place = bucket_place(state, sample.labels);
    const double bound = state.bounds[place.bound];
    if (std::isnan(bound)) {
      query_.warn("bucket label \"le\" is missing or has a malformed value of " +
                      go_quoted(query_.labels().value(sample.labels, "le")) + " for metric name " +
                      go_quoted(query_.labels().value(sample.labels, "__name__")),
                  input);
      continue;
    }
    histograms.resize(std::max<std::size_t>(histograms.size(), place.group + 1));
    histograms[place.group].push_back({bound, sample.value});
  }
  return histograms;
}

Vector Evaluation::histogram(const Call& call, WallTime at) {
  const bool is_quantile = call.function->name == "histogram_quantile";
  const Expr& input = *call.args.back();
  const double first = scalar(*call.args[0], at);
  const double second = is_quantile ? 0 : scalar(*call.args[1], at);
  if (is_quantile && !(first >= 0 && first <= 1)) {
    warn_quantile(query_, first, *call.args[0]);
  }
  std::vector<std::vector<Bucket>> histograms = histograms_of(input, at);
  const Node& state = histograms_node(input);
  Vector out;
  for (std::size_t group = 0; group < histograms.size(); ++group) {
    if (histograms[group].empty()) {
      continue;
    }
    if (!is_quantile) {
      const double fraction = bucket_fraction(first, second, std::move(histograms[group]));
      out.push_back({state.groups[group], fraction});
      continue;
    }
    const BucketQuantile result = bucket_quantile(first, std::move(histograms[group]));
    if (result.forced_monotonic) {
      say_fixed(query_, call.function->name, input);
    }
    out.push_back({state.groups[group], result.value});
  }
  return unnamed(std::move(out));
}

// histogram_quantiles(v, "label", q...): one sample a histogram and quantile, which the label
// names.
Vector Evaluation::histogram_quantiles(const Call& call, WallTime at) {
  const Expr& input = *call.args.front();
  const std::string label = text(*call.args[1]);
  if (!is_utf8_name(label)) {
    query_.fail("invalid label name in histogram_quantiles(): " + label);
    return {};
  }
  const std::vector<std::vector<Bucket>> histograms = histograms_of(input, at);
  LabelTable& table = query_.labels();
  Vector out;
  for (std::size_t k = 2; k < call.args.size(); ++k) {
    const double q = scalar(*call.args[k], at);
    if (!(q >= 0 && q <= 1)) {
      warn_quantile(query_, q, *call.args[k]);
    }
    for (std::size_t group = 0; group < histograms.size(); ++group) {
      if (histograms[group].empty()) {
        continue;
      }
      const BucketQuantile result = bucket_quantile(q, histograms[group]);
      if (result.forced_monotonic) {
        say_fixed(query_, call.function->name, input);
      }
      Labels labels = table.get(histograms_node(input).groups[group]);
      labels.set(label, label_text(q));
      out.push_back({table.intern(labels), result.value});
    }
  }
  return unnamed(std::move(out));
}

}  // namespace seamwatch::rules::promql
