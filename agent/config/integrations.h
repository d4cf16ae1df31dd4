// Owners, systems and integrations with their probes, out of seamwatch.yml into the landscape.
#pragma once

#include <string>

#include "agent/config/reading.h"
#include "agent/config/section_reader.h"

namespace seamwatch::agent {

// Each reads its key of the root section of one file. Probes take their defaults from
// reading.config.global, and what their heartbeats name from the tree, so both come first.
void read_owners(SectionReader& root, Reading& reading);
void read_systems(SectionReader& root, Reading& reading);
void read_integrations(SectionReader& root, Reading& reading);

// Finds the module of each probe that names none, checks modules, targets and names, and warns of
// integrations without probes.
// Requires: all modules and integrations have been read.
void settle_probes(Reading& reading);

}  // namespace seamwatch::agent
