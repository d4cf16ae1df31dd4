// CheckReader: what the readers of all kinds of checks share: faults with the name of the test
// before them, durations, texts, matchers. Lives while one test file is loaded.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/map_reader.h"
#include "rules/testing/routing_checks.h"

namespace seamwatch::rules::testing {

struct CheckReader {
  const Document& document;
  Diagnostics& problems;
  Diagnostics& warnings;
  std::string where = {};  // "test "name": ", before what is wrong in a test

  void report(const Node& node, std::string what, std::string remedy);
  void warn(const Node& node, std::string what, std::string remedy);

  // Unlike other values, a duration that is there and empty is no default.
  void duration(MapReader& reader, std::string_view key, Millis& out);

  // A map of names and texts, sorted; empty texts are kept. Of it, labels.
  LabelTexts texts(MapReader& reader, std::string_view key);
  Labels labels(MapReader& reader, std::string_view key);

  // A list of matchers as notification files have them.
  Matchers matchers(MapReader& reader, std::string_view key);

  Compare compare(MapReader& reader, bool expects_something);
};

}  // namespace seamwatch::rules::testing
