// Modules: the ways to probe. Reads `modules` of seamwatch.yml and of module files in
// blackbox_exporter's format, and adds the built-in ones.
#pragma once

#include <string>

#include "agent/config/reading.h"
#include "agent/config/section_reader.h"
#include "probes/probe.h"

namespace seamwatch::agent {

// Reads the modules at key "modules" of `reader` into reading.config. In a `foreign` file, one of
// blackbox_exporter, a prober that is not built in is a warning instead of an error.
void read_modules(SectionReader& reader, bool foreign, Reading& reading);

// Reads all files that `pattern` leads to; see find_files.
void read_module_files(const std::string& folder,
                       const std::string& pattern,
                       const Place& place,
                       Reading& reading);

// The module of a probe that names none: http_2xx for an http or https URL, tcp_connect for
// host:port; "" where `target` does not tell.
std::string guess_module(const std::string& target);

// `target` as `kind` takes it: the scheme in small letters, and none before host:port.
std::string target_for(const probes::ProbeKind& kind, std::string target);

// http_2xx and tcp_connect, where no module is called so.
void add_builtin_modules(Reading& reading);

}  // namespace seamwatch::agent
