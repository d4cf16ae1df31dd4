// YAML files into Documents. The only place that touches a YAML library.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"

namespace seamwatch {

// Reads the first document of `text`; further ones are ignored, as Prometheus does. `file` is the
// name that diagnostics show. Anchors, aliases and merge keys (`<<`) are resolved. Reports syntax
// errors, duplicate keys, keys that are not scalars, and documents past the limits (64 levels,
// 16 MiB, 1,000,000 nodes after aliases); the document then holds what was read before.
Document parse_yaml(std::string file, std::string_view text, Diagnostics& problems);

}  // namespace seamwatch
