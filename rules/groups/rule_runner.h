// RuleRunner: one rule with what it remembers between evaluations. Group owns them and writes out
// what they give; alerting_rule.cc and recording_rule.cc are the two kinds.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rules/groups/group.h"
#include "rules/groups/written_series.h"
#include "rules/templates/prometheus_template.h"

namespace seamwatch::rules {

// What the rules of one evaluation share.
struct RuleInput {
  const Evaluation& evaluation;
  const templates::AlertExpander& expander;
  WallTime query_at{};  // evaluation.at less the query offset; samples get this time
  std::int64_t limit = 0;
  Millis interval{};
  Millis resend_delay{};
  Millis resolved_retention{};
  const std::string& external_url;
};

struct RuleOutput {
  std::vector<Sample> samples;
  std::vector<AlertTransition> transitions;
  std::vector<Alert> to_send;
  std::vector<std::string> warnings;
  std::size_t template_failures = 0;
  std::string failed_template;  // of the first: its label or annotation, and what stands there
};

class RuleRunner {
 public:
  RuleRunner(const Rule& rule, std::string key) : rule_(rule), key_(std::move(key)) {}

  virtual ~RuleRunner() = default;

  // Errors: the query's; equal label sets; the limit.
  [[nodiscard]] virtual Result<RuleOutput> evaluate(const RuleInput& input) = 0;

  // The alerts, in the order in which they began.
  virtual const std::vector<AlertState>& alerts() const;

  virtual void restore(std::vector<AlertState> states);

  const Rule& rule() const { return rule_; }

  // Of its group's rule_keys.
  const std::string& key() const { return key_; }

  // Gives out the samples' staleness: calls `append` for every series of the last evaluation that
  // is not in `samples`, and remembers `samples`. Returns how many there were.
  std::size_t settle(const std::vector<Sample>& samples,
                     WallTime at,
                     const std::function<void(const Sample&)>& append);

  // The series written last.
  const WrittenSeries& written() const { return written_; }

  // Takes over all that `old`, the same rule, remembers.
  void take_state_from(RuleRunner& old);

  RuleHealth health = RuleHealth::unknown;
  std::string last_error;
  std::optional<WallTime> last_evaluation = std::nullopt;
  Nanos duration{};

 protected:
  virtual std::vector<AlertState> release_alerts();

 private:
  const Rule& rule_;
  std::string key_;
  WrittenSeries written_;
};

std::unique_ptr<RuleRunner> make_recording_rule(const Rule& rule, std::string key);
std::unique_ptr<RuleRunner> make_alerting_rule(const Rule& rule, std::string key);

// Evaluates `expr` to samples; a scalar is one without labels.
// Errors: the engine's; a string or a range is "rule result is not a vector or scalar".
[[nodiscard]] Result<std::vector<promql::VectorSample>> query_samples(
    const promql::Expr& expr,
    WallTime at,
    const Evaluation& evaluation,
    std::vector<std::string>* warnings);
[[nodiscard]] Result<std::vector<promql::VectorSample>> query_samples(
    const promql::Expr& expr,
    WallTime at,
    const promql::Engine& engine,
    const Storage& storage,
    std::vector<std::string>* warnings);

// Whether two samples have equal labels.
bool has_equal_labels(const std::vector<Sample>& samples);

}  // namespace seamwatch::rules
