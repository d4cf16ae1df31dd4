// Labels as a JSON object, for what is stored and shown. Pure.
#pragma once

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "agent/core/labels.h"

namespace seamwatch {

// {"name": "value"}. Requires: names and values are UTF-8.
boost::json::object labels_json(const Labels& labels);

// The labels of what labels_json wrote. Throws what Boost.JSON throws where it is something else;
// the caller that reads a stored text makes an error of it.
Labels labels_from_json(const boost::json::value& value);

}  // namespace seamwatch
