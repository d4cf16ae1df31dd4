#include "probes/classify/state_machine.h"

#include <algorithm>

#include <boost/json/serialize.hpp>

#include "probes/classify/json_fields.h"

namespace seamwatch::probes {
namespace {

// Which standing decides over the others; unknown never does while another is known.
int weight(IntegrationState state) {
  switch (state) {
    case IntegrationState::unknown:
      return 0;
    case IntegrationState::ok:
      return 1;
    case IntegrationState::degraded:
      return 2;
    case IntegrationState::throttled:
      return 3;
    case IntegrationState::down:
      return 4;
  }
  return 0;
}

std::string because(const ProbeOutcome& outcome, std::string_view meaning) {
  return outcome.probe + ": " + outcome.verdict->row + " is " + std::string(meaning) + " (" +
         outcome.verdict->reason + ")";
}

Standing standing_of(const ProbeOutcome& outcome) {
  Standing standing;
  if (outcome.latency_over_target && !outcome.verdict) {
    standing.state = IntegrationState::degraded;
    standing.reason = outcome.probe + ": slower than its target";
    return standing;
  }
  if (!outcome.verdict) {
    standing.state = IntegrationState::ok;
    return standing;
  }
  const Verdict& verdict = *outcome.verdict;
  if (verdict.persistence == Persistence::persistent) {
    standing.until = verdict.retry_at;
    standing.state = IntegrationState::down;
    standing.reason = because(outcome, "persistent");
    return standing;
  }
  // One that a confirm retry cleared is over: it is seen, and it is no standing fault.
  const bool waits = verdict.retry_at || verdict.category == Category::throttled;
  if (waits && verdict.reason != "cleared_on_retry") {
    standing.state = IntegrationState::throttled;
    standing.until = verdict.retry_at;
    std::string reason = because(outcome, "throttling");
    if (verdict.retry_at) {
      reason += ", wait until " + to_rfc3339(*verdict.retry_at);
    }
    standing.reason = reason;
    return standing;
  }
  standing.state = IntegrationState::degraded;
  standing.reason = because(outcome, "transient");
  return standing;
}

std::string reason_of(const std::string& probe, const Standing& standing) {
  return standing.state == IntegrationState::ok ? probe + ": succeeded" : standing.reason.str();
}

// Whether the outcome leaves its probe well, as it was before.
bool no_news(const Health& health, const ProbeOutcome& outcome) {
  if (outcome.verdict || outcome.latency_over_target) {
    return false;
  }
  const auto known = health.probes.find(outcome.probe);
  return known != health.probes.end() && known->second.state == IntegrationState::ok;
}

void take_in(Health& health, const ProbeOutcome& outcome, bool own_connectivity, WallTime now) {
  if ((outcome.verdict && !own_connectivity) || no_news(health, outcome)) {
    return;
  }
  const auto known = health.probes.find(outcome.probe);
  Standing next = standing_of(outcome);
  const bool same = known != health.probes.end() && known->second.state == next.state;
  next.since = same ? known->second.since : now;
  if (outcome.verdict && outcome.verdict->reason != "cleared_on_retry") {
    next.failing_since =
        known == health.probes.end() ? now : known->second.failing_since.value_or(now);
  }
  health.probes[outcome.probe] = std::move(next);
}

}  // namespace

Transition step(Health& health,
                const std::vector<ProbeOutcome>& outcomes,
                bool own_connectivity,
                WallTime now) {
  Transition transition;
  transition.from = health.state;
  const auto is_old = [&](const ProbeOutcome& outcome) { return no_news(health, outcome); };
  if (health.state == IntegrationState::ok && own_connectivity && !outcomes.empty() &&
      std::ranges::all_of(outcomes, is_old)) {
    // As nearly always. All stand well, or the state were another: they need not be looked through,
    // which took a twentieth of the agent's own time.
    transition.to = health.state;
    transition.reason = health.reason;
    transition.since = health.since;
    return transition;
  }
  for (const ProbeOutcome& outcome : outcomes) {
    take_in(health, outcome, own_connectivity, now);
  }
  IntegrationState to = IntegrationState::unknown;
  std::string reason = own_connectivity ? "nothing observed yet" : "the agent has no connectivity";
  health.throttled_until.reset();
  health.throttled_by.clear();
  if (own_connectivity) {
    for (const auto& [probe, standing] : health.probes) {
      if (weight(standing.state) > weight(to)) {
        to = standing.state;
        reason = reason_of(probe, standing);
      }
      if (standing.state == IntegrationState::throttled && standing.until &&
          (!health.throttled_until || *standing.until > *health.throttled_until)) {
        health.throttled_until = standing.until;
        health.throttled_by = probe;
      }
    }
  }
  if (to != health.state || health.since == WallTime()) {
    health.since = now;
  }
  health.state = to;
  health.reason = reason;
  transition.to = to;
  transition.reason = std::move(reason);
  transition.since = health.since;
  return transition;
}

std::optional<WallTime> failing_since(const Health& health) {
  const auto counts = [](IntegrationState state) {
    return state == IntegrationState::degraded || state == IntegrationState::down;
  };
  std::optional<WallTime> since;
  for (const auto& [probe, standing] : health.probes) {
    if (counts(health.state) && counts(standing.state) && standing.failing_since) {
      since = std::min(since.value_or(*standing.failing_since), *standing.failing_since);
    }
  }
  return since;
}

void keep_only(Health& health, const std::vector<std::string>& probes) {
  for (auto at = health.probes.begin(); at != health.probes.end();) {
    at = std::ranges::find(probes, at->first) == probes.end() ? health.probes.erase(at) : at + 1;
  }
  if (health.state == IntegrationState::ok && !health.probes.empty()) {
    const auto& [probe, standing] = *health.probes.begin();
    health.reason = reason_of(probe, standing);  // the one before may be gone
  }
}

std::optional<WallTime> next_probe_not_before(const Health& health, const std::string& probe) {
  const auto known = health.probes.find(probe);
  return known == health.probes.end() ? std::nullopt : known->second.until;
}

std::string to_json(const Health& health) {
  boost::json::object object;
  object["state"] = to_string(health.state);
  object["since"] = unix_millis(health.since);
  object["reason"] = health.reason;
  object["throttled_until"] = to_field(health.throttled_until);
  object["throttled_by"] = health.throttled_by;
  boost::json::object probes;
  for (const auto& [probe, standing] : health.probes) {
    boost::json::object one;
    one["state"] = to_string(standing.state);
    one["reason"] = std::string_view(standing.reason);
    one["until"] = to_field(standing.until);
    one["since"] = unix_millis(standing.since);
    one["failing_since"] = to_field(standing.failing_since);
    probes[probe] = std::move(one);
  }
  object["probes"] = std::move(probes);
  return boost::json::serialize(object);
}

Result<Health> health_from_json(std::string_view text) {
  const auto object = parse_object(text, "integration state");
  if (!object) {
    return object.error();
  }
  const auto state = parse_integration_state(text_field(*object, "state"));
  if (!state) {
    return error("saved integration state names no known state; it is dropped");
  }
  Health health;
  health.state = *state;
  health.since = time_field(*object, "since").value_or(WallTime());
  health.reason = text_field(*object, "reason");
  health.throttled_until = time_field(*object, "throttled_until");
  health.throttled_by = text_field(*object, "throttled_by");
  const boost::json::value* probes = object->if_contains("probes");
  if (probes == nullptr || !probes->is_object()) {
    return health;
  }
  for (const auto& entry : probes->get_object()) {
    const boost::json::object* one = entry.value().if_object();
    const auto standing_state =
        one == nullptr ? std::nullopt : parse_integration_state(text_field(*one, "state"));
    if (!standing_state) {
      continue;
    }
    Standing standing;
    standing.state = *standing_state;
    standing.reason = text_field(*one, "reason");
    standing.until = time_field(*one, "until");
    standing.since = time_field(*one, "since").value_or(WallTime());
    standing.failing_since = time_field(*one, "failing_since");
    health.probes[std::string(entry.key())] = std::move(standing);
  }
  return health;
}

}  // namespace seamwatch::probes
