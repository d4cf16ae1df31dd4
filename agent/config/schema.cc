#include "agent/config/schema.h"

#include <charconv>
#include <string_view>

#include <boost/json.hpp>

#include "agent/config/keys.h"
#include "agent/core/times.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::string_view kDuration =
    "^(0|(?=.)([0-9]+y)?([0-9]+w)?([0-9]+d)?([0-9]+h)?([0-9]+m)?([0-9]+s)?([0-9]+ms)?)$";
constexpr std::string_view kName = "^[A-Za-z0-9_][A-Za-z0-9_.-]{0,99}$";

json::value reference(std::string_view name) {
  return json::object{{"$ref", "#/$defs/" + std::string(name)}};
}

// A value of shape `own`, or a text with a ${VARIABLE}.
json::object or_variable(json::value own) {
  return json::object{{"anyOf", json::array{std::move(own), reference("variable")}}};
}

json::object text_with(std::string_view pattern) {
  return json::object{{"type", "string"}, {"pattern", pattern}};
}

json::array words_of(std::string_view words) {
  json::array out;
  while (!words.empty()) {
    const std::size_t end = std::min(words.find(' '), words.size());
    out.emplace_back(words.substr(0, end));
    words.remove_prefix(std::min(end + 1, words.size()));
  }
  return out;
}

json::object count_of(const KeySpec& spec) {
  json::object out{{"type", "integer"}, {"minimum", spec.minimum}};
  if (spec.maximum != INT64_MAX) {
    out["maximum"] = spec.maximum;
  }
  return out;
}

json::object map_of(const KeySpec& spec) {
  json::object out{{"type", json::array{"object", "null"}}};
  if (spec.section->what != module_section().what) {
    out["propertyNames"] = reference("name");
  }
  out["additionalProperties"] = reference(spec.section->what);
  return out;
}

json::object shape(const KeySpec& spec) {
  using enum KeyType;
  switch (spec.type) {
    case text:
      return spec.words.empty() ? json::object{{"$ref", "#/$defs/text"}}
                                : or_variable(json::object{{"enum", words_of(spec.words)}});
    case word:
      return or_variable(json::object{{"enum", words_of(spec.words)}});
    case name:
      return or_variable(reference("name"));
    case url:
      return or_variable(text_with("^https?://[^/?#:\\s][^\\s]*$"));
    case email:
      return or_variable(text_with("^[^@\\s]+@[^@\\s]+$"));
    case duration:
      return json::object{{"$ref", "#/$defs/duration"}};
    case count:
      return or_variable(count_of(spec));
    case flag:
      return or_variable(json::object{{"type", "boolean"}});
    case texts:
      return json::object{{"type", "array"}, {"items", reference("text")}};
    case labels:
      return json::object{{"type", "object"}, {"additionalProperties", reference("text")}};
    case map:
      return json::object{{"$ref", "#/$defs/" + std::string(spec.section->what)}};
    case KeyType::map_of:
      return seamwatch::agent::map_of(spec);
    case list_of:
      return json::object{{"type", "array"}, {"items", reference(spec.section->what)}};
    case options:
      return json::object{{"type", json::array{"object", "null"}}};
  }
  return {};
}

json::value default_of(const KeySpec& spec) {
  if (spec.type == KeyType::flag) {
    return spec.fallback == "true";
  }
  if (spec.type == KeyType::count) {
    std::int64_t number = 0;
    std::from_chars(spec.fallback.data(), spec.fallback.data() + spec.fallback.size(), number);
    return number;
  }
  return json::value(spec.fallback);
}

json::object property(const KeySpec& spec) {
  json::object out = shape(spec);
  std::string help(spec.help);
  if (spec.type == KeyType::duration && spec.minimum > 0) {
    help += "; at least " + format_duration(Millis(spec.minimum));
  }
  out["description"] = help;
  if (!spec.fallback.empty()) {
    out["default"] = default_of(spec);
  }
  return out;
}

json::object object_of(const Section& section) {
  json::object properties;
  json::array required;
  for (const KeySpec& spec : section.keys) {
    properties[spec.key] = property(spec);
    if (spec.required) {
      required.emplace_back(spec.key);
    }
  }
  json::object out{{"type", json::array{"object", "null"}}, {"properties", std::move(properties)}};
  if (!required.empty()) {
    out["required"] = std::move(required);
    out["type"] = "object";
  }
  out["additionalProperties"] = false;
  return out;
}

// Adds `section` and those below it to `out`, by name.
void add_sections(const Section& section, json::object& out) {
  for (const KeySpec& spec : section.keys) {
    if (spec.section != nullptr && !out.contains(spec.section->what)) {
      out[spec.section->what] = object_of(*spec.section);
      add_sections(*spec.section, out);
    }
  }
}

json::object definitions() {
  json::object out;
  out["variable"] = text_with("\\$\\{[A-Za-z_][A-Za-z0-9_]*\\}");
  out["text"] = json::object{{"type", json::array{"string", "number", "boolean"}}};
  out["name"] = text_with(kName);
  out["duration"] = json::object{
      {"anyOf",
       json::array{text_with(kDuration), json::object{{"const", 0}}, reference("variable")}}};
  add_sections(root_section(), out);
  return out;
}

void print(const json::value& value, std::size_t depth, std::string& out);

// The items or members of a container, a line each.
template <class Container, class Print>
void print_lines(const Container& container,
                 std::string_view brackets,
                 std::size_t depth,
                 std::string& out,
                 const Print& print_one) {
  out += brackets[0];
  bool first = true;
  for (const auto& each : container) {
    out += first ? "\n" : ",\n";
    first = false;
    out.append(2 * depth + 2, ' ');
    print_one(each);
  }
  if (!first) {
    out += '\n';
    out.append(2 * depth, ' ');
  }
  out += brackets[1];
}

void print(const json::value& value, std::size_t depth, std::string& out) {
  if (const json::object* object = value.if_object()) {
    print_lines(*object, "{}", depth, out, [&](const json::key_value_pair& member) {
      out += json::serialize(json::string_view(member.key())) + ": ";
      print(member.value(), depth + 1, out);
    });
  } else if (const json::array* array = value.if_array()) {
    print_lines(
        *array, "[]", depth, out, [&](const json::value& item) { print(item, depth + 1, out); });
  } else {
    out += json::serialize(value);
  }
}

}  // namespace

std::string config_schema() {
  json::object schema{{"$schema", "https://json-schema.org/draft/2020-12/schema"},
                      {"title", "seamwatch.yml"}};
  for (auto& member : object_of(root_section())) {
    schema[member.key()] = std::move(member.value());
  }
  schema["$defs"] = definitions();
  std::string out;
  print(schema, 0, out);
  return out + "\n";
}

}  // namespace seamwatch::agent
