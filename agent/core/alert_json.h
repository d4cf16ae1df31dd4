// An alert as JSON, for what is stored: the outbox and the alerts that others post. Pure.
#pragma once

#include <string>

#include <boost/json/object.hpp>

#include "agent/core/alert.h"

namespace seamwatch {

// The members of its object without the braces, so that the caller can add its own:
// `"labels":{"a":"1"},"annotations":{},"starts_at":1700000000000,...`
void append_alert_members(std::string& out, const Alert& alert);

// The same without what `common` has as well: labels and annotations that it holds, and the other
// members where they are equal. Requires: the alert has all labels and annotations of `common`.
void append_alert_members(std::string& out, const Alert& alert, const Alert& common);

// What append_alert_members wrote, whatever else stands beside it; what is not there is as `common`
// has it. Throws what Boost.JSON throws where it is something else; the caller that reads a stored
// text makes an error of it.
Alert alert_from_json(const boost::json::object& in);
Alert alert_from_json(const boost::json::object& in, const Alert& common);

}  // namespace seamwatch
