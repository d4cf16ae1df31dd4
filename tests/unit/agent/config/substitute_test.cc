#include "agent/config/substitute.h"

#include <catch2/catch.hpp>

#include "agent/config/sections.h"
#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

std::optional<std::string> substituted(std::string_view name) {
  if (name == "TOKEN") {
    return "t0ken \"x\"";
  }
  if (name == "A" || name == "_b1") {
    return "alpha";
  }
  if (name == "SLASH") {
    return "p@ss/word";
  }
  return name == "EMPTY" ? std::optional<std::string>("") : std::nullopt;
}

}  // namespace

TEST_CASE("variables in values") {
  struct Case {
    std::string name;
    std::string text;
    std::string want;
    std::string want_problem;
  };

  const auto c = GENERATE(values<Case>({
      {"none", "plain", "plain", ""},
      {"whole", "${A}", "alpha", ""},
      {"inside", "x-${A}-${_b1}-y", "x-alpha-alpha-y", ""},
      {"empty", "x${EMPTY}y", "xy", ""},
      {"dollars", "$$${A}$$", "$alpha$", ""},
      {"escaped", "$${A}", "${A}", ""},
      {"lone dollars stay", "^a$|$b$", "^a$|$b$", ""},
      {"a value is not expanded again", "${TOKEN}", "t0ken \"x\"", ""},
      {"not set",
       "${NOPE}",
       "${NOPE}",
       "f.yml:1:4: environment variable NOPE is not set; set it, or write `$${NOPE}` for that text "
       "itself\n"},
      {"two not set",
       "${NO}${PE}",
       "${NO}${PE}",
       "f.yml:1:4: environment variable NO is not set; set it, or write `$${NO}` for that text "
       "itself\n"
       "f.yml:1:4: environment variable PE is not set; set it, or write `$${PE}` for that text "
       "itself\n"},
      {"a password that ends before its end in a URL",
       "https://user:${SLASH}@host/",
       "https://user:p@ss/word@host/",
       "f.yml:1:4: environment variable SLASH holds one of / ? # \\, which ends the user part of a "
       "URL; percent-encode it there, as in %2F for /\n"},
      {"the same in its path", "https://host/${SLASH}@x", "https://host/p@ss/word@x", ""},
      {"as its host", "https://${SLASH}/x@y", "https://p@ss/word/x@y", ""},
      {"in no URL", "user:${SLASH}@host", "user:p@ss/word@host", ""},
      {"unclosed",
       "${A",
       "${A",
       "f.yml:1:4: `${` does not begin a variable like ${NAME}; correct the name, or write `$${` "
       "for a plain `${`\n"},
      {"no name",
       "${}",
       "${}",
       "f.yml:1:4: `${` does not begin a variable like ${NAME}; correct the name, or write `$${` "
       "for a plain `${`\n"},
      {"default",
       "${A:-x}",
       "${A:-x}",
       "f.yml:1:4: a variable has no default here; write ${A} and set it, or write `$${` for a "
       "plain `${`\n"},
  }));
  DYNAMIC_SECTION(c.name) {
    const Environment environment = substituted;
    Reading reading(environment);
    Document document = parse_yaml("f.yml", "k: '" + c.text + "'\n", reading.problems);
    substitute_environment(document, reading);
    CHECK(document.root.find("k")->scalar == c.want);
    CHECK(reading.problems.to_string() == c.want_problem);
  }
}

TEST_CASE("variables are taken in lists and maps, but not in keys") {
  const Environment environment = substituted;
  Reading reading(environment);
  Document document = parse_yaml("f.yml", "${A}: [{x: '${A}'}]\n", reading.problems);
  substitute_environment(document, reading);
  REQUIRE(document.root.find("${A}") != nullptr);
  CHECK(document.root.find("${A}")->items[0].find("x")->scalar == "alpha");
}

TEST_CASE("messages name what was substituted instead of showing it") {
  const Environment environment = substituted;
  Reading reading(environment);
  reading.hidden = {{"abcd", "${LONG}"}, {"abcdef", "<redacted>"}, {"abc", "${SHORT}"}};
  Diagnostics problems;
  problems.add(Place{"f.yml", 1, 1}, "a abcdef b abcd c abc d", "abcd");
  CHECK(without_secrets(problems, reading).to_string() ==
        "f.yml:1:1: a <redacted> b ${LONG} c abc d; ${LONG}\n");
  reading.hidden = {{"t0ken \"x\"", "${TOKEN}"}};
  Diagnostics escaped;
  escaped.add(Place{"f.yml", 1, 1}, "not \"t0ken \\\"x\\\"\"", "");
  CHECK(without_secrets(escaped, reading).to_string() == "f.yml:1:1: not \"${TOKEN}\"\n");
}

TEST_CASE("a digest tells trees apart") {
  const Environment environment = substituted;
  Reading reading(environment);
  const auto digest_of = [&](const std::string& text) {
    return digest("http", parse_yaml("f.yml", text, reading.problems).root, reading);
  };
  const std::string base = digest_of("{a: 1, b: [x, y]}\n");
  CHECK(base.size() == 15);
  CHECK(digest_of("# elsewhere\n\na: 1\nb:\n  - x\n  - y\n") == base);
  for (const std::string other : {"{a: 1, b: [xy]}\n",
                                  "{a: 1, b: [x], c: y}\n",
                                  "{a: '1', b: [x, y]}\n",
                                  "{a: 1, b: [[x, y]]}\n",
                                  "{a: 1}\n",
                                  "{}\n",
                                  "[]\n"}) {
    CHECK(digest_of(other) != base);
  }
}
