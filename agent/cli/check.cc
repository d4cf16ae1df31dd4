#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent/cli/check_rules.h"
#include "agent/cli/subcommands.h"
#include "agent/config/schema.h"
#include "agent/core/utf8.h"
#include "agent/deliver/receiver_files.h"
#include "agent/deliver/template_check.h"
#include "agent/loaded.h"
#include "agent/notify/route_privacy.h"
#include "rules/routing/routes_for.h"

namespace seamwatch::agent {
namespace {

using Files = std::vector<std::string>;

namespace json = boost::json;

// What came of a file.
struct CheckedFile {
  Diagnostics problems;
  Diagnostics warnings;
  std::string good;  // what to say where there is no problem
};

using CheckOne = CheckedFile (*)(const std::string& file);

void print_text(const CheckedFile& checked) {
  print_warnings(checked.warnings);
  std::cerr << checked.problems.to_string();
  if (checked.problems.empty()) {
    std::cout << checked.good << "\n";
  }
}

void add_json(const Diagnostics& found, const std::string& severity, json::array& out) {
  for (const Diagnostic& one : found.entries()) {
    out.push_back(json::object{{"file", to_valid_utf8(one.place.file)},
                               {"line", one.place.line},
                               {"column", one.place.column},
                               {"severity", severity},
                               {"message", to_valid_utf8(one.what)},
                               {"remedy", to_valid_utf8(one.remedy)}});
  }
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

CheckedFile check_config(const std::string& file) {
  ConfigSources sources;
  sources.config_file = file;
  const LoadResult result = load_all(sources, process_environment());
  std::string good;
  if (result.loaded) {
    const Landscape& landscape = result.loaded->config->landscape;
    std::size_t probes = 0;
    for (const auto& [name, integration] : landscape.integrations) {
      probes += integration.probes.size();
    }
    std::size_t rules = 0;
    for (const rules::RuleFile& rule_file : result.loaded->rules) {
      rules += rule_file.rule_count();
    }
    good = file + ": good: " + counted(landscape.systems.size(), "system") + ", " +
           counted(landscape.integrations.size(), "integration") + ", " + counted(probes, "probe") +
           ", " + counted(rules, "rule");
  }
  return {result.problems, result.warnings, good};
}

// The verdict is that of Alertmanager's own check; what Seamwatch would not do is a warning.
CheckedFile check_notify(const std::string& file) {
  Diagnostics problems;
  Diagnostics warnings;
  const auto notify = load_notify(file, problems);
  if (notify) {
    warnings = rules::find_unserved(*notify);
    for (const Diagnostics& found : {rules::find_unheard_dead_letters(*notify),
                                     find_clear_passwords(*notify),
                                     find_unreadable_files(*notify),
                                     find_redacted_matchers(*notify, Privacy()),
                                     find_unmatched_templates(*notify, file)}) {
      for (const Diagnostic& each : found.entries()) {
        warnings.add(each.place, each.what, each.remedy);
      }
    }
    if (const auto templates = load_templates(*notify, file, problems)) {
      const TemplateFindings findings = check_templates(*notify, *templates);
      for (const Diagnostic& bad : findings.syntax.entries()) {
        warnings.add(bad.place, bad.what, bad.remedy + "; as it is the agent refuses the file");
      }
      for (const Diagnostic& bad : findings.execution.entries()) {
        warnings.add(bad.place, bad.what, bad.remedy);
      }
    }
  }
  const std::size_t receivers = notify ? notify->receivers.size() : 0;
  return {problems, warnings, file + ": good: " + counted(receivers, "receiver")};
}

CheckedFile check_modules(const std::string& file) {
  const LoadedConfig result = load_modules(file, process_environment());
  const std::size_t modules = result.config ? result.config->modules.size() : 0;
  return {result.problems,
          result.warnings,
          file + ": good: " + counted(modules, "module") + " with the built-in ones"};
}

struct CheckOptions {
  Files files;
  bool json = false;
  bool schema = false;
};

// 1 where a file has a problem.
int check_each(const CheckOptions& options, CheckOne check_one) {
  int worst = 0;
  json::array found;
  for (const std::string& file : options.files) {
    const CheckedFile checked = check_one(file);
    worst = checked.problems.empty() ? worst : 1;
    if (options.json) {
      add_json(checked.problems, "error", found);
      add_json(checked.warnings, "warning", found);
    } else {
      print_text(checked);
    }
  }
  if (options.json) {
    std::cout << json::serialize(found) << "\n";
  }
  return worst;
}

void add_json_flag(Command command, CheckOptions& options) {
  command.add_flag("--json",
                   options.json,
                   "A list of what was found: file, line, column, severity, message, remedy");
}

void add_kind(Command check, const std::string& name, const std::string& what, CheckOne check_one) {
  auto options = std::make_shared<CheckOptions>();
  Command command = check.add_subcommand(name, what);
  command.add_option("FILE", options->files, "Files to check").required();
  add_json_flag(command, *options);
  command.runs([options, check_one] { return check_each(*options, check_one); });
}

// `check config FILE...`, or `--schema` alone.
void add_config(Command check) {
  auto options = std::make_shared<CheckOptions>();
  Command command = check.add_subcommand("config", "seamwatch.yml and every file it names");
  const Option files = command.add_option("FILE", options->files, "Files to check");
  command.add_flag("--schema", options->schema, "Print the JSON Schema of seamwatch.yml");
  add_json_flag(command, *options);
  command.runs(
      [options] {
        if (options->schema) {
          std::cout << config_schema() << "\n";
          if (options->files.empty()) {
            return 0;
          }
        }
        return check_each(*options, check_config);
      },
      [options, files] { return options->schema || files.given() ? "" : "FILE"; });
}

}  // namespace

void add_check(Command app) {
  Command check = app.add_subcommand("check", "Check files and say what is wrong, and where");
  check.require_subcommand();
  add_config(check);
  add_check_rules(check);
  add_kind(check, "notify", "Notification files in Alertmanager's format", check_notify);
  add_kind(check, "modules", "Module files in blackbox_exporter's format", check_modules);
}

}  // namespace seamwatch::agent
