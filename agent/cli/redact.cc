#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "agent/cli/subcommands.h"
#include "agent/config/load.h"
#include "agent/privacy/redactor.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct RedactOptions {
  std::vector<std::string> texts;
  std::string config;
  std::string privacy_class;
  bool explain = false;
  bool list = false;
  bool as_json = false;
};

int print_list(const RedactOptions& options) {
  json::array all;
  for (const BuiltinPattern& pattern : builtin_patterns()) {
    if (options.as_json) {
      json::object one;
      one["name"] = pattern.name;
      one["kind"] = to_string(pattern.kind);
      one["help"] = pattern.help;
      one["regexp"] = pattern.regexp;
      one["replace"] = pattern.replace;
      all.push_back(std::move(one));
    } else {
      std::cout << pattern.name << " (" << to_string(pattern.kind) << "): " << pattern.help
                << "\n    " << pattern.regexp << "\n    " << pattern.replace
                << (pattern.check != nullptr ? "   where a check holds too" : "") << "\n";
    }
  }
  if (options.as_json) {
    std::cout << json::serialize(all) << "\n";
  }
  return 0;
}

std::string all_texts(const RedactOptions& options) {
  if (options.texts.empty()) {
    return {std::istreambuf_iterator<char>(std::cin), {}};
  }
  std::string out;
  for (const std::string& text : options.texts) {
    out += (out.empty() ? "" : " ") + text;
  }
  return out + "\n";
}

void print_hits(const std::vector<RedactHit>& hits) {
  for (const RedactHit& hit : hits) {
    std::cerr << hit.pattern << " (" << to_string(hit.kind) << "): " << hit.count
              << (hit.count == 1 ? " match" : " matches") << "\n";
  }
  if (hits.empty()) {
    std::cerr << "no pattern matches\n";
  }
}

void print_json(const std::string& text, const std::vector<RedactHit>& hits) {
  json::array shown;
  for (const RedactHit& hit : hits) {
    json::object one;
    one["pattern"] = hit.pattern;
    one["kind"] = to_string(hit.kind);
    one["count"] = hit.count;
    shown.push_back(std::move(one));
  }
  json::object out;
  out["text"] = text;
  out["hits"] = std::move(shown);
  std::cout << json::serialize(out) << "\n";
}

int redact(const RedactOptions& options) {
  Privacy privacy;
  if (!options.config.empty()) {
    ConfigSources sources;
    sources.config_file = options.config;
    const LoadedConfig loaded = load_config(sources, process_environment());
    if (!loaded.config) {
      std::cerr << loaded.problems.to_string();
      return 1;
    }
    privacy = loaded.config->privacy;
  }
  if (!options.privacy_class.empty() &&
      privacy.classes.find(options.privacy_class) == privacy.classes.end()) {
    std::cerr << "there is no privacy class \"" << options.privacy_class
              << "\"; name the file that has it with --config\n";
    return 2;
  }
  const PrivacyClass& its = privacy.class_named(options.privacy_class);
  const std::string text = all_texts(options);
  std::vector<RedactHit> hits;
  std::string out = privacy.redactor.redact(text, Privacy::scope(its), hits);
  if (its.error_texts == ErrorTexts::drop) {
    out = std::string(kWithheld) + "\n";
  }
  if (options.as_json) {
    print_json(out, hits);
    return 0;
  }
  std::cout << out << std::flush;
  if (options.explain) {
    print_hits(hits);
  }
  return 0;
}

}  // namespace

void add_redact(Command app) {
  auto options = std::make_shared<RedactOptions>();
  Command command = app.add_subcommand(
      "redact", "Print a text as it would be kept, shown and sent: without secrets");
  command.add_option("TEXT", options->texts, "By default standard input");
  command.add_option("--config", options->config, "seamwatch.yml with patterns of your own");
  command.add_option(
      "--class", options->privacy_class, "Privacy class; by default the configuration's default");
  command.add_flag("--explain", options->explain, "Say on stderr which patterns matched");
  command.add_flag("--list", options->list, "Print the built-in patterns");
  command.add_flag("--json", options->as_json, "One JSON object, with the patterns that matched");
  command.runs([options] { return options->list ? print_list(*options) : redact(*options); });
}

}  // namespace seamwatch::agent
