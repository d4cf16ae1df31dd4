#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/check_rules.h"
#include "agent/cli/subcommands.h"
#include "agent/config/schema.h"
#include "agent/deliver/template_check.h"
#include "agent/loaded.h"

namespace seamwatch::agent {
namespace {

using Files = std::vector<std::string>;

// Prints what was found; 0 where there is no problem.
int verdict(const Diagnostics& problems, const Diagnostics& warnings, const std::string& good) {
  for (const Diagnostic& warning : warnings.entries()) {
    std::cerr << "warning: " << warning.to_string() << "\n";
  }
  std::cerr << problems.to_string();
  if (!problems.empty()) {
    return 1;
  }
  std::cout << good << "\n";
  return 0;
}

std::string counted(std::size_t count, const std::string& noun) {
  return std::to_string(count) + " " + noun + (count == 1 ? "" : "s");
}

int check_config(const std::string& file) {
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
  return verdict(result.problems, result.warnings, good);
}

// The verdict is that of Alertmanager's own check; what Seamwatch would not do is a warning.
int check_notify(const std::string& file) {
  Diagnostics problems;
  Diagnostics warnings;
  const auto notify = load_notify(file, problems);
  if (notify) {
    warnings = rules::find_unserved(*notify);
    if (const auto templates = load_templates(*notify, file, problems)) {
      const TemplateFindings findings = check_templates(*notify, *templates);
      for (const Diagnostics* found : {&findings.syntax, &findings.execution}) {
        for (const Diagnostic& bad : found->entries()) {
          warnings.add(bad.place, bad.what, bad.remedy);
        }
      }
    }
  }
  const std::size_t receivers = notify ? notify->receivers.size() : 0;
  return verdict(problems, warnings, file + ": good: " + counted(receivers, "receiver"));
}

int check_modules(const std::string& file) {
  const LoadedConfig result = load_modules(file, process_environment());
  const std::size_t modules = result.config ? result.config->modules.size() : 0;
  return verdict(result.problems,
                 result.warnings,
                 file + ": good: " + counted(modules, "module") + " with the built-in ones");
}

int check_each(const Files& files, int (*check_one)(const std::string& file)) {
  int worst = 0;
  for (const std::string& file : files) {
    worst = std::max(worst, check_one(file));
  }
  return worst;
}

void add_kind(Command check,

              const std::string& name,
              const std::string& what,
              int (*check_one)(const std::string& file)) {
  auto files = std::make_shared<Files>();
  Command command = check.add_subcommand(name, what);
  command.add_option("FILE", *files, "Files to check").required();
  command.runs([files, check_one] { return check_each(*files, check_one); });
}

// `check config FILE...`, or `--schema` alone.
void add_config(Command check) {
  struct Options {
    Files files;
    bool schema = false;
  };

  auto options = std::make_shared<Options>();
  Command command = check.add_subcommand("config", "seamwatch.yml and every file it names");
  const Option files = command.add_option("FILE", options->files, "Files to check");
  command.add_flag("--schema", options->schema, "Print the JSON Schema of seamwatch.yml");
  command.runs(
      [options] {
        if (options->schema) {
          std::cout << config_schema() << "\n";
        }
        return check_each(options->files, check_config);
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
