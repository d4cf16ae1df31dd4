#include "rules/testing/test_run.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <set>

#include "rules/groups/group.h"
#include "rules/groups/rule_runner.h"
#include "rules/series/series_store.h"
#include "rules/testing/diff.h"
#include "rules/testing/recorded_flows.h"
#include "rules/testing/routing_run.h"
#include "rules/testing/words.h"

namespace seamwatch::rules::testing {
namespace {

promql::EngineOptions engine_options(const TestFile& file) {
  promql::EngineOptions options;
  options.default_step = file.evaluation_interval;
  options.features = file.features;
  return options;
}

class Run {
 public:
  Run(const TestFile& file, const Test& test, const TestInputs& inputs, Coverage* coverage);

  TestOutcome run();

 private:
  struct Input {
    SeriesId id;
    const promql::SeriesNotation* series;
    std::size_t next = 0;  // value
  };

  void add_groups(const std::vector<RuleFile>& rules);
  void load_until(Millis now);
  void evaluate(Millis now);
  void evaluate_group(Group& group, Millis now, std::vector<Alert>& to_send);
  void check_alerts(Millis now);
  void check_routes(Millis now);
  void tell(std::vector<Alert> alerts, Millis now);
  void check_alert(const AlertCheck& check);
  void add_notes(const AlertCheck& check, Failure& failure) const;
  void check_expr(const ExprCheck& check);

  WallTime at(Millis since_start) const { return test_.start + since_start; }

  const TestFile& file_;
  const Test& test_;
  Coverage* coverage_;
  SeriesStore store_;
  promql::Engine engine_;
  std::vector<Group> groups_;  // in the order of evaluation
  std::vector<Input> inputs_;
  std::vector<const AlertCheck*> alert_checks_;  // by time
  std::size_t next_check_ = 0;
  std::function<Alert(Alert)> as_told_;
  std::optional<RoutingRun> routing_;            // none: nobody is told
  std::vector<const RouteCheck*> route_checks_;  // by time
  std::size_t next_route_check_ = 0;
  TestOutcome outcome_;
};

Run::Run(const TestFile& file, const Test& test, const TestInputs& inputs, Coverage* coverage)
    : file_(file),
      test_(test),
      coverage_(coverage),
      engine_(engine_options(file)),
      as_told_(inputs.as_told) {
  outcome_.title = test.title;
  outcome_.place = test.place;
  outcome_.checks = test.alert_checks.size() + test.expr_checks.size() +
                    test.routing.routes.size() + test.routing.notifications.size();
  add_groups(inputs.rules);
  for (const promql::SeriesNotation& series : test.series) {
    if (const auto id = store_.add(series.labels)) {
      inputs_.push_back({*id, &series, 0});
    }
  }
  for (const AlertCheck& check : test.alert_checks) {
    alert_checks_.push_back(&check);
  }
  std::stable_sort(alert_checks_.begin(), alert_checks_.end(), [](const auto* a, const auto* b) {
    return a->at < b->at;
  });
  if (inputs.notify) {
    SimulationOptions told{inputs.notify, test.start, test.external_url};
    told.noise = inputs.noise;
    if (told.noise && told.noise->landscape) {
      told.flows = [flows = RecordedFlows(store_, told.noise->landscape)](std::int64_t down_min,
                                                                          WallTime now) mutable {
        return flows.at(down_min, now);
      };
    }
    routing_.emplace(test, std::move(told), coverage);
  }
  for (const RouteCheck& check : test.routing.routes) {
    route_checks_.push_back(&check);
  }
  std::stable_sort(route_checks_.begin(), route_checks_.end(), [](const auto* a, const auto* b) {
    return a->at < b->at;
  });
}

void Run::add_groups(const std::vector<RuleFile>& rules) {
  GroupOptions options;
  options.interval = test_.interval;
  options.external_labels = test_.external_labels;
  options.external_url = test_.external_url;
  // A group that the order does not name counts as the first.
  std::map<std::string, std::size_t> order;
  for (std::size_t i = 0; i < file_.group_eval_order.size(); ++i) {
    order.emplace(file_.group_eval_order[i], i);
  }
  std::vector<std::pair<std::size_t, const RuleGroup*>> ordered;
  for (const RuleFile& rule_file : rules) {
    for (const RuleGroup& group : rule_file.groups) {
      const auto found = order.find(group.name);
      ordered.emplace_back(found == order.end() ? 0 : found->second, &group);
    }
  }
  std::stable_sort(ordered.begin(), ordered.end(), [](const auto& a, const auto& b) {
    return a.first < b.first;
  });
  for (const auto& [rank, group] : ordered) {
    groups_.emplace_back(*group, options);
  }
}

TestOutcome Run::run() {
  const Millis end = test_.last_check();
  for (Millis now{0}; now <= end; now += file_.evaluation_interval) {
    const std::size_t before = outcome_.failures.size();
    load_until(now);
    if (outcome_.failures.size() == before) {
      evaluate(now);
    }
    if (outcome_.failures.size() != before) {
      return std::move(outcome_);
    }
    check_alerts(now);
    check_routes(now);
  }
  for (const ExprCheck& check : test_.expr_checks) {
    check_expr(check);
  }
  if (routing_) {
    routing_->advance(at(end));
  }
  for (const NotificationCheck& check : test_.routing.notifications) {
    routing_->check(check, outcome_.failures);
  }
  return std::move(outcome_);
}

void Run::load_until(Millis now) {
  for (Input& input : inputs_) {
    const auto& values = input.series->values;
    for (; input.next < values.size(); ++input.next) {
      const Millis time = test_.interval * static_cast<std::int64_t>(input.next);
      if (time > now) {
        break;
      }
      const auto& value = values[input.next];
      if (value && !store_.append(input.id, at(time), *value)) {
        outcome_.failures.push_back(
            {test_.place,
             "at " + format_duration(time) + ": a rule has written series " +
                 input.series->labels.to_string() + " before the test did",
             {},
             {"do not name a series that a rule records among the input series"}});
        return;
      }
    }
  }
}

void Run::evaluate(Millis now) {
  std::vector<Alert> to_send;
  for (Group& group : groups_) {
    evaluate_group(group, now, to_send);
  }
  if (routing_) {
    tell(std::move(to_send), now);
  }
}

// Takes the alerts of rules as the agent would tell of them.
void Run::tell(std::vector<Alert> alerts, Millis now) {
  for (Alert& alert : alerts) {
    for (const auto& [name, value] : test_.external_labels) {
      if (!alert.labels.has(name)) {
        alert.labels.set(name, value);
      }
    }
    if (as_told_) {
      alert = as_told_(std::move(alert));
    }
    // Here nobody may miss an evaluation: an alert ends when its rule says so.
    if (!alert.resolved(at(now))) {
      alert.ends_at.reset();
    }
  }
  routing_->take(std::move(alerts), at(now));
}

// Where alerts go is asked from `now` on, up to the next evaluation.
void Run::check_routes(Millis now) {
  for (; next_route_check_ < route_checks_.size(); ++next_route_check_) {
    const RouteCheck& check = *route_checks_[next_route_check_];
    if (check.at >= now + file_.evaluation_interval) {
      return;
    }
    routing_->advance(at(check.at));
    routing_->check(check, outcome_.failures);
  }
}

void Run::evaluate_group(Group& group, Millis now, std::vector<Alert>& to_send) {
  std::set<std::string> refused;
  const auto append = [&](const Sample& sample) {
    // A marker is refused where another rule writes the same series: no fault.
    if (!store_.append(sample) && !is_stale(sample.value)) {
      refused.insert(sample.labels.to_string());
    }
  };
  const Evaluation evaluation{at(now), engine_, store_, append, {}};
  GroupResult result = group.evaluate(evaluation);
  for (const RuleError& error : result.errors) {
    const Rule& rule = group.definition().rules[error.rule];
    outcome_.failures.push_back(
        {rule.place,
         "rule " + rule.name + " at " + format_duration(now) + ": " + error.what,
         {},
         {}});
  }
  for (const std::string& labels : refused) {
    outcome_.failures.push_back({group.definition().place,
                                 "group " + group.definition().name + " at " +
                                     format_duration(now) + ": duplicate sample for timestamp: " +
                                     labels + " has another value from the test or another rule",
                                 {},
                                 {}});
  }
  std::move(result.to_send.begin(), result.to_send.end(), std::back_inserter(to_send));
  if (coverage_ != nullptr) {
    coverage_->look(group, evaluation);
  }
}

// The alerts that are asked for from `now` on, up to the next evaluation.
void Run::check_alerts(Millis now) {
  for (; next_check_ < alert_checks_.size(); ++next_check_) {
    const AlertCheck& check = *alert_checks_[next_check_];
    if (check.at >= now + file_.evaluation_interval) {
      return;
    }
    check_alert(check);
  }
}

void Run::check_alert(const AlertCheck& check) {
  std::vector<FiringAlert> firing;
  for (const Group& group : groups_) {
    for (const RuleStatus& status : group.statuses()) {
      const Rule& rule = *status.rule;
      if (rule.kind != Rule::Kind::alerting || rule.name != check.alert) {
        continue;
      }
      for (const AlertState* alert : status.alerts) {
        if (alert->phase != AlertPhase::firing) {
          continue;
        }
        FiringAlert got;
        for (const auto& [name, text] : alert->labels) {
          got.labels.emplace_back(name, text);
        }
        // An annotation whose text is empty is there all the same.
        for (const auto& [name, text] : rule.annotations) {
          got.annotations.emplace_back(name, alert->annotations.get(name));
        }
        firing.push_back(std::move(got));
      }
    }
  }
  const std::size_t count = firing.size();
  std::vector<std::string> diff = diff_alerts(check, std::move(firing));
  if (diff.empty()) {
    return;
  }
  Failure failure{check.place,
                  "alert " + check.alert + " at " + format_duration(check.at) + ": " +
                      counted(check.alerts.size(), "alert") + " expected, " +
                      std::to_string(count) + (count == 1 ? " fires" : " fire"),
                  std::move(diff),
                  {}};
  add_notes(check, failure);
  outcome_.failures.push_back(std::move(failure));
}

// Why an alert may not fire yet: it is pending, or no rule has its name.
void Run::add_notes(const AlertCheck& check, Failure& failure) const {
  std::vector<std::string_view> names;
  bool known = false;
  for (const Group& group : groups_) {
    for (const RuleStatus& status : group.statuses()) {
      if (status.rule->kind != Rule::Kind::alerting) {
        continue;
      }
      names.push_back(status.rule->name);
      known = known || status.rule->name == check.alert;
      for (const AlertState* alert : status.alerts) {
        if (status.rule->name == check.alert && alert->phase == AlertPhase::pending &&
            failure.notes.size() < 10) {
          failure.notes.push_back(
              "pending since " + format_duration(alert->active_at - test_.start) + ", `for` is " +
              format_duration(status.rule->hold) + ": " + alert->labels.to_string());
        }
      }
    }
  }
  if (!known) {
    const std::string guess = nearest(check.alert, names);
    failure.notes.push_back("no rule has the alert name " + quoted(check.alert) +
                            (guess.empty() ? "" : "; did you mean " + quoted(guess) + "?"));
  }
}

void Run::check_expr(const ExprCheck& check) {
  const std::string what = "expression at " + format_duration(check.at) + ": " + check.text;
  auto samples = query_samples(*check.expr, at(check.at), engine_, store_, nullptr);
  if (!samples) {
    outcome_.failures.push_back({check.place, what + ": " + samples.error().message, {}, {}});
    return;
  }
  std::vector<std::string> diff = diff_samples(check, std::move(*samples), file_.fuzzy_compare);
  if (diff.empty()) {
    return;
  }
  Failure failure{check.place, what, std::move(diff), {}};
  const Millis loaded = test_.last_check() / file_.evaluation_interval * file_.evaluation_interval;
  if (check.at > loaded && test_.interval < file_.evaluation_interval) {
    failure.notes.push_back("values after " + format_duration(loaded) +
                            ", the last evaluation, are not loaded: use an eval_time that is a "
                            "multiple of the evaluation interval");
  }
  outcome_.failures.push_back(std::move(failure));
}

}  // namespace

TestOutcome run_test(const TestFile& file,
                     const Test& test,
                     const TestInputs& inputs,
                     Coverage* coverage) {
  return Run(file, test, inputs, coverage).run();
}

}  // namespace seamwatch::rules::testing
