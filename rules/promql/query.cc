// What all evaluations of one query share: its limits, its annotations, its windows.
#include <algorithm>

#include "rules/promql/evaluation.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::size_t kAnnotationsMax = 100;

}  // namespace

std::span<const Point> WindowSeries::slide(WallTime after, WallTime to) {
  if (begin > 0 && points[begin - 1].at > after) {
    begin = 0;  // a window that moved back
  }
  while (begin < points.size() && points[begin].at <= after) {
    ++begin;
  }
  if (end < begin || (end > 0 && points[end - 1].at > to)) {
    end = begin;
  }
  while (end < points.size() && points[end].at <= to) {
    ++end;
  }
  return std::span<const Point>(points).subspan(begin, end - begin);
}

Query::Query(const Storage& the_storage,
             const EngineOptions& the_options,
             const QueryRange& range,
             const QueryStop& the_stop)
    : storage(the_storage),
      options(the_options),
      start(range.start),
      end(range.end),
      pace{range.step, range.end - range.start},
      stop_(the_stop) {
  if (stop_.clock && stop_.timeout > Millis(0)) {
    deadline_ = stop_.clock() + stop_.timeout;
  }
}

Query::~Query() {
  let_go(label_bytes_held_);
}

bool Query::hold(std::size_t bytes) {
  if (stop_.memory == nullptr || stop_.memory->take(bytes)) {
    return true;
  }
  fail(too_many_samples());
  return false;
}

void Query::let_go(std::size_t bytes) {
  if (stop_.memory != nullptr) {
    stop_.memory->give(bytes);
  }
}

void Query::fail(std::string message) {
  if (!failure) {
    failure = std::move(message);
  }
}

void Query::check_stop(const char* doing) {
  unchecked_ = 0;
  if (stop_.cancelled != nullptr && stop_.cancelled->load(std::memory_order_relaxed)) {
    fail(std::string(kCanceled) + doing);
  } else if (deadline_ && stop_.clock() >= *deadline_) {
    fail(std::string(kTimedOut) + doing);
  }
}

void Query::count_label_bytes(std::size_t bytes) {
  count_samples(bytes / sizeof(Point));
  label_bytes_held_ += hold(bytes) ? bytes : 0;
}

void Query::count_samples(std::size_t count) {
  spend(count);
  samples += static_cast<std::int64_t>(count);
  if (samples > options.samples_max) {
    fail(too_many_samples());
  }
}

void Query::warn(const std::string& what, const Expr& where) {
  annotate(warnings, "PromQL warning: " + what, where);
}

void Query::inform(const std::string& what, const Expr& where) {
  annotate(infos, "PromQL info: " + what, where);
}

void Query::annotate(std::vector<std::string>& list, std::string text, const Expr& where) {
  ++annotated_;
  text += " (" + std::to_string(where.begin.line) + ":" + std::to_string(where.begin.column) + ")";
  if (list.size() < kAnnotationsMax && annotations_.insert(text).second) {
    list.push_back(std::move(text));
  }
}

LabelId Query::unnamed(LabelId id) {
  if (options.features.delayed_name_removal) {
    return labels().to_be_unnamed(id);
  }
  return options.features.type_and_unit_labels ? labels().without_metadata(id)
                                               : labels().without_name(id);
}

LabelId Query::shown(LabelId id) {
  if (!options.features.delayed_name_removal || labels().value(id, kUnnamedLabel).empty()) {
    return id;
  }
  return options.features.type_and_unit_labels ? labels().without_metadata(id)
                                               : labels().drop(id, {});
}

void Query::require_unique(const Vector& vector, const char* message) {
  if (vector.size() < 2) {
    return;
  }
  LabelMarks& seen = marks();
  seen.begin(vector.size());
  for (const VectorEntry& entry : vector) {
    if (seen.has(entry.labels)) {
      fail(message);
      return;
    }
    seen.set(entry.labels, 0);
  }
}

}  // namespace seamwatch::rules::promql
