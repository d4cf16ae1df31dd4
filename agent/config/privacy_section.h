// The section `privacy` of seamwatch.yml: patterns, classes, and what is allowed to stay.
#pragma once

#include "agent/config/reading.h"
#include "agent/config/section_reader.h"

namespace seamwatch::agent {

// Reads the section of the root section of one file.
void read_privacy(SectionReader& root, Reading& reading);

// Makes the redactor, with the owners' addresses allowed, and checks that every class that is named
// exists. Requires: all files have been read.
void settle_privacy(Reading& reading);

}  // namespace seamwatch::agent
