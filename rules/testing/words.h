// How reports count things and name places. Pure.
#pragma once

#include <cstddef>
#include <string>

#include "agent/core/diagnostics.h"

namespace seamwatch::rules::testing {

// "1 test", "2 tests"
inline std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

// "tests.yml:3:5"
inline std::string place_text(const Place& place) {
  return place.file + ":" + std::to_string(place.line) + ":" + std::to_string(place.column);
}

}  // namespace seamwatch::rules::testing
