#include "rules/groups/group.h"

#include <map>
#include <unordered_map>

#include "agent/core/assert.h"
#include "rules/groups/rule_runner.h"

namespace seamwatch::rules {
namespace {

// What the template function `query` does within one evaluation.
templates::QueryFunction query_function(const Evaluation& evaluation) {
  return [&evaluation](const std::string& text,
                       WallTime at) -> Result<std::vector<templates::QuerySample>> {
    const auto expr = promql::parse_expr(text, evaluation.engine.options().features);
    if (!expr) {
      return expr.error();
    }
    // Texts differ from alert to alert, so nothing of them would be found again.
    auto samples = query_samples(**expr, at, evaluation.engine, evaluation.storage, nullptr);
    if (!samples) {
      return samples.error();
    }
    std::vector<templates::QuerySample> result;
    result.reserve(samples->size());
    for (promql::VectorSample& sample : *samples) {
      result.push_back({std::move(sample.labels), sample.value});
    }
    return result;
  };
}

void note_written(const Evaluation& evaluation, std::string_view metric) {
  if (evaluation.cache != nullptr) {
    evaluation.cache->written(metric);
  }
}

void move_to(std::vector<AlertTransition>& to, std::vector<AlertTransition>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

void move_to(std::vector<Alert>& to, std::vector<Alert>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()), std::make_move_iterator(from.end()));
}

}  // namespace

std::string_view to_string(RuleHealth health) {
  switch (health) {
    case RuleHealth::unknown:
      return "unknown";
    case RuleHealth::good:
      return "ok";
    case RuleHealth::bad:
      return "err";
  }
  return "unknown";
}

Group::Group(RuleGroup definition, GroupOptions options)
    : definition_(std::make_unique<RuleGroup>(std::move(definition))),
      options_(std::move(options)) {
  std::vector<std::string> keys = rule_keys(*definition_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const Rule& rule = definition_->rules[i];
    SW_ASSERT(rule.expr != nullptr);
    std::string& key = keys[i];
    runners_.push_back(rule.kind == Rule::Kind::recording
                           ? make_recording_rule(rule, std::move(key))
                           : make_alerting_rule(rule, std::move(key)));
  }
}

Group::~Group() = default;
Group::Group(Group&&) noexcept = default;
Group& Group::operator=(Group&&) noexcept = default;

Millis Group::interval() const {
  const Millis own = definition_->interval.value_or(Millis(0));
  return own > Millis(0) ? own : options_.interval;
}

GroupResult Group::evaluate(const Evaluation& evaluation) {
  SW_ASSERT(!last_evaluation_ || *last_evaluation_ <= evaluation.at);
  SW_ASSERT(evaluation.append);
  const auto elapsed = [&] { return evaluation.stopwatch ? evaluation.stopwatch() : MonoTime(); };
  const MonoTime started = elapsed();
  templates::ExpandContext context;
  context.now = evaluation.at;
  context.query = query_function(evaluation);
  context.external_labels = options_.external_labels;
  context.external_url = options_.external_url;
  const templates::AlertExpander expander(context);
  const RuleInput input{evaluation,
                        expander,
                        evaluation.at - definition_->query_offset.value_or(options_.query_offset),
                        definition_->limit,
                        interval(),
                        options_.resend_delay,
                        options_.resolved_retention,
                        options_.external_url};
  GroupResult result;
  for (const Labels& labels : std::exchange(orphans_, {})) {
    evaluation.append({labels, input.query_at, stale_marker()});
    ++result.samples_appended;
    note_written(evaluation, labels.get("__name__"));
  }
  for (std::size_t i = 0; i < runners_.size(); ++i) {
    const MonoTime rule_started = elapsed();
    run_rule(i, input, result);
    runners_[i]->duration = elapsed() - rule_started;
  }
  last_evaluation_ = evaluation.at;
  last_duration_ = elapsed() - started;
  result.duration = last_duration_;
  return result;
}

void Group::run_rule(std::size_t i, const RuleInput& input, GroupResult& result) {
  RuleRunner& runner = *runners_[i];
  const Evaluation& evaluation = input.evaluation;
  runner.last_evaluation = evaluation.at;
  auto output = runner.evaluate(input);
  if (!output) {
    runner.health = RuleHealth::bad;
    runner.last_error = output.error().message;
    result.errors.push_back({i, runner.last_error});
    return;
  }
  runner.health = RuleHealth::good;
  runner.last_error.clear();
  for (const Sample& sample : output->samples) {
    evaluation.append(sample);
  }
  std::size_t appended = output->samples.size();
  appended += runner.settle(output->samples, input.query_at, evaluation.append);
  result.samples_appended += appended;
  if (appended > 0 && runner.rule().kind == Rule::Kind::recording) {
    note_written(evaluation, runner.rule().name);
  } else if (appended > 0) {
    note_written(evaluation, "ALERTS");
    note_written(evaluation, "ALERTS_FOR_STATE");
  }
  move_to(result.transitions, output->transitions);
  move_to(result.to_send, output->to_send);
  result.template_failures += output->template_failures;
  if (output->template_failures > 0) {
    result.failed_templates.push_back({i, std::move(output->failed_template)});
  }
  for (const std::string& warning : output->warnings) {
    result.warnings.push_back(runner.rule().name + ": " + warning);
  }
}

std::vector<AlertState> Group::states() const {
  std::vector<AlertState> all;
  for (const auto& runner : runners_) {
    all.insert(all.end(), runner->alerts().begin(), runner->alerts().end());
  }
  return all;
}

void Group::restore(std::vector<AlertState> states, WallTime now) {
  WallTime evaluated{};
  for (const AlertState& state : states) {
    if (state.evaluated_at <= now) {  // a later one is of before the clock was set back
      evaluated = std::max(evaluated, state.evaluated_at);
    }
  }
  const Millis outage = evaluated == WallTime{} ? Millis(0) : now - evaluated;
  const Millis away = std::max(Millis(0), outage - interval());
  std::map<std::string, std::vector<AlertState>> by_rule;
  for (AlertState& state : states) {
    if (state.phase == AlertPhase::pending) {
      if (outage > options_.outage_tolerance) {
        continue;
      }
      state.active_at = std::min(state.active_at + away, now);  // the clock may have been set back
      state.evaluated_at = evaluated + away;  // the next restart does not count it again
    }
    by_rule[state.rule].push_back(std::move(state));
  }
  for (const auto& runner : runners_) {
    if (const auto found = by_rule.find(runner->key()); found != by_rule.end()) {
      runner->restore(std::move(found->second));
    }
  }
}

void Group::take_state_from(Group& old) {
  SW_ASSERT(old.definition_->file == definition_->file &&
            old.definition_->name == definition_->name);
  std::unordered_map<std::string_view, RuleRunner*> by_key;
  for (const auto& runner : runners_) {
    by_key.emplace(runner->key(), runner.get());
  }
  orphans_ = std::move(old.orphans_);
  for (const auto& runner : old.runners_) {
    if (const auto same = by_key.find(runner->key()); same != by_key.end()) {
      same->second->take_state_from(*runner);
      continue;
    }
    runner->written().each([&](Labels labels) { orphans_.push_back(std::move(labels)); });
  }
  last_evaluation_ = old.last_evaluation_;
  last_duration_ = old.last_duration_;
  old.runners_.clear();
}

std::vector<Sample> Group::stale_samples(WallTime at) const {
  std::vector<Sample> all;
  for (const Labels& labels : orphans_) {
    all.push_back({labels, at, stale_marker()});
  }
  for (const auto& runner : runners_) {
    runner->written().each([&](Labels labels) {
      all.push_back({std::move(labels), at, stale_marker()});
    });
  }
  return all;
}

std::vector<RuleStatus> Group::statuses() const {
  std::vector<RuleStatus> all;
  for (const auto& runner : runners_) {
    RuleStatus status;
    status.rule = &runner->rule();
    status.health = runner->health;
    status.last_error = runner->last_error;
    status.last_evaluation = runner->last_evaluation;
    status.duration = runner->duration;
    for (const AlertState& alert : runner->alerts()) {
      if (alert.phase != AlertPhase::inactive) {
        status.alerts.push_back(&alert);
        status.phase = std::max(status.phase, alert.phase);
      }
    }
    all.push_back(std::move(status));
  }
  return all;
}

}  // namespace seamwatch::rules
