// Checks of a notification file in a test file: what beside the rules there is to tell of, and what
// is expected of the routes and of what goes out. Plain values: read by routing_check_reader.h,
// checked by routing_run.h. These kinds of checks are ours: promtool knows rules alone.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/diagnostics.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/groups/rule_file.h"
#include "rules/routing/matcher_syntax.h"
#include "rules/routing/silence_recurrence.h"

namespace seamwatch::rules::testing {

// How what is expected is compared with what there is. promtool knows `exact` only.
enum class Compare {
  exact,   // the same things, each with the same labels
  subset,  // each expected thing is there, with at least the labels that are named
};

struct ExpectedAlert {
  LabelTexts labels;  // with alertname
  LabelTexts annotations;
  std::string status = {};  // in a notification: firing, resolved; empty = not asked
  bool asks_annotations = true;
  Place place;
};

// From when to when something holds, since the start of the test; no end = to its last check.
struct HeldSpan {
  Millis from{};
  std::optional<Millis> to = std::nullopt;
};

// `input_alerts`: an alert that fires without a rule, as others post it.
struct InputAlert {
  Labels labels;
  Labels annotations;
  HeldSpan span;
};

// `input_silences`
struct InputSilence {
  std::string id;  // as written, or "silence 2" for the second one
  Matchers matchers;
  HeldSpan span;
  std::optional<SilenceRecurrence> recurrence = std::nullopt;
};

// `input_acks`: what fires when it begins, and matches, is taken on.
struct InputAck {
  Matchers matchers;
  HeldSpan span;
};

// `alert_route_test`: where an alert goes at one time, and what holds it back. Of what is expected,
// nullopt is not asked.
struct RouteCheck {
  Millis at{};                                          // since the start of the test
  std::string alert;                                    // all of that name that fire then; or:
  std::optional<Labels> labels;                         // this one
  std::optional<std::vector<std::string>> receivers;    // in order
  std::optional<std::vector<Labels>> groups;            // the group labels at each receiver
  std::optional<std::vector<LabelTexts>> inhibited_by;  // some labels of who inhibits it
  std::optional<std::vector<std::string>> silenced_by;  // ids of silences
  std::optional<std::vector<std::string>> muted_by;     // time intervals of the routes
  Place place;
};

// Of what is expected, nullopt is not asked.
struct ExpectedNotification {
  std::string receiver;
  std::optional<Millis> sent_at = std::nullopt;
  std::optional<std::string> status = std::nullopt;  // firing, resolved
  std::optional<std::string> reason = std::nullopt;  // first, new_alerts, resolved, ...
  std::optional<std::vector<std::string>> sinks = std::nullopt;
  std::optional<Labels> group_labels = std::nullopt;
  std::optional<std::vector<ExpectedAlert>> alerts = std::nullopt;
  Place place;
};

// `notification_test`: what has gone out from one time to another.
struct NotificationCheck {
  Millis from{};
  Millis at{};
  std::string receiver;  // only what it got; empty = all
  std::vector<ExpectedNotification> notifications;
  Compare compare = Compare::exact;
  Place place;
};

// All of one test.
struct RoutingChecks {
  std::vector<InputAlert> alerts;
  std::vector<InputSilence> silences;
  std::vector<InputAck> acks;
  std::vector<RouteCheck> routes;
  std::vector<NotificationCheck> notifications;

  // When the last check happens, since the start.
  Millis last_check() const;
};

}  // namespace seamwatch::rules::testing
