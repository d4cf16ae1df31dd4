#include "rules/templates/go_format.h"

#include <cmath>

#include <catch2/catch.hpp>

namespace seamwatch::rules::templates {
namespace {

struct FormatCase {
  std::string format;
  List values;
  std::string want;
};

TEST_CASE("printf prints as Go does") {
  const List letters = {Value("a"), Value("b")};
  const std::vector<FormatCase> cases = {
      {"%d %5d|%-5d|%05d|%+d|% d",
       {Value(1), Value(2), Value(3), Value(-42), Value(5), Value(6)},
       "1     2|3    |-0042|+5| 6"},
      {"%x %X %#x %o %#o %O %b %08b",
       {Value(255), Value(255), Value(255), Value(8), Value(8), Value(8), Value(5), Value(5)},
       "ff FF 0xff 10 010 0o10 101 00000101"},
      {"%c %q %U", {Value(120), Value(120), Value(0x1F600)}, "x 'x' U+1F600"},
      {"%s|%5s|%-5s|%.2s|%q|%+q|%x|% x|%X",
       {Value("a"),
        Value("é"),
        Value("é"),
        Value("abc"),
        Value("a\"b"),
        Value("é"),
        Value("hi"),
        Value("hi"),
        Value("hi")},
       "a|    é|é    |ab|\"a\\\"b\"|\"\\u00e9\"|6869|68 69|6869"},
      {"%v %g %.3g %G %e %.1E %f %.2f %8.3f|%-8.1f|%+.1f|%08.3f",
       {Value(1234567.0),
        Value(1234567.0),
        Value(1234567.0),
        Value(1e21),
        Value(1e6),
        Value(12345.678),
        Value(1.5),
        Value(2.345),
        Value(3.14159),
        Value(1.0),
        Value(1.0),
        Value(3.14159)},
       "1.234567e+06 1.234567e+06 1.23e+06 1E+21 1.000000e+06 1.2E+04 1.500000 2.35    3.142|1.0   "
       "  "
       "|+1.0|0003.142"},
      {"%v %v %v", {Value(INFINITY), Value(-INFINITY), Value(std::nan(""))}, "+Inf -Inf NaN"},
      {"%t %v %5t|", {Value(true), Value(false), Value(true)}, "true false  true|"},
      {"%v %d %q %5v|",
       {Value(letters), Value(List{Value(1), Value(2)}), Value(letters), Value(letters)},
       "[a b] [1 2] [\"a\" \"b\"] [    a     b]|"},
      {"%v", {Value(Map{{"b", Value(1)}, {"a", Value("x")}})}, "map[a:x b:1]"},
      {"%T %T %T %T", {Value(1), Value("a"), Value(1.5), Value()}, "int string float64 <nil>"},
      {"100%% %", {}, "100% %!(NOVERB)"},
      {"%d", {}, "%!d(MISSING)"},
      {"%d", {Value("x")}, "%!d(string=x)"},
      {"%s", {Value(5)}, "%!s(int=5)"},
      {"%z", {Value(1)}, "%!z(int=1)"},
      {"a", {Value(1), Value("b")}, "a%!(EXTRA int=1, string=b)"},
      {"%[2]d %[1]d", {Value(1), Value(2)}, "2 1"},
      {"%[5]d", {Value(1)}, "%!d(BADINDEX)"},
      {"%*d|%-*d|%.*f",
       {Value(4), Value(1), Value(4), Value(2), Value(1), Value(2.55)},
       "   1|2   |2.5"},
      {"%s %v", {Value(), Value()}, "%!s(<nil>) <nil>"},
      {"%s", {Value(GoDuration{90'000'000'000})}, "1m30s"},
      {"%d", {Value(GoDuration{5})}, "5"},
  };
  for (const FormatCase& c : cases) {
    DYNAMIC_SECTION(c.format) {
      CHECK(sprintf(c.format, c.values) == c.want);
    }
  }
}

TEST_CASE("numbers are read as Go reads them") {
  const auto read = [](std::string_view text) {
    const auto number = parse_float(text);
    return number ? format_float(*number, 'g', -1) : number.error().message;
  };
  CHECK(read("1.5") == "1.5");
  CHECK(read("+.5e3") == "500");
  CHECK(read("-inf") == "-Inf");
  CHECK(read("NaN") == "NaN");
  CHECK(read("0x1p4") == "16");
  CHECK(read("1e-999") == "0");
  CHECK(read("1e999") == "strconv.ParseFloat: parsing \"1e999\": value out of range");
  CHECK(read("") == "strconv.ParseFloat: parsing \"\": invalid syntax");
  CHECK(read(" 1") == "strconv.ParseFloat: parsing \" 1\": invalid syntax");
  CHECK(read("1x") == "strconv.ParseFloat: parsing \"1x\": invalid syntax");
}

TEST_CASE("JSON is written as Go writes it") {
  const auto written = [](const Value& value) {
    const auto json = to_json(value);
    return json ? *json : json.error().message;
  };
  CHECK(written(Value("<&>\"\\\n\u2028\x01")) == R"("\u003c\u0026\u003e\"\\\n\u2028\u0001")");
  CHECK(written(Value(List{Value(1), Value(1.5), Value(1e21), Value(1e-7), Value()})) ==
        "[1,1.5,1e+21,1e-7,null]");
  CHECK(written(Value::nil_list(nullptr)) == "null");
  CHECK(written(Value(Map{{"b", Value(true)}, {"a", Value(Map())}})) == R"({"a":{},"b":true})");
  CHECK(written(Value(std::nan(""))) == "json: unsupported value: NaN");
  Value deep(1);
  for (int i = 0; i < 200; ++i) {
    deep = Value(List{deep});
  }
  CHECK(written(deep) == "json: more than 100 levels");
}

}  // namespace
}  // namespace seamwatch::rules::templates
