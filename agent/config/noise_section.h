// The section `notification.noise` of seamwatch.yml: systems that are down, flapping, storms.
#pragma once

#include "agent/config/config.h"
#include "agent/config/section_reader.h"

namespace seamwatch::agent {

// Reads the section; reports what does not fit together.
void read_noise(SectionReader reader, rules::NoisePolicy& out);

}  // namespace seamwatch::agent
