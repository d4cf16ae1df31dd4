// Reading saved state back: fields of one JSON object that may be absent or of the wrong kind, as
// after a crash or a change of version. Private to probes/classify's own state files.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>

#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::probes {

// The object that `text` holds. Error: no JSON, or no object.
[[nodiscard]] Result<boost::json::object> parse_object(std::string_view text,
                                                       std::string_view what);

// Empty where absent, null or of another kind.
std::optional<WallTime> time_field(const boost::json::object& object, std::string_view key);
std::optional<std::int64_t> number_field(const boost::json::object& object, std::string_view key);
std::string text_field(const boost::json::object& object, std::string_view key);

// Unix milliseconds, or null.
boost::json::value to_field(const std::optional<WallTime>& at);

}  // namespace seamwatch::probes
