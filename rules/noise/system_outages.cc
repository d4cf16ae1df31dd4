#include "rules/noise/system_outages.h"

#include <algorithm>
#include <set>
#include <utility>

namespace seamwatch::rules {
namespace {

// By so much two who look at the same thing may see it one before the other.
constexpr Millis kSeenApart{60'000};

// So long what nobody has looked at yet may be well, as it is right after a start.
constexpr Millis kLookedAtWithin{60'000};

// How the integrations through one system stand.
struct Tally {
  std::string system;
  std::size_t known = 0;
  std::size_t unknown = 0;
  std::vector<const FlowStanding*> broken;  // for which it may be the cause
  std::size_t as_target = 0;                // of `broken`, those whose target it is

  // `others`: that count as well beside those that are known.
  bool suffices(std::size_t count, std::size_t others, const OutagePolicy& policy) const {
    const auto its = static_cast<std::int64_t>(count);
    return its >= policy.integrations_min &&
           its * 100 >= policy.share * static_cast<std::int64_t>(known + others);
  }

  std::string text() const {
    return std::to_string(broken.size()) + " of " + std::to_string(known) +
           " integrations through it fail";
  }
};

using Tallies = std::map<std::string, Tally>;
using Explained = std::set<const FlowStanding*>;

Tallies tally(const std::vector<FlowStanding>& flows) {
  Tallies out;
  for (const FlowStanding& flow : flows) {
    for (const std::string& system : flow.systems) {
      Tally& its = out[system];
      its.system = system;
      ++(flow.state == IntegrationState::unknown ? its.unknown : its.known);
      const bool is_target = flow.systems.front() == system;
      const bool spared = (flow.of_target || flow.failing) && !is_target;
      if (is_broken(flow) && !spared) {
        its.broken.push_back(&flow);
        its.as_target += is_target ? 1 : 0;
      }
    }
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

// Those of `flows` that began within `window` before the last one did.
std::vector<const FlowStanding*> latest(std::vector<const FlowStanding*> flows, Millis window) {
  WallTime last{};
  for (const FlowStanding* flow : flows) {
    last = std::max(last, flow->since);
  }
  std::erase_if(flows, [&](const FlowStanding* flow) { return flow->since + window < last; });
  return flows;
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

// Whether it holds without those that may yet fix themselves.
bool is_certain(const Suspect& suspect, const OutagePolicy& policy) {
  const auto is_down = [](const FlowStanding* flow) {
    return flow->state == IntegrationState::down;
  };
  const auto down = std::ranges::count_if(suspect.tally->broken, is_down);
  return std::ranges::count_if(suspect.fresh, is_down) >= policy.integrations_min &&
         suspect.tally->suffices(static_cast<std::size_t>(down), 0, policy);
}

// Whether an alert came of it: one that fires began when the last of them had failed, as far as
// clocks tell.
bool is_told(const Suspect& suspect, const SystemOutages::AlertedSince& alerted_since) {
  WallTime last{};
  for (const FlowStanding* flow : suspect.fresh) {
    last = std::max(last, flow->since);
  }
  return std::ranges::any_of(suspect.fresh, [&](const FlowStanding* flow) {
    const std::optional<WallTime> since = alerted_since(flow->integration);
    return since && *since + kSeenApart >= last;
  });
}

// Whether the system may be the cause of these, and which nobody has looked at yet would not deny
// it.
bool begins(const Suspect& suspect, const OutagePolicy& policy, WallTime now) {
  if (static_cast<std::int64_t>(suspect.fresh.size()) < policy.integrations_min) {
    return false;
  }
  WallTime first = now;
  for (const FlowStanding* flow : suspect.fresh) {
    first = std::min(first, flow->since);
  }
  const std::size_t others = now < first + kLookedAtWithin ? suspect.tally->unknown : 0;
  return suspect.tally->suffices(suspect.tally->broken.size(), others, policy);
}

std::optional<Suspect> likeliest(const Tallies& tallies,
                                 const Explained& explained,
                                 const OutagePolicy& policy,
                                 WallTime now,
                                 const SystemOutages::AlertedSince& alerted_since) {
  std::optional<Suspect> best;
  for (const auto& [system, its] : tallies) {
    Suspect suspect{&its, latest(unexplained(its, explained), policy.window)};
    if (!begins(suspect, policy, now) ||
        (!is_certain(suspect, policy) && !is_told(suspect, alerted_since))) {
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
  const Tallies tallies = tally(flows);
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
    const bool fails = exists && its->second.suffices(its->second.broken.size(), 0, policy);
    const bool known = exists && its->second.known > 0;
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
  while (const auto suspect = likeliest(tallies, explained, policy, now, alerted_since)) {
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
