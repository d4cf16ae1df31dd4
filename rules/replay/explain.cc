#include "rules/replay/explain.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <map>

#include "rules/promql/ast.h"

namespace seamwatch::rules::replay {
namespace {

using promql::Binary;
using promql::BinaryOp;
using promql::Expr;
using promql::VectorSample;

constexpr std::size_t kShownMax = 20;  // samples and label sets a part

std::string number_text(double value) {
  if (std::isnan(value)) {
    return "NaN";
  }
  if (std::isinf(value)) {
    return value > 0 ? "+Inf" : "-Inf";
  }
  char text[32];
  std::snprintf(text, sizeof text, "%.15g", value);
  return text;
}

std::string series_text(const Labels& labels) {
  Labels rest = labels;
  rest.erase("__name__");
  const std::string name(labels.get("__name__"));
  return rest.empty() && !name.empty() ? name : name + rest.to_string();
}

// The direct parts, parentheses left out.
std::vector<const Expr*> parts_of(const Expr& expr) {
  std::vector<const Expr*> out;
  if (const auto* call = promql::as_if<promql::Call>(expr)) {
    for (const promql::ExprPtr& arg : call->args) {
      out.push_back(arg.get());
    }
  } else if (const auto* aggregate = promql::as_if<promql::Aggregate>(expr)) {
    if (aggregate->param) {
      out.push_back(aggregate->param.get());
    }
    out.push_back(aggregate->expr.get());
  } else if (const auto* binary = promql::as_if<Binary>(expr)) {
    out = {binary->lhs.get(), binary->rhs.get()};
  } else if (const auto* unary = promql::as_if<promql::Unary>(expr)) {
    out = {unary->expr.get()};
  }
  std::erase_if(out, [](const Expr* part) {
    const auto kind = promql::unwrapped(*part).kind;
    return kind == promql::ExprKind::number || kind == promql::ExprKind::string;
  });
  return out;
}

bool holds(BinaryOp op, double left, double right) {
  switch (op) {
    case BinaryOp::equal:
      return left == right;
    case BinaryOp::not_equal:
      return left != right;
    case BinaryOp::less:
      return left < right;
    case BinaryOp::less_equal:
      return left <= right;
    case BinaryOp::greater:
      return left > right;
    case BinaryOp::greater_equal:
      return left >= right;
    default:
      return true;
  }
}

std::string false_text(BinaryOp op, double left, double right) {
  return number_text(left) + " " + std::string(to_string(op)) + " " + number_text(right) +
         " is false";
}

// The labels by which a sample finds its match on the other side.
Labels match_key(const Labels& labels, const promql::VectorMatching& matching) {
  Labels out;
  for (const auto& [name, value] : labels) {
    const bool named =
        std::find(matching.labels.begin(), matching.labels.end(), name) != matching.labels.end();
    if (matching.on ? named : !named && name != "__name__") {
      out.set(name, value);
    }
  }
  return out;
}

using Samples = std::vector<VectorSample>;
using ByKey = std::map<Labels, std::vector<const VectorSample*>>;

ByKey by_key(const Samples& samples, const promql::VectorMatching& matching) {
  ByKey out;
  for (const VectorSample& sample : samples) {
    out[match_key(sample.labels, matching)].push_back(&sample);
  }
  return out;
}

// The samples of `from` whose match in `others` is (not) there.
void drop(const Samples& from,
          const ByKey& others,
          const Binary& binary,
          bool where_matched,
          const std::string& why,
          std::vector<Dropped>& out) {
  for (const VectorSample& sample : from) {
    if (others.contains(match_key(sample.labels, binary.matching)) == where_matched) {
      out.push_back({sample.labels, why});
    }
  }
}

std::vector<Dropped> dropped_of_vectors(const Binary& binary,
                                        const Samples& left,
                                        const Samples& right) {
  std::vector<Dropped> out;
  const ByKey right_keys = by_key(right, binary.matching);
  const ByKey left_keys = by_key(left, binary.matching);
  switch (binary.op) {
    case BinaryOp::set_and:
      drop(left, right_keys, binary, false, "no match on the right side of and", out);
      return out;
    case BinaryOp::set_unless:
      drop(left, right_keys, binary, true, "removed by unless: it has a match on the right", out);
      return out;
    case BinaryOp::set_or:
      drop(right, left_keys, binary, true, "the left side of or has its labels already", out);
      return out;
    default:
      break;
  }
  drop(left, right_keys, binary, false, "no match on the right side", out);
  drop(right, left_keys, binary, false, "no match on the left side", out);
  if (!is_comparison(binary.op) || binary.return_bool) {
    return out;
  }
  for (const VectorSample& sample : left) {
    const auto match = right_keys.find(match_key(sample.labels, binary.matching));
    if (match == right_keys.end()) {
      continue;
    }
    for (const VectorSample* other : match->second) {
      if (!holds(binary.op, sample.value, other->value)) {
        out.push_back({sample.labels, false_text(binary.op, sample.value, other->value)});
      }
    }
  }
  return out;
}

std::vector<Dropped> dropped_of(const Binary& binary,
                                const promql::Value& left,
                                const promql::Value& right) {
  const auto* left_vector = std::get_if<promql::VectorValue>(&left);
  const auto* right_vector = std::get_if<promql::VectorValue>(&right);
  if (left_vector != nullptr && right_vector != nullptr) {
    return dropped_of_vectors(binary, left_vector->samples, right_vector->samples);
  }
  std::vector<Dropped> out;
  if (!is_comparison(binary.op) || binary.return_bool) {
    return out;
  }
  const auto* left_scalar = std::get_if<promql::ScalarValue>(&left);
  const auto* right_scalar = std::get_if<promql::ScalarValue>(&right);
  const auto check = [&](const Labels& labels, double a, double b) {
    if (!holds(binary.op, a, b)) {
      out.push_back({labels, false_text(binary.op, a, b)});
    }
  };
  if (left_vector != nullptr && right_scalar != nullptr) {
    for (const VectorSample& sample : left_vector->samples) {
      check(sample.labels, sample.value, right_scalar->value);
    }
  } else if (left_scalar != nullptr && right_vector != nullptr) {
    for (const VectorSample& sample : right_vector->samples) {
      check(sample.labels, left_scalar->value, sample.value);
    }
  }
  return out;
}

// Why a selector gave nothing.
std::string empty_note(const promql::VectorSelector& selector, WallTime at, const Storage& store) {
  if (selector.modifiers.fixed()) {
    return "no sample at the time of its @ modifier";
  }
  const WallTime until = at - selector.modifiers.offset;
  std::optional<Point> last;
  for (const SeriesData& series : store.select_last(selector.matchers, WallTime::min(), until)) {
    if (!series.points.empty() && (!last || last->at < series.points.back().at)) {
      last = series.points.back();
    }
  }
  if (!last) {
    return "no series matches until then";
  }
  return is_stale(last->value)
             ? "the last series that matches ended at " + to_rfc3339(last->at)
             : "the last point of what matches is too old: " + to_rfc3339(last->at);
}

class ExprExplainer {
 public:
  ExprExplainer(WallTime at, const promql::Engine& engine, const Storage& storage)
      : at_(at), engine_(engine), storage_(storage) {}

  void add(const Expr& wrapped, int depth);

  std::vector<ExplainedPart> parts;

 private:
  WallTime at_;
  const promql::Engine& engine_;
  const Storage& storage_;
};

void ExprExplainer::add(const Expr& wrapped, int depth) {
  const Expr& expr = promql::unwrapped(wrapped);
  const std::size_t index = parts.size();
  ExplainedPart& part = parts.emplace_back();
  part.depth = depth;
  part.text = promql::to_string(expr);
  auto result = engine_.instant(expr, at_, storage_);
  if (result) {
    part.value = std::move(result->value);
  } else {
    part.error = result.error().message;
  }
  const auto* vector = part.value ? std::get_if<promql::VectorValue>(&*part.value) : nullptr;
  const auto* selector = promql::as_if<promql::VectorSelector>(expr);
  if (selector != nullptr && vector != nullptr && vector->samples.empty()) {
    part.note = empty_note(*selector, at_, storage_);
  }
  for (const Expr* each : parts_of(expr)) {
    add(*each, depth + 1);
  }
  if (const auto* binary = promql::as_if<Binary>(expr)) {
    const auto left = engine_.instant(*binary->lhs, at_, storage_);
    const auto right = engine_.instant(*binary->rhs, at_, storage_);
    if (left && right) {
      parts[index].dropped = dropped_of(*binary, left->value, right->value);
    }
  }
}

ExplainedAlert explained(const AlertState& alert, const Rule& rule, WallTime at) {
  ExplainedAlert out{alert.labels, alert.phase, ""};
  if (alert.phase == AlertPhase::pending) {
    out.why = "holds since " + to_rfc3339(alert.active_at) + ", `for` is " +
              format_duration(rule.hold) + ": fires in " +
              format_duration(rule.hold - (at - alert.active_at)) + " if it goes on";
    return out;
  }
  out.why = "since " + to_rfc3339(alert.fired_at.value_or(alert.active_at));
  if (alert.keep_firing_since) {
    out.why += "; the expression does not hold since " + to_rfc3339(*alert.keep_firing_since) +
               ", keep_firing_for is " + format_duration(rule.keep_firing_for);
  }
  return out;
}

Explanation explained(const RuleStatus& status, const Evaluation& evaluation, Millis offset) {
  const Rule& rule = *status.rule;
  Explanation out;
  out.at = evaluation.at;
  out.parts =
      explain_expr(*rule.expr, evaluation.at - offset, evaluation.engine, evaluation.storage);
  if (status.health == RuleHealth::bad) {
    out.verdict = rule.name + " could not be evaluated: " + status.last_error;
    return out;
  }
  if (rule.kind == Rule::Kind::recording) {
    out.verdict = rule.name + " was recorded";
    return out;
  }
  for (const AlertState* alert : status.alerts) {
    out.alerts.push_back(explained(*alert, rule, evaluation.at));
  }
  out.verdict = rule.name + (out.alerts.empty() ? " is inactive: its expression gave nothing"
                                                : " is " + std::string(to_string(status.phase)));
  return out;
}

std::string value_text(const promql::Value& value, const std::string& indent) {
  if (const auto* scalar = std::get_if<promql::ScalarValue>(&value)) {
    return " = " + number_text(scalar->value) + "\n";
  }
  if (const auto* text = std::get_if<promql::StringValue>(&value)) {
    return " = " + quoted(text->value) + "\n";
  }
  if (const auto* matrix = std::get_if<promql::MatrixValue>(&value)) {
    std::size_t points = 0;
    for (const SeriesData& series : matrix->series) {
      points += series.points.size();
    }
    return ": " + std::to_string(matrix->series.size()) + " series, " + std::to_string(points) +
           " points\n";
  }
  const Samples& samples = std::get<promql::VectorValue>(value).samples;
  std::string out = samples.empty() ? ": nothing\n" : "\n";
  for (std::size_t i = 0; i < std::min(samples.size(), kShownMax); ++i) {
    out += indent + "  " + series_text(samples[i].labels) + " = " + number_text(samples[i].value) +
           "\n";
  }
  if (samples.size() > kShownMax) {
    out += indent + "  and " + std::to_string(samples.size() - kShownMax) + " more\n";
  }
  return out;
}

}  // namespace

std::vector<ExplainedPart> explain_expr(const Expr& expr,
                                        WallTime at,
                                        const promql::Engine& engine,
                                        const Storage& storage) {
  ExprExplainer explainer(at, engine, storage);
  explainer.add(expr, 0);
  return std::move(explainer.parts);
}

std::vector<Explanation> explain(const Recording& recording,
                                 const std::vector<RuleFile>& files,
                                 const std::string& rule,
                                 const Span& shown,
                                 ReplayOptions options) {
  std::vector<Explanation> out;
  options.notify = nullptr;
  options.span.to = std::min(options.span.to, shown.to);
  options.look = [&](const Group& group, const Evaluation& evaluation) {
    if (evaluation.at + group.interval() <= shown.from) {
      return;  // a later one will say it
    }
    const Millis offset = group.definition().query_offset.value_or(options.groups.query_offset);
    for (const RuleStatus& status : group.statuses()) {
      if (status.rule->name != rule) {
        continue;
      }
      // What lies before is of use only where nothing comes after it.
      std::erase_if(out, [&](const Explanation& each) {
        return each.at < shown.from && each.at < evaluation.at;
      });
      out.push_back(explained(status, evaluation, offset));
    }
  };
  replay(recording, files, options);
  return out;
}

std::string text_report(const Explanation& explanation) {
  std::string out = to_rfc3339(explanation.at) + " " + explanation.verdict + "\n";
  for (const ExplainedAlert& alert : explanation.alerts) {
    out += "  " + std::string(to_string(alert.phase)) + " " + alert.labels.to_string() + ": " +
           alert.why + "\n";
  }
  for (const ExplainedPart& part : explanation.parts) {
    const std::string indent(static_cast<std::size_t>(part.depth + 1) * 2, ' ');
    out += indent + part.text;
    out += part.value ? value_text(*part.value, indent) : ": " + part.error + "\n";
    if (!part.note.empty()) {
      out += indent + "  (" + part.note + ")\n";
    }
    for (std::size_t i = 0; i < std::min(part.dropped.size(), kShownMax); ++i) {
      out += indent + "  dropped " + series_text(part.dropped[i].labels) + ": " +
             part.dropped[i].why + "\n";
    }
    if (part.dropped.size() > kShownMax) {
      out +=
          indent + "  and " + std::to_string(part.dropped.size() - kShownMax) + " more dropped\n";
    }
  }
  return out;
}

}  // namespace seamwatch::rules::replay
