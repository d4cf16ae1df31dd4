// Time zones by name.
#pragma once

#include <string>

namespace date {
class time_zone;
}

namespace seamwatch::rules {

// The zone that IANA's database calls `name`, or the machine's own for "Local"; nullptr where there
// is none, or no database at all. Lives as long as the program.
const date::time_zone* find_zone(const std::string& name);

}  // namespace seamwatch::rules
