#include "agent/watch/system_standings.h"

#include <algorithm>

namespace seamwatch::agent {
namespace {

constexpr std::string_view kHeartbeat = "heartbeat";  // the protocol of its faults

bool goes_through(const Integration& integration, std::string_view system) {
  return integration.source == system || integration.target == system;
}

// "Order management (+49 30 555 0100)", of what may be told.
std::string owner_text(const Config& config, const Integration& integration) {
  const PrivacyClass& its = config.privacy_class(integration.name);
  const Owner* owner = config.landscape.owner_of(integration);
  if (owner == nullptr || !its.labels.lets("owner")) {
    return "";
  }
  if (!its.annotations.lets("contact")) {
    return owner->display;
  }
  const std::string& contact = owner->contact.empty() ? owner->email : owner->contact;
  return owner->display + (contact.empty() ? "" : " (" + contact + ")");
}

// Until a probe has failed since the start, nothing speaks against the source.
bool is_of_target(const IntegrationStanding& standing) {
  return std::all_of(standing.failing.begin(), standing.failing.end(), [](const auto& each) {
    return rules::is_of_target(each.second.verdict.category);
  });
}

// Not down: a probe that asks the target fails, for what may fix itself. What a job does not report
// is no word against where its data goes.
bool fails_at_target(const IntegrationStanding& standing) {
  return standing.health.state == IntegrationState::degraded && standing.last_result &&
         std::any_of(standing.failing.begin(), standing.failing.end(), [](const auto& each) {
           return each.second.verdict.signal.protocol != kHeartbeat;
         });
}

// It failed before a restart for what may have fixed itself, and nobody has looked since.
bool was_failing(const IntegrationStanding& standing) {
  return standing.health.state == IntegrationState::degraded && !standing.last_result &&
         probes::failing_since(standing.health);
}

}  // namespace

const Failing* told_failing(const IntegrationStanding& standing, std::string_view probe) {
  const Failing* told = nullptr;
  for (const auto& [name, failing] : standing.failing) {
    if (!probe.empty() && name != probe) {
      continue;
    }
    const bool persistent = failing.verdict.persistence == Persistence::persistent;
    if (told == nullptr || (persistent && told->verdict.persistence != Persistence::persistent)) {
      told = &failing;
    }
  }
  return told;
}

std::vector<std::string> systems_of(const Landscape& landscape, std::string_view integration) {
  const Integration* found = landscape.find_integration(integration);
  std::vector<std::string> out;
  if (found == nullptr) {
    return out;
  }
  for (const std::string& system : {found->target, found->source}) {
    if (!system.empty() && std::find(out.begin(), out.end(), system) == out.end()) {
      out.push_back(system);
    }
  }
  return out;
}

bool any_outage_possible(const IntegrationStandings& standings, std::int64_t broken_min) {
  const auto broken = std::count_if(standings.begin(), standings.end(), [](const auto& each) {
    return each.second.health.state == IntegrationState::down || fails_at_target(each.second);
  });
  return broken >= broken_min;
}

std::vector<rules::FlowStanding> flow_standings(const Landscape& landscape,
                                                const IntegrationStandings& standings) {
  std::vector<rules::FlowStanding> out;
  for (const auto& [name, standing] : standings) {
    std::vector<std::string> systems = systems_of(landscape, name);
    if (!systems.empty()) {
      const probes::Health& health = standing.health;
      const Failing* told = told_failing(standing, "");
      rules::FlowStanding flow{name, std::move(systems), health.state, health.since};
      flow.since = probes::failing_since(health).value_or(health.since);
      flow.of_target = is_of_target(standing);
      flow.fault = told == nullptr ? "" : told->words;
      flow.failing = fails_at_target(standing);
      if (was_failing(standing)) {
        flow.state = IntegrationState::unknown;
      }
      out.push_back(std::move(flow));
    }
  }
  return out;
}

std::vector<std::string> ConfiguredLandscape::systems_of(std::string_view integration) const {
  return agent::systems_of(config_->landscape, integration);
}

std::vector<rules::OutageMember> ConfiguredLandscape::members(std::string_view system,
                                                              const StandingOf& standing_of) const {
  std::vector<rules::OutageMember> out;
  for (const auto& [name, integration] : config_->landscape.integrations) {
    if (!goes_through(integration, system)) {
      continue;
    }
    const PrivacyClass& its = config_->privacy_class(name);
    rules::OutageMember member;
    member.name = its.labels.lets("integration") ? name : "";
    member.display = its.annotations.lets("display") ? integration.display : "";
    member.owner = owner_text(*config_, integration);
    member.critical =
        integration.criticality == Criticality::critical && its.labels.lets("criticality");
    if (const rules::FlowStanding* standing = standing_of(name)) {
      member.state = standing->state;
      member.failing = standing->failing;
      member.fault = its.annotations.lets("summary") ? standing->fault : "";
    }
    out.push_back(std::move(member));
  }
  return out;
}

std::string ConfiguredLandscape::display(std::string_view system) const {
  const System* found = config_->landscape.find_system(system);
  return found == nullptr || found->display.empty() ? std::string(system) : found->display;
}

Labels ConfiguredLandscape::labels(std::string_view system, const Labels& gravest) const {
  const Landscape& landscape = config_->landscape;
  const bool critical = std::any_of(
      landscape.integrations.begin(), landscape.integrations.end(), [&](const auto& each) {
        return goes_through(each.second, system) &&
               each.second.criticality == Criticality::critical;
      });
  Labels out{{"alertname", std::string(rules::kSystemDown)}, {"system", std::string(system)}};
  out.set("criticality", to_string(critical ? Criticality::critical : Criticality::non_critical));
  out.set("severity", gravest.get("severity"));
  if (const System* found = landscape.find_system(system)) {
    out.set("owner", found->owner);
  }
  for (const auto& [name, value] : config_->global.external_labels) {
    if (!out.has(name)) {
      out.set(name, value);
    }
  }
  return out;
}

Alert ConfiguredLandscape::alert(Labels labels, WallTime now) const {
  Alert out;
  out.labels = std::move(labels);
  out.starts_at = now;
  out.updated_at = now;
  if (const Owner* owner = config_->landscape.find_owner(out.labels.get("owner"))) {
    out.annotations.set("owner_display", owner->display == owner->name ? "" : owner->display);
    out.annotations.set("contact", owner->contact.empty() ? owner->email : owner->contact);
    out.annotations.set("faq_url", owner->faq_url);
  }
  out.annotations.set("expected", "needs someone");
  return out;
}

}  // namespace seamwatch::agent
