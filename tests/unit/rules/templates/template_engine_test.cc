#include "rules/templates/template_engine.h"

#include <catch2/catch.hpp>

namespace seamwatch::rules::templates {
namespace {

const Type* person_type() {
  static const Type type{
      "test.Person",
      {{"Name", "name"}, {"Tags", "tags"}},
      {{"Greet",
        {Parameter::string},
        [](const Value& self, const List& args) -> Result<Value> {
          return Value(args[0].as_string() + " " + self.as_struct().field("Name")->as_string());
        }},
       {"Fail", {}, [](const Value&, const List&) -> Result<Value> { return error("no luck"); }}},
      {}};
  return &type;
}

Value tags(const std::vector<std::string>& texts) {
  return Value(List(texts.begin(), texts.end()), strings_type());
}

Value sample_data() {
  return Value(Map{{"Name", Value("world")},
                   {"List", Value(List{Value(1), Value(2), Value(3)})},
                   {"Empty", Value(List())},
                   {"Map", Value(Map{{"b", Value("B")}, {"a", Value("A")}})},
                   {"Labels", Value(Map{{"x", Value("y")}}, string_map_type())},
                   {"Person", Value(Struct{person_type(), {Value("Ada"), tags({"m", "n"})}})},
                   {"Zero", Value(0)},
                   {"Nil", Value()}});
}

const Functions& test_functions() {
  static const Functions all = {
      {"double",
       {{Parameter::integer},
        false,
        [](const List& args) -> Result<Value> { return Value(2 * args[0].as_integer()); }}},
      {"half",
       {{Parameter::number},
        false,
        [](const List& args) -> Result<Value> { return Value(args[0].as_number() / 2); }}},
      {"nine", {{}, false, [](const List&) -> Result<Value> { return Value(9); }}},
      {"person",
       {{},
        false,
        [](const List&) -> Result<Value> {
          return Value(Struct{person_type(), {Value("Bo"), tags({})}});
        }}},
  };
  return all;
}

// The result, or "ERROR: " and what went wrong.
std::string run(std::string_view text, ExecuteOptions options = {}) {
  TemplateSet set;
  if (const auto added = set.add("t", text, test_functions()); !added) {
    return "ERROR: " + added.error().message;
  }
  const auto result = set.execute("t", sample_data(), test_functions(), options);
  return result ? *result : "ERROR: " + result.error().message;
}

struct TextCase {
  std::string name;
  std::string text;
  std::string want;
};

void check(const std::vector<TextCase>& cases) {
  for (const TextCase& c : cases) {
    DYNAMIC_SECTION(c.name) {
      INFO(c.text);
      CHECK(run(c.text) == c.want);
    }
  }
}

TEST_CASE("text, comments and trim markers") {
  check({
      {"plain", "a { b } c", "a { b } c"},
      {"empty", "", ""},
      {"single braces", "{ {", "{ {"},
      {"comment", "a{{/* x */}}b", "ab"},
      {"trimmed comment", "a {{- /* x */ -}} b", "ab"},
      {"comment over lines", "a{{/* x\n y */}}b", "ab"},
      {"trim left", "a \n {{- 1}} b", "a1 b"},
      {"trim right", "a {{1 -}} \n b", "a 1b"},
      {"trim both", "a {{- 1 -}} b", "a1b"},
      {"minus needs a space to trim", "a {{-1}} b", "a -1 b"},
      {"action over lines", "{{\n1\n}}", "1"},
      {"trim at the end", "{{1 -}}  ", "1"},
  });
}

TEST_CASE("values and fields") {
  check({
      {"string", R"({{"a\tb\u00e9\x41\101"}})", "a\tbéAA"},
      {"raw string", "{{`a\\n`}}", "a\\n"},
      {"character", "{{'a'}} {{'\\n'}} {{'é'}}", "97 10 233"},
      {"numbers",
       "{{12}} {{-3}} {{+4}} {{0x1F}} {{0b11}} {{0o17}} {{017}} {{1_000}}",
       "12 -3 4 31 3 15 15 1000"},
      {"floats", "{{1.5}} {{.5}} {{1e3}} {{1e21}} {{2.0}}", "1.5 0.5 1000 1e+21 2"},
      {"large floats use exponents",
       "{{1234567.0}} {{100000.0}} {{0.00001}}",
       "1.234567e+06 100000 1e-05"},
      {"field of a map", "{{.Name}}", "world"},
      {"missing key", "{{.Nope}}", "<no value>"},
      {"field of a missing key", "{{.Nope.More}}", "<no value>"},
      {"nested map", "{{.Map.a}}{{.Map.b}}", "AB"},
      {"struct", "{{.Person.Name}} {{.Person.Tags}}", "Ada [m n]"},
      {"struct printed", "{{.Person}}", "{Ada [m n]}"},
      {"method", R"({{.Person.Greet "hi"}})", "hi Ada"},
      {"method at the end of a pipe", R"({{"hey" | .Person.Greet}})", "hey Ada"},
      {"chain", "{{(person).Name}} {{(index .List 1)}}", "Bo 2"},
      {"chain without parentheses", "{{person.Name}}", "Bo"},
      {"dollar is the data", "{{with .Map}}{{$.Name}}{{end}}", "world"},
      {"list and map printed", "{{.List}} {{.Map}}", "[1 2 3] map[a:A b:B]"},
      {"nil printed", "{{.Nil}}", "<no value>"},
  });
}

TEST_CASE("variables") {
  check({
      {"declared", "{{$x := 1}}{{$x}}", "1"},
      {"assigned in a block", "{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"},
      {"shadowed in a block", "{{$x := 1}}{{if true}}{{$x := 2}}{{$x}}{{end}}{{$x}}", "21"},
      {"in a condition", "{{if $x := 5}}{{$x}}{{end}}", "5"},
      {"field of a variable", "{{$p := .Person}}{{$p.Name}} {{$p.Greet \"yo\"}}", "Ada yo Ada"},
      {"undefined", "{{$y}}", "ERROR: template: t:1: undefined variable \"$y\""},
      {"gone after its block",
       "{{if true}}{{$x := 1}}{{end}}{{$x}}",
       "ERROR: template: t:1: undefined variable \"$x\""},
      {"not seen in another template",
       "{{$x := 1}}{{define \"a\"}}{{$x}}{{end}}",
       "ERROR: template: t:1: undefined variable \"$x\""},
  });
}

TEST_CASE("conditions") {
  check({
      {"if", "{{if .Name}}y{{end}}", "y"},
      {"else", "{{if .Zero}}y{{else}}n{{end}}", "n"},
      {"else if", "{{if .Zero}}a{{else if .Name}}b{{else}}c{{end}}", "b"},
      {"else if to the end", "{{if .Zero}}a{{else if .Empty}}b{{else}}c{{end}}", "c"},
      {"with", "{{with .Map}}{{.a}}{{else}}n{{end}}", "A"},
      {"with else", "{{with .Empty}}y{{else}}{{.Name}}{{end}}", "world"},
      {"else with", "{{with .Empty}}y{{else with .Map}}{{.b}}{{end}}", "B"},
      {"truth", "{{range (list0)}}{{end}}", "ERROR: template: t:1: function \"list0\" not defined"},
      {"and gives the first that is false", "{{and 1 0 2}} {{and 1 2}}", "0 2"},
      {"or gives the first that is true", "{{or 0 \"\" 3 4}} {{or 0 \"\"}}", "3 "},
      {"and does not evaluate the rest", "{{and false (index .List 99)}}", "false"},
      {"or does not evaluate the rest", "{{or true (index .List 99)}}", "true"},
      {"not", "{{not 0}} {{not .Name}}", "true false"},
  });
}

TEST_CASE("loops") {
  check({
      {"list", "{{range .List}}{{.}},{{end}}", "1,2,3,"},
      {"index and item", "{{range $i, $x := .List}}{{$i}}:{{$x}} {{end}}", "0:1 1:2 2:3 "},
      {"item alone", "{{range $x := .List}}{{$x}}{{end}}", "123"},
      {"map in key order", "{{range $k, $v := .Map}}{{$k}}{{$v}}{{end}}", "aAbB"},
      {"else", "{{range .Empty}}x{{else}}none{{end}}", "none"},
      {"nil is empty", "{{range .Nil}}x{{else}}none{{end}}", "none"},
      {"number", "{{range $i := 3}}{{$i}}{{end}}{{range 2}}{{.}}{{end}}", "01201"},
      {"break", "{{range .List}}{{if eq . 2}}{{break}}{{end}}{{.}}{{end}}", "1"},
      {"continue", "{{range .List}}{{if eq . 2}}{{continue}}{{end}}{{.}}{{end}}", "13"},
      {"break leaves only the inner loop",
       "{{range .List}}{{range $.List}}{{break}}{{end}}{{.}}{{end}}",
       "123"},
      {"assignment", "{{$x := 0}}{{range $x = .List}}{{end}}{{$x}}", "3"},
      {"variables of a turn are gone at the next",
       "{{$n := 0}}{{range .List}}{{$m := .}}{{$n = $m}}{{end}}{{$n}}",
       "3"},
      {"break outside", "{{break}}", "ERROR: template: t:1: {{break}} outside {{range}}"},
      {"two variables over a number",
       "{{range $i, $x := 3}}{{end}}",
       "ERROR: template: t:1:18: executing \"t\" at <3>: can't use 3 to iterate over more than one "
       "variable"},
      {"a string",
       "{{range .Name}}{{end}}",
       "ERROR: template: t:1:8: executing \"t\" at <.Name>: range can't iterate over world"},
  });
}

TEST_CASE("templates within templates") {
  check({
      {"define and call", "{{define \"a\"}}<{{.}}>{{end}}{{template \"a\" .Name}}", "<world>"},
      {"call without data", "{{define \"a\"}}<{{.}}>{{end}}{{template \"a\"}}", "<<no value>>"},
      {"block", "{{block \"a\" .Name}}[{{.}}]{{end}}", "[world]"},
      {"recursion",
       "{{define \"a\"}}{{.}}{{if lt . 3}}{{template \"a\" (double .)}}{{end}}{{end}}"
       "{{template \"a\" 1}}",
       "124"},
      {"not defined",
       "{{template \"no\"}}",
       "ERROR: template: t:1:11: executing \"t\" at <{{template \"no\"}}>: template \"no\" not "
       "defined"},
      {"endless",
       "{{define \"a\"}}{{template \"a\"}}{{end}}{{template \"a\"}}",
       "ERROR: template: t:1:25: executing \"a\" at <{{template \"a\"}}>: exceeded maximum "
       "template "
       "depth (1000)"},
      {"defined twice",
       "{{define \"a\"}}1{{end}}{{define \"a\"}}2{{end}}",
       "ERROR: template: t:1: template: multiple definition of template \"a\""},
      {"define within an action",
       "{{if true}}{{define \"a\"}}{{end}}{{end}}",
       "ERROR: template: t:1: unexpected <define> in command"},
  });
}

TEST_CASE("functions of Go") {
  check({
      {"len", R"({{len .List}} {{len "é"}} {{len .Map}})", "3 2 2"},
      {"index",
       R"({{index .List 1}} {{index .Map "a"}} {{index .Map "z"}} {{index "abc" 0}})",
       "2 A <no value> 97"},
      {"slice",
       R"({{slice .List 1}} {{slice .List 0 2}} {{slice "abcdef" 2 4}})",
       "[2 3] [1 2] cd"},
      {"print", R"({{print 1 2 "a" 3 4.5 true}})", "1 2a3 4.5 true"},
      {"println", R"({{println "a" 1}})", "a 1\n"},
      {"html", R"({{html "<a href='b'>&"}})", "&lt;a href=&#39;b&#39;&gt;&amp;"},
      {"js", R"({{js "it's <b>"}})", "it\\'s \\u003Cb\\u003E"},
      {"urlquery", R"({{urlquery "a b/ü"}})", "a+b%2F%C3%BC"},
      {"eq with several", "{{eq 1 2 1}} {{eq 1 2}}", "true false"},
      {"comparisons",
       R"({{lt 1 2}} {{le 2 2}} {{gt "b" "a"}} {{ge 1.5 2.5}} {{ne 1 2}})",
       "true true true false true"},
      {"nil equals nil", "{{eq .Nil nil}} {{eq .Name nil}}", "true false"},
      {"own function in a pipe", "{{3 | double | double}}", "12"},
      {"a whole number for a float", "{{half 3}}", "1.5"},
  });
}

TEST_CASE("what goes wrong is told in Go's words, with its place") {
  check({
      {"unclosed action", "{{", "ERROR: template: t:1: unclosed action"},
      {"unclosed action later on",
       "{{ 1\n2\n",
       "ERROR: template: t:3: unclosed action started at t:1"},
      {"unclosed comment", "{{/* a", "ERROR: template: t:1: unclosed comment"},
      {"end of a comment",
       "{{/* a */ x}}",
       "ERROR: template: t:1: comment ends before closing delimiter"},
      {"unexpected end", "a\n{{end}}", "ERROR: template: t:2: unexpected {{end}}"},
      {"missing end", "{{if true}}", "ERROR: template: t:1: unexpected EOF"},
      {"missing value", "{{if}}{{end}}", "ERROR: template: t:1: missing value for if"},
      {"unknown function", "{{nope 1}}", "ERROR: template: t:1: function \"nope\" not defined"},
      {"open string", "{{\"a}}", "ERROR: template: t:1: unterminated quoted string"},
      {"open parenthesis", "{{(1}}", "ERROR: template: t:1: unclosed left paren"},
      {"too many parentheses", "{{1)}}", "ERROR: template: t:1: unexpected right paren"},
      {"bad number", "{{1a}}", "ERROR: template: t:1: bad number syntax: \"1a\""},
      {"two operands without a space",
       "{{1\"a\"}}",
       "ERROR: template: t:1: unexpected \"\\\"a\\\"\" "
       "in operand"},
      {"literal in the middle of a pipe",
       "{{1 | 2}}",
       "ERROR: template: t:1: non executable command in pipeline stage 2"},
      {"field of a literal", "{{1.a}}", "ERROR: template: t:1: bad number syntax: \"1.a\""},
      {"bad character", "{{.a\xc2\xa0}}", "ERROR: template: t:1: bad character U+00A0"},
      {"else twice",
       "{{if 1}}{{else}}{{else}}{{end}}",
       "ERROR: template: t:1: expected end; found {{else}}"},
      {"field of a string",
       "a\n {{.Name.Foo}}",
       "ERROR: template: t:2:8: executing \"t\" at <.Name.Foo>: can't evaluate field Foo in type "
       "string"},
      {"field of a struct",
       "{{.Person.Age}}",
       "ERROR: template: t:1:9: executing \"t\" at <.Person.Age>: can't evaluate field Age in type "
       "test.Person"},
      {"method that fails",
       "{{.Person.Fail}}",
       "ERROR: template: t:1:9: executing \"t\" at <.Person.Fail>: error calling Fail: no luck"},
      {"too few arguments",
       "{{double}}",
       "ERROR: template: t:1:2: executing \"t\" at <double>: wrong number of args for double: want "
       "1 got 0"},
      {"too many arguments",
       "{{nine 1}}",
       "ERROR: template: t:1:2: executing \"t\" at <nine>: wrong number of args for nine: want 0 "
       "got 1"},
      {"wrong constant",
       "{{double \"a\"}}",
       "ERROR: template: t:1:9: executing \"t\" at <\"a\">: expected integer; found \"a\""},
      {"wrong value",
       "{{double .Name}}",
       "ERROR: template: t:1:9: executing \"t\" at <.Name>: wrong type for value; expected int; "
       "got "
       "string"},
      {"nil value",
       "{{double .Nil}}",
       "ERROR: template: t:1:9: executing \"t\" at <.Nil>: invalid value; expected int"},
      {"index out of range",
       "{{index .List 3}}",
       "ERROR: template: t:1:2: executing \"t\" at <index .List 3>: error calling index: reflect: "
       "slice index out of range"},
      {"argument to a field",
       "{{.Name 1}}",
       "ERROR: template: t:1:2: executing \"t\" at <.Name>: Name is not a method but has "
       "arguments"},
      {"argument to a literal",
       "{{1 2}}",
       "ERROR: template: t:1:2: executing \"t\" at <1>: can't give argument to non-function 1"},
      {"nil alone",
       "{{nil}}",
       "ERROR: template: t:1:2: executing \"t\" at <nil>: nil is not a command"},
      {"types that do not compare",
       "{{eq 1 \"1\"}}",
       "ERROR: template: t:1:2: executing \"t\" at <eq 1 \"1\">: error calling eq: incompatible "
       "types for comparison: int and string"},
  });
}

TEST_CASE("missing keys are as the options say") {
  ExecuteOptions zero;
  zero.missing_key = MissingKey::zero;
  CHECK(run("[{{.Labels.no}}] [{{.Map.no}}]", zero) == "[] [<no value>]");
  ExecuteOptions strict;
  strict.missing_key = MissingKey::error;
  CHECK(run("{{.Labels.no}}", strict) ==
        "ERROR: template: t:1:9: executing \"t\" at <.Labels.no>: map has no entry for key \"no\"");
  CHECK(run("{{(index .Map \"no\").x}}", strict).find("nil data; no entry for key \"x\"") !=
        std::string::npos);
  // A nil that is held is told apart from a key that is missing.
  CHECK(run("{{.Nil.no}}") ==
        "ERROR: template: t:1:6: executing \"t\" at <.Nil.no>: nil pointer evaluating interface "
        "{}.no");
}

TEST_CASE("limits stop what would not end") {
  ExecuteOptions few;
  few.limits.steps_max = 1000;
  CHECK(run("{{range 1000000}}{{end}}", few).find("exceeded maximum number of steps (1000)") !=
        std::string::npos);
  CHECK(run("{{range 100}}{{end}}", few) == "");
  ExecuteOptions small;
  small.limits.output_bytes_max = 10;
  CHECK(run("0123456789", small) == "0123456789");
  CHECK(run("0123456789{{1}}", small).find("exceeded maximum output size (10 bytes)") !=
        std::string::npos);
  CHECK(run(std::string(5000, '(')) == std::string(5000, '('));
  CHECK(run("{{" + std::string(5000, '(') + "1" + std::string(5000, ')') + "}}") ==
        "ERROR: template: t:1: max expression depth exceeded");
  std::string nested;
  for (int i = 0; i < 2000; ++i) {
    nested += "{{if true}}";
  }
  CHECK(run(nested) == "ERROR: template: t:1: max nesting depth exceeded");
  CHECK(run("{{printf \"%1000000d\" 1}}").size() == 1'000'000);
  CHECK(run("{{$x := printf \"%1000000d\" 1}}{{range 100}}{{$x}}{{end}}").substr(0, 5) == "ERROR");
}

TEST_CASE("a later definition replaces an earlier one, unless it is empty") {
  TemplateSet set;
  REQUIRE(set.add("a", "{{define \"x\"}}1{{end}}", {}).has_value());
  REQUIRE(set.add("b", "{{define \"x\"}} {{end}}", {}).has_value());
  CHECK(*set.execute("x", Value(), {}) == "1");
  REQUIRE(set.add("c", "{{define \"x\"}}2{{end}}", {}).has_value());
  CHECK(*set.execute("x", Value(), {}) == "2");
  CHECK(!set.add("d", "{{define \"x\"}}3{{end}}{{", {}).has_value());
  CHECK(*set.execute("x", Value(), {}) == "2");
  CHECK(!set.defines("y"));
  CHECK(!set.execute("y", Value(), {}).has_value());

  // The same over another set, which stays as it is.
  TemplateSet above = TemplateSet::over(set);
  CHECK(*above.execute("x", Value(), {}) == "2");
  REQUIRE(above.add("e", "{{define \"x\"}} {{end}}{{define \"y\"}}<{{template \"x\"}}>{{end}}", {})
              .has_value());
  CHECK(*above.execute("y", Value(), {}) == "<2>");
  REQUIRE(above.add("f", "{{define \"x\"}}4{{end}}", {}).has_value());
  CHECK(*above.execute("y", Value(), {}) == "<4>");
  CHECK(*set.execute("x", Value(), {}) == "2");
  CHECK(!set.defines("y"));
}

}  // namespace
}  // namespace seamwatch::rules::templates
