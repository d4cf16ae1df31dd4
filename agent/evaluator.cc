#include "agent/evaluator.h"

#include <algorithm>
#include <set>

#include "agent/core/assert.h"
#include "agent/log.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

std::string key_of(const rules::RuleGroup& group) {
  return group.file + ";" + group.name;
}

std::string state_key(const std::string& group, const rules::AlertState& state) {
  return group + "\n" + state.rule + "\n" + fingerprint_hex(state.labels.fingerprint());
}

// Where in its interval a group is evaluated: spread, and the same after every restart.
Millis offset_of(const std::string& key, Millis interval) {
  std::uint64_t hash = Labels{{"group", key}}.fingerprint();
  hash ^= hash >> 31U;
  return Millis(static_cast<Millis::rep>(hash % static_cast<std::uint64_t>(interval.count())));
}

// What of an alert must be kept at once: everything but the times that each evaluation moves.
std::string essence(const rules::AlertState& state) {
  rules::AlertState stripped = state;
  stripped.value = 0;
  stripped.evaluated_at = WallTime{};
  stripped.valid_until = std::nullopt;
  return rules::to_json(stripped);
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

struct Evaluator::Running {
  std::string key;
  std::shared_ptr<const rules::RuleGroup> definition;
  rules::Group group;
  GroupSnapshot snapshot;
  std::map<std::string, std::string> kept;  // state key -> essence, as last written
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
    }
  }
}

asio::awaitable<void> Evaluator::apply(std::vector<rules::RuleFile> files,
                                       rules::GroupOptions options) {
  co_await stop();
  const WallTime now = ports_.clock.wall_now();
  std::map<std::string, std::shared_ptr<Running>> next;
  for (rules::RuleFile& file : files) {
    for (rules::RuleGroup& definition : file.groups) {
      const std::string key = key_of(definition);
      auto shared = std::make_shared<const rules::RuleGroup>(definition);
      auto running = std::make_shared<Running>(
          Running{key, shared, rules::Group(std::move(definition), options), {}, {}});
      const auto old = groups_.find(key);
      if (old != groups_.end()) {
        running->group.take_state_from(old->second->group);
        running->kept = std::move(old->second->kept);
        groups_.erase(old);
      } else {
        restore_into(*running);
      }
      next.emplace(key, std::move(running));
    }
  }
  for (const auto& [key, gone] : groups_) {
    for (const Sample& sample : gone->group.stale_samples(now)) {
      series_.append(sample);
    }
    for (const auto& [state, essence] : gone->kept) {
      kept_.erase(state);
    }
  }
  groups_ = std::move(next);
  tasks_ = std::make_unique<TaskGroup>(
      ports_.executor, [](const std::string& task, const std::string& what) {
        log(LogLevel::error, "rule group stopped", {{"task", task}, {"reason", what}});
      });
  for (const auto& [key, running] : groups_) {
    keep(*running, true);
    tasks_->spawn("rule group " + key, run(running));
  }
}

void Evaluator::restore_into(Running& running) {
  const auto found = restored_.find(running.key);
  if (found == restored_.end()) {
    return;
  }
  for (const rules::AlertState& state : found->second) {
    running.kept[state_key(running.key, state)] = essence(state);
  }
  running.group.restore(std::move(found->second), ports_.clock.wall_now());
  restored_.erase(found);
}

asio::awaitable<void> Evaluator::stop() {
  if (tasks_) {
    tasks_->cancel();
    co_await tasks_->join();
    tasks_.reset();
  }
}

asio::awaitable<void> Evaluator::run(std::shared_ptr<Running> group) {
  const Millis interval = group->group.interval();
  const Millis since_epoch = ports_.clock.wall_now().time_since_epoch();
  const Millis offset = offset_of(group->key, interval);
  const Millis wait = (interval - (since_epoch - offset) % interval) % interval;
  MonoTime next = ports_.clock.mono_now() + wait;
  for (;;) {
    co_await ports_.clock.sleep_until(next);
    co_await evaluate(group);
    const MonoTime now = ports_.clock.mono_now();
    do {
      next += interval;
    } while (next <= now);  // evaluations missed by an overrun are not made up for
  }
}

asio::awaitable<void> Evaluator::evaluate(std::shared_ptr<Running> group) {
  rules::GroupResult result;
  const WallTime at = ports_.clock.wall_now();
  const auto last = group->group.last_evaluation();
  if (last && at <= *last) {  // somebody set the clock back: wait until time goes on
    co_return;
  }
  GroupSnapshot snapshot{group->definition, group->group.interval(), at, {}, {}};
  const auto work = [this, &group, &result, &snapshot, at] {
    const rules::Evaluation evaluation{at,
                                       engine_,
                                       series_,
                                       [this](const Sample& sample) { series_.append(sample); },
                                       [this] { return ports_.clock.mono_now(); }};
    result = group->group.evaluate(evaluation);
    snapshot.rules = rules_of(*group->definition, group->group);
  };
  co_await ports_.evaluator.run(work);
  snapshot.duration = result.duration;
  group->snapshot = std::move(snapshot);
  for (const rules::AlertTransition& moved : result.transitions) {
    log(LogLevel::info,
        "alert",
        {{"alert", moved.alert},
         {"labels", moved.labels.to_string()},
         {"from", std::string(to_string(moved.from))},
         {"to", std::string(to_string(moved.to))}});
  }
  for (const rules::RuleError& problem : result.errors) {
    log(LogLevel::warning,
        "rule failed",
        {{"group", group->key}, {"rule", std::to_string(problem.rule)}, {"reason", problem.what}});
  }
  keep(*group, false);
  auto kept = co_await kept_.flush();
  if (!kept) {  // tried again with the next change; the store says that it is unwell
    log(LogLevel::error, "alert states not kept", {{"reason", kept.error().message}});
  }
  hooks_.on_evaluated(group->key, result);
  if (!result.to_send.empty()) {
    hooks_.on_alerts(std::move(result.to_send));
  }
}

void Evaluator::keep(Running& group, bool all) {
  std::set<std::string> present;
  for (const rules::AlertState& state : group.group.states()) {
    const std::string key = state_key(group.key, state);
    present.insert(key);
    std::string now = essence(state);
    std::string& before = group.kept[key];
    if (all || before != now) {
      kept_.set(key, rules::to_json(state));
      before = std::move(now);
    }
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

std::vector<GroupSnapshot> Evaluator::snapshots() const {
  std::vector<GroupSnapshot> out;
  for (const auto& [key, group] : groups_) {
    GroupSnapshot snapshot = group->snapshot;
    if (!snapshot.definition) {  // not evaluated yet
      snapshot.definition = group->definition;
      snapshot.interval = group->group.interval();
      for (const rules::Rule& rule : group->definition->rules) {
        RuleSnapshot unknown;
        unknown.rule = &rule;
        snapshot.rules.push_back(std::move(unknown));
      }
    }
    out.push_back(std::move(snapshot));
  }
  return out;
}

}  // namespace seamwatch::agent
