// Landscape: the systems of a company, the integrations between them, and who answers for them.
// Read from seamwatch.yml by agent/config; enriches alerts, labels series, fills the pages.
// Immutable after load, so any thread may read it.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"
#include "agent/landscape/probe_config.h"

namespace seamwatch::agent {

// How data moves through an integration. Closed; spelled the same in YAML, labels and JSON.
enum class Pattern {
  real_time,           // synchronous request and reply
  asynchronous,        // through a queue or a topic
  push,                // the source calls the target
  pull,                // the target calls the source
  one_way_sync,        // copies kept equal, one master
  bidirectional_sync,  // copies kept equal, both may change
  aggregation,         // many records become one
  embedding,           // one system shown inside another
  batching,            // files or packages on a schedule
};

std::string_view to_string(Pattern pattern);

// Empty where `text` is none of the spellings.
std::optional<Pattern> parse_pattern(std::string_view text);

struct Owner {
  std::string name;
  std::string display;  // for people; defaults to the name, as in all of these
  std::string contact;  // what to write in a notice: a phone number, a channel; may be empty
  std::string email;
  std::string faq_url;
  Place place;
};

struct System {
  std::string name;
  std::string display;
  std::string owner;  // name of an Owner; may be empty
  std::string kind;   // free word: "erp", "broker", "shop"
  std::string notes;
  Place place;
  Spot owner_at{};
};

struct Integration {
  std::string name;
  std::string display;
  std::string source;  // names of systems
  std::string target;
  std::optional<Pattern> pattern = std::nullopt;
  Criticality criticality = Criticality::non_critical;
  std::string owner;    // name of an Owner; may be empty: see Landscape::owner_of
  std::string faq_url;  // shown to the people who use it
  std::string advice;   // what to do when it fails
  std::string privacy;  // name of its privacy class; empty = the default one
  std::optional<Millis> freshness = std::nullopt;  // data may be this old
  std::optional<Millis> latency = std::nullopt;    // one message may take this long
  Millis retry_budget = Millis(5 * 60 * 1000);     // a transient error past it is persistent
  std::vector<ProbeConfig> probes;
  Place place;
  Spot source_at{};
  Spot target_at{};
  Spot owner_at{};
};

struct Landscape {
  std::map<std::string, Owner, std::less<>> owners;
  std::map<std::string, System, std::less<>> systems;
  std::map<std::string, Integration, std::less<>> integrations;

  // Each is nullptr where there is none of that name.
  const Owner* find_owner(std::string_view name) const;
  const System* find_system(std::string_view name) const;
  const Integration* find_integration(std::string_view name) const;

  // Who answers for `integration`: its own owner, else the target system's, else the source
  // system's, else nullptr.
  const Owner* owner_of(const Integration& integration) const;
};

// The probe of `integration` called `name`, or nullptr.
const ProbeConfig* find_probe(const Integration& integration, std::string_view name);

// Reports names that refer to nothing, each where it stands, and critical integrations for which
// nobody answers.
void check_landscape(const Landscape& landscape, Diagnostics& problems);

}  // namespace seamwatch::agent
