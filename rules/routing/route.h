// Route: a node of the tree that decides who is told of an alert, and how its alerts are grouped.
// Values are complete: what a child did not set is filled in from its parent. Immutable once read.
// Source: Alertmanager, docs/configuration.md "<route>".
#pragma once

#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/routing/matcher_syntax.h"

namespace seamwatch::rules {

// Who else is told of a group that nobody has dealt with in time. A key of Seamwatch's own; what it
// means: rules/routing/escalation.h.
struct EscalationStep {
  Millis after{};  // since the receiver of the route was first told that the group fires; above 0
  std::string receiver;
  bool unless_acked = false;  // not for what someone has taken on

  friend bool operator==(const EscalationStep&, const EscalationStep&) = default;
};

struct Route {
  std::string receiver;
  Matchers matchers;  // of `match`, `match_re` and `matchers`, sorted
  std::vector<std::string> group_by;
  bool group_by_all = false;       // '...': every label set is a group of its own
  bool continue_matching = false;  // `continue`: later siblings are tried as well
  Millis group_wait{30'000};
  Millis group_interval{300'000};
  Millis repeat_interval{4 * 3'600'000};
  std::vector<std::string> mute_time_intervals;    // these two are not inherited
  std::vector<std::string> active_time_intervals;  // empty = always active
  Labels labels;                                   // templates, over those of the parent
  std::vector<EscalationStep> escalate;            // by time
  std::vector<Route> routes;
  Place place;      // in its file
  std::string key;  // the matchers on the way from the root: `{}/{owner="x"}`
};

// The routes that take an alert with these labels, depth first: of each node the first child that
// matches, and further ones while children say `continue`; the node itself where no child does.
// Never empty for a root, which has no matchers.
std::vector<const Route*> match(const Route& root, const Labels& labels);

// Whether what goes the way of `a` reaches whom it would reach by `b`, in the same words, no later
// and no less often: `a` is enough then for a notice that stands for others.
bool tell_the_same(const Route& a, const Route& b);

// The labels that name the group of an alert on this route.
Labels group_labels(const Route& route, const Labels& labels);

// Alertmanager's group key: `{}/{owner="x"}:{alertname="Y"}`.
std::string group_key(const Route& route, const Labels& group);

}  // namespace seamwatch::rules
