// What the target of a request names. Pure.
#pragma once

#include <string>
#include <string_view>

#include "agent/web/http_call.h"

namespace seamwatch::agent {

// Reads path and query into `call`; false where the target is no path. Source: RFC 9112
// section 3.2.
bool read_target(std::string_view target, HttpCall& call);

// The path without the prefix that a proxy left in place; "" where it does not have that.
std::string path_below(const std::string& prefix, const std::string& path);

}  // namespace seamwatch::agent
