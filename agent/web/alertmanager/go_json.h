// JSON that Go's encoding/json takes and a strict reader refuses: one broken character in one alert
// of many must not cost the others. Pure.
#pragma once

#include <string>

namespace seamwatch::agent {

// `text` with U+FFFD in place of each byte that is no UTF-8, and of each escape that is half of a
// surrogate pair. Source: Go, encoding/json, Unmarshal.
std::string as_go_reads(std::string text);

}  // namespace seamwatch::agent
