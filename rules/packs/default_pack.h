// The rule file that is on unless switched off. Its text is rules/packs/default.yml, built in.
#pragma once

#include <string_view>

namespace seamwatch::rules {

// What diagnostics and the API call the file.
inline constexpr const char* kDefaultPackName = "rules/packs/default.yml";

// A Prometheus rule file, as YAML text.
std::string_view default_pack();

}  // namespace seamwatch::rules
