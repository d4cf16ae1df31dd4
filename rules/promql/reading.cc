// What selectors find: from the storage, once for all steps of a query, or through a QueryCache, in
// columns. Subqueries too.
#include <algorithm>

#include "rules/promql/evaluation.h"
#include "rules/promql/extended_windows.h"

namespace seamwatch::rules::promql {
namespace {

void erase_stale(Node& state) {
  for (WindowSeries& series : state.series) {
    std::erase_if(series.points, [](const Point& point) { return is_stale(point.value); });
  }
}

}  // namespace

Vector Evaluation::last_points(const VectorSelector& selector, WallTime at, bool times) {
  if (selector.borders == Borders::smoothed && !times) {
    return smoothed_points(selector, at);
  }
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

// `foo smoothed`: what lies between the points before and behind `at`.
Vector Evaluation::smoothed_points(const VectorSelector& selector, WallTime at) {
  const WallTime middle = shifted(selector.modifiers, at);
  const WallTime from = middle - query_.options.lookback;
  const WallTime to = middle + query_.options.lookback;
  Vector out;
  const auto add = [&](LabelId labels, std::span<const Point> window) {
    query_.spend(window.size() + 1);
    if (const auto value = smoothed_value(window, middle)) {
      out.push_back({labels, *value});
    }
  };
  if (!cached_) {
    for (WindowSeries& series : loaded_selector(selector).series) {
      add(series.labels, series.slide(from, to));
    }
    return out;
  }
  const SelectorSeries& found = query_.cached->series(node(selector), selector.matchers);
  std::vector<Point> points;
  for (std::size_t i = 0; i < found.labels.size() && !query_.failed(); ++i) {
    points.clear();
    found.selection->read(i, from + Millis(1), to, points);
    std::erase_if(points, [](const Point& point) { return is_stale(point.value); });
    query_.count_samples(points.size());
    add(found.labels[i], points);
  }
  return out;
}

// Reads what lies in (window.from, window.to].
void Evaluation::load_points(const VectorSelector& selector, const WindowSet& window, Node& state) {
  const WallTime from = window.from + Millis(1);
  const bool last_only = window.range.count() == 0;
  std::vector<SeriesData> found =
      last_only ? query_.storage.select_last(selector.matchers, from, window.to)
                : query_.storage.select(selector.matchers, from, window.to);
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
  if (state.loaded) {
    return state;
  }
  const Millis lookback = query_.options.lookback;
  WindowSet window;
  window.from = shifted(selector.modifiers, start_) - lookback;
  window.to = shifted(selector.modifiers, end_);
  if (selector.borders == Borders::smoothed) {
    window.to += lookback;
    window.range = lookback;
    load_points(selector, window, state);
    erase_stale(state);
    return state;
  }
  const bool one_step = window.to - window.from == lookback;
  window.range = one_step ? Millis(0) : lookback;
  load_points(selector, window, state);
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
  WindowSet window = window_bounds(expr, start_);
  window.to = window_bounds(expr, end_).to;
  load_points(*matrix.selector, window, state);
  erase_stale(state);
  return state;
}

// Runs the inner expression at the multiples of the step that lie in any window of this evaluation.
std::vector<WindowSeries> Evaluation::run_subquery(const Subquery& subquery) {
  const bool has_step = subquery.step.count() != 0 || subquery.step_expr != nullptr;
  const Millis step =
      has_step ? length(subquery.step, subquery.step_expr, true) : query_.options.default_step;
  const WallTime after = window_bounds(subquery, start_).begin;
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

// Where the windows of a matrix selector or subquery lie at one step.
WindowSet Evaluation::window_bounds(const Expr& expr, WallTime at) const {
  WindowSet set;
  Borders borders = Borders::plain;
  if (const auto* subquery = as_if<Subquery>(expr)) {
    set.range = length(subquery->range, subquery->range_expr, true);
    set.end = shifted(subquery->modifiers, at);
  } else {
    const auto& matrix = as<MatrixSelector>(expr);
    set.range = length(matrix.range, matrix.range_expr, true);
    set.end = shifted(matrix.selector->modifiers, at);
    borders = matrix.selector->borders;
  }
  set.begin = set.end - set.range;
  set.from = borders == Borders::plain ? set.begin : set.begin - query_.options.lookback;
  set.to = borders == Borders::smoothed ? set.end + query_.options.lookback : set.end;
  return set;
}

WindowSet Evaluation::windows(const Expr& matrix, WallTime at) {
  const Expr& expr = unwrapped(matrix);
  WindowSet set = window_bounds(expr, at);
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
    const std::span<const Point> points = series.slide(set.from, set.to);
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
      found.selection->read(i, set.from + Millis(1), set.to, made.points);
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
