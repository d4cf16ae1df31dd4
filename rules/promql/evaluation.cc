#include "rules/promql/evaluation.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "rules/promql/extended_windows.h"
#include "rules/promql/go_math.h"
#include "rules/promql/windows.h"

namespace seamwatch::rules::promql {
namespace {

// Functions whose value depends on the time of evaluation even where their arguments do not.
bool depends_on_time(const Call& call) {
  const std::string_view name = call.function->name;
  return call.function->form == FunctionForm::date || name == "time" || name == "timestamp" ||
         name == "predict_linear";
}

// What a function says of an `anchored` or `smoothed` window.
std::optional<double> bordered_value(std::string_view name,
                                     WindowFunction function,
                                     WindowArgs args,
                                     Borders borders) {
  const bool counter = name == "rate" || name == "increase";
  const std::vector<Point> points =
      with_borders(args.points, {args.begin, args.end, borders, counter});
  if (points.empty()) {
    return std::nullopt;
  }
  if (counter || name == "delta") {
    return bordered_difference(name, points, args.range);
  }
  args.points = points;
  return function(args);
}

bool keeps_name(std::string_view function) {
  return function == "last_over_time" || function == "first_over_time";
}

}  // namespace

Evaluation::Evaluation(Query& query, WallTime start, WallTime end, Millis step)
    : query_(query),
      cached_(query.cached != nullptr && start == query.start && end == query.end),
      start_(start),
      end_(end),
      step_(step) {
  SW_ASSERT(step.count() > 0);
}

Evaluation::~Evaluation() {
  for (const auto& [expr, node] : nodes_) {
    query_.let_go(node->held + node->series_held);
  }
}

Node& Evaluation::node(const Expr& expr) {
  if (cached_) {
    return query_.cached->node(expr);
  }
  auto& slot = nodes_[&expr];
  if (slot == nullptr) {
    slot = std::make_unique<Node>();
  }
  return *slot;
}

// A duration as written, or what its arithmetic gives in this query.
Millis Evaluation::length(Millis plain, const DurationExprPtr& expr, bool positive) const {
  if (expr == nullptr) {
    return plain;
  }
  const auto found = promql::evaluate(*expr, query_.pace, positive);
  if (!found) {
    query_.fail(found.error().message);
    return Millis(positive ? 1 : 0);
  }
  return *found;
}

WallTime Evaluation::shifted(const TimeModifiers& modifiers, WallTime at) const {
  if (modifiers.at) {
    at = *modifiers.at;
  } else if (modifiers.anchor != TimeModifiers::Anchor::none) {
    at = modifiers.anchor == TimeModifiers::Anchor::start ? query_.start : query_.end;
  }
  return at - length(modifiers.offset, modifiers.offset_expr, false);
}

// Whether `expr` has the same value at every step.
bool Evaluation::invariant(const Expr& expr) {
  std::optional<bool>& known = node(expr).invariant;
  if (known) {
    return *known;
  }
  bool same = true;
  switch (expr.kind) {
    case ExprKind::number:
    case ExprKind::string:
      break;
    case ExprKind::vector_selector:
      same = as<VectorSelector>(expr).modifiers.fixed();
      break;
    case ExprKind::matrix_selector:
      same = as<MatrixSelector>(expr).selector->modifiers.fixed();
      break;
    case ExprKind::subquery:
      same = as<Subquery>(expr).modifiers.fixed();
      break;
    case ExprKind::call: {
      const auto& call = as<Call>(expr);
      same = !depends_on_time(call) && (call.info == nullptr || invariant(*call.info)) &&
             std::all_of(call.args.begin(), call.args.end(), [&](const ExprPtr& arg) {
               return invariant(*arg);
             });
      break;
    }
    case ExprKind::aggregate: {
      const auto& aggregate = as<Aggregate>(expr);
      same =
          invariant(*aggregate.expr) && (aggregate.param == nullptr || invariant(*aggregate.param));
      break;
    }
    case ExprKind::binary:
      same = invariant(*as<Binary>(expr).lhs) && invariant(*as<Binary>(expr).rhs);
      break;
    case ExprKind::unary:
      same = invariant(*as<Unary>(expr).expr);
      break;
    case ExprKind::paren:
      same = invariant(*as<Paren>(expr).expr);
      break;
  }
  known = same;
  return same;
}

Vector Evaluation::vector(const Expr& expr, WallTime at) {
  query_.spend(64);
  if (query_.failed()) {
    return {};
  }
  if (cached_) {
    return cached_value(expr, at);
  }
  if (start_ == end_ || expr.kind == ExprKind::vector_selector || !invariant(expr)) {
    Vector value = evaluate(expr, at);
    hold_values(expr, value.size());
    return value;
  }
  if (!node(expr).constant) {
    Vector value = evaluate(expr, at);
    hold_values(expr, value.size());
    node(expr).constant = std::move(value);
  }
  return *node(expr).constant;
}

// What an operator takes for each of its values, at its largest: the value itself, and what it
// remembers of its labels.
void Evaluation::hold_values(const Expr& expr, std::size_t size) {
  constexpr std::size_t kValueBytes = 40;
  constexpr std::size_t kFew = 100;  // not worth a look
  if (size < kFew) {
    return;
  }
  Node& state = node(expr);
  if (size * kValueBytes > state.values_held) {
    query_.hold(state, size * kValueBytes - state.values_held);
    state.values_held = size * kValueBytes;
  }
}

// The value that another query computed at the same time, or one for others to find.
Vector Evaluation::cached_value(const Expr& expr, WallTime at) {
  Node& state = node(expr);
  if (state.value) {
    return *state.value;
  }
  const std::size_t annotated = query_.annotated();
  Vector out = evaluate(expr, at);
  // Annotations are each query's own, so what has any is evaluated for each.
  if (!query_.failed() && query_.annotated() == annotated) {
    query_.cached->keep_value(state, out);
  }
  return out;
}

Vector Evaluation::evaluate(const Expr& expr, WallTime at) {
  switch (expr.kind) {
    case ExprKind::vector_selector:
      return last_points(as<VectorSelector>(expr), at, false);
    case ExprKind::call:
      return call(as<Call>(expr), at);
    case ExprKind::aggregate:
      return aggregate(as<Aggregate>(expr), at);
    case ExprKind::binary:
      return binary(as<Binary>(expr), at);
    case ExprKind::paren:
      return vector(*as<Paren>(expr).expr, at);
    case ExprKind::unary: {
      Vector out = vector(*as<Unary>(expr).expr, at);
      if (!as<Unary>(expr).minus) {
        return out;
      }
      for (VectorEntry& entry : out) {
        entry.value = -entry.value;
      }
      return unnamed(std::move(out));
    }
    default:
      SW_ASSERT(false);
  }
}

double Evaluation::scalar(const Expr& expr, WallTime at) {
  if (query_.failed()) {
    return kNan;
  }
  switch (expr.kind) {
    case ExprKind::number:
      return as<NumberLiteral>(expr).value;
    case ExprKind::paren:
      return scalar(*as<Paren>(expr).expr, at);
    case ExprKind::unary: {
      const double value = scalar(*as<Unary>(expr).expr, at);
      return as<Unary>(expr).minus ? -value : value;
    }
    case ExprKind::binary: {
      const auto& node = as<Binary>(expr);
      const double lhs = scalar(*node.lhs, at);
      const double rhs = scalar(*node.rhs, at);
      return is_comparison(node.op) ? (compare(node.op, lhs, rhs) ? 1 : 0)
                                    : apply(node.op, lhs, rhs);
    }
    case ExprKind::call:
      return scalar_call(as<Call>(expr), at);
    default:
      SW_ASSERT(false);
  }
}

// Results of an operation that drops the metric name.
Vector Evaluation::unnamed(Vector vector) {
  for (VectorEntry& entry : vector) {
    entry.labels = query_.unnamed(entry.labels);
  }
  query_.require_unique(vector, "vector cannot contain metrics with the same labelset");
  return vector;
}

std::vector<SeriesData> Evaluation::matrix(const Expr& expr, WallTime at) {
  std::vector<SeriesData> out;
  const WindowSet set = windows(expr, at);
  const auto* selector = as_if<MatrixSelector>(unwrapped(expr));
  const Borders borders = selector == nullptr ? Borders::plain : selector->selector->borders;
  for (const SeriesWindow& window : set.series) {
    std::vector<Point> points(window.points.begin(), window.points.end());
    if (borders != Borders::plain) {
      points = with_borders(window.points, {set.begin, set.end, borders, false});
    }
    if (!points.empty()) {
      out.push_back({query_.labels().get(query_.shown(window.labels)), std::move(points)});
      if (!query_.hold(held_bytes(out.back()))) {
        break;
      }
    }
  }
  return out;
}

// Says that a rate is taken of what does not look like a counter.
void Evaluation::check_counter_name(const Expr& matrix, std::string_view name) {
  const bool counter = name.empty() || name.ends_with("_total") || name.ends_with("_sum") ||
                       name.ends_with("_count") || name.ends_with("_bucket");
  if (!counter) {
    query_.inform(
        "metric might not be a counter, name does not end in "
        "_total/_sum/_count/_bucket: " +
            quoted(name),
        matrix);
  }
}

// The same of one of its series. True where the selector names the metric: all have it.
bool Evaluation::check_counter(const Expr& matrix, LabelId series) {
  const auto* selector = as_if<MatrixSelector>(unwrapped(matrix));
  const bool named = selector != nullptr && !selector->selector->name.empty();
  check_counter_name(matrix,
                     named ? std::string_view(selector->selector->name)
                           : query_.labels().value(series, "__name__"));
  return named;
}

// The same of all series, once for what was loaded of them.
void Evaluation::check_counter_names(const Call& call, const Expr& matrix, const WindowSet& set) {
  if (cached_) {
    static_cast<void>(std::any_of(set.series.begin(), set.series.end(), [&](const auto& window) {
      return check_counter(matrix, window.labels);
    }));
    return;
  }
  const Node& loaded = node(unwrapped(matrix));
  if (std::exchange(node(call).names_checked, loaded.loads) == loaded.loads) {
    return;
  }
  for (const WindowSeries& series : loaded.series) {
    if (!series.points.empty()) {
      check_counter_name(matrix, query_.labels().value(series.labels, "__name__"));
    }
  }
}

Vector Evaluation::range_call(const Call& call, WallTime at) {
  const std::string_view name = call.function->name;
  WindowArgs args;
  args.now = at;
  const Expr* matrix = nullptr;
  std::size_t params = 0;
  for (const ExprPtr& arg : call.args) {
    if (value_type(*arg) == ValueType::matrix) {
      matrix = arg.get();
    } else {
      args.params[params++] = scalar(*arg, at);
    }
  }
  if (const auto problem = check_window_params(name, args.params)) {
    query_.fail(*problem);
  }
  if (query_.failed()) {
    return {};
  }
  const WindowSet bounds = window_bounds(unwrapped(*matrix), at);
  args.begin = bounds.begin;
  args.end = bounds.end;
  args.range = bounds.range;
  bool any = false;
  Vector out = window_values(call, *matrix, args, any);
  if (name == "quantile_over_time" && !(args.params[0] >= 0 && args.params[0] <= 1) && any) {
    warn_quantile(query_, args.params[0], *call.args.front());
  }
  if (!keeps_name(name)) {
    query_.require_unique(out, "vector cannot contain metrics with the same labelset");
  }
  return out;
}

// What the function of `call` makes of each window. `any`: whether there was one.
Vector Evaluation::window_values(const Call& call, const Expr& matrix, WindowArgs args, bool& any) {
  const std::string_view name = call.function->name;
  const WindowFunction function = find_window_function(name);
  SW_ASSERT(function != nullptr);
  const bool counter = name == "rate" || name == "increase";
  const auto* selector = as_if<MatrixSelector>(unwrapped(matrix));
  const Borders borders = selector == nullptr ? Borders::plain : selector->selector->borders;
  Vector out;
  const auto add = [&](const SeriesWindow& window) {
    any = true;
    args.points = window.points;
    const auto value =
        borders == Borders::plain ? function(args) : bordered_value(name, function, args, borders);
    if (value) {
      out.push_back({keeps_name(name) ? window.labels : query_.unnamed(window.labels), *value});
    }
  };
  if (selector != nullptr && reads_once(*selector)) {
    bool checked = !counter;
    each_window_once(*selector, args.now, [&](const SeriesWindow& window) {
      checked = checked || check_counter(matrix, window.labels);
      add(window);
    });
    return out;
  }
  const WindowSet set = windows(matrix, args.now);
  if (counter) {
    check_counter_names(call, matrix, set);
  }
  out.reserve(set.series.size());
  std::for_each(set.series.begin(), set.series.end(), add);
  return out;
}

// absent(v) and absent_over_time(m): one sample, where there is none, with the labels that the
// selector's equalities name.
Vector Evaluation::absent(const Call& call, WallTime at) {
  const Expr& arg = unwrapped(*call.args.front());
  const bool over_time = call.function->name == "absent_over_time";
  const bool present = over_time ? !windows(arg, at).series.empty() : !vector(arg, at).empty();
  if (present || query_.failed()) {
    return {};
  }
  const VectorSelector* selector = nullptr;
  if (arg.kind == ExprKind::vector_selector) {
    selector = &as<VectorSelector>(arg);
  } else if (arg.kind == ExprKind::matrix_selector) {
    selector = as<MatrixSelector>(arg).selector.get();
  }
  Labels labels;
  std::unordered_set<std::string_view> named;
  if (selector != nullptr) {
    for (const Matcher& matcher : selector->matchers) {
      const bool sets = matcher.type == MatchType::equal && !named.contains(matcher.name);
      if (matcher.name != "__name__") {
        labels.set(matcher.name, sets ? std::string_view(matcher.value) : std::string_view());
        if (sets) {
          named.insert(matcher.name);
        }
      }
    }
  }
  return {{query_.labels().intern(labels), 1}};
}

// timestamp(v): the time of the sample that a selector found, else of the evaluation.
Vector Evaluation::timestamp(const Call& call, WallTime at) {
  const Expr& arg = unwrapped(*call.args.front());
  Vector out;
  if (const auto* selector = as_if<VectorSelector>(arg)) {
    out = last_points(*selector, at, true);
  } else {
    out = vector(arg, at);
    for (VectorEntry& entry : out) {
      entry.value = unix_seconds(at);
    }
  }
  return unnamed(std::move(out));
}

}  // namespace seamwatch::rules::promql
