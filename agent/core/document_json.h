// A part of a Document as JSON, scalars as YAML reads them: numbers, true, false and null where
// they are written without quotes. Pure.
#pragma once

#include <functional>
#include <string>

#include <boost/json/value.hpp>

#include "agent/core/document.h"

namespace seamwatch {

// What is not UTF-8 becomes U+FFFD.
boost::json::value json_of(const Node& tree);

// Likewise, with what `name` makes of the keys and `scalar` of the scalars.
boost::json::value json_of(const Node& tree,
                           const std::function<std::string(const Node& key)>& name,
                           const std::function<boost::json::value(const Node& node)>& scalar);

// `text` as the JSON value that it spells, where it may be one and is no text; else as a text.
boost::json::value scalar_json(const std::string& text, bool may_be_value);

}  // namespace seamwatch
