#include "rules/noise/system_outages.h"

#include <algorithm>
#include <set>
#include <utility>

namespace seamwatch::rules {
namespace {

// By so much two who look at the same thing may see it one before the other.
constexpr Millis kSeenApart{60'000};

// So long what was not looked at since others fail may yet be.
constexpr Millis kLookedAtWithin{60'000};

// How the integrations through one system stand.
struct Tally {
  std::string system;
  std::vector<const FlowStanding*> broken;  // for which it may be the cause
  std::vector<const FlowStanding*> others;
  std::size_t down = 0;       // of `broken`
  std::size_t as_target = 0;  // of `broken`, those whose target it is
  std::size_t known = 0;      // `broken`, and of the others those that say something
  bool is_known = false;      // of any of them it is known how it stands

  bool suffices(const OutagePolicy& policy) const { return are_enough(broken.size(), policy); }

  // Whether it holds without those that may yet fix themselves.
  bool is_certain(const OutagePolicy& policy) const { return are_enough(down, policy); }

  bool are_enough(std::size_t count, const OutagePolicy& policy) const {
    const auto its = static_cast<std::int64_t>(count);
    return its >= policy.integrations_min &&
           its * 100 >= policy.share * static_cast<std::int64_t>(known);
  }

  std::string text() const {
    return std::to_string(broken.size()) + " of " + std::to_string(known) +
           " integrations through it fail";
  }
};

using Tallies = std::map<std::string, Tally>;
using Explained = std::set<const FlowStanding*>;

// Those of `flows` that began within `window` before the last one did.
std::vector<const FlowStanding*> latest(std::vector<const FlowStanding*> flows, Millis window) {
  WallTime last{};
  for (const FlowStanding* flow : flows) {
    last = std::max(last, flow->since);
  }
  std::erase_if(flows, [&](const FlowStanding* flow) { return flow->since + window < last; });
  return flows;
}

WallTime first_sign(const std::vector<const FlowStanding*>& broken, Millis window, WallTime now) {
  WallTime out = now;
  for (const FlowStanding* flow : latest(broken, window)) {
    out = std::min(out, flow->since);
  }
  return out;
}

// What was not looked at since a restart stands as it did before.
bool says_something(const FlowStanding& flow, WallTime first_sign, WallTime now) {
  const bool known = flow.state != IntegrationState::unknown;
  const bool seen = known && flow.seen_at.value_or(now) >= first_sign;
  return flow.state != IntegrationState::throttled && (seen || now < first_sign + kLookedAtWithin);
}

Tallies tally(const std::vector<FlowStanding>& flows, const OutagePolicy& policy, WallTime now) {
  Tallies out;
  for (const FlowStanding& flow : flows) {
    for (const std::string& system : flow.systems) {
      Tally& its = out[system];
      its.system = system;
      its.is_known = its.is_known || flow.state != IntegrationState::unknown;
      const bool is_target = flow.systems.front() == system;
      const bool spared = (flow.of_target || flow.failing) && !is_target;
      if (is_broken(flow) && !spared) {
        its.broken.push_back(&flow);
        its.down += flow.state == IntegrationState::down ? 1 : 0;
        its.as_target += is_target ? 1 : 0;
      } else {
        its.others.push_back(&flow);
      }
    }
  }
  for (auto& [system, its] : out) {
    const WallTime began = first_sign(its.broken, policy.window, now);
    its.known = its.broken.size() + static_cast<std::size_t>(std::ranges::count_if(
                                        its.others, [&](const FlowStanding* flow) {
                                          return says_something(*flow, began, now);
                                        }));
  }
  return out;
}

std::vector<const FlowStanding*> unexplained(const Tally& tally, const Explained& explained) {
  std::vector<const FlowStanding*> out;
  for (const FlowStanding* flow : tally.broken) {
    if (!explained.contains(flow)) {
      out.push_back(flow);
    }
  }
  return out;
}

struct Suspect {
  const Tally* tally = nullptr;
  std::vector<const FlowStanding*> fresh;  // what it would explain, begun within the window
};

// Whether `a` is the likelier cause: it explains more, then a larger share of what goes through it,
// then it is more often the target, which is what probes look at.
bool likelier(const Suspect& a, const Suspect& b) {
  if (a.fresh.size() != b.fresh.size()) {
    return a.fresh.size() > b.fresh.size();
  }
  const std::size_t left = a.tally->broken.size() * b.tally->known;
  const std::size_t right = b.tally->broken.size() * a.tally->known;
  if (left != right) {
    return left > right;
  }
  if (a.tally->as_target != b.tally->as_target) {
    return a.tally->as_target > b.tally->as_target;
  }
  return a.tally->system < b.tally->system;
}

// Whether an alert came of it: one that fires began since the first sign, as far as clocks tell.
bool is_told(const Suspect& suspect, const SystemOutages::AlertedSince& alerted_since) {
  return std::ranges::any_of(suspect.fresh, [&](const FlowStanding* flow) {
    const std::optional<WallTime> since = alerted_since(flow->integration);
    return since && *since + kSeenApart >= flow->since;
  });
}

std::optional<Suspect> likeliest(const Tallies& tallies,
                                 const Explained& explained,
                                 const OutagePolicy& policy,
                                 const SystemOutages::AlertedSince& alerted_since) {
  std::optional<Suspect> best;
  for (const auto& [system, its] : tallies) {
    if (!its.suffices(policy)) {
      continue;
    }
    Suspect suspect{&its, latest(unexplained(its, explained), policy.window)};
    const bool enough = static_cast<std::int64_t>(suspect.fresh.size()) >= policy.integrations_min;
    if (!enough || (!its.is_certain(policy) && !is_told(suspect, alerted_since))) {
      continue;
    }
    if (!best || likelier(suspect, *best)) {
      best = std::move(suspect);
    }
  }
  return best;
}

// Moves an outage that is known on; true while it lasts.
bool lasts(Outage& outage, bool fails, bool known, const OutagePolicy& policy, WallTime now) {
  if (fails) {
    outage.well_since.reset();
    return true;
  }
  if (!known) {
    return true;
  }
  // A clock that was set back does not make the grace longer.
  outage.well_since = std::min(outage.well_since.value_or(now), now);
  return now < *outage.well_since + policy.grace;
}

}  // namespace

bool is_of_target(Category category) {
  using enum Category;
  return category == tls || category == authentication || category == authorization ||
         category == throttled || category == platform_limit || category == configuration ||
         category == data || category == not_found;
}

void SystemOutages::restore(Outage outage) {
  std::string system = outage.system;
  outages_.insert_or_assign(std::move(system), std::move(outage));
}

std::vector<SystemOutages::Change> SystemOutages::update(const std::vector<FlowStanding>& flows,
                                                         const OutagePolicy& policy,
                                                         WallTime now,
                                                         const AlertedSince& alerted_since) {
  std::vector<Change> changes;
  const Tallies tallies = tally(flows, policy, now);
  Explained explained;
  const auto explain = [&](const std::string& system) {
    const auto its = tallies.find(system);
    if (its != tallies.end()) {
      explained.insert(its->second.broken.begin(), its->second.broken.end());
    }
  };
  // What is known to be down stays the cause of what it explains.
  for (auto at = outages_.begin(); at != outages_.end();) {
    Outage& outage = at->second;
    const auto its = tallies.find(at->first);
    const bool exists = policy.enabled && its != tallies.end();
    const bool fails = exists && its->second.suffices(policy);
    const bool known = exists && its->second.is_known;
    if (exists && lasts(outage, fails, known, policy, now)) {
      explain(at->first);
      ++at;
      continue;
    }
    const std::string reason = !policy.enabled ? "dependencies are switched off"
                               : !exists       ? "no integration goes through it any more"
                                               : its->second.text();
    changes.push_back({std::move(outage), false, reason});
    at = outages_.erase(at);
  }
  if (!policy.enabled) {
    return changes;
  }
  while (const auto suspect = likeliest(tallies, explained, policy, alerted_since)) {
    Outage outage{suspect->tally->system, now};
    for (const FlowStanding* flow : suspect->fresh) {
      outage.since = std::min(outage.since, flow->since);
    }
    explain(outage.system);
    changes.push_back({outage, true, suspect->tally->text()});
    outages_.insert_or_assign(outage.system, outage);
  }
  return changes;
}

const Outage* SystemOutages::find(std::string_view system) const {
  const auto found = outages_.find(system);
  return found == outages_.end() ? nullptr : &found->second;
}

const Outage* SystemOutages::of(const std::vector<std::string>& systems) const {
  for (const std::string& system : systems) {
    if (const Outage* outage = find(system)) {
      return outage;
    }
  }
  return nullptr;
}

bool holds_back(const Outage& outage, const Alert& alert, const OutagePolicy& policy) {
  return alert.starts_at + policy.window >= outage.since;
}

}  // namespace seamwatch::rules
