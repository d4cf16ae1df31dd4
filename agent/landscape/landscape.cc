#include "agent/landscape/landscape.h"

#include <array>
#include <tuple>
#include <utility>

#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

constexpr std::array<std::pair<Pattern, std::string_view>, 9> kPatterns = {{
    {Pattern::real_time, "real_time"},
    {Pattern::asynchronous, "asynchronous"},
    {Pattern::push, "push"},
    {Pattern::pull, "pull"},
    {Pattern::one_way_sync, "one_way_sync"},
    {Pattern::bidirectional_sync, "bidirectional_sync"},
    {Pattern::aggregation, "aggregation"},
    {Pattern::embedding, "embedding"},
    {Pattern::batching, "batching"},
}};

template <class Map>
const typename Map::mapped_type* find_in(const Map& map, std::string_view name) {
  const auto found = map.find(name);
  return found == map.end() ? nullptr : &found->second;
}

// Who names something of a section.
struct Reference {
  std::string role;
  const char* section;  // its YAML key
  Place place;          // of the name
};

// Reports that `name` is not in `map`, the section that `by` says.
template <class Map>
void check_reference(const Map& map,
                     const std::string& name,
                     const Reference& by,
                     Diagnostics& problems) {
  if (name.empty() || map.find(name) != map.end()) {
    return;
  }
  std::vector<std::string_view> names;
  names.reserve(map.size());
  for (const auto& entry : map) {
    names.push_back(entry.first);
  }
  const std::string guess = nearest(name, names);
  problems.add(by.place,
               by.role + " " + quoted(name) + " is not in `" + by.section + "`",
               guess.empty() ? "add it there" : "did you mean " + quoted(guess) + "?");
}

// Whether neither the integration nor one of its systems names an owner. Names that lead nowhere
// are reported on their own; they must not also count as none.
bool names_no_owner(const Landscape& landscape, const Integration& integration) {
  const auto silent = [&](const std::string& name) {
    const System* system = landscape.find_system(name);
    return system != nullptr && system->owner.empty();
  };
  return integration.owner.empty() && silent(integration.target) && silent(integration.source);
}

}  // namespace

std::string_view to_string(Pattern pattern) {
  for (const auto& [value, text] : kPatterns) {
    if (value == pattern) {
      return text;
    }
  }
  return "";
}

std::optional<Pattern> parse_pattern(std::string_view text) {
  for (const auto& [value, spelling] : kPatterns) {
    if (spelling == text) {
      return value;
    }
  }
  return std::nullopt;
}

Place place_of(Spot spot, const Place& whole) {
  return spot.line > 0 ? Place{whole.file, spot.line, spot.column} : whole;
}

bool unchanged(const ProbeConfig& before, const ProbeConfig& after) {
  const auto key = [](const ProbeConfig& probe) {
    return std::tie(probe.integration,
                    probe.name,
                    probe.module,
                    probe.target,
                    probe.interval,
                    probe.timeout,
                    probe.confirm_retries,
                    probe.heartbeat,
                    probe.definition);
  };
  return key(before) == key(after);
}

const Owner* Landscape::find_owner(std::string_view name) const {
  return find_in(owners, name);
}

const System* Landscape::find_system(std::string_view name) const {
  return find_in(systems, name);
}

const Integration* Landscape::find_integration(std::string_view name) const {
  return find_in(integrations, name);
}

const Owner* Landscape::owner_of(const Integration& integration) const {
  if (!integration.owner.empty()) {
    return find_owner(integration.owner);
  }
  for (const std::string& name : {integration.target, integration.source}) {
    const System* system = find_system(name);
    if (system != nullptr && !system->owner.empty()) {
      return find_owner(system->owner);
    }
  }
  return nullptr;
}

const ProbeConfig* find_probe(const Integration& integration, std::string_view name) {
  for (const ProbeConfig& probe : integration.probes) {
    if (probe.name == name) {
      return &probe;
    }
  }
  return nullptr;
}

void check_landscape(const Landscape& landscape, Diagnostics& problems) {
  const auto& [owners, systems, integrations] = landscape;
  for (const auto& [name, system] : systems) {
    const Place owner = place_of(system.owner_at, system.place);
    const std::string what = "system " + quoted(name) + ": owner";
    check_reference(owners, system.owner, {what, "owners", owner}, problems);
  }
  for (const auto& [name, integration] : integrations) {
    const Place& place = integration.place;
    const Place source = place_of(integration.source_at, place);
    const Place target = place_of(integration.target_at, place);
    const Place owner = place_of(integration.owner_at, place);
    const std::string what = "integration " + quoted(name) + ": ";
    check_reference(systems, integration.source, {what + "source", "systems", source}, problems);
    check_reference(systems, integration.target, {what + "target", "systems", target}, problems);
    check_reference(owners, integration.owner, {what + "owner", "owners", owner}, problems);
    bool critical = integration.criticality == Criticality::critical;
    for (const ProbeConfig& probe : integration.probes) {
      critical = critical || probe.criticality == Criticality::critical;
    }
    if (critical && names_no_owner(landscape, integration)) {
      problems.add(place,
                   "critical integration " + quoted(name) + " has no owner",
                   "write `owner:` here or at one of its systems");
    }
  }
}

}  // namespace seamwatch::agent
