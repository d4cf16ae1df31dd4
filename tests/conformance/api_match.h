// What a published case expects of a JSON value, and what it posts: YAML nodes with `<time>`,
// `<uuid>` and `<str>` for what differs from run to run, and `{{...}}` for what is filled in.
#pragma once

#include <functional>
#include <string>

#include <boost/json/value.hpp>

#include "agent/core/document.h"

namespace seamwatch::conformance {

// Whether `got` is as expected. Lists are compared as sets. A list of names stands for an object
// with these keys.
bool matches(const Node& want, const boost::json::value& got);

// The node as JSON; `fill` replaces what stands in texts as `{{...}}`.
boost::json::value to_json(const Node& node,
                           const std::function<std::string(const std::string&)>& fill);

// The value at a dotted path ("alerts.0.labels"); null where there is none.
boost::json::value at_path(const boost::json::value& value, const std::string& path);

}  // namespace seamwatch::conformance
