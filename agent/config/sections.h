// The sections that only one file may have: global, alerting, notification, silences, storage, web
// and query.
#pragma once

#include <string>

#include "agent/config/reading.h"
#include "agent/config/section_reader.h"

namespace seamwatch::agent {

// Each reads its keys of the root section of one file into reading.config.
void read_global(SectionReader& root, Reading& reading);
void read_notification(SectionReader& root, Reading& reading);  // alerting and notification
void read_silences(SectionReader& root, Reading& reading);
void read_storage(SectionReader& root, Reading& reading);
void read_web(SectionReader& root, Reading& reading);
void read_query(SectionReader& root, Reading& reading);

}  // namespace seamwatch::agent
