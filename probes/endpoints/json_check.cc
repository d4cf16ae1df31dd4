#include "probes/endpoints/json_check.h"

#include <charconv>

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <re2/re2.h>

#include "agent/core/labels.h"
#include "probes/endpoints/module_parts.h"

namespace seamwatch::probes {
namespace {

namespace json = boost::json;

std::optional<double> number_of(const json::value& value) {
  switch (value.kind()) {
    case json::kind::int64:
      return static_cast<double>(value.get_int64());
    case json::kind::uint64:
      return static_cast<double>(value.get_uint64());
    case json::kind::double_:
      return value.get_double();
    default:
      return std::nullopt;
  }
}

std::string text_of(const json::value& value) {
  const json::string* text = value.if_string();
  return text != nullptr ? std::string(text->data(), text->size()) : json::serialize(value);
}

bool equal(const json::value& value, const JsonCheck& check) {
  if (value.is_string() || check.equals_text) {
    return value.is_string() && text_of(value) == *check.equals;
  }
  const auto number = number_of(value);
  double wanted = 0;
  const char* last = check.equals->data() + check.equals->size();
  const auto [end, failure] = std::from_chars(check.equals->data(), last, wanted);
  if (number && failure == std::errc() && end == last) {
    return *number == wanted;
  }
  return json::serialize(value) == *check.equals;
}

// What `check` holds against `value`, or "".
std::string broken(const json::value& value, const JsonCheck& check) {
  if (check.equals && !equal(value, check)) {
    return "is not " + quoted(*check.equals);
  }
  if (check.matches && !re2::RE2::PartialMatch(text_of(value), *check.matches)) {
    return "does not match " + quoted(check.matches->pattern());
  }
  if (!check.min && !check.max) {
    return "";
  }
  const auto number = number_of(value);
  if (!number) {
    return "is no number";
  }
  if (check.min && *number < *check.min) {
    return "is below the minimum";
  }
  return check.max && *number > *check.max ? "is above the maximum" : "";
}

bool is_pointer(std::string_view pointer) {
  for (std::size_t i = 0; i < pointer.size(); ++i) {
    const bool escape = pointer[i] == '~';
    if (escape && (i + 1 == pointer.size() || (pointer[i + 1] != '0' && pointer[i + 1] != '1'))) {
      return false;
    }
  }
  return pointer.empty() || pointer.front() == '/';
}

}  // namespace

void read_json_checks(MapReader& reader, std::vector<JsonCheck>& out) {
  reader.each("json", [&](const Node& item) {
    MapReader one(reader.document(), item, "json check", reader.problems());
    JsonCheck check;
    one.require("pointer", "add a JSON pointer like /status");
    if (one.read("pointer", check.pointer) && !is_pointer(check.pointer)) {
      one.report(*one.find("pointer"),
                 quoted(check.pointer) + " is no JSON pointer",
                 "start it with /, write ~ as ~0 and / in a name as ~1");
    }
    std::string equals;
    if (one.read("equals", equals)) {
      check.equals = equals;
      check.equals_text = one.find("equals")->quoted;
    }
    if (const Node* matches = one.find("matches")) {
      check.matches = compile(one, *matches);
    }
    double bound = 0;
    if (one.read("min", bound)) {
      check.min = bound;
    }
    if (one.read("max", bound)) {
      check.max = bound;
    }
    one.done();
    out.push_back(std::move(check));
  });
}

Result<json::value> parse_body(std::string_view body) {
  json::parse_options options;
  options.max_depth = 64;
  boost::system::error_code failure;
  json::value root = json::parse(json::string_view(body.data(), body.size()), failure, {}, options);
  return failure ? Result<json::value>(error("the body is no JSON: " + failure.message()))
                 : std::move(root);
}

std::string broken_json_check(std::string_view body, const std::vector<JsonCheck>& checks) {
  const auto root = parse_body(body);
  if (!root) {
    return root.error().message;
  }
  for (const JsonCheck& check : checks) {
    boost::system::error_code missing;
    const json::value* value = root->find_pointer(check.pointer, missing);
    const std::string what = value == nullptr ? "is not there" : broken(*value, check);
    if (!what.empty()) {
      return "the value at " + quoted(check.pointer) + " " + what;
    }
  }
  return "";
}

}  // namespace seamwatch::probes
