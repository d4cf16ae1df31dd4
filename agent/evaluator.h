// Evaluator: runs every rule group at its interval on the evaluator thread, keeps its alerts'
// state, and hands the alerts on. Owned by the agent; loop thread but for the evaluation itself.
// While a group is evaluated nothing else touches it.
#pragma once

#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/agent_ports.h"
#include "agent/base/kept_state.h"
#include "agent/base/task_group.h"
#include "rules/groups/group.h"
#include "rules/groups/rule_file.h"
#include "rules/promql/engine.h"
#include "rules/promql/query_cache.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

// One rule as it stood after its last evaluation, for APIs and pages.
struct RuleSnapshot {
  const rules::Rule* rule = nullptr;  // lives as long as the snapshot's group
  rules::AlertPhase phase = rules::AlertPhase::inactive;
  rules::RuleHealth health = rules::RuleHealth::unknown;
  std::string last_error;
  std::optional<WallTime> last_evaluation = std::nullopt;
  Nanos duration{};
  std::vector<rules::AlertState> alerts;
};

struct GroupSnapshot {
  std::shared_ptr<const rules::RuleGroup> definition;
  Millis interval{};
  std::optional<WallTime> last_evaluation = std::nullopt;
  Nanos duration{};
  std::vector<RuleSnapshot> rules;
};

struct EvaluatorOptions {
  rules::GroupOptions groups;
  rules::promql::EngineOptions engine;     // its default step comes from the groups' interval
  Millis query_timeout = Millis(120'000);  // of one rule's expression; at most its interval or 10 s
  // Of alerts, before they are kept or shown: as rules::Evaluation has it.
  std::function<void(Labels& labels, Labels& annotations)> clean = {};
};

class Evaluator {
 public:
  struct Hooks {
    // Takes the alerts of one evaluation; called when their state has been kept.
    std::function<void(std::vector<Alert>)> on_alerts;
    // Whether every probe has reported since the start.
    std::function<bool()> settled;
    // Errors, template failures and how long it took, for metrics.
    std::function<void(const std::string& group, const rules::GroupResult&)> on_evaluated;
  };

  // `series` and `kept` outlive this.
  Evaluator(AgentPorts ports, rules::SeriesStore& series, KeptState& kept, Hooks hooks);
  ~Evaluator();

  // Puts back kept alert states; before the first apply().
  void restore(const std::vector<KeyValue>& kept);

  // Evaluates `files` from now on. Stops what runs, moves the state of rules that stay, ends the
  // series of those that go, and starts anew. The first call hands on the alerts that were
  // restored, those of rules that are gone too: they end by time, as they would have without the
  // restart. Groups with restored alerts are not evaluated before every probe has reported, or
  // three minutes have passed: series that are not there yet must not resolve them.
  boost::asio::awaitable<void> apply(std::vector<rules::RuleFile> files, EvaluatorOptions options);

  // Cancels and joins. What was evaluated by then is kept and handed on.
  boost::asio::awaitable<void> stop();

  // As of each group's last evaluation.
  std::vector<GroupSnapshot> snapshots() const;

  // Where the wall clock was set back: when the last evaluation was, until which nothing is
  // evaluated.
  std::optional<WallTime> waits_until() const;

 private:
  struct Running;

  boost::asio::awaitable<void> cut_queries();
  boost::asio::awaitable<void> run(std::shared_ptr<Running> group);
  boost::asio::awaitable<void> evaluate(std::shared_ptr<Running> group, WallTime at);
  boost::asio::awaitable<void> hand_on(std::shared_ptr<Running> group);
  std::map<std::string, std::shared_ptr<Running>> build(std::vector<rules::RuleFile> files);
  void keep(Running& group, bool all);
  void keep_orphan(const std::string& key, const rules::AlertState& state, WallTime until);
  void forget_orphans(WallTime now);
  void restore_into(Running& running);
  void hand_on_restored();
  static std::string key_of(const rules::RuleGroup& group);
  void clean_restored(const std::vector<rules::RuleFile>& files);
  std::string kept_rule(const std::string& rule);
  std::string kept_key(const std::string& group, const rules::AlertState& state);
  std::string kept_value(rules::AlertState state);

  AgentPorts ports_;
  rules::SeriesStore& series_;
  KeptState& kept_;
  Hooks hooks_;
  rules::promql::Engine engine_;
  rules::promql::QueryCache cache_;  // used on the evaluator thread alone
  rules::GroupOptions options_;
  Millis query_timeout_{};
  std::function<void(Labels&, Labels&)> clean_;
  std::map<std::string, std::string> kept_rules_;  // what kept_rule() said
  std::atomic<bool> cut_ = false;                  // read by the evaluator thread
  std::shared_ptr<TaskGroup> tasks_;
  std::map<std::string, std::shared_ptr<Running>> groups_;          // by file;name
  std::map<std::string, std::vector<rules::AlertState>> restored_;  // likewise
  // State keys of told alerts whose rule is gone, with when they end by time: kept, so that a crash
  // before that does not leave a receiver without its "resolved".
  std::map<std::string, WallTime> orphans_;
};

}  // namespace seamwatch::agent
