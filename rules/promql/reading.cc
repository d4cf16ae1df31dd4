// What selectors find: from the storage, once for all steps of a query, or through a QueryCache, in
// columns. Subqueries too.
#include <algorithm>

#include "rules/promql/evaluation.h"

namespace seamwatch::rules::promql {

Vector Evaluation::last_points(const VectorSelector& selector, WallTime at, bool times) {
  if (cached_) {
    return last_points_cached(selector, at, times);
  }
  const WallTime to = shifted(selector.modifiers, at);
  Vector out;
  for (WindowSeries& series : loaded_selector(selector).series) {
    query_.spend(1);
    const std::span<const Point> window = series.slide(to - query_.options.lookback, to);
    if (!window.empty() && !is_stale(window.back().value)) {
      const Point& last = window.back();
      out.push_back({series.labels, times ? unix_seconds(last.at) : last.value});
    }
  }
  return out;
}

Vector Evaluation::last_points_cached(const VectorSelector& selector, WallTime at, bool times) {
  const SelectorSeries& found = query_.cached->series(node(selector), selector.matchers);
  const WallTime to = shifted(selector.modifiers, at);
  LastColumn& last = query_.cached->last;
  found.selection->read_last(to - query_.options.lookback + Millis(1), to, last);
  Vector out;
  out.reserve(last.values.size());
  for (std::size_t i = 0; i < last.values.size(); ++i) {
    if (!is_stale(last.values[i])) {  // neither ended nor without a point
      out.push_back({found.labels[i], times ? unix_seconds(last.times[i]) : last.values[i]});
    }
  }
  query_.count_samples(out.size());
  return out;
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
    series.labels = query_.labels().intern(data.labels);
    series.points = std::move(data.points);
    state.series.push_back(std::move(series));
  }
  state.loaded = true;
}

Node& Evaluation::loaded_selector(const VectorSelector& selector) {
  Node& state = node(selector);
  if (!state.loaded) {
    const bool one_step = shifted(selector.modifiers, start_) == shifted(selector.modifiers, end_);
    load_points(selector, query_.options.lookback, one_step, state);
  }
  return state;
}

Node& Evaluation::loaded_matrix(const Expr& expr) {
  Node& state = node(expr);
  if (state.loaded) {
    return state;
  }
  if (const auto* subquery = as_if<Subquery>(expr)) {
    state.series = run_subquery(*subquery);
    state.loaded = true;
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
std::vector<WindowSeries> Evaluation::run_subquery(const Subquery& subquery) {
  const Millis step = subquery.step.count() != 0 ? subquery.step : query_.options.default_step;
  const WallTime after = shifted(subquery.modifiers, start_) - subquery.range;
  const WallTime last = shifted(subquery.modifiers, end_);
  WallTime first(step * (after.time_since_epoch() / step));
  if (first <= after) {
    first += step;
  }
  std::vector<WindowSeries> out;
  if (first > last) {
    return out;
  }
  if ((last - first) / step >= query_.options.samples_max) {
    query_.count_samples(static_cast<std::size_t>(query_.options.samples_max) + 1);
    return out;
  }
  Evaluation inner(query_, first, last, step);
  std::unordered_map<LabelId, std::size_t> index;
  for (WallTime at = first; at <= last && !query_.failed(); at += step) {
    const Vector found = inner.vector(*subquery.expr, at);
    query_.count_samples(found.size() + 1);
    for (const VectorEntry& entry : found) {
      const auto [slot, is_new] = index.emplace(entry.labels, out.size());
      if (is_new) {
        out.emplace_back().labels = entry.labels;
      }
      out[slot->second].points.push_back({at, entry.value});
    }
  }
  return out;
}

WindowSet Evaluation::windows(const Expr& matrix, WallTime at) {
  const Expr& expr = unwrapped(matrix);
  const bool is_subquery = expr.kind == ExprKind::subquery;
  const TimeModifiers& modifiers =
      is_subquery ? as<Subquery>(expr).modifiers : as<MatrixSelector>(expr).selector->modifiers;
  WindowSet set;
  set.range = is_subquery ? as<Subquery>(expr).range : as<MatrixSelector>(expr).range;
  set.end = shifted(modifiers, at);
  set.begin = set.end - set.range;
  if (cached_) {
    if (const Windows* read = cached_windows(expr, set)) {
      const std::span<const Point> points(read->points);
      set.series.reserve(read->labels.size());
      for (std::size_t i = 0, begin = 0; i < read->labels.size(); begin = read->ends[i++]) {
        if (read->ends[i] != begin) {
          set.series.push_back({read->labels[i], points.subspan(begin, read->ends[i] - begin)});
        }
      }
    }
    return set;
  }
  for (WindowSeries& series : loaded_matrix(expr).series) {
    const std::span<const Point> points = series.slide(set.begin, set.end);
    query_.spend(points.size() + 1);
    if (!points.empty()) {
      set.series.push_back({series.labels, points});
    }
  }
  return set;
}

// nullptr where the query has failed.
const Windows* Evaluation::cached_windows(const Expr& matrix, const WindowSet& set) {
  Node& state = node(matrix);
  if (state.windows) {
    return &*state.windows;
  }
  Windows made;
  if (const auto* subquery = as_if<Subquery>(matrix)) {
    for (const WindowSeries& series : run_subquery(*subquery)) {
      made.labels.push_back(series.labels);
      made.points.insert(made.points.end(), series.points.begin(), series.points.end());
      made.ends.push_back(made.points.size());
    }
  } else {
    const std::vector<Matcher>& matchers = as<MatrixSelector>(matrix).selector->matchers;
    const SelectorSeries& found = query_.cached->series(state, matchers);
    made.labels = found.labels;
    made.ends.reserve(found.labels.size());
    for (std::size_t i = 0; i < found.labels.size() && !query_.failed(); ++i) {
      const auto begin = static_cast<std::ptrdiff_t>(made.points.size());
      found.selection->read(i, set.begin + Millis(1), set.end, made.points);
      made.points.erase(std::remove_if(made.points.begin() + begin,
                                       made.points.end(),
                                       [](const Point& point) { return is_stale(point.value); }),
                        made.points.end());
      made.ends.push_back(made.points.size());
      query_.count_samples(made.points.size() - static_cast<std::size_t>(begin));
    }
  }
  if (query_.failed()) {
    return nullptr;  // and what was read in part is not kept
  }
  query_.cached->keep_windows(state, std::move(made));
  return &*state.windows;
}

}  // namespace seamwatch::rules::promql
