// Loaded: everything the agent reads from files, checked whole: configuration, rule files, shipped
// rules, notification file and its templates. `run` starts from one, a reload swaps to one, and
// `check config` only makes one. Immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/config/load.h"
#include "agent/core/diagnostics.h"
#include "rules/groups/rule_file.h"
#include "rules/routing/notify_config.h"
#include "rules/templates/notification_template.h"

namespace seamwatch::agent {

struct Loaded {
  std::shared_ptr<const Config> config;
  std::vector<rules::RuleFile> rules;
  std::shared_ptr<const rules::NotifyConfig> notify;  // nullptr where nobody is told
  std::string notify_text;  // that file without its secrets, for the API; may be empty
  std::shared_ptr<const rules::templates::NotificationTemplates> templates;
};

struct LoadResult {
  std::shared_ptr<const Loaded> loaded;  // nullptr exactly where `problems` is not empty
  Diagnostics problems;
  Diagnostics warnings;
};

// Reads all of it. Every fault of every file is reported in one go.
LoadResult load_all(const ConfigSources& sources, const Environment& environment);

// One rule file or notification file, for `check rules` and `check notify`.
rules::RuleFile load_rules(const std::string& file,
                           Diagnostics& problems,
                           const rules::RuleFileOptions& options = {});
std::shared_ptr<const rules::NotifyConfig> load_notify(const std::string& file,
                                                       Diagnostics& problems);

// The template files that `notify`, read from `file`, names. Reported: a file that cannot be read
// or parsed; nullptr then.
std::shared_ptr<const rules::templates::NotificationTemplates> load_templates(
    const rules::NotifyConfig& notify, const std::string& file, Diagnostics& problems);

// The patterns of `templates` that match no file: warnings, as Alertmanager takes them.
Diagnostics find_unmatched_templates(const rules::NotifyConfig& notify, const std::string& file);

}  // namespace seamwatch::agent
