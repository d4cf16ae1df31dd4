#include "rules/groups/rule_runner.h"

#include <algorithm>
#include <unordered_set>
#include <utility>

#include "rules/series/storage.h"

namespace seamwatch::rules {
namespace {

// Sets of labels that live elsewhere.
struct ByLabels {
  std::size_t operator()(const Labels* labels) const { return LabelsHash()(*labels); }

  bool operator()(const Labels* a, const Labels* b) const { return *a == *b; }
};

using LabelsSet = std::unordered_set<const Labels*, ByLabels, ByLabels>;

}  // namespace

bool has_equal_labels(const std::vector<Sample>& samples) {
  LabelsSet seen;
  seen.reserve(samples.size());
  return std::any_of(samples.begin(), samples.end(), [&](const Sample& sample) {
    return !seen.insert(&sample.labels).second;
  });
}

const std::vector<AlertState>& RuleRunner::alerts() const {
  static const std::vector<AlertState> none;
  return none;
}

void RuleRunner::restore(std::vector<AlertState>) {}

std::vector<AlertState> RuleRunner::release_alerts() {
  return {};
}

std::size_t RuleRunner::settle(const std::vector<Sample>& samples,
                               WallTime at,
                               const std::function<void(const Sample&)>& append) {
  // Mostly the same series come in the same order, and nothing need be looked up.
  if (written_.same(samples)) {
    return 0;
  }
  LabelsSet present;
  present.reserve(samples.size());
  for (const Sample& sample : samples) {
    present.insert(&sample.labels);
  }
  std::size_t stale = 0;
  written_.each([&](Labels labels) {
    if (!present.contains(&labels)) {
      append({std::move(labels), at, stale_marker()});
      ++stale;
    }
  });
  written_.assign(samples);
  return stale;
}

void RuleRunner::take_state_from(RuleRunner& old) {
  restore(old.release_alerts());
  written_ = std::exchange(old.written_, {});
  health = old.health;
  last_error = std::move(old.last_error);
  last_evaluation = old.last_evaluation;
  duration = old.duration;
}

Result<std::vector<promql::VectorSample>> query_samples(const promql::Expr& expr,
                                                        WallTime at,
                                                        const Evaluation& evaluation,
                                                        std::vector<std::string>* warnings) {
  auto result =
      evaluation.engine.instant(expr, at, evaluation.storage, evaluation.stop, evaluation.cache);
  if (!result) {
    return result.error();
  }
  if (warnings != nullptr) {
    *warnings = std::move(result->warnings);
  }
  if (auto* vector = std::get_if<promql::VectorValue>(&result->value)) {
    return std::move(vector->samples);
  }
  if (const auto* scalar = std::get_if<promql::ScalarValue>(&result->value)) {
    return std::vector<promql::VectorSample>{{Labels(), scalar->value}};
  }
  return error("rule result is not a vector or scalar");
}

Result<std::vector<promql::VectorSample>> query_samples(const promql::Expr& expr,
                                                        WallTime at,
                                                        const promql::Engine& engine,
                                                        const Storage& storage,
                                                        std::vector<std::string>* warnings) {
  return query_samples(expr, at, Evaluation{at, engine, storage, {}, {}}, warnings);
}

}  // namespace seamwatch::rules
