// Checks on values inside a JSON body, by RFC 6901 pointers. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json/value.hpp>

#include "agent/core/map_reader.h"
#include "agent/core/result.h"

namespace re2 {
class RE2;
}

namespace seamwatch::probes {

// All conditions that are set must hold; with none set, the value must be there.
struct JsonCheck {
  std::string pointer;  // "/status", "" = the whole document
  std::optional<std::string> equals;
  bool equals_text = false;                 // `equals` was quoted, so only a JSON text fits it
  std::shared_ptr<const re2::RE2> matches;  // finds its match anywhere in a text or number
  std::optional<double> min;
  std::optional<double> max;
};

// Reads the list `json`.
void read_json_checks(MapReader& reader, std::vector<JsonCheck>& out);

// Errors: no JSON, or nested deeper than 64.
[[nodiscard]] Result<boost::json::value> parse_body(std::string_view body);

// What breaks the first check that does not hold, or "" where all hold. Bodies that are no JSON (or
// nest deeper than 64) break them all. Values of the body are not part of the text.
std::string broken_json_check(std::string_view body, const std::vector<JsonCheck>& checks);

}  // namespace seamwatch::probes
