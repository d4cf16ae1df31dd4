#include "agent/core/document_json.h"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

using namespace seamwatch;

TEST_CASE("json_of: a tree as it stands") {
  Diagnostics problems;
  const Document document = parse_yaml(
      "a.yml", R"({n: 5, t: "5", on: true, x: "{{title}}", list: [a, null], map: {}})", problems);
  REQUIRE(problems.empty());
  CHECK(json_of(document.root) == boost::json::parse(R"({
    "n": 5, "t": "5", "on": true, "x": "{{title}}", "list": ["a", null], "map": {}})"));
}
