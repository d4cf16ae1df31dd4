// How moments stand in the reasons of notices and of history. Pure.
#pragma once

#include <chrono>
#include <string>

#include "agent/core/times.h"

namespace seamwatch::rules {

// "2026-11-24 08:30:00 UTC"
inline std::string utc(WallTime at) {
  const std::string iso = to_rfc3339(std::chrono::floor<std::chrono::seconds>(at));
  return iso.substr(0, 10) + " " + iso.substr(11, 8) + " UTC";
}

}  // namespace seamwatch::rules
