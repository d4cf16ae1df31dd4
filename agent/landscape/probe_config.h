// ProbeConfig: one probe of one integration, with every default already filled in. Read by
// agent/config, run by agent/watch. Value type; there may be
// many, so texts that several have in common are held once.
#pragma once

#include <string>

#include "agent/core/diagnostics.h"
#include "agent/core/shared_text.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"

namespace seamwatch::agent {

// Where a value stands, in the file of what it is part of; line 0 = nowhere of its own.
struct Spot {
  int line = 0;
  int column = 0;
};

// `spot` as a place, in the file of `whole`; that itself where there is none.
Place place_of(Spot spot, const Place& whole);

struct ProbeConfig {
  SharedText integration;
  std::string name;   // unique in its integration
  SharedText module;  // key of Config::modules; empty for a heartbeat
  SharedText target;  // as the module's kind takes it; may hold a password: show redact_url(target)
  Millis interval{};
  Millis timeout{};                                     // at most `interval`
  Criticality criticality = Criticality::non_critical;  // the probe's own or its integration's
  int confirm_retries = 2;
  bool heartbeat = false;  // waits to be pinged instead of probing: see Config::heartbeats. Module
                           // and target are then empty, the interval is the global one
  SharedText definition;   // digest of the module's options, or of the heartbeat's; no secret in it
  Spot at{};               // where it is configured: in the file of its integration
  Spot module_at{};
  Spot target_at{};
};

// Whether both look at the same thing in the same way and rhythm, so that after a reload the probe
// keeps its schedule and state. Criticality and place are not part of that: they only label.
bool unchanged(const ProbeConfig& before, const ProbeConfig& after);

}  // namespace seamwatch::agent
