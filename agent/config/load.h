// load_config: reads seamwatch.yml, what it includes (`include`, by default conf.d/*.yml beside it)
// and the module files it names, and checks all of it in one go. Rule files and the notification
// file are only found here; rules/groups and rules/routing read them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/config/config.h"
#include "agent/core/diagnostics.h"
#include "agent/core/environment.h"

namespace seamwatch::agent {

// What the command line names. Each of the others adds to the config file's lists or replaces its
// value; all may be empty, and with no config file all defaults hold.
struct ConfigSources {
  std::string config_file;
  std::vector<std::string> rule_globs;    // added
  std::vector<std::string> module_globs;  // added
  std::string notification_file;          // replaces alerting.notification_file
  std::string listen;                     // replaces web.listen
  std::string storage_path;               // replaces storage.path
  std::vector<std::string> features;      // lists of names, added to query.enable_features
};

struct LoadedConfig {
  std::shared_ptr<const Config> config;  // nullptr exactly where `problems` is not empty
  Diagnostics problems;
  Diagnostics warnings;  // what does not hinder: a module that no probe can use, an integration
                         // that no probe watches
  // What they name, also where there are problems: so that all of it is checked in one go.
  std::vector<std::string> rule_files;
  std::string notification_file;
  rules::promql::Features features;  // of the expressions in rule files
  std::vector<std::string> files;    // read, in order, secret files too: what a watcher watches
};

// Errors: every fault of every file, with place and remedy. Secrets are never in a message.
LoadedConfig load_config(const ConfigSources& sources, const Environment& environment);

// Modules of one file in blackbox_exporter's format, for `seamwatch check modules`. The config of
// the result holds only them and the built-in modules.
LoadedConfig load_modules(const std::string& file, const Environment& environment);

}  // namespace seamwatch::agent
