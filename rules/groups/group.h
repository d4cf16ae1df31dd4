// Group: the rules of one group with their state. evaluate() is called by agent/ at each interval,
// on the evaluator thread, with a time that is always a parameter; tests and replay call it the
// same way. A Group is used by one thread at a time.
// Source: Prometheus 3.x, rules/group.go, rules/alerting.go, rules/recording.go.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/labels.h"
#include "agent/core/sample.h"
#include "agent/core/times.h"
#include "rules/groups/alert_state.h"
#include "rules/groups/rule_file.h"
#include "rules/promql/engine.h"
#include "rules/promql/query_cache.h"
#include "rules/series/storage.h"

namespace seamwatch::rules {

struct GroupOptions {
  Millis interval{60'000};  // where the group names none
  Millis query_offset{0};   // where the group names none
  Millis resend_delay{60'000};
  Millis resolved_retention{15 * 60'000};  // a resolved alert is sent again for this long
  Millis outage_tolerance{60 * 60'000};    // after a longer one, pending alerts start anew
  Labels external_labels;                  // for templates only; the agent puts them on alerts
  std::string external_url;  // "https://host/prefix"; of generator links and templates
};

// What one evaluation works with. All outlive the call.
struct Evaluation {
  WallTime at{};
  const promql::Engine& engine;
  const Storage& storage;
  // Takes each result before the next rule runs, so that later rules of the group see it.
  std::function<void(const Sample&)> append;
  // Measures rules; empty: durations are zero.
  std::function<MonoTime()> stopwatch;
  // What queries keep between evaluations; nullptr: nothing. One for all groups on a storage.
  promql::QueryCache* cache = nullptr;
  promql::QueryStop stop = {};  // of each query
  // Takes out of labels and annotations of an alert what must not be kept; empty: nothing. The same
  // labels become the same each time, and different ones stay different.
  std::function<void(Labels& labels, Labels& annotations)> clean = {};
};

struct AlertTransition {
  std::string alert;  // alertname
  Labels labels;
  AlertPhase from = AlertPhase::inactive;  // inactive also for an alert that is new
  AlertPhase to = AlertPhase::inactive;    // inactive also for a pending alert that went away
  WallTime at{};
  double value = 0;
};

struct RuleError {
  std::size_t rule = 0;  // index in the group
  std::string what;
};

struct GroupResult {
  std::size_t samples_appended = 0;  // staleness markers included
  std::vector<AlertTransition> transitions;
  std::vector<Alert> to_send;  // firing and resolved, as Prometheus would send them now
  std::vector<RuleError> errors;
  std::vector<std::string> warnings;  // of the expressions, each with the rule's name
  std::size_t template_failures = 0;  // expansions that ended in "<error expanding template: ...>"
  std::vector<RuleError> failed_templates;  // the first of each rule, as `summary: <error ...>`
  Nanos duration{};
  std::size_t missed_iterations = 0;  // set by a caller that keeps a pace and fell behind
};

enum class RuleHealth { unknown, good, bad };

std::string_view to_string(RuleHealth health);  // "unknown", "ok", "err", as in the HTTP API

// One rule for the HTTP API. Pointers live as long as the group is not evaluated or changed.
struct RuleStatus {
  const Rule* rule = nullptr;
  AlertPhase phase = AlertPhase::inactive;  // the worst of its alerts
  RuleHealth health = RuleHealth::unknown;
  std::string last_error;
  std::optional<WallTime> last_evaluation = std::nullopt;
  Nanos duration{};                       // of the last evaluation
  std::vector<const AlertState*> alerts;  // pending and firing ones
};

class RuleRunner;
struct RuleInput;

class Group {
 public:
  // Requires: `definition` loaded without problems.
  Group(RuleGroup definition, GroupOptions options);
  ~Group();
  Group(Group&&) noexcept;
  Group& operator=(Group&&) noexcept;

  const RuleGroup& definition() const { return *definition_; }

  Millis interval() const;

  // Evaluates all rules in order at `evaluation.at`, which must not lie before the last time.
  // A rule that fails is reported and leaves its state and series as they were.
  GroupResult evaluate(const Evaluation& evaluation);

  // The state of every alert, resolved ones included, in the order of the rules.
  std::vector<AlertState> states() const;

  // Puts back what states() gave before a restart; states of rules that are gone are ignored.
  // Firing and resolved alerts go on as they were. The time since the last evaluation, which is
  // that of the state that was looked at last, does not count towards `for`; after an outage longer
  // than the tolerance pending alerts are dropped.
  void restore(std::vector<AlertState> states, WallTime now);

  // Takes over alerts and health of the rules that are the same in `old` (see rule_identity) and
  // remembers the series of those that are gone, for staleness markers at the next evaluation.
  // Requires: same file and group name. `old` is empty afterwards.
  void take_state_from(Group& old);

  // Staleness markers for every series this group last wrote: for a group that is removed.
  std::vector<Sample> stale_samples(WallTime at) const;

  std::vector<RuleStatus> statuses() const;

  std::optional<WallTime> last_evaluation() const { return last_evaluation_; }

  Nanos last_duration() const { return last_duration_; }

 private:
  void run_rule(std::size_t i, const RuleInput& input, GroupResult& result);

  std::unique_ptr<RuleGroup> definition_;  // stays in place: runners refer to its rules
  GroupOptions options_;
  std::vector<std::unique_ptr<RuleRunner>> runners_;  // one a rule, in order
  std::vector<Labels> orphans_;                       // series of rules that a reload removed
  std::optional<WallTime> last_evaluation_;
  Nanos last_duration_{};
};

}  // namespace seamwatch::rules
