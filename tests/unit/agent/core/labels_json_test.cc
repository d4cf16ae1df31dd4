#include "agent/core/labels_json.h"

#include <boost/json.hpp>
#include <catch2/catch.hpp>

using namespace seamwatch;
namespace json = boost::json;

TEST_CASE("labels_json: there and back") {
  const Labels labels{{"alertname", "Down"}, {"text", "a \"b\" \xc3\xa4"}};
  CHECK(json::serialize(labels_json(labels)) ==
        "{\"alertname\":\"Down\",\"text\":\"a \\\"b\\\" \xc3\xa4\"}");
  CHECK(labels_from_json(json::parse(json::serialize(labels_json(labels)))) == labels);
  CHECK(labels_from_json(json::object()).empty());
}

TEST_CASE("labels_json: what is no labels throws, for its reader to tell") {
  for (const char* text : {"[]", "5", R"({"a": 5})", "null"}) {
    DYNAMIC_SECTION(text) {
      CHECK_THROWS(labels_from_json(json::parse(text)));
    }
  }
}
