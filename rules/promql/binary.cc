// Binary operations: arithmetic, comparison and sets, with vector matching.
#include <algorithm>
#include <cmath>

#include "rules/promql/evaluation.h"
#include "rules/promql/go_math.h"

namespace seamwatch::rules::promql {
namespace {

using Cardinality = VectorMatching::Cardinality;

// Arithmetic results are no longer the metric that they were made of.
bool drops_name(const Binary& binary) {
  return !is_comparison(binary.op) || binary.return_bool;
}

}  // namespace

double apply(BinaryOp op, double lhs, double rhs) {
  switch (op) {
    case BinaryOp::add:
      return lhs + rhs;
    case BinaryOp::subtract:
      return lhs - rhs;
    case BinaryOp::multiply:
      return lhs * rhs;
    case BinaryOp::divide:
      return lhs / rhs;
    case BinaryOp::modulo:
      return std::fmod(lhs, rhs);
    case BinaryOp::power:
      return go_pow(lhs, rhs);
    case BinaryOp::atan2:
      return std::atan2(lhs, rhs);
    default:
      SW_ASSERT(false);
  }
}

bool compare(BinaryOp op, double lhs, double rhs) {
  switch (op) {
    case BinaryOp::equal:
      return lhs == rhs;
    case BinaryOp::not_equal:
      return lhs != rhs;
    case BinaryOp::less:
      return lhs < rhs;
    case BinaryOp::less_equal:
      return lhs <= rhs;
    case BinaryOp::greater:
      return lhs > rhs;
    case BinaryOp::greater_equal:
      return lhs >= rhs;
    default:
      SW_ASSERT(false);
  }
}

Vector Evaluation::binary(const Binary& binary, WallTime at) {
  if (is_set(binary.op)) {
    return set_operation(binary, at);
  }
  const bool vectors =
      value_type(*binary.lhs) == ValueType::vector && value_type(*binary.rhs) == ValueType::vector;
  return vectors ? vector_with_vector(binary, at) : vector_with_scalar(binary, at);
}

// For each entry the labels that it is matched by.
std::vector<LabelId> Evaluation::signatures(const Binary& binary, const Vector& side) {
  Node& state = node(binary);
  std::vector<LabelId> out;
  out.reserve(side.size());
  for (const VectorEntry& entry : side) {
    out.push_back(state.signatures(entry.labels, [&] {
      return binary.matching.on ? query_.labels().keep(entry.labels, binary.matching.labels)
                                : query_.labels().drop(entry.labels, binary.matching.labels);
    }));
  }
  return out;
}

Vector Evaluation::set_operation(const Binary& binary, WallTime at) {
  Vector lhs = vector(*binary.lhs, at);
  const Vector rhs = vector(*binary.rhs, at);
  const std::vector<LabelId> left = signatures(binary, lhs);
  const std::vector<LabelId> right = signatures(binary, rhs);
  LabelMarks& seen = query_.marks();
  seen.begin(std::max(left.size(), right.size()));
  if (binary.op == BinaryOp::set_or) {
    for (const LabelId signature : left) {
      seen.set(signature, 0);
    }
    for (std::size_t i = 0; i < rhs.size(); ++i) {
      if (!seen.has(right[i])) {
        lhs.push_back(rhs[i]);
      }
    }
    return lhs;
  }
  for (const LabelId signature : right) {
    seen.set(signature, 0);
  }
  const bool wanted = binary.op == BinaryOp::set_and;
  Vector out;
  for (std::size_t i = 0; i < lhs.size(); ++i) {
    if (seen.has(left[i]) == wanted) {
      out.push_back(lhs[i]);
    }
  }
  return out;
}

Vector Evaluation::vector_with_scalar(const Binary& binary, WallTime at) {
  const bool scalar_left = value_type(*binary.lhs) == ValueType::scalar;
  const double number = scalar(scalar_left ? *binary.lhs : *binary.rhs, at);
  const Vector input = vector(scalar_left ? *binary.rhs : *binary.lhs, at);
  Vector out;
  out.reserve(input.size());
  for (const VectorEntry& entry : input) {
    const double lhs = scalar_left ? number : entry.value;
    const double rhs = scalar_left ? entry.value : number;
    if (!is_comparison(binary.op)) {
      out.push_back({entry.labels, apply(binary.op, lhs, rhs)});
    } else if (binary.return_bool) {
      out.push_back({entry.labels, compare(binary.op, lhs, rhs) ? 1.0 : 0.0});
    } else if (compare(binary.op, lhs, rhs)) {
      out.push_back(entry);
    }
  }
  return drops_name(binary) ? unnamed(std::move(out)) : out;
}

LabelId Evaluation::result_labels(const Binary& binary, LabelId many, LabelId one) {
  Node& state = node(binary);
  const VectorMatching& matching = binary.matching;
  const auto make = [&] {
    LabelTable& table = query_.labels();
    Labels labels = table.get(many);
    if (matching.cardinality == Cardinality::one_to_one && matching.on) {
      labels = table.get(table.keep(many, matching.labels));
    } else if (matching.cardinality == Cardinality::one_to_one) {
      labels = table.get(table.drop(many, matching.labels));
      labels.set("__name__", table.value(many, "__name__"));
      labels.set(kUnnamedLabel, table.value(many, kUnnamedLabel));
    }
    if (drops_name(binary)) {
      labels = table.get(query_.unnamed(table.intern(labels)));
    }
    for (const std::string& name : matching.include) {
      labels.set(name, table.value(one, name));
    }
    return table.intern(labels);
  };
  if (matching.include.empty()) {
    return state.labels(many, make);
  }
  const auto [slot, is_new] = state.pairs.emplace((std::uint64_t{many} << 32U) | one, 0);
  if (is_new) {
    slot->second = make();
  }
  return slot->second;
}

void Evaluation::report_many(const Binary& binary, LabelId first, LabelId second) {
  const VectorMatching& matching = binary.matching;
  LabelTable& table = query_.labels();
  const Labels group = table.get(matching.on ? table.keep(first, matching.labels)
                                             : table.drop(first, matching.labels));
  const std::string side = matching.cardinality == Cardinality::one_to_many ? "left" : "right";
  // In one order, whichever came first.
  Labels low = table.get(first);
  Labels high = table.get(second);
  low.erase(kUnnamedLabel);
  high.erase(kUnnamedLabel);
  if (high < low) {
    std::swap(low, high);
  }
  query_.fail("found duplicate series for the match group " + group.to_string() + " on the " +
              side + " hand-side of the operation: [" + low.to_string() + ", " + high.to_string() +
              "];many-to-many matching not allowed: matching labels must be unique on one side");
}

// A sample of each side that belong together; which of them is the left one is for the operator.
struct Evaluation::Match {
  VectorEntry many;
  VectorEntry one;
  LabelId signature = 0;
};

// Every sample of the side that may have many, with its partner. Where fill values say so, one that
// has none gets one of its own, and so does each of the other side.
std::vector<Evaluation::Match> Evaluation::matches(const Binary& binary,
                                                   const Vector& many,
                                                   const Vector& one) {
  const VectorMatching& matching = binary.matching;
  const std::vector<LabelId> many_signatures = signatures(binary, many);
  const std::vector<LabelId> one_signatures = signatures(binary, one);
  LabelMarks& index = query_.marks();
  index.begin(one.size());
  for (std::size_t i = 0; i < one.size(); ++i) {
    if (index.has(one_signatures[i])) {
      report_many(binary, one[i].labels, one[index.at(one_signatures[i])].labels);
      return {};
    }
    index.set(one_signatures[i], i);
  }
  std::vector<Match> out;
  out.reserve(many.size());
  std::vector<bool> used(one.size());
  for (std::size_t i = 0; i < many.size(); ++i) {
    const LabelId signature = many_signatures[i];
    if (index.has(signature)) {
      used[index.at(signature)] = true;
      out.push_back({many[i], one[index.at(signature)], signature});
    } else if (matching.fill_right) {
      // Prometheus swaps the sides of group_right, but not their fill values.
      out.push_back({many[i], {signature, *matching.fill_right}, signature});
    }
  }
  for (std::size_t i = 0; matching.fill_left && i < one.size(); ++i) {
    if (!used[i]) {
      const LabelId signature = one_signatures[i];
      out.push_back({{signature, *matching.fill_left}, one[i], signature});
    }
  }
  return out;
}

Vector Evaluation::vector_with_vector(const Binary& binary, WallTime at) {
  Vector lhs = vector(*binary.lhs, at);
  Vector rhs = vector(*binary.rhs, at);
  const bool fills = binary.matching.fills();
  if (((lhs.empty() || rhs.empty()) && !fills) || query_.failed()) {
    return {};
  }
  const bool swapped = binary.matching.cardinality == Cardinality::one_to_many;
  const bool one_to_one = binary.matching.cardinality == Cardinality::one_to_one;
  const std::vector<Match> found = swapped ? matches(binary, rhs, lhs) : matches(binary, lhs, rhs);
  LabelMarks& matched = query_.more_marks();
  matched.begin(found.size());
  Vector out;
  for (const Match& match : found) {
    const double left = swapped ? match.one.value : match.many.value;
    const double right = swapped ? match.many.value : match.one.value;
    double value = left;
    if (!is_comparison(binary.op)) {
      value = apply(binary.op, left, right);
    } else if (binary.return_bool) {
      value = compare(binary.op, left, right) ? 1 : 0;
    } else if (!compare(binary.op, left, right)) {
      continue;
    }
    if (one_to_one && matched.has(match.signature)) {
      query_.fail(
          "multiple matches for labels: many-to-one matching must be explicit "
          "(group_left/group_right)");
      return {};
    }
    matched.set(match.signature, 0);
    out.push_back({result_labels(binary, match.many.labels, match.one.labels), value});
  }
  query_.require_unique(
      out,
      one_to_one ? "vector cannot contain metrics with the same labelset"
                 : "multiple matches for labels: grouping labels must ensure unique matches");
  return out;
}

}  // namespace seamwatch::rules::promql
