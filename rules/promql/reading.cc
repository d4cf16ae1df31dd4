// What selectors find: from the storage, once for all steps of a query, or through a QueryCache, in
// columns. Subqueries too.
#include <algorithm>

#include "rules/promql/evaluation.h"
#include "rules/promql/extended_windows.h"

namespace seamwatch::rules::promql {
namespace {

// What is held of each series besides its points.
constexpr std::size_t kResolvedBytes = 64;  // of what a selector found: its number, its labels
constexpr std::size_t kBlockBytes = 32;     // of what the heap adds to a block and its last half

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
  for (WindowSeries& series : loaded_selector(selector, at).series) {
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
    for (WindowSeries& series : loaded_selector(selector, at).series) {
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

// Where the points lie that a selector without a range sees at one step.
WindowSet Evaluation::selector_bounds(const VectorSelector& selector, WallTime at) const {
  const Millis lookback = query_.options.lookback;
  WindowSet window;
  window.end = shifted(selector.modifiers, at);
  window.from = window.end - lookback;
  window.to = selector.borders == Borders::smoothed ? window.end + lookback : window.end;
  return window;
}

// Finds the series of a selector.
void Evaluation::resolve(const VectorSelector& selector, Node& state) {
  state.resolved = query_.storage.select_ids(selector.matchers, nullptr);
  state.resolved_labels.assign(state.resolved->size(), kNoLabels);
  state.read_to = WallTime::min();
  state.steps_at_once = (end_ - start_) / step_;
  query_.hold(state, state.resolved->size() * kResolvedBytes);
}

LabelId Evaluation::labels_at(Node& state, std::size_t i) {
  LabelId& labels = state.resolved_labels[i];
  if (labels == kNoLabels) {
    labels = query_.labels().intern(state.resolved->labels(i));
  }
  return labels;
}

// Reads for the steps from `at` on what `matrix`, or without one the selector itself, sees. Where
// that is too much at once, for as many of them as are not, but for no less time than a window is
// long: so no point is read more often than twice.
void Evaluation::load_points(const VectorSelector& selector,
                             Node& state,
                             WallTime at,
                             const Expr* matrix) {
  const auto bounds = [&](WallTime step) {
    return matrix == nullptr ? selector_bounds(selector, step) : window_bounds(*matrix, step);
  };
  if (state.loads++ == 0) {
    resolve(selector, state);
  }
  WindowSet window = bounds(at);
  const bool fixed = selector.modifiers.fixed();
  const std::int64_t left = fixed ? 0 : (end_ - at) / step_;
  const std::int64_t least = (window.to - window.from) / step_ + 1;
  if (left == 0 && matrix == nullptr && selector.borders != Borders::smoothed) {
    state.loaded_until = end_;
    load_last(state, window);
    return;
  }
  std::size_t read = 0;
  do {
    const std::int64_t steps = std::min(left, state.steps_at_once);
    window.to = bounds(at + steps * step_).to;
    state.loaded_until = fixed || steps == left ? end_ : at + steps * step_;
    read = load_window(state, window, steps > least);
    if (read < state.resolved->size()) {
      const auto part = static_cast<double>(read + 1) / static_cast<double>(state.resolved->size());
      state.steps_at_once = std::max(
          least, static_cast<std::int64_t>(static_cast<double>(steps) * std::min(part, 0.5)));
    }
  } while (read < state.resolved->size() && !query_.failed());
  state.read_to = window.to;
}

// Reads what lies in (window.from, window.to] in place of what was read before. Of how many series;
// less than all where that is too much at once, and `divisible`, or the query fails.
std::size_t Evaluation::load_window(Node& state, const WindowSet& window, bool divisible) {
  query_.let_go(state.series_held);
  state.series_held = 0;
  state.series.clear();
  std::size_t points = 0;
  std::size_t counted = 0;
  std::vector<Point> read;
  for (std::size_t i = 0; i < state.resolved->size() && !query_.failed(); ++i) {
    read.clear();
    state.resolved->read(i, window.from + Millis(1), window.to, read);
    points += read.size();
    if (divisible && points > query_.options.points_at_once) {
      query_.samples -= static_cast<std::int64_t>(counted);
      return i;
    }
    const auto is_new = [&](const Point& point) { return point.at > state.read_to; };
    const auto fresh = static_cast<std::size_t>(std::count_if(read.begin(), read.end(), is_new));
    query_.spend(read.size() - fresh + 1);
    query_.count_samples(fresh);
    counted += fresh;
    if (!read.empty()) {
      keep_series(state, i, read);
    }
  }
  return state.resolved->size();
}

// The same with the last point of each series alone.
void Evaluation::load_last(Node& state, const WindowSet& window) {
  LastColumn last;
  state.resolved->read_last(window.from + Millis(1), window.to, last);
  for (std::size_t i = 0; i < last.values.size() && !query_.failed(); ++i) {
    if (last.times[i] != WallTime::min()) {
      query_.count_samples(last.times[i] > state.read_to ? 1 : 0);
      keep_series(state, i, {{last.times[i], last.values[i]}});
    }
  }
}

// Adds the series at place `i` of what the selector found.
void Evaluation::keep_series(Node& state, std::size_t i, const std::vector<Point>& points) {
  const std::size_t bytes = sizeof(WindowSeries) + kBlockBytes + points.size() * sizeof(Point);
  if (!query_.hold(bytes)) {
    return;
  }
  state.series_held += bytes;
  state.series.push_back({labels_at(state, i), points});
}

Node& Evaluation::loaded_selector(const VectorSelector& selector, WallTime at) {
  Node& state = node(selector);
  if (state.loads == 0 || at > state.loaded_until) {
    load_points(selector, state, at, nullptr);
    if (selector.borders == Borders::smoothed) {
      erase_stale(state);
    }
  }
  return state;
}

Node& Evaluation::loaded_matrix(const Expr& expr, WallTime at) {
  Node& state = node(expr);
  if (state.loads > 0 && at <= state.loaded_until) {
    return state;
  }
  if (const auto* subquery = as_if<Subquery>(expr)) {
    state.series = run_subquery(*subquery, state);
    state.loads = 1;
    state.loaded_until = end_;
    return state;
  }
  load_points(*as<MatrixSelector>(expr).selector, state, at, &expr);
  erase_stale(state);
  return state;
}

// Whether nobody needs its windows again: there is one step, and no other query reads the same.
bool Evaluation::reads_once(const MatrixSelector& matrix) {
  if (!cached_) {
    return start_ == end_;
  }
  return node(matrix).uses <= 1;
}

// The windows of such a selector, one after the other, so that they take no memory. Requires:
// reads_once().
void Evaluation::each_window_once(const MatrixSelector& matrix,
                                  WallTime at,
                                  const std::function<void(const SeriesWindow&)>& visit) {
  Node& state = node(matrix);
  const std::vector<Matcher>& matchers = matrix.selector->matchers;
  const SelectorSeries* known = cached_ ? &query_.cached->series(state, matchers) : nullptr;
  if (known == nullptr && state.resolved == nullptr) {
    resolve(*matrix.selector, state);
  }
  const Selection& selection = known != nullptr ? *known->selection : *state.resolved;
  const WindowSet window = window_bounds(matrix, at);
  std::vector<Point> read;
  for (std::size_t i = 0; i < selection.size() && !query_.failed(); ++i) {
    read.clear();
    selection.read(i, window.from + Millis(1), window.to, read);
    std::erase_if(read, [](const Point& point) { return is_stale(point.value); });
    query_.count_samples(read.size());
    query_.spend(1);
    if (!read.empty()) {
      visit({known != nullptr ? known->labels[i] : labels_at(state, i), read});
    }
  }
}

// Runs the inner expression at the multiples of the step that lie in any window of this evaluation.
std::vector<WindowSeries> Evaluation::run_subquery(const Subquery& subquery, Node& state) {
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
        query_.hold(state, sizeof(WindowSeries) + kBlockBytes);
      }
      std::vector<Point>& points = out[slot->second].points;
      const std::size_t before = points.capacity();
      points.push_back({at, entry.value});
      if (points.capacity() != before) {
        query_.hold(state, (points.capacity() - before) * sizeof(Point));
      }
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
  for (WindowSeries& series : loaded_matrix(expr, at).series) {
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
    for (const WindowSeries& series : run_subquery(*subquery, state)) {
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
