#include <iostream>
#include <memory>

#include "agent/cli/feature_option.h"
#include "agent/cli/sources.h"
#include "agent/cli/subcommands.h"
#include "agent/loaded.h"
#include "agent/service.h"

namespace seamwatch::agent {

void add_source_options(Command command, ConfigSources& sources) {
  command.add_option(
      "--config", sources.config_file, "seamwatch.yml: systems, integrations, probes");
  command.add_option("--rules", sources.rule_globs, "Prometheus rule files (globs), added");
  command.add_option(
      "--notify", sources.notification_file, "Notification file in Alertmanager's format");
  command.add_option("--modules",
                     sources.module_globs,
                     "Module files in blackbox_exporter's format (globs), added");
  command.add_option("--listen", sources.listen, "Address of the web server (127.0.0.1:9720)");
  command.add_option("--storage", sources.storage_path, "Folder that survives restarts (data)");
  add_feature_option(command, sources.features);
}

namespace {

int run(const ConfigSources& sources) {
  const Environment environment = process_environment();
  const LoadResult result = load_all(sources, environment);
  print_warnings(result.warnings);
  std::cerr << result.problems.to_string();
  if (!result.loaded) {
    return 1;
  }
  RealWorld world(static_cast<std::size_t>(result.loaded->config->query.max_concurrency));
  return run_service(
      world, result.loaded, [sources, environment] { return load_all(sources, environment); });
}

}  // namespace

void add_run(Command app) {
  auto sources = std::make_shared<ConfigSources>();
  Command command = app.add_subcommand("run", "Run the agent; any one of the files is enough");
  add_source_options(command, *sources);
  command.footer(
      "Exit codes: 0 ended by a signal, 1 a file is bad or the agent cannot start, 2 usage.");
  command.runs([sources] { return run(*sources); });
}

}  // namespace seamwatch::agent
