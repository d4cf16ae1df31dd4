#include "rules/routing/zone.h"

#include <exception>

#include <date/tz.h>

namespace seamwatch::rules {

const date::time_zone* find_zone(const std::string& name) {
  try {
    return name == "Local" ? date::current_zone() : date::locate_zone(name);
  } catch (const std::exception&) {
    return nullptr;
  }
}

}  // namespace seamwatch::rules
