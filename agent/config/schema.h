// The JSON Schema of seamwatch.yml, made from the same tables of keys that the loader reads with
// (agent/config/keys.h). Printed by `seamwatch check config --schema`.
#pragma once

#include <string>

namespace seamwatch::agent {

// JSON Schema draft 2020-12, indented, the same bytes for the same build.
std::string config_schema();

}  // namespace seamwatch::agent
