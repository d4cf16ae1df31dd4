#include "agent/io/yaml.h"

#include <catch2/catch.hpp>

#include "agent/core/map_reader.h"

using namespace seamwatch;

TEST_CASE("yaml becomes a tree that knows its places") {
  Diagnostics problems;
  const Document document = parse_yaml("a.yml",
                                       "name: shop\n"
                                       "none:\n"
                                       "list:\n"
                                       "  - 1\n"
                                       "  - 'true'\n"
                                       "base: &base {x: 1, y: 2}\n"
                                       "merged:\n"
                                       "  <<: *base\n"
                                       "  y: 3\n",
                                       problems);
  REQUIRE(problems.to_string().empty());
  REQUIRE(document.root.is_map());
  CHECK(document.root.find("name")->scalar == "shop");
  CHECK(document.root.find("name")->line == 1);
  CHECK(document.root.find("name")->column == 7);
  CHECK(document.root.find("none")->is_null());
  CHECK(document.root.find("list")->items[1].quoted);
  CHECK(document.root.find("list")->items[1].line == 5);
  CHECK(document.root.find("merged")->find("x")->scalar == "1");
  CHECK(document.root.find("merged")->find("y")->scalar == "3");
}

TEST_CASE("yaml faults carry place and remedy") {
  struct Case {
    std::string name;
    std::string text;
    std::string want;
  };

  std::string deep;
  for (int i = 0; i < 140; ++i) {
    deep += i < 70 ? "[" : "]";
  }
  const auto c = GENERATE_COPY(values<Case>({
      {"duplicate key",
       "a: 1\na: 2\n",
       "f.yml:2:1: key \"a\" is there twice; remove one; the first has its value at line 1\n"},
      {"broken",
       "a: [1, 2\n",
       "f.yml:2:1: not YAML: end of sequence flow not found; check indentation, quotes and colons "
       "near here\n"},
      {"a tab in the indentation",
       "a:\n  b: 1\n\tc: 2\n",
       "f.yml:3:1: not YAML: a tab in the indentation; indent with blanks\n"},
      {"a tab behind blanks",
       "a:\n  b: 1\n  \tc: 2\n",
       "f.yml:3:3: not YAML: a tab in the indentation; indent with blanks\n"},
      {"a value that begins with *",
       "cron: * 2 * * *\n",
       "f.yml:1:8: not YAML: alias not found after *; quote a value that begins with *\n"},
      {"not UTF-8",
       "a: 1\nb: K\xf6ln\n",
       "f.yml:2:5: not YAML: a byte that is no UTF-8; save the file in UTF-8\n"},
      {"deep", deep, "f.yml:1:65: more than 64 levels of nesting; make the file flatter\n"},
      {"map as key", "{a: 1}: 2\n", "f.yml:1:1: a key must be a single text; quote the key\n"},
  }));
  DYNAMIC_SECTION(c.name) {
    Diagnostics problems;
    parse_yaml("f.yml", c.text, problems);
    CHECK(problems.to_string() == c.want);
  }
}

TEST_CASE("yaml: a key without a value has the place of its key") {
  Diagnostics problems;
  const Document document = parse_yaml("a.yml", "map:\n  none:\n\n  other: 1\n", problems);
  const Node* none = document.root.find("map")->find("none");
  REQUIRE(none->is_null());
  CHECK(none->line == 2);
  CHECK(none->column == 3);
}

TEST_CASE("yaml may be UTF-16 with a byte order mark") {
  Diagnostics problems;
  const std::string text(
      "\xff\xfe"
      "a\0:\0 \0\xf6\0\n\0",
      12);
  const Document document = parse_yaml("a.yml", text, problems);
  REQUIRE(problems.to_string() == "");
  CHECK(document.root.find("a")->scalar == "\u00f6");
}

TEST_CASE("an alias bomb stops at the limit") {
  std::string text = "a0: &a0 [1,1,1,1,1,1,1,1,1,1]\n";
  for (int i = 1; i < 12; ++i) {
    const std::string from = "*a" + std::to_string(i - 1);
    text += "a" + std::to_string(i) + ": &a" + std::to_string(i) + " [";
    for (int j = 0; j < 10; ++j) {
      text += (j > 0 ? "," : "") + from;
    }
    text += "]\n";
  }
  Diagnostics problems;
  parse_yaml("f.yml", text, problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems.entries()[0].what == "the file has more than 1000000 values");
}

TEST_CASE("anchors within each other stop at the limit") {
  std::string text;
  for (int i = 0; i < 60; ++i) {
    text += "&a" + std::to_string(i) + " [";
  }
  for (int i = 0; i < 100'000; ++i) {
    text += i == 0 ? "1" : ",1";
  }
  text += std::string(60, ']');
  Diagnostics problems;
  parse_yaml("f.yml", text, problems);
  REQUIRE(problems.size() == 1);
  CHECK(problems.entries()[0].what == "the file has more than 1000000 values");
}

TEST_CASE("the keys of a long map are told apart, and merged, in time that grows with them") {
  std::string text = "long: &long\n";
  constexpr int kKeys = 150'000;
  for (int i = 0; i < kKeys; ++i) {
    text += "  k" + std::to_string(i) + ": v\n";
  }
  text += "  k7: again\nmerged: {k3: own, <<: *long}\n";
  Diagnostics problems;
  const Document document = parse_yaml("f.yml", text, problems);
  CHECK(
      problems.to_string() ==
      "f.yml:150002:3: key \"k7\" is there twice; remove one; the first has its value at line 9\n");
  const Node* merged = document.root.find("merged");
  REQUIRE(merged != nullptr);
  CHECK(merged->entries.size() == kKeys);
  CHECK(merged->entries.front().value.scalar == "own");
}

TEST_CASE("a map reader reports wrong types, missing and unknown keys") {
  Diagnostics problems;
  const Document document = parse_yaml("f.yml",
                                       "intervall: 5m\n"
                                       "count: many\n"
                                       "on: 'true'\n"
                                       "every: 5 minutes\n"
                                       "names: one\n",
                                       problems);
  MapReader reader(document, document.root, "probe", problems);
  std::int64_t count = 7;
  bool on = false;
  Millis every(1);
  Millis interval(2);
  std::vector<std::string> names;
  CHECK_FALSE(reader.read("count", count));
  CHECK_FALSE(reader.read("on", on));
  CHECK_FALSE(reader.read("every", every));
  CHECK_FALSE(reader.read("interval", interval));
  CHECK_FALSE(reader.read("names", names));
  reader.require("target", "say what to probe");
  reader.done();
  CHECK(count == 7);
  CHECK(
      problems.to_string() ==
      "f.yml:1:1: probe has no \"target\"; say what to probe\n"
      "f.yml:1:1: unknown key \"intervall\" in probe; did you mean \"interval\"?\n"
      "f.yml:2:8: \"count\" must be a whole number, not \"many\"; write digits alone, like 10\n"
      "f.yml:3:5: \"on\" must be true or false, not \"true\"; write true or false, without quotes\n"
      "f.yml:4:8: \"every\": \"5 minutes\" is not a duration; write a duration like 30s, 5m or "
      "1h30m\n"
      "f.yml:5:8: \"names\" must be a list of texts; write [a, b], or start each with `- `\n");
}
