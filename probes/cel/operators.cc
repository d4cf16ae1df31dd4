#include "probes/cel/operators.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <limits>

namespace seamwatch::probes::cel {
namespace {

namespace json = boost::json;
using json::value;

// 2^63 and 2^64, which doubles have exactly.
constexpr double kIntEnd = 9223372036854775808.0;
constexpr double kUintEnd = 18446744073709551616.0;

bool is_number(const value& v) {
  return v.is_int64() || v.is_uint64() || v.is_double();
}

std::string_view text_of(const value& v) {
  const json::string& text = v.get_string();
  return {text.data(), text.size()};
}

template <class T>
int compared(T a, T b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

// Below, at or above zero as `a` is to `b`; 2 where one of them is no number. Requires: numbers.
int compared_numbers(const value& a, const value& b) {
  if (a.is_int64() && b.is_int64()) {
    return compared(a.get_int64(), b.get_int64());
  }
  if (a.is_uint64() && b.is_uint64()) {
    return compared(a.get_uint64(), b.get_uint64());
  }
  if (a.is_int64() && b.is_uint64()) {
    return a.get_int64() < 0 ? -1
                             : compared(static_cast<std::uint64_t>(a.get_int64()), b.get_uint64());
  }
  if (a.is_uint64() && b.is_int64()) {
    return -compared_numbers(b, a);
  }
  const auto x = a.to_number<double>();
  const auto y = b.to_number<double>();
  return std::isnan(x) || std::isnan(y) ? 2 : compared(x, y);
}

std::optional<int> compared_values(const value& a, const value& b) {
  if (is_number(a) && is_number(b)) {
    return compared_numbers(a, b);
  }
  if (a.is_string() && b.is_string()) {
    return compared(text_of(a).compare(text_of(b)), 0);
  }
  if (a.is_bool() && b.is_bool()) {
    return compared(static_cast<int>(a.get_bool()), static_cast<int>(b.get_bool()));
  }
  return std::nullopt;
}

Error out_of_range() {
  return error("a number is out of range");
}

// Of two whole numbers of one type.
template <class T>
Result<value> whole_numbers(T a, std::string_view symbol, T b) {
  T out{};
  bool over = false;
  switch (symbol.front()) {
    case '+':
      over = __builtin_add_overflow(a, b, &out);
      break;
    case '-':
      over = __builtin_sub_overflow(a, b, &out);
      break;
    case '*':
      over = __builtin_mul_overflow(a, b, &out);
      break;
    default:
      if (b == 0) {
        return error("division by zero");
      }
      over = std::is_signed_v<T> && a == std::numeric_limits<T>::min() && b + T(1) == 0;
      out = over ? a : symbol == "/" ? static_cast<T>(a / b) : static_cast<T>(a % b);
  }
  return over ? Result<value>(out_of_range()) : value(out);
}

Result<value> doubles(double a, std::string_view symbol, double b) {
  switch (symbol.front()) {
    case '+':
      return value(a + b);
    case '-':
      return value(a - b);
    case '*':
      return value(a * b);
    case '/':
      return value(a / b);
    default:
      return error("no such overload: double % double; make it int() first");
  }
}

Result<value> arithmetic(const value& a, std::string_view symbol, const value& b) {
  if (a.is_int64() && b.is_int64()) {
    return whole_numbers(a.get_int64(), symbol, b.get_int64());
  }
  if (a.is_uint64() && b.is_uint64()) {
    return whole_numbers(a.get_uint64(), symbol, b.get_uint64());
  }
  if (a.is_double() && b.is_double()) {
    return doubles(a.get_double(), symbol, b.get_double());
  }
  if (symbol == "+" && a.is_string() && b.is_string()) {
    json::string out = a.get_string();
    out.append(b.get_string());
    return value(std::move(out));
  }
  if (symbol == "+" && a.is_array() && b.is_array()) {
    json::array out = a.get_array();
    out.insert(out.end(), b.get_array().begin(), b.get_array().end());
    return value(std::move(out));
  }
  const bool numbers = is_number(a) && is_number(b);
  return error("no such overload: " + std::string(type_name(a)) + " " + std::string(symbol) + " " +
               std::string(type_name(b)) +
               (numbers ? "; the numbers of the body are doubles, write them like 1.0" : ""));
}

Result<value> is_in(const value& item, const value& all) {
  if (const json::array* list = all.if_array()) {
    return value(std::any_of(
        list->begin(), list->end(), [&](const value& one) { return equal(item, one); }));
  }
  if (const json::object* map = all.if_object()) {
    return value(item.is_string() && map->contains(item.get_string()));
  }
  return no_overload("in", all);
}

// As Go writes the shortest text that gives the number again, which cel-go shows.
std::string double_text(double number) {
  if (std::isnan(number)) {
    return "NaN";
  }
  if (std::isinf(number)) {
    return number > 0 ? "+Inf" : "-Inf";
  }
  std::array<char, 400> text;
  const auto write = [&](std::chars_format format) {
    const auto [end, failure] =
        std::to_chars(text.data(), text.data() + text.size(), number, format);
    return failure == std::errc() ? std::string(text.data(), end) : std::string();
  };
  const std::string scientific = write(std::chars_format::scientific);
  const std::size_t e = scientific.find('e');
  int exponent = 0;
  const char* from = scientific.data() + e + (scientific[e + 1] == '+' ? 2 : 1);
  std::from_chars(from, scientific.data() + scientific.size(), exponent);
  return exponent < -4 || exponent >= 6 ? scientific : write(std::chars_format::fixed);
}

template <class T>
Result<value> parsed(std::string_view text, std::string_view type) {
  T out{};
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), out);
  if (text.empty() || failure != std::errc() || end != text.data() + text.size()) {
    return error("a text is no " + std::string(type));
  }
  return value(out);
}

Result<value> to_int(const value& v) {
  if (v.is_double()) {
    const double whole = std::trunc(v.get_double());
    const bool fits = whole >= -kIntEnd && whole < kIntEnd;
    return fits ? Result<value>(value(static_cast<std::int64_t>(whole))) : out_of_range();
  }
  if (v.is_uint64()) {
    const bool fits = v.get_uint64() <= std::numeric_limits<std::int64_t>::max();
    return fits ? Result<value>(value(static_cast<std::int64_t>(v.get_uint64()))) : out_of_range();
  }
  return v.is_string() ? parsed<std::int64_t>(text_of(v), "int") : no_overload("int()", v);
}

Result<value> to_uint(const value& v) {
  if (v.is_double()) {
    const double whole = std::trunc(v.get_double());
    const bool fits = v.get_double() >= 0 && whole < kUintEnd;
    return fits ? Result<value>(value(static_cast<std::uint64_t>(whole))) : out_of_range();
  }
  if (v.is_int64()) {
    const bool fits = v.get_int64() >= 0;
    return fits ? Result<value>(value(static_cast<std::uint64_t>(v.get_int64()))) : out_of_range();
  }
  return v.is_string() ? parsed<std::uint64_t>(text_of(v), "uint") : no_overload("uint()", v);
}

Result<value> to_text(const value& v) {
  if (v.is_bool()) {
    return value(v.get_bool() ? "true" : "false");
  }
  if (v.is_int64()) {
    return value(json::string(std::to_string(v.get_int64())));
  }
  if (v.is_uint64()) {
    return value(json::string(std::to_string(v.get_uint64())));
  }
  return v.is_double() ? Result<value>(value(json::string(double_text(v.get_double()))))
                       : no_overload("string()", v);
}

Result<value> to_bool(const value& v) {
  if (!v.is_string()) {
    return no_overload("bool()", v);
  }
  for (const std::string_view yes : {"1", "t", "true", "TRUE", "True"}) {
    if (text_of(v) == yes) {
      return value(true);
    }
  }
  for (const std::string_view no : {"0", "f", "false", "FALSE", "False"}) {
    if (text_of(v) == no) {
      return value(false);
    }
  }
  return error("a text is no bool");
}

}  // namespace

std::string_view type_name(const value& v) {
  switch (v.kind()) {
    case json::kind::null:
      return "null";
    case json::kind::bool_:
      return "bool";
    case json::kind::int64:
      return "int";
    case json::kind::uint64:
      return "uint";
    case json::kind::double_:
      return "double";
    case json::kind::string:
      return "string";
    case json::kind::array:
      return "list";
    case json::kind::object:
      return "map";
  }
  return "";
}

Error no_overload(std::string_view what, const value& v) {
  return error("no such overload: " + std::string(what) + " of " + std::string(type_name(v)));
}

bool equal(const value& a, const value& b) {
  if (a.is_array() && b.is_array()) {
    const json::array& x = a.get_array();
    const json::array& y = b.get_array();
    return std::equal(x.begin(), x.end(), y.begin(), y.end(), &equal);
  }
  if (a.is_object() && b.is_object()) {
    const json::object& x = a.get_object();
    const json::object& y = b.get_object();
    return x.size() == y.size() && std::all_of(x.begin(), x.end(), [&](const auto& entry) {
             const value* other = y.if_contains(entry.key());
             return other != nullptr && equal(entry.value(), *other);
           });
  }
  return (a.is_null() && b.is_null()) || compared_values(a, b) == 0;
}

Result<value> operate(const value& a, std::string_view symbol, const value& b) {
  if (symbol == "in") {
    return is_in(a, b);
  }
  if (symbol.front() != '<' && symbol.front() != '>') {
    return arithmetic(a, symbol, b);
  }
  const auto order = compared_values(a, b);
  if (!order) {
    return error("no such overload: " + std::string(type_name(a)) + " " + std::string(symbol) +
                 " " + std::string(type_name(b)));
  }
  const bool same = *order == 0 && symbol.size() == 2;
  return value(same || *order == (symbol.front() == '<' ? -1 : 1));
}

Result<value> negated(const value& v) {
  if (v.is_double()) {
    return value(-v.get_double());
  }
  if (!v.is_int64()) {
    return no_overload("-", v);
  }
  const bool least = v.get_int64() == std::numeric_limits<std::int64_t>::min();
  return least ? Result<value>(out_of_range()) : value(-v.get_int64());
}

Result<value> converted(const value& v, std::string_view type) {
  if (type == "dyn" || type == type_name(v)) {
    return v;
  }
  if (type == "int") {
    return to_int(v);
  }
  if (type == "uint") {
    return to_uint(v);
  }
  if (type == "string") {
    return to_text(v);
  }
  if (type == "bool") {
    return to_bool(v);
  }
  if (is_number(v)) {
    return value(v.to_number<double>());
  }
  return v.is_string() ? parsed<double>(text_of(v), "double") : no_overload("double()", v);
}

Result<value> size_of(const value& v) {
  std::size_t size = 0;
  if (v.is_string()) {
    const std::string_view text = text_of(v);
    size = static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) {
      return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
    }));
  } else if (v.is_array()) {
    size = v.get_array().size();
  } else if (v.is_object()) {
    size = v.get_object().size();
  } else {
    return no_overload("size()", v);
  }
  return value(static_cast<std::int64_t>(size));
}

std::optional<std::size_t> index_of(const value& v) {
  if (!is_number(v)) {
    return std::nullopt;
  }
  const auto number = v.to_number<double>();
  const bool whole = number >= 0 && number < 1e9 && std::trunc(number) == number;
  return whole ? std::optional(static_cast<std::size_t>(number)) : std::nullopt;
}

}  // namespace seamwatch::probes::cel
