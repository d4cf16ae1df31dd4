// Aggregations: sum, avg, topk and their kin, over the groups of by and without.
#include <algorithm>
#include <cmath>
#include <map>

#include "rules/promql/evaluation.h"
#include "rules/promql/label_hash.h"
#include "rules/promql/literals.h"
#include "rules/promql/windows.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kLabelSetBytes = 64;  // that one takes in a LabelTable, about

LabelId grouping_labels(LabelTable& table,
                        LabelId labels,
                        const std::vector<std::string>& names,
                        bool without) {
  return without ? table.drop(labels, names) : table.keep(labels, names);
}

bool contains(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// What one group has seen at one step.
struct Accumulator {
  bool used = false;
  double count = 0;
  double value = 0;  // min, max; sum of squares of stddev
  double mean = 0;   // of stddev
  bool incremental = false;
  bool name_goes = false;
  KahanSum sum;  // of sum and avg; the mean itself once avg is incremental
};

// The first value begins the sum as it is; one that would overflow turns avg into a running mean.
void add_to_average(Accumulator& group, double value) {
  if (group.count == 1) {
    group.sum = {value, 0};
    return;
  }
  if (!group.incremental) {
    KahanSum next = group.sum;
    next.add(value);
    if (!std::isinf(next.sum)) {
      group.sum = next;
      return;
    }
    group.incremental = true;
    group.sum.sum /= group.count - 1;
    group.sum.compensation /= group.count - 1;
  }
  const double share = (group.count - 1) / group.count;
  group.sum = {share * group.sum.sum, share * group.sum.compensation};
  group.sum.add(value / group.count);
}

void accumulate(AggregateOp op, Accumulator& group, double value) {
  const bool first = !group.used;
  group.used = true;
  group.count += 1;
  switch (op) {
    case AggregateOp::sum:
      if (first) {
        group.sum = {value, 0};
      } else {
        group.sum.add(value);
      }
      break;
    case AggregateOp::avg:
      add_to_average(group, value);
      break;
    case AggregateOp::min:
      group.value = first || value < group.value || std::isnan(group.value) ? value : group.value;
      break;
    case AggregateOp::max:
      group.value = first || value > group.value || std::isnan(group.value) ? value : group.value;
      break;
    case AggregateOp::stddev:
    case AggregateOp::stdvar: {
      if (first) {
        group.mean = value;
        group.value = std::isfinite(value) ? 0 : std::numeric_limits<double>::quiet_NaN();
        break;
      }
      const double delta = value - group.mean;
      group.mean += delta / group.count;
      group.value += delta * (value - group.mean);
      break;
    }
    default:
      break;
  }
}

double result(AggregateOp op, const Accumulator& group) {
  switch (op) {
    case AggregateOp::sum:
      return group.sum.sum + group.sum.compensation;
    case AggregateOp::avg:
      return group.incremental ? group.sum.sum + group.sum.compensation
                               : group.sum.sum / group.count + group.sum.compensation / group.count;
    case AggregateOp::count:
      return group.count;
    case AggregateOp::group:
      return 1;
    case AggregateOp::stddev:
      return std::sqrt(group.value / group.count);
    case AggregateOp::stdvar:
      return group.value / group.count;
    default:
      return group.value;
  }
}

}  // namespace

// The number, from 0, of the group that `labels` belong to.
std::uint32_t Evaluation::group_of(const Aggregate& aggregate, Node& state, LabelId labels) {
  return state.labels(labels, [&] {
    const LabelId key =
        grouping_labels(query_.labels(), labels, aggregate.grouping, aggregate.without);
    return number_of_group(state, key);
  });
}

Vector Evaluation::aggregate(const Aggregate& aggregate, WallTime at) {
  const Vector input = vector(*aggregate.expr, at);
  if (query_.failed()) {
    return {};
  }
  switch (aggregate.op) {
    case AggregateOp::count_values:
      return count_values(aggregate, input);
    case AggregateOp::topk:
    case AggregateOp::bottomk:
    case AggregateOp::limitk:
      return aggregate_ranked(aggregate, input, at);
    case AggregateOp::limit_ratio:
      return aggregate_ratio(aggregate, input, at);
    default:
      return aggregate_values(aggregate, input, at);
  }
}

Vector Evaluation::aggregate_values(const Aggregate& aggregate, const Vector& input, WallTime at) {
  Node& state = node(aggregate);
  Vector out;
  if (aggregate.op == AggregateOp::quantile) {
    const double q = scalar(*aggregate.param, at);
    if (!(q >= 0 && q <= 1)) {
      warn_quantile(query_, q, *aggregate.param);
    }
    std::vector<std::vector<double>> values;
    for (const VectorEntry& entry : input) {
      const std::uint32_t group = group_of(aggregate, state, entry.labels);
      values.resize(std::max<std::size_t>(values.size(), group + 1));
      values[group].push_back(entry.value);
    }
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!values[i].empty()) {
        out.push_back({state.groups[i], quantile(q, values[i])});
      }
    }
    return out;
  }
  // Groups by __name__ whose name goes at the end of the query, as that of one sample does.
  const bool names_go = query_.options.features.delayed_name_removal && !aggregate.without &&
                        contains(aggregate.grouping, "__name__");
  std::vector<Accumulator> groups(state.groups.size());
  for (const VectorEntry& entry : input) {
    const std::uint32_t group = group_of(aggregate, state, entry.labels);
    if (group >= groups.size()) {
      groups.resize(group + 1);
    }
    accumulate(aggregate.op, groups[group], entry.value);
    groups[group].name_goes |=
        names_go && !query_.labels().value(entry.labels, kUnnamedLabel).empty();
  }
  for (std::size_t i = 0; i < groups.size(); ++i) {
    if (groups[i].used) {
      const LabelId labels =
          groups[i].name_goes ? query_.unnamed(state.groups[i]) : state.groups[i];
      out.push_back({labels, result(aggregate.op, groups[i])});
    }
  }
  return out;
}

// topk, bottomk and limitk: the chosen samples of each group, with all their labels.
Vector Evaluation::aggregate_ranked(const Aggregate& aggregate, const Vector& input, WallTime at) {
  const double param = scalar(*aggregate.param, at);
  if (std::isnan(param)) {
    query_.fail("Parameter value is NaN");
    return {};
  }
  if (!(param > -9223372036854775808.0 && param < 9223372036854775808.0)) {
    query_.fail("Scalar value " + format_general(param) + " overflows int64");
    return {};
  }
  if (param < 1) {
    return {};
  }
  const auto wanted = static_cast<std::size_t>(param);
  Node& state = node(aggregate);
  std::vector<Vector> groups;
  for (const VectorEntry& entry : input) {
    const std::uint32_t group = group_of(aggregate, state, entry.labels);
    groups.resize(std::max<std::size_t>(groups.size(), group + 1));
    groups[group].push_back(entry);
  }
  const bool top = aggregate.op == AggregateOp::topk;
  Vector out;
  for (Vector& group : groups) {
    if (aggregate.op != AggregateOp::limitk) {
      std::stable_sort(group.begin(), group.end(), [&](const VectorEntry& a, const VectorEntry& b) {
        if (std::isnan(a.value) || std::isnan(b.value)) {
          return !std::isnan(a.value) && std::isnan(b.value);
        }
        return top ? a.value > b.value : a.value < b.value;
      });
    }
    const auto count = static_cast<std::ptrdiff_t>(std::min(wanted, group.size()));
    out.insert(out.end(), group.begin(), group.begin() + count);
  }
  return out;
}

// limit_ratio: samples whose labels' hash lies below the ratio; for a negative ratio those that
// the complement leaves out.
Vector Evaluation::aggregate_ratio(const Aggregate& aggregate, const Vector& input, WallTime at) {
  double ratio = scalar(*aggregate.param, at);
  if (std::isnan(ratio)) {
    query_.fail("Ratio value is NaN");
    return {};
  }
  if (ratio < -1 || ratio > 1) {
    const double capped = ratio < 0 ? -1 : 1;
    query_.warn("ratio value should be between -1 and 1, got " + format_general(ratio) +
                    ", capping to " + format_general(capped),
                *aggregate.param);
    ratio = capped;
  }
  Node& state = node(aggregate);
  Vector out;
  for (const VectorEntry& entry : input) {
    const std::uint32_t threshold = state.signatures(entry.labels, [&] {
      // The top 31 bits of the hash decide, which keeps kNoLabels free.
      Labels labels = query_.labels().get(entry.labels);
      labels.erase(kUnnamedLabel);
      return static_cast<std::uint32_t>(label_hash(labels) >> 33U);
    });
    const double share = static_cast<double>(threshold) / 2147483647.0;
    if ((ratio >= 0 && share < ratio) || (ratio < 0 && share >= 1 + ratio)) {
      out.push_back(entry);
    }
  }
  return out;
}

Vector Evaluation::count_values(const Aggregate& aggregate, const Vector& input) {
  const std::string label = text(*aggregate.param);
  if (!is_utf8_name(label)) {
    query_.fail("invalid label name " + go_quoted(label));
    return {};
  }
  std::vector<std::string> grouping = aggregate.grouping;
  if (!aggregate.without) {
    grouping.push_back(label);
  }
  Vector out;
  std::map<LabelId, std::size_t> index;
  const std::size_t known = query_.labels().size();
  for (const VectorEntry& entry : input) {
    Labels labels = query_.labels().get(entry.labels);
    labels.set(label, format_plain(entry.value));
    const LabelId key = grouping_labels(
        query_.labels(), query_.labels().intern(labels), grouping, aggregate.without);
    const auto [slot, is_new] = index.emplace(key, out.size());
    if (is_new) {
      out.push_back({key, 0});
    }
    out[slot->second].value += 1;
  }
  // Each step may make other labels of every value, and an aggregation around it hides how many.
  query_.count_label_bytes((query_.labels().size() - known) * kLabelSetBytes);
  return out;
}

}  // namespace seamwatch::rules::promql
