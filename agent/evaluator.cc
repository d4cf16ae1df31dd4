#include "agent/evaluator.h"

#include <algorithm>
#include <set>
#include <utility>

#include "agent/base/log.h"
#include "agent/core/assert.h"
#include "rules/groups/alert_sending.h"
#include "rules/groups/group_schedule.h"
#include "rules/templates/prometheus_template.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Millis kTurnMin(10'000);      // of one rule, where its group's interval is shorter
constexpr Millis kStopPatience(5'000);  // with rules that are evaluated when the agent stops
// How long a group with restored alerts waits for the probes: less than the four minutes for which
// an alert that is handed on at the start holds (rules::holds_until).
constexpr Millis kSettledWithin(180'000);

void log_failure(const std::string& task, const std::string& what) {
  log(LogLevel::error, "rule group stopped", {{"task", task}, {"reason", what}});
}

// What of an alert must be kept at once: everything but the times that each evaluation moves.
std::string essence(const rules::AlertState& state) {
  rules::AlertState stripped = state;
  stripped.value = 0;
  stripped.evaluated_at = WallTime{};
  stripped.valid_until = std::nullopt;
  return rules::to_json(stripped);
}

// Where the rule of `state` can be looked at; "" where the group has it no more.
std::string generator_of(const rules::RuleGroup& definition,
                         const rules::AlertState& state,
                         const std::string& external_url) {
  const std::vector<std::string> keys = rules::rule_keys(definition);
  const auto found = std::find(keys.begin(), keys.end(), state.rule);
  if (found == keys.end()) {
    return "";
  }
  const auto& rule = definition.rules[static_cast<std::size_t>(found - keys.begin())];
  return external_url + rules::templates::table_link(rules::promql::to_string(*rule.expr));
}

// Requires: `definition` is that of `group`.
std::vector<RuleSnapshot> rules_of(const rules::RuleGroup& definition, const rules::Group& group) {
  std::vector<RuleSnapshot> out;
  for (const rules::RuleStatus& status : group.statuses()) {
    RuleSnapshot rule;
    rule.rule = &definition.rules.at(out.size());
    rule.phase = status.phase;
    rule.health = status.health;
    rule.last_error = status.last_error;
    rule.last_evaluation = status.last_evaluation;
    rule.duration = status.duration;
    for (const rules::AlertState* alert : status.alerts) {
      rule.alerts.push_back(*alert);
    }
    out.push_back(std::move(rule));
  }
  return out;
}

}  // namespace

std::string Evaluator::key_of(const rules::RuleGroup& group) {
  return group.file + ";" + group.name;
}

struct Evaluator::Running {
  std::string key;
  std::shared_ptr<const rules::RuleGroup> definition;
  rules::Group group;
  GroupSnapshot snapshot;
  std::map<std::string, std::string> kept;  // state key -> essence, as last written
  bool restored = false;                    // has alerts from before a restart
  bool clock_set_back = false;
  std::size_t missed = 0;  // evaluations since the last one that an overrun left out
  WallTime dated{};        // the last evaluation of which a state was written
  // Of an evaluation that was made and not handed on yet. Written by the evaluator thread while
  // the loop waits for it.
  bool evaluated = false;
  rules::GroupResult result = {};
  GroupSnapshot next = {};
};

Evaluator::Evaluator(AgentPorts ports, rules::SeriesStore& series, KeptState& kept, Hooks hooks)
    : ports_(ports), series_(series), kept_(kept), hooks_(std::move(hooks)) {}

Evaluator::~Evaluator() = default;

void Evaluator::restore(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    const auto state = rules::alert_state_from_json(entry.value);
    const std::string group = entry.key.substr(0, entry.key.find('\n'));
    if (state) {
      restored_[group].push_back(*state);
    } else {
      log(LogLevel::warning,
          "alert state dropped",
          {{"group", group}, {"reason", state.error().message}});
      kept_.erase(entry.key);
    }
  }
}

asio::awaitable<void> Evaluator::apply(std::vector<rules::RuleFile> files,
                                       EvaluatorOptions options) {
  co_await stop();
  options_ = std::move(options.groups);
  query_timeout_ = options.query_timeout;
  clean_ = std::move(options.clean);
  kept_rules_.clear();
  clean_restored(files);
  options.engine.default_step = options_.interval;
  engine_ = rules::promql::Engine(options.engine);
  cache_.clear();  // what it holds may depend on the engine's options
  const WallTime now = ports_.clock.wall_now();
  std::vector<std::pair<std::string, rules::AlertState>> before;
  for (const auto& [key, old] : groups_) {
    for (rules::AlertState& state : old->group.states()) {
      before.emplace_back(kept_key(key, state), std::move(state));
    }
  }
  std::map<std::string, std::shared_ptr<Running>> next = build(std::move(files));
  for (const auto& [key, gone] : groups_) {
    for (const Sample& sample : gone->group.stale_samples(now)) {
      series_.append(sample);
    }
    for (const auto& [state, essence] : gone->kept) {
      kept_.erase(state);
    }
  }
  groups_ = std::move(next);
  std::set<std::string> present;
  for (const auto& [key, running] : groups_) {
    keep(*running, true);
    for (const auto& [state, essence] : running->kept) {
      present.insert(state);
    }
  }
  for (const auto& [key, state] : before) {
    if (present.find(key) == present.end()) {
      keep_orphan(key, state, state.valid_until.value_or(now));
    }
  }
  hand_on_restored();
  tasks_ = std::make_shared<TaskGroup>(ports_.executor, log_failure);
  for (const auto& [key, running] : groups_) {
    tasks_->spawn("rule group " + key, run(running));
  }
}

// The groups of `files`, with the state of those that stay, which leave groups_.
std::map<std::string, std::shared_ptr<Evaluator::Running>> Evaluator::build(
    std::vector<rules::RuleFile> files) {
  std::map<std::string, std::shared_ptr<Running>> next;
  for (rules::RuleFile& file : files) {
    for (rules::RuleGroup& definition : file.groups) {
      const std::string key = key_of(definition);
      auto running =
          std::make_shared<Running>(Running{key,
                                            std::make_shared<const rules::RuleGroup>(definition),
                                            rules::Group(std::move(definition), options_),
                                            {},
                                            {}});
      const auto old = groups_.find(key);
      if (old != groups_.end()) {
        running->group.take_state_from(old->second->group);
        running->kept = std::move(old->second->kept);
        running->restored = old->second->restored;
        groups_.erase(old);
      } else {
        restore_into(*running);
      }
      // What is known is shown at once, not only after the next evaluation.
      running->snapshot = GroupSnapshot{running->definition,
                                        running->group.interval(),
                                        running->group.last_evaluation(),
                                        {},
                                        rules_of(*running->definition, running->group)};
      next.emplace(key, std::move(running));
    }
  }
  return next;
}

void Evaluator::restore_into(Running& running) {
  const auto found = restored_.find(running.key);
  if (found == restored_.end()) {
    return;
  }
  for (const rules::AlertState& state : found->second) {
    running.kept[kept_key(running.key, state)] = essence(state);
    running.restored = running.restored || state.phase != rules::AlertPhase::inactive;
  }
  running.group.restore(found->second, ports_.clock.wall_now());
}

// What was told before a restart stands until its rule has spoken again, or until it ends by time
// where there is no such rule any more.
void Evaluator::hand_on_restored() {
  const WallTime now = ports_.clock.wall_now();
  std::vector<Alert> alerts;
  for (const auto& [key, states] : restored_) {
    const auto group = groups_.find(key);
    const bool gone = group == groups_.end();
    const Millis interval = gone ? options_.interval : group->second->group.interval();
    const WallTime until = rules::holds_until(now, {interval, options_.resend_delay});
    for (const rules::AlertState& state : states) {
      const std::string stored = kept_key(key, state);
      if (gone || group->second->kept.find(stored) == group->second->kept.end()) {
        keep_orphan(stored, state, until);
      }
      if (state.phase == rules::AlertPhase::pending) {
        continue;
      }
      Alert alert;
      alert.labels = state.labels;
      alert.annotations = state.annotations;
      alert.starts_at = state.fired_at.value_or(state.active_at);
      alert.ends_at =
          state.phase == rules::AlertPhase::firing ? until : state.resolved_at.value_or(now);
      alert.updated_at = now;
      if (state.active_at < alert.starts_at) {
        alert.active_at = state.active_at;
      }
      if (!gone) {
        alert.generator_url =
            generator_of(*group->second->definition, state, options_.external_url);
      }
      alerts.push_back(std::move(alert));
    }
  }
  restored_.clear();
  if (!alerts.empty()) {
    hooks_.on_alerts(std::move(alerts));
  }
}

asio::awaitable<void> Evaluator::stop() {
  // Shared, as two may wait for the same end.
  const std::shared_ptr<TaskGroup> tasks = tasks_;
  if (!tasks) {
    co_return;
  }
  tasks->cancel();
  TaskGroup patience(ports_.executor, log_failure);
  patience.spawn("evaluator stop", cut_queries());
  co_await tasks->join();
  patience.cancel();
  co_await patience.join();
  cut_ = false;
  tasks_.reset();
  std::vector<std::shared_ptr<Running>> cut_short;
  for (const auto& [key, group] : groups_) {
    if (group->evaluated) {
      cut_short.push_back(group);
    }
  }
  for (const std::shared_ptr<Running>& group : cut_short) {
    co_await hand_on(group);
  }
}

// Ends the queries of rules that still run some time after a stop was asked for.
asio::awaitable<void> Evaluator::cut_queries() {
  const MonoTime at = ports_.clock.mono_now() + kStopPatience;
  co_await ports_.clock.sleep_until(at);
  cut_ = true;
}

asio::awaitable<void> Evaluator::run(std::shared_ptr<Running> group) {
  const Millis interval = group->group.interval();
  const Millis offset = rules::evaluation_offset(group->group.definition(), interval);
  const MonoTime patient_until = ports_.clock.mono_now() + kSettledWithin;
  WallTime next = rules::first_evaluation(ports_.clock.wall_now(), interval, offset);
  bool settled = !group->restored;
  bool told = false;  // that it is not
  for (;;) {
    // No longer than an interval, also where the clock was set back meanwhile.
    const Millis wait = std::min(next - ports_.clock.wall_now(), interval);
    const MonoTime wake = ports_.clock.mono_now() + wait;
    co_await ports_.clock.sleep_until(wake);
    const WallTime at = rules::evaluation_time(next, ports_.clock.wall_now(), interval);
    settled = settled || hooks_.settled() || ports_.clock.mono_now() >= patient_until;
    if (settled) {
      co_await evaluate(group, at);
    } else if (!told) {
      told = true;
      log(LogLevel::info,
          "rules wait for the first report of each probe",
          {{"group", group->group.definition().name},
           {"at_most", format_duration(kSettledWithin)}});
    }
    const WallTime done = ports_.clock.wall_now();
    next = at + interval;
    if (next <= done) {
      const Millis::rep missed = (done - next) / interval + 1;
      group->missed += static_cast<std::size_t>(missed);  // by an overrun; not made up for
      next += missed * interval;
    }
  }
}

asio::awaitable<void> Evaluator::evaluate(std::shared_ptr<Running> group, WallTime at) {
  const auto last = group->group.last_evaluation();
  const bool set_back = last && at <= *last;  // wait until time goes on
  if (set_back && !group->clock_set_back) {
    log(LogLevel::error,
        "clock set back",
        {{"group", group->key}, {"not_evaluated_until", to_rfc3339(*last)}});
  }
  group->clock_set_back = set_back;
  if (set_back) {
    co_return;
  }
  // Groups take turns, so that one rule must not keep all others from theirs.
  const Millis turn = std::max(group->group.interval(), kTurnMin);
  const rules::promql::QueryStop stop{
      std::min(query_timeout_, turn), [this] { return ports_.clock.mono_now(); }, &cut_};
  const auto work = [this, group, at, stop] {
    const rules::Evaluation evaluation{at,
                                       engine_,
                                       series_,
                                       [this](const Sample& sample) { series_.append(sample); },
                                       [this] { return ports_.clock.mono_now(); },
                                       &cache_,
                                       stop,
                                       clean_};
    group->result = group->group.evaluate(evaluation);
    group->result.missed_iterations = std::exchange(group->missed, 0);
    group->next =
        GroupSnapshot{group->definition, group->group.interval(), at, group->result.duration, {}};
    group->next.rules = rules_of(*group->definition, group->group);
    group->evaluated = true;
  };
  co_await ports_.evaluator.run(work);
  co_await hand_on(group);
}

// May be cancelled while it waits for the store; stop() then does it again.
asio::awaitable<void> Evaluator::hand_on(std::shared_ptr<Running> group) {
  keep(*group, false);
  forget_orphans(ports_.clock.wall_now());
  auto kept = co_await kept_.flush();
  if (!kept) {  // tried again with the next change; the store says that it is unwell
    log(LogLevel::error, "alert states not kept", {{"reason", kept.error().message}});
  }
  group->evaluated = false;
  group->snapshot = std::move(group->next);
  const rules::GroupResult result = std::move(group->result);
  for (const rules::AlertTransition& moved : result.transitions) {
    log(LogLevel::info,
        "alert",
        {{"alert", moved.alert},
         {"labels", moved.labels.to_string()},
         {"from", std::string(to_string(moved.from))},
         {"to", std::string(to_string(moved.to))}});
  }
  const auto warn = [&](const std::string& what, const std::vector<rules::RuleError>& problems) {
    for (const rules::RuleError& problem : problems) {
      const std::string& rule = group->definition->rules.at(problem.rule).name;
      log(LogLevel::warning,
          what,
          {{"group", group->key}, {"rule", rule}, {"reason", problem.what}});
    }
  };
  warn("rule failed", result.errors);
  warn("template failed", result.failed_templates);
  hooks_.on_evaluated(group->key, result);
  if (!result.to_send.empty()) {
    hooks_.on_alerts(result.to_send);
  }
}

// While something is pending, a state that was looked at just now is written at each evaluation:
// after a restart the time since then is no part of its `for`, and the time before is.
void Evaluator::keep(Running& group, bool all) {
  std::set<std::string> present;
  std::optional<rules::AlertState> pending;
  for (rules::AlertState& state : group.group.states()) {
    const std::string key = kept_key(group.key, state);
    present.insert(key);
    orphans_.erase(key);
    std::string now = essence(state);
    std::string& before = group.kept[key];
    if (all || before != now) {
      kept_.set(key, kept_value(state));
      before = std::move(now);
      group.dated = std::max(group.dated, state.evaluated_at);
    }
    const bool later = !pending || state.evaluated_at > pending->evaluated_at;
    if (state.phase == rules::AlertPhase::pending && later) {
      pending = std::move(state);
    }
  }
  if (pending && pending->evaluated_at > group.dated) {
    group.dated = pending->evaluated_at;
    kept_.set(kept_key(group.key, *pending), kept_value(*pending));
  }
  for (auto at = group.kept.begin(); at != group.kept.end();) {
    if (present.find(at->first) == present.end()) {
      kept_.erase(at->first);
      at = group.kept.erase(at);
    } else {
      ++at;
    }
  }
}

std::optional<WallTime> Evaluator::waits_until() const {
  std::optional<WallTime> latest;
  for (const auto& [key, group] : groups_) {
    if (group->clock_set_back) {
      latest = std::max(latest, group->snapshot.last_evaluation);
    }
  }
  return latest;
}

std::vector<GroupSnapshot> Evaluator::snapshots() const {
  std::vector<GroupSnapshot> out;
  for (const auto& [key, group] : groups_) {
    out.push_back(group->snapshot);
  }
  return out;
}

}  // namespace seamwatch::agent
