#include "agent/config/schema.h"

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include <boost/json.hpp>
#include <catch2/catch.hpp>

#include "agent/config/load.h"
#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

namespace json = boost::json;

const std::string kSource = SEAMWATCH_SOURCE_DIR;

// A JSON Schema validator for the words that config_schema() uses; any other word fails the test.
class Validator {
 public:
  explicit Validator(const json::value& schema) : root_(schema) {}

  // The first fault of `node`, or "".
  std::string fault(const Node& node) const { return fault(root_, node, ""); }

 private:
  using Rule = std::pair<std::string_view, json::value>;

  std::string fault(const json::value& schema, const Node& node, const std::string& at) const {
    if (schema.is_bool()) {
      return schema.as_bool() ? "" : at + ": not allowed";
    }
    for (const auto& member : schema.as_object()) {
      const std::string found = fault_of_word(schema.as_object(), member, node, at);
      if (!found.empty()) {
        return found;
      }
    }
    return "";
  }

  std::string fault_of_word(const json::object& schema,
                            const json::key_value_pair& word,
                            const Node& node,
                            const std::string& at) const {
    const std::string key(word.key());
    const json::value& value = word.value();
    if (key == "$ref") {
      return fault(*at_pointer(std::string(value.as_string()).substr(1)), node, at);
    }
    if (key == "anyOf") {
      return any_of(value.as_array(), node, at);
    }
    if (key == "type") {
      return has_type(value, node) ? "" : at + ": wrong type";
    }
    if (key == "enum" || key == "const") {
      return is_one_of(value, node) ? "" : at + ": not one of " + json::serialize(value);
    }
    if (key == "pattern") {
      const std::regex pattern(std::string(value.as_string()));
      return std::regex_search(node.scalar, pattern) ? "" : at + ": does not match";
    }
    if (key == "minimum" || key == "maximum") {
      const double number = std::strtod(node.scalar.c_str(), nullptr);
      const double bound = value.to_number<double>();
      return (key == "minimum" ? number >= bound : number <= bound) ? "" : at + ": out of range";
    }
    return fault_of_container(schema, key, value, node, at);
  }

  std::string fault_of_container(const json::object& schema,
                                 const std::string& key,
                                 const json::value& value,
                                 const Node& node,
                                 const std::string& at) const {
    std::string found;
    if (key == "required") {
      for (const json::value& name : value.as_array()) {
        found += node.find(name.as_string()) == nullptr ? at + ": lacks a key" : "";
      }
    } else if (key == "items") {
      for (const Node& item : node.items) {
        found += fault(value, item, at + "[]");
      }
    } else if (key == "properties" || key == "additionalProperties" || key == "propertyNames") {
      for (const NodeEntry& entry : node.entries) {
        const std::string& name = entry.key.scalar;
        const json::object* known =
            schema.contains("properties") ? schema.at("properties").if_object() : nullptr;
        const bool is_known = known != nullptr && known->contains(name);
        const std::string below = at + "/" + name;
        if (key == "propertyNames") {
          found += fault(value, entry.key, below);
        } else if (is_known && key == "properties") {
          found += fault(known->at(name), entry.value, below);
        } else if (!is_known && key == "additionalProperties") {
          found += fault(value, entry.value, below);
        }
      }
    } else if (key != "$schema" && key != "$defs" && key != "title" && key != "description" &&
               key != "default") {
      FAIL("the schema uses a word that this test does not know: " << key);
    }
    return found;
  }

  std::string any_of(const json::array& schemas, const Node& node, const std::string& at) const {
    std::string first;
    for (const json::value& schema : schemas) {
      const std::string found = fault(schema, node, at);
      if (found.empty()) {
        return "";
      }
      first = first.empty() ? found : first;
    }
    return first;
  }

  static bool has_type(const json::value& types, const Node& node) {
    if (types.is_array()) {
      for (const json::value& type : types.as_array()) {
        if (has_type(type, node)) {
          return true;
        }
      }
      return false;
    }
    const std::string type(types.as_string());
    const bool plain = node.is_scalar() && !node.quoted;
    const bool integer = plain && std::regex_match(node.scalar, std::regex("-?[0-9]+"));
    const bool number = plain && std::regex_match(node.scalar, std::regex("-?[0-9]+(\\.[0-9]+)?"));
    const bool boolean = plain && (node.scalar == "true" || node.scalar == "false");
    return (type == "object" && node.is_map()) || (type == "array" && node.is_list()) ||
           (type == "null" && node.is_null()) || (type == "integer" && integer) ||
           (type == "number" && number) || (type == "boolean" && boolean) ||
           (type == "string" && node.is_scalar() && !number && !boolean);
  }

  static bool is_one_of(const json::value& values, const Node& node) {
    if (values.is_array()) {
      for (const json::value& each : values.as_array()) {
        if (is_one_of(each, node)) {
          return true;
        }
      }
      return false;
    }
    const std::string text =
        values.is_string() ? std::string(values.as_string()) : json::serialize(values);
    return node.is_scalar() && node.scalar == text;
  }

  const json::value* at_pointer(const std::string& pointer) const {
    return &root_.at_pointer(pointer);
  }

  const json::value& root_;
};

Document parse_file(const std::string& path) {
  std::ifstream in(path);
  REQUIRE(in);
  std::ostringstream text;
  text << in.rdbuf();
  Diagnostics ignored;
  return parse_yaml(path, text.str(), ignored);
}

LoadedConfig load_text(const std::string& text) {
  std::string folder = (std::filesystem::temp_directory_path() / "seamwatch-XXXXXX").string();
  REQUIRE(::mkdtemp(folder.data()) != nullptr);
  ConfigSources sources;
  sources.config_file = folder + "/seamwatch.yml";
  std::ofstream(sources.config_file) << text;
  LoadedConfig loaded = load_config(sources, [](std::string_view) { return std::nullopt; });
  std::filesystem::remove_all(folder);
  return loaded;
}

// `name: {a: null, b: null}` with every property of the section `name` of the schema.
std::string all_null(const json::value& schema, const std::string& name) {
  std::string keys;
  for (const auto& property : schema.at("$defs").at(name).at("properties").as_object()) {
    keys += (keys.empty() ? "" : ", ") + std::string(property.key()) + ": null";
  }
  REQUIRE_FALSE(keys.empty());
  return "{" + keys + "}";
}

// The defaults of one section, with those of the sections in it, as YAML flow text.
std::string defaults(const json::value& schema, const json::value& section) {
  std::string out;
  for (const auto& property : section.at("properties").as_object()) {
    const json::object& spec = property.value().as_object();
    std::string value;
    if (spec.contains("default")) {
      value = json::serialize(spec.at("default"));
    } else if (spec.contains("$ref")) {
      const json::value& target =
          schema.at_pointer(std::string(spec.at("$ref").as_string()).substr(1));
      const bool is_section = target.as_object().contains("properties");
      value = is_section ? defaults(schema, target) : "";
    }
    if (!value.empty()) {
      out += (out.empty() ? "" : ", ") + std::string(property.key()) + ": " + value;
    }
  }
  return "{" + out + "}";
}

}  // namespace

TEST_CASE("good configurations fit the schema") {
  const json::value schema = json::parse(config_schema());
  for (const std::string name : {"agent/config/example.yml",
                                 "tests/testdata/config/full.good.yml",
                                 "tests/testdata/config/minimal.good.yml",
                                 "tests/testdata/config/privacy.good.yml",
                                 "tests/testdata/config/empty.good.yml"}) {
    DYNAMIC_SECTION(name) {
      const Document document = parse_file(kSource + "/" + name);
      CHECK(Validator(schema).fault(document.root) == "");
    }
  }
}

TEST_CASE("what is wrong in form does not fit the schema") {
  struct Case {
    std::string name;
    std::string want;
  };

  const auto c = GENERATE(values<Case>({
      {"unknown-root-key", "/intergrations: not allowed"},
      {"unknown-global-key", "/global/intervall: not allowed"},
      {"unknown-probe-key", "/integrations/orders/probes[]/retries: not allowed"},
      {"heartbeat-unknown-key", "/integrations/orders/probes[]/heartbeat/grase: not allowed"},
      {"module-unknown-key", "/modules/m/tiemout: not allowed"},
      {"missing-source", "/integrations/orders: lacks a key"},
      {"section-is-list", "/global: wrong type"},
      {"list-is-map", "/integrations/orders/probes: wrong type"},
      {"flag-is-text", "/default_rules: wrong type"},
      {"count-is-text", "/storage/series_max: wrong type"},
      {"count-too-small", "/global/probes_in_flight_max: out of range"},
      {"count-too-large", "/global/confirm_retries: out of range"},
      {"duration-without-unit", "/global/interval: wrong type"},
      {"duration-unit-order", "/storage/retention: does not match"},
      {"bad-email", "/owners/ops/email: does not match"},
      {"bad-external-url", "/global/external_url: does not match"},
      {"bad-integration-name", "/integrations/new orders: does not match"},
      {"privacy-unknown-key", "/privacy/classes/partner/label: not allowed"},
      {"privacy-pattern-without-regexp", "/privacy/patterns[]: lacks a key"},
      {"bad-probe-name", "/integrations/orders/probes[]/name: does not match"},
  }));
  DYNAMIC_SECTION(c.name) {
    const json::value schema = json::parse(config_schema());
    const Document document = parse_file(kSource + "/tests/testdata/config/" + c.name + ".bad.yml");
    CHECK(Validator(schema).fault(document.root) == c.want);
  }
}

TEST_CASE("the loader knows every key of the schema") {
  const json::value schema = json::parse(config_schema());
  std::string text;
  for (const auto& property : schema.at("properties").as_object()) {
    const std::string key(property.key());
    const std::map<std::string, std::string> named = {
        {"owners", "owner"}, {"systems", "system"}, {"modules", "module"}};
    if (named.count(key) > 0) {
      text += key + ": {x: " + all_null(schema, named.at(key)) + "}\n";
    } else if (key == "integrations") {
      const std::string integration = all_null(schema, "integration");
      text += "integrations:\n  a: " + integration + "\n  b:\n    probes:\n      - " +
              all_null(schema, "probe") + "\n      - heartbeat: " + all_null(schema, "heartbeat") +
              "\n";
    } else if (schema.at("$defs").as_object().contains(key)) {
      text += key + ": " + all_null(schema, key) + "\n";
    } else {
      text += key + ":\n";
    }
  }
  const LoadedConfig loaded = load_text(text);
  const std::string problems = loaded.problems.to_string();
  CHECK_FALSE(problems.empty());
  CHECK(problems.find("unknown key") == std::string::npos);
}

TEST_CASE("the defaults of the schema are those of the loader") {
  const json::value schema = json::parse(config_schema());
  const json::object sections = schema.at("$defs").as_object();
  std::string text;
  for (const std::string name : {"global", "storage", "web", "notification", "query"}) {
    text += name + ": " + defaults(schema, sections.at(name)) + "\n";
  }
  text += "default_rules: " +
          json::serialize(schema.at("properties").at("default_rules").at("default")) + "\n";
  INFO(text);
  const LoadedConfig loaded = load_text(text);
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  const Config none;
  CHECK(loaded.config->global == none.global);
  CHECK(loaded.config->web == none.web);
  CHECK(loaded.config->query == none.query);
  CHECK(loaded.config->notification == none.notification);
  CHECK(loaded.config->default_rules == none.default_rules);
  StorageConfig storage = loaded.config->storage;
  CHECK(std::filesystem::path(storage.path).filename() == none.storage.path);
  storage.path = none.storage.path;
  CHECK(storage == none.storage);
}

TEST_CASE("integration and heartbeat defaults of the schema are those of the loader") {
  const json::value schema = json::parse(config_schema());
  const auto properties = [&](const std::string& name) {
    return schema.at("$defs").at(name).at("properties").as_object();
  };
  const Integration none;
  CHECK(properties("integration").at("retry_budget").at("default") ==
        json::value(format_duration(none.retry_budget)));
  CHECK(properties("privacy").at("default_class").at("default") ==
        json::value(Privacy().default_class));
  CHECK(properties("privacy_class").at("error_texts").at("default") ==
        json::value(to_string(PrivacyClass().error_texts)));
  CHECK(properties("integration").at("criticality").at("default") ==
        json::value(to_string(none.criticality)));
}
