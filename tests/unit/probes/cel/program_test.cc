#include "probes/cel/program.h"

#include <string>

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::probes;

namespace {

// "true", "false", or why neither.
std::string outcome(const std::string& expression, const std::string& body) {
  const auto program = CelProgram::compile(expression);
  if (!program) {
    return "does not compile: " + program.error().message;
  }
  const auto met = program->run(boost::json::parse(body));
  return !met ? met.error().message : *met ? "true" : "false";
}

std::string problem_of(const std::string& expression) {
  const auto program = CelProgram::compile(expression);
  return program ? "" : program.error().message;
}

constexpr const char* kBody = R"({
  "status": "ok", "n": 3, "big": 12345678901, "half": 0.5, "yes": true, "none": null,
  "tags": ["a", "b", "c"], "numbers": [1, 2, 3], "empty": [],
  "parts": [{"name": "db", "up": true, "lag": 4}, {"name": "mq", "up": false}],
  "map": {"x": 1, "y": 2}, "a.b": 7, "text": "na\u00efve \ud83d\ude00"})";

}  // namespace

TEST_CASE("cel: what expressions come to") {
  struct Case {
    const char* expression;
    const char* want;
  };

  const Case cases[] = {
      // blackbox_exporter's own
      {"body.status == 'ok'", "true"},
      {"body.status == \"bad\"", "false"},
      {"body.missing == 'x'", "there is no key \"missing\""},
      {"body.status", "a string stands where a bool should"},
      // numbers of the body are doubles, and are equal to whole ones
      {"body.n == 3 && body.n == 3.0 && body.n == 3u", "true"},
      {"body.n > 2 && body.n < 4 && body.n >= 3 && body.n <= 3 && body.n != 4", "true"},
      {"body.n + 1.0 == 4.0", "true"},
      {"body.n + 1 == 4",
       "no such overload: double + int; the numbers of the body are doubles, write them like 1.0"},
      {"int(body.n) + 1 == 4", "true"},
      {"body.big == 12345678901", "true"},
      {"body.half * 2.0 == 1", "true"},
      {"-body.n == -3.0 && -(-2) == 2", "true"},
      {"7 / 2 == 3 && 7 % 2 == 1 && -7 / 2 == -3 && 7.0 / 2.0 == 3.5", "true"},
      {"1 + 2 * 3 == 7 && (1 + 2) * 3 == 9 && 10 - 2 - 3 == 5", "true"},
      {"0x1F == 31 && 1e3 == 1000 && .5 == 0.5 && 5u == 5", "true"},
      {"1 / 0 == 1", "division by zero"},
      {"1.0 / 0.0 > 1e308", "true"},
      {"9223372036854775807 + 1 == 0", "a number is out of range"},
      {"9223372036854775807 * 2 == 0", "a number is out of range"},
      {"0u - 1u == 0u", "a number is out of range"},
      {"body.n % 2.0 == 1.0", "no such overload: double % double; make it int() first"},
      // other values
      {"body.yes", "true"},
      {"!body.yes", "false"},
      {"!!body.yes", "true"},
      {"body.none == null && body.status != null", "true"},
      {"body.none < 1", "no such overload: null < int"},
      {"'1' == 1 || 'a' == true", "false"},
      {"'a' < 'b' && false < true && !('b' <= 'a')", "true"},
      {"body.tags == ['a', 'b', 'c'] && body.map == {'y': 2, 'x': 1.0}", "true"},
      {"body.tags + ['d'] == ['a', 'b', 'c', 'd'] && 'a' + 'b' == 'ab'", "true"},
      // access
      {"body['a.b'] == 7 && body.tags[0] == 'a' && body.tags[2.0] == 'c'", "true"},
      {"body.tags[3] == 'd'", "an index is out of range"},
      {"body.tags[-1] == 'd'", "an index is out of range"},
      {"body.tags[0.5] == 'd'", "an index is out of range"},
      {"body['gone'] == 1", "there is no such key in a map"},
      {"body.status.x == 1", "no such overload: .x of string"},
      {"body.n[0] == 1", "no such overload: [] of double"},
      {"[1, 2, 3][1] == 2 && {'k': 'v'}.k == 'v' && {'k': 'v',}['k'] == 'v'", "true"},
      {"body.parts[0].name == 'db'", "true"},
      {"'a' in body.tags && !('z' in body.tags) && 2 in body.numbers", "true"},
      {"'x' in body.map && !('z' in body.map)", "true"},
      {"1 in body.status", "no such overload: in of string"},
      {"has(body.status) && !has(body.gone) && has(body.map.x) && has(body.none)", "true"},
      {"has(body.status.x)", "no such overload: has(.x) of string"},
      // what one side decides holds
      {"body.gone == 1 || true", "true"},
      {"true || body.gone == 1", "true"},
      {"body.gone == 1 && false", "false"},
      {"body.gone == 1 && true", "there is no key \"gone\""},
      {"'x' || true", "true"},
      {"'x' || false", "a string stands where a bool should"},
      {"has(body.gone) ? body.gone == 1 : body.n == 3", "true"},
      {"body.yes ? body.n == 4 : body.gone", "false"},
      {"false ? true : false ? false : true", "true"},
      {"body.n ? true : false", "a double stands where a bool should"},
      // functions
      {"size(body.tags) == 3 && body.tags.size() == 3 && size(body.map) == 2", "true"},
      {"size(body.text) == 7 && size('') == 0", "true"},
      {"size(body.n) == 1", "no such overload: size() of double"},
      {"body.status.contains('k') && body.status.startsWith('o') && body.status.endsWith('ok')",
       "true"},
      {"body.status.matches('^[a-o]k$') && matches(body.status, 'o')", "true"},
      {"body.status.matches('O')", "false"},
      {"body.status.matches(body.tags[0] + '(')", "a regular expression does not compile"},
      {"body.n.contains('3')", "no such overload: contains() of double"},
      {"int('42') == 42 && int(3.9) == 3 && int(-3.9) == -3 && int(7u) == 7", "true"},
      {"int('x') == 1", "a text is no int"},
      {"int(1e19) == 1", "a number is out of range"},
      {"uint(3.9) == 3u && uint('7') == 7u && double('1.5') == 1.5 && double(2) == 2.0", "true"},
      {"uint(-1) == 1u", "a number is out of range"},
      {"string(body.n) == '3' && string(1.5) == '1.5' && string(true) == 'true'", "true"},
      {"string(1234567.0) == '1.234567e+06' && string(0.00001) == '1e-05' && string(100000.0) == "
       "'100000'",
       "true"},
      {"string(body.tags) == ''", "no such overload: string() of list"},
      {"bool('true') && !bool('0')", "true"},
      {"bool('x')", "a text is no bool"},
      {"dyn(body.n) == 3 && int(body.n) % 2 == 1", "true"},
      // macros
      {"body.parts.all(p, has(p.up)) && !body.parts.all(p, p.up)", "true"},
      {"body.parts.exists(p, p.name == 'mq' && !p.up)", "true"},
      {"body.parts.exists(p, p.lag > 3)", "true"},
      {"body.parts.exists(p, p.lag > 9)", "there is no key \"lag\""},
      {"body.parts.all(p, p.lag > 9)", "false"},
      {"body.parts.exists_one(p, p.up)", "true"},
      {"body.parts.exists_one(p, p.lag > 3)", "there is no key \"lag\""},
      {"body.empty.all(x, false) && !body.empty.exists(x, true)", "true"},
      {"body.parts.filter(p, p.up).map(p, p.name) == ['db']", "true"},
      {"body.parts.map(p, p.up, p.name) == ['db']", "true"},
      {"body.numbers.map(n, n * 2.0) == [2, 4, 6]", "true"},
      {"body.map.all(k, body.map[k] > 0)", "true"},
      {"body.numbers.exists(n, body.tags.exists(n, n == 'b') && n == 2)", "true"},
      {"body.status.all(c, true)", "no such overload: a macro of string"},
      // texts
      {R"('it\'s' == "it's" && '\x41\u00e9\101' == 'AéA' && '\n' != 'n')", "true"},
      {R"(r'\d' == '\\d' && '''a'b''' == "a'b" && body.text.endsWith('\U0001F600'))", "true"},
      {"body.status == // said so\n 'ok'", "true"},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expression);
    CHECK(outcome(c.expression, kBody) == c.want);
  }
}

TEST_CASE("cel: bodies that are no map") {
  CHECK(outcome("body.x == 1", "[1]") == "no such overload: .x of list");
  CHECK(outcome("body[0] == 1", "[1]") == "true");
  CHECK(outcome("body == 'x'", "\"x\"") == "true");
  CHECK(outcome("body", "true") == "true");
}

TEST_CASE("cel: what does not compile") {
  struct Case {
    const char* expression;
    const char* want;
  };

  const Case cases[] = {
      {"", "column 1: the expression ends too soon"},
      {"body.", "column 6: there should be a name behind the dot"},
      {"body.x ==", "column 10: the expression ends too soon"},
      {"body.x = 1", "column 8: a character that no expression has"},
      {"body.x == 'a", "column 11: a text without its end"},
      {"body.x == 1 2", "column 13: something stands behind the end of the expression"},
      {"status == 'ok'", "column 1: there is no \"status\", only \"body\""},
      {"body.all(x, y)", "column 13: there is no \"y\", only \"body\""},
      {"body.all(x, true) && x", "column 22: there is no \"x\", only \"body\""},
      {"body.all('x', true)", "column 10: all() begins with the name of a variable"},
      {"body.all(x)", "column 11: there should be \",\""},
      {"body.all(x, true, true)", "column 24: all() takes a variable and an expression"},
      {"sizes(body)", "column 12: there is no function \"sizes\"; did you mean \"size\"?"},
      {"contains(body, 'x')", "column 20: there is no function \"contains\""},
      {"size(body, 1)", "column 14: size() takes another number of arguments"},
      {"timestamp(body.at)", "column 19: there is no function \"timestamp\""},
      {"has(body)", "column 10: has() takes a field, like has(body.status)"},
      {"body.x.matches('(')", "column 20: cannot compile the regular expression: missing ): ("},
      {"b'x' == body", "column 1: bytes are not supported"},
      {"1x == 1", "column 1: a number out of range"},
      {"99999999999999999999 == 1", "column 1: a number out of range"},
      {"'\\q' == 'q'", "column 2: an escape that there is not"},
      {"'\\ud800' == 'q'", "column 2: an escape that there is not"},
      {"(body", "column 6: there should be \")\""},
      {"[1, 2", "column 6: there should be \",\""},
      {"{'a' 1}", "column 6: there should be \":\""},
      {"body ? 1", "column 9: there should be \":\""},
  };
  for (const Case& c : cases) {
    CAPTURE(c.expression);
    CHECK(problem_of(c.expression) == c.want);
  }
}

TEST_CASE("cel: bounds") {
  const auto times = [](int n, const std::string& text) {
    std::string out;
    for (int i = 0; i < n; ++i) {
      out += text;
    }
    return out;
  };
  SECTION("length and nesting") {
    CHECK(problem_of(times(9000, " ") + "body") == "the expression is longer than 8 KiB");
    CHECK(problem_of(times(95, "(") + "body" + times(95, ")")) == "");
    CHECK(problem_of(times(4000, "(")).find("nested deeper than 100") != std::string::npos);
    CHECK(problem_of(times(4000, "!") + "body").find("nested deeper") != std::string::npos);
    CHECK(problem_of("1" + times(2000, "+1")).find("nested deeper") != std::string::npos);
    CHECK(problem_of("body" + times(2000, ".a")).find("nested deeper") != std::string::npos);
    CHECK(problem_of("body" + times(2000, "[0]")).find("nested deeper") != std::string::npos);
  }
  SECTION("steps") {
    const std::string list = "[" + times(999, "1,") + "1]";
    CHECK(outcome("body.all(a, body.all(b, body.all(c, a == b && b == c)))", list) ==
          "it takes more than 100000 steps");
  }
  SECTION("memory") {
    const std::string list = "[" + times(999, "1,") + "1]";
    CHECK(outcome("body.map(a, body).map(a, body).size() == 1", list) ==
          "it makes more than 16 MiB of values");
    const std::string text = "\"" + times(1 << 20, "x") + "\"";
    CHECK(outcome("(body + body + body + body + body + body + body + body).size() == 1", text) ==
          "it makes more than 16 MiB of values");
  }
}
