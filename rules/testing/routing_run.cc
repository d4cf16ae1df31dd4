#include "rules/testing/routing_run.h"

#include <algorithm>

#include "rules/routing/decision.h"
#include "rules/routing/mute.h"
#include "rules/routing/routes_for.h"
#include "rules/testing/routing_diff.h"
#include "rules/testing/words.h"

namespace seamwatch::rules::testing {
namespace {

constexpr Millis kForEver{100LL * 365 * 24 * 3'600'000};

void note_unknown(const std::string& what,
                  const std::string& name,
                  const std::vector<std::string_view>& known,
                  std::vector<std::string>& notes) {
  if (std::find(known.begin(), known.end(), name) != known.end()) {
    return;
  }
  const std::string guess = nearest(name, known);
  notes.push_back("there is no " + what + " " + quoted(name) +
                  (guess.empty() ? "" : "; did you mean " + quoted(guess) + "?"));
}

std::vector<std::string_view> receiver_names(const NotifyConfig& config) {
  std::vector<std::string_view> out;
  for (const Receiver& receiver : config.receivers) {
    out.push_back(receiver.name);
  }
  return out;
}

}  // namespace

RoutingRun::RoutingRun(const Test& test, SimulationOptions options, Coverage* coverage)
    : test_(test), coverage_(coverage), notifier_(with_holds(std::move(options))) {
  add_changes();
  add_silences();
}

SimulationOptions RoutingRun::with_holds(SimulationOptions options) {
  options.silenced_by = [this](const Labels& labels, WallTime now) {
    return silences_.silenced_by(labels, now);
  };
  options.acknowledged = [this](const Alert& alert, WallTime now) { return is_acked(alert, now); };
  return options;
}

void RoutingRun::add_changes() {
  for (const InputAlert& input : test_.routing.alerts) {
    Alert alert;
    alert.labels = input.labels;
    alert.annotations = input.annotations;
    alert.starts_at = test_.start + input.span.from;
    changes_.push_back({alert.starts_at, alert});
    if (input.span.to) {
      alert.ends_at = test_.start + *input.span.to;
      changes_.push_back({*alert.ends_at, alert});
    }
  }
  std::stable_sort(changes_.begin(), changes_.end(), [](const Change& a, const Change& b) {
    return a.at < b.at;
  });
}

void RoutingRun::add_silences() {
  SilenceChange all;
  for (const InputSilence& input : test_.routing.silences) {
    Silence silence;
    silence.id = input.id;
    silence.matchers = input.matchers;
    silence.starts_at = test_.start + input.span.from;
    silence.ends_at = test_.start + input.span.to.value_or(kForEver);
    silence.recurrence = input.recurrence;
    all.put.push_back(std::move(silence));
  }
  silences_.apply(all);
}

bool RoutingRun::is_acked(const Alert& alert, WallTime now) const {
  return std::any_of(
      test_.routing.acks.begin(), test_.routing.acks.end(), [&](const InputAck& ack) {
        const WallTime from = test_.start + ack.span.from;
        const WallTime to = test_.start + ack.span.to.value_or(kForEver);
        return from <= now && now < to && alert.starts_at <= from &&
               match_all(ack.matchers, alert.labels);
      });
}

void RoutingRun::insert(std::vector<Alert> alerts, WallTime now) {
  if (coverage_ != nullptr) {
    for (const Alert& alert : alerts) {
      for (const Route* route : routes_for(notifier_.config(), alert.labels)) {
        coverage_->see(*route);
      }
    }
  }
  notifier_.take(std::move(alerts), now);
}

void RoutingRun::advance_to(WallTime now, bool flush_now) {
  for (;;) {
    const auto flush = notifier_.next_flush();
    const bool flushes = flush && (flush_now ? *flush <= now : *flush < now);
    const bool changes = next_change_ < changes_.size() && changes_[next_change_].at <= now;
    // Of one moment, what changes comes before what goes out.
    if (changes && (!flush || changes_[next_change_].at <= *flush)) {
      const WallTime at = changes_[next_change_].at;
      std::vector<Alert> alerts;
      for (; next_change_ < changes_.size() && changes_[next_change_].at == at; ++next_change_) {
        alerts.push_back(changes_[next_change_].alert);
      }
      insert(std::move(alerts), at);
    } else if (flushes) {
      notifier_.flush(*flush);
    } else {
      return;
    }
  }
}

void RoutingRun::take(std::vector<Alert> alerts, WallTime now) {
  advance_to(now, false);
  if (!alerts.empty()) {
    insert(std::move(alerts), now);
  }
}

void RoutingRun::advance(WallTime now) {
  advance_to(now, true);
}

void RoutingRun::check(const RouteCheck& check, std::vector<Failure>& failures) {
  if (check.labels) {
    check_one(check, *check.labels, failures);
    return;
  }
  bool any = false;
  for (const AlertPtr& alert : notifier_.firing(test_.start + check.at)) {
    if (alert->labels.get("alertname") == check.alert) {
      any = true;
      check_one(check, alert->labels, failures);
    }
  }
  if (!any) {
    failures.push_back({check.place,
                        "alert " + check.alert + " at " + format_duration(check.at) +
                            ": none fires, so there is none to route",
                        {},
                        {"give the alert by `labels:` where no rule of the test makes it fire"}});
  }
}

void RoutingRun::check_one(const RouteCheck& check,
                           const Labels& labels,
                           std::vector<Failure>& failures) {
  const WallTime at = test_.start + check.at;
  const NotifyConfig& config = notifier_.config();
  RoutedAlert got;
  const std::vector<const Route*> routes = routes_for(config, labels);
  for (const Route* route : routes) {
    if (coverage_ != nullptr) {
      coverage_->see(*route);
    }
    got.receivers.push_back(route->receiver);
    got.groups.push_back(group_labels(*route, labels));
    for (const std::string& name : muting_intervals(*route, config, at)) {
      if (std::find(got.muted_by.begin(), got.muted_by.end(), name) == got.muted_by.end()) {
        got.muted_by.push_back(name);
      }
    }
  }
  if (const AlertPtr source = notifier_.inhibited_by(labels, at)) {
    got.inhibited_by.push_back(source->labels);
  }
  got.silenced_by = silences_.silenced_by(labels, at);
  std::vector<std::string> diff = diff_route(check, got);
  if (!diff.empty()) {
    failures.push_back({check.place,
                        "routing of " + labels.to_string() + " at " + format_duration(check.at),
                        std::move(diff),
                        notes(check, routes)});
  }
}

std::vector<std::string> RoutingRun::notes(const RouteCheck& check,
                                           const std::vector<const Route*>& routes) const {
  const NotifyConfig& config = notifier_.config();
  std::vector<std::string> out;
  for (const Route* route : routes) {
    out.push_back("taken by the route to " + route->receiver + " at " + place_text(route->place));
  }
  for (const std::string& name : check.receivers.value_or(std::vector<std::string>())) {
    note_unknown("receiver", name, receiver_names(config), out);
  }
  std::vector<std::string_view> intervals;
  for (const NamedIntervals& each : config.time_intervals) {
    intervals.push_back(each.name);
  }
  for (const std::string& name : check.muted_by.value_or(std::vector<std::string>())) {
    note_unknown("time interval", name, intervals, out);
  }
  std::vector<std::string_view> silences;
  for (const InputSilence& each : test_.routing.silences) {
    silences.push_back(each.id);
  }
  for (const std::string& name : check.silenced_by.value_or(std::vector<std::string>())) {
    note_unknown("input silence", name, silences, out);
  }
  return out;
}

void RoutingRun::check(const NotificationCheck& check, std::vector<Failure>& failures) const {
  const std::vector<SentNotification> got = sent_for(check, notifier_.told().notices, test_.start);
  std::vector<std::string> diff = diff_notifications(check, got);
  if (diff.empty()) {
    return;
  }
  Failure failure{
      check.place,
      "notifications " + (check.receiver.empty() ? std::string() : "to " + check.receiver + " ") +
          (check.from == Millis(0) ? "by " : "from " + format_duration(check.from) + " to ") +
          format_duration(check.at) + ": " + std::to_string(check.notifications.size()) +
          " expected, " + std::to_string(got.size()) + " sent",
      std::move(diff),
      {}};
  const std::vector<std::string_view> known = receiver_names(notifier_.config());
  if (!check.receiver.empty()) {
    note_unknown("receiver", check.receiver, known, failure.notes);
  }
  for (const ExpectedNotification& each : check.notifications) {
    note_unknown("receiver", each.receiver, known, failure.notes);
  }
  for (const HeldBack& held : notifier_.told().held_back) {
    constexpr std::size_t kNotesMax = 10;
    const Millis at = std::chrono::duration_cast<Millis>(held.at - test_.start);
    if (at <= check.at && failure.notes.size() < kNotesMax &&
        (check.receiver.empty() || check.receiver == held.receiver)) {
      failure.notes.push_back("held back from " + held.receiver + " at " + format_duration(at) +
                              ": " + (held.alert ? held.alert->to_string() : held.group_key) + " " +
                              held.why);
    }
  }
  failures.push_back(std::move(failure));
}

}  // namespace seamwatch::rules::testing
