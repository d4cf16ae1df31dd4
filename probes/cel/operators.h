// What the operators and conversions of CEL make of values. A message that begins with "no such
// overload" says that the operands do not fit. Pure.
// Source: cel-spec, langdef.md, "List of Standard Definitions".
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include <boost/json/value.hpp>

#include "agent/core/result.h"

namespace seamwatch::probes::cel {

// "double", "string", "map", ...
std::string_view type_name(const boost::json::value& value);

// Numbers are equal by what they count, whatever their type; values of other types are not equal.
bool equal(const boost::json::value& a, const boost::json::value& b);

// `symbol` is one of < <= > >= + - * / % in.
[[nodiscard]] Result<boost::json::value> operate(const boost::json::value& a,
                                                 std::string_view symbol,
                                                 const boost::json::value& b);

[[nodiscard]] Result<boost::json::value> negated(const boost::json::value& value);

// `type` is int, uint, double, string, bool or dyn.
[[nodiscard]] Result<boost::json::value> converted(const boost::json::value& value,
                                                   std::string_view type);

// Code points of a text, entries of a list or map.
[[nodiscard]] Result<boost::json::value> size_of(const boost::json::value& value);

// The index that `value` names, whole and not negative.
std::optional<std::size_t> index_of(const boost::json::value& value);

Error no_overload(std::string_view what, const boost::json::value& value);

}  // namespace seamwatch::probes::cel
