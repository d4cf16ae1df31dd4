#include "rules/promql/evaluation.h"

#include <algorithm>
#include <cmath>

#include "rules/promql/windows.h"

namespace seamwatch::rules::promql {
namespace {

// Functions whose value depends on the time of evaluation even where their arguments do not.
bool depends_on_time(const Call& call) {
  const std::string_view name = call.function->name;
  return call.function->form == FunctionForm::date || name == "time" || name == "timestamp" ||
         name == "predict_linear";
}

}  // namespace

Evaluation::Evaluation(Query& query, WallTime start, WallTime end, Millis step)
    : query_(query), start_(start), end_(end), step_(step) {
  SW_ASSERT(step.count() > 0);
}

Evaluation::~Evaluation() = default;

Evaluation::Node& Evaluation::node(const Expr& expr) {
  auto& slot = nodes_[&expr];
  if (slot == nullptr) {
    slot = std::make_unique<Node>();
  }
  return *slot;
}

WallTime Evaluation::shifted(const TimeModifiers& modifiers, WallTime at) const {
  if (modifiers.at) {
    at = *modifiers.at;
  } else if (modifiers.anchor != TimeModifiers::Anchor::none) {
    at = modifiers.anchor == TimeModifiers::Anchor::start ? query_.start : query_.end;
  }
  return at - modifiers.offset;
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
      same = !depends_on_time(call) &&
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
  if (start_ == end_ || expr.kind == ExprKind::vector_selector || !invariant(expr)) {
    return evaluate(expr, at);
  }
  if (!node(expr).constant) {
    Vector value = evaluate(expr, at);
    node(expr).constant = std::move(value);
  }
  return *node(expr).constant;
}

Vector Evaluation::evaluate(const Expr& expr, WallTime at) {
  switch (expr.kind) {
    case ExprKind::vector_selector: {
      Vector out;
      each_last_point(as<VectorSelector>(expr), at, [&](LabelId labels, const Point& point) {
        out.push_back({labels, point.value});
      });
      return out;
    }
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
  constexpr double kNan = std::numeric_limits<double>::quiet_NaN();
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
    case ExprKind::call: {
      const auto& call = as<Call>(expr);
      if (call.function->name == "time") {
        return unix_seconds(at);
      }
      if (call.function->name == "pi") {
        return M_PI;
      }
      const Vector found = vector(*call.args.front(), at);
      return found.size() == 1 ? found.front().value : kNan;
    }
    default:
      SW_ASSERT(false);
  }
}

// Results of an operation that drops the metric name.
Vector Evaluation::unnamed(Vector vector) {
  for (VectorEntry& entry : vector) {
    entry.labels = query_.labels.without_name(entry.labels);
  }
  query_.require_unique(vector, "vector cannot contain metrics with the same labelset");
  return vector;
}

void Evaluation::load_points(const VectorSelector& selector,
                             Millis range,
                             bool last_only,
                             Node& state) {
  const WallTime from = shifted(selector.modifiers, start_) - range + Millis(1);
  const WallTime to = shifted(selector.modifiers, end_);
  std::vector<SeriesData> found = last_only
                                      ? query_.storage.select_last(selector.matchers, from, to)
                                      : query_.storage.select(selector.matchers, from, to);
  state.series.reserve(found.size());
  for (SeriesData& data : found) {
    query_.count_samples(data.points.size());
    WindowSeries series;
    series.labels = query_.labels.add(std::move(data.labels));
    series.points = std::move(data.points);
    state.series.push_back(std::move(series));
  }
  state.loaded = true;
}

Evaluation::Node& Evaluation::loaded_selector(const VectorSelector& selector) {
  Node& state = node(selector);
  if (!state.loaded) {
    const bool one_step = shifted(selector.modifiers, start_) == shifted(selector.modifiers, end_);
    load_points(selector, query_.options.lookback, one_step, state);
  }
  return state;
}

Evaluation::Node& Evaluation::loaded_matrix(const Expr& expr) {
  Node& state = node(expr);
  if (state.loaded) {
    return state;
  }
  if (const auto* subquery = as_if<Subquery>(expr)) {
    load_subquery(*subquery, state);
    return state;
  }
  const auto& matrix = as<MatrixSelector>(expr);
  load_points(*matrix.selector, matrix.range, false, state);
  for (WindowSeries& series : state.series) {
    std::erase_if(series.points, [](const Point& point) { return is_stale(point.value); });
  }
  return state;
}

// Runs the inner expression at the multiples of the step that lie in any window of this evaluation.
void Evaluation::load_subquery(const Subquery& subquery, Node& state) {
  state.loaded = true;
  const Millis step = subquery.step.count() != 0 ? subquery.step : query_.options.default_step;
  const WallTime after = shifted(subquery.modifiers, start_) - subquery.range;
  const WallTime last = shifted(subquery.modifiers, end_);
  WallTime first(step * (after.time_since_epoch() / step));
  if (first <= after) {
    first += step;
  }
  if (first > last) {
    return;
  }
  if ((last - first) / step >= query_.options.samples_max) {
    query_.count_samples(static_cast<std::size_t>(query_.options.samples_max) + 1);
    return;
  }
  Evaluation inner(query_, first, last, step);
  std::unordered_map<LabelId, std::size_t> index;
  for (WallTime at = first; at <= last && !query_.failed(); at += step) {
    const Vector found = inner.vector(*subquery.expr, at);
    query_.count_samples(found.size() + 1);
    for (const VectorEntry& entry : found) {
      const LabelId labels = query_.labels.canonical(entry.labels);
      const auto [slot, is_new] = index.emplace(labels, state.series.size());
      if (is_new) {
        state.series.emplace_back().labels = labels;
      }
      state.series[slot->second].points.push_back({at, entry.value});
    }
  }
}

template <class Visit>
void Evaluation::each_last_point(const VectorSelector& selector, WallTime at, Visit visit) {
  Node& state = loaded_selector(selector);
  const WallTime to = shifted(selector.modifiers, at);
  for (WindowSeries& series : state.series) {
    query_.spend(1);
    const std::span<const Point> window = series.slide(to - query_.options.lookback, to);
    if (!window.empty() && !is_stale(window.back().value)) {
      visit(series.labels, window.back());
    }
  }
}

template <class Visit>
void Evaluation::each_window(const Expr& matrix, WallTime at, Visit visit) {
  const Expr& expr = unwrapped(matrix);
  Node& state = loaded_matrix(expr);
  const bool is_subquery = expr.kind == ExprKind::subquery;
  const TimeModifiers& modifiers =
      is_subquery ? as<Subquery>(expr).modifiers : as<MatrixSelector>(expr).selector->modifiers;
  const Millis range = is_subquery ? as<Subquery>(expr).range : as<MatrixSelector>(expr).range;
  const WallTime end = shifted(modifiers, at);
  for (WindowSeries& series : state.series) {
    const std::span<const Point> points = series.slide(end - range, end);
    if (!points.empty()) {
      query_.spend(points.size());
      visit(series.labels, Window{points, end - range, end, range});
    }
  }
}

std::vector<SeriesData> Evaluation::matrix(const Expr& expr, WallTime at) {
  std::vector<SeriesData> out;
  each_window(expr, at, [&](LabelId labels, const Window& window) {
    out.push_back({query_.labels.get(labels), {window.points.begin(), window.points.end()}});
  });
  return out;
}

// Says once that a rate is taken of what does not look like a counter.
void Evaluation::check_counter_name(const Call& call, const Expr& matrix) {
  Node& state = node(call);
  if (state.names_checked) {
    return;
  }
  state.names_checked = true;
  for (const WindowSeries& series : loaded_matrix(unwrapped(matrix)).series) {
    const std::string_view name = query_.labels.get(series.labels).get("__name__");
    const bool counter = name.empty() || name.ends_with("_total") || name.ends_with("_sum") ||
                         name.ends_with("_count") || name.ends_with("_bucket");
    if (!counter && !series.points.empty()) {
      query_.inform(
          "metric might not be a counter, name does not end in "
          "_total/_sum/_count/_bucket: " +
              quoted(name),
          matrix);
    }
  }
}

Vector Evaluation::range_call(const Call& call, WallTime at) {
  const std::string_view name = call.function->name;
  const WindowFunction function = find_window_function(name);
  SW_ASSERT(function != nullptr);
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
  if (name == "rate" || name == "increase") {
    check_counter_name(call, *matrix);
  }
  const bool keeps_name = name == "last_over_time" || name == "first_over_time";
  const bool bad_quantile =
      name == "quantile_over_time" && !(args.params[0] >= 0 && args.params[0] <= 1);
  Vector out;
  each_window(*matrix, at, [&](LabelId labels, const Window& window) {
    args.points = window.points;
    args.begin = window.begin;
    args.end = window.end;
    args.range = window.range;
    if (const auto value = function(args)) {
      out.push_back({keeps_name ? labels : query_.labels.without_name(labels), *value});
    }
    if (bad_quantile) {
      warn_quantile(query_, args.params[0], *call.args.front());
    }
  });
  if (!keeps_name) {
    query_.require_unique(out, "vector cannot contain metrics with the same labelset");
  }
  return out;
}

// absent(v) and absent_over_time(m): one sample, where there is none, with the labels that the
// selector's equalities name.
Vector Evaluation::absent(const Call& call, WallTime at) {
  const Expr& arg = unwrapped(*call.args.front());
  const bool over_time = call.function->name == "absent_over_time";
  bool present = false;
  if (over_time) {
    each_window(arg, at, [&](LabelId, const Window&) { present = true; });
  } else {
    present = !vector(arg, at).empty();
  }
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
  return {{query_.labels.intern(std::move(labels)), 1}};
}

// timestamp(v): the time of the sample that a selector found, else of the evaluation.
Vector Evaluation::timestamp(const Call& call, WallTime at) {
  const Expr& arg = unwrapped(*call.args.front());
  Vector out;
  if (const auto* selector = as_if<VectorSelector>(arg)) {
    each_last_point(*selector, at, [&](LabelId labels, const Point& point) {
      out.push_back({labels, unix_seconds(point.at)});
    });
  } else {
    out = vector(arg, at);
    for (VectorEntry& entry : out) {
      entry.value = unix_seconds(at);
    }
  }
  return unnamed(std::move(out));
}

}  // namespace seamwatch::rules::promql
