// An alert as JSON, for what is stored: the outbox and the alerts that others post. Pure.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "agent/core/alert.h"

namespace seamwatch {

// The members of its object without the braces, so that the caller can add its own:
// `"labels":{"a":"1"},"annotations":{},"starts_at":1700000000000,...`
void append_alert_members(std::string& out, const Alert& alert);

// What append_alert_members wrote, whatever else stands beside it. Throws what Boost.JSON throws
// where that is not there; the caller that reads a stored text makes an error of it.
Alert alert_from_json(const boost::json::object& in);

}  // namespace seamwatch
