#include "agent/loaded.h"

#include <algorithm>

#include "agent/config/files.h"
#include "agent/core/labels.h"
#include "agent/deliver/receiver_files.h"
#include "agent/deliver/template_check.h"
#include "agent/io/yaml.h"
#include "agent/notify/route_privacy.h"
#include "agent/web/alertmanager/config_text.h"
#include "rules/packs/default_pack.h"
#include "rules/routing/routes_for.h"

namespace seamwatch::agent {
namespace {

// The document of a file; an empty one, with the reason reported, where it cannot be read.
Document read_document(const std::string& file, Diagnostics& problems) {
  const auto text = read_file(file);
  if (!text) {
    problems.add(Place{file, 0, 0}, text.error().message, "check the path and its permissions");
    return Document{file, Node{}};
  }
  return parse_yaml(file, *text, problems);
}

void prepare_labels(const rules::Route& route, rules::templates::NotificationTemplates& templates) {
  for (const auto& [name, text] : route.labels) {
    templates.prepare(text);
  }
  for (const rules::Route& child : route.routes) {
    prepare_labels(child, templates);
  }
}

}  // namespace

rules::RuleFile load_rules(const std::string& file,
                           Diagnostics& problems,
                           const rules::RuleFileOptions& options) {
  const std::size_t before = problems.size();
  const Document document = read_document(file, problems);
  if (problems.size() != before) {
    return {};
  }
  return rules::load_rule_file(document, problems, options);
}

std::shared_ptr<const rules::NotifyConfig> load_notify(const std::string& file,
                                                       Diagnostics& problems) {
  const std::size_t before = problems.size();
  const Document document = read_document(file, problems);
  if (problems.size() != before) {
    return nullptr;
  }
  auto notify =
      std::make_shared<const rules::NotifyConfig>(rules::load_notify_config(document, problems));
  return problems.size() == before ? notify : nullptr;
}

std::shared_ptr<const rules::templates::NotificationTemplates> load_templates(
    const rules::NotifyConfig& notify, const std::string& file, Diagnostics& problems) {
  std::vector<rules::templates::TemplateSource> sources;
  for (const std::string& pattern : notify.templates) {
    for (const std::string& path : glob_files(pattern)) {
      auto text = read_file(path);
      if (text) {
        sources.push_back({path, std::move(*text)});
      } else {
        problems.add(Place{path, 0, 0}, text.error().message, "check its permissions");
      }
    }
  }
  auto templates = rules::templates::NotificationTemplates::make(sources);
  if (!templates) {
    problems.add(Place{file, 0, 0}, templates.error().message, "correct the template");
    return nullptr;
  }
  prepare_labels(notify.route, *templates);
  return std::make_shared<const rules::templates::NotificationTemplates>(std::move(*templates));
}

Diagnostics find_unmatched_templates(const rules::NotifyConfig& notify, const std::string& file) {
  Diagnostics out;
  for (const std::string& pattern : notify.templates) {
    if (glob_files(pattern).empty()) {
      out.add(Place{file, 0, 0},
              quoted(pattern) + " of templates matches no file, so nothing is read",
              "correct it, or add the files");
    }
  }
  return out;
}

// What `run` wants of a notification file beyond what Alertmanager's check finds.
void check_for_run(const Loaded& loaded, LoadResult& out) {
  const Diagnostics all_unserved = rules::find_unserved(*loaded.notify);
  for (const Diagnostic& unserved : all_unserved.entries()) {
    out.problems.add(unserved.place, unserved.what, unserved.remedy);
  }
  for (const Diagnostics& found : {rules::find_unheard_dead_letters(*loaded.notify),
                                   find_clear_passwords(*loaded.notify),
                                   find_unreadable_files(*loaded.notify)}) {
    for (const Diagnostic& each : found.entries()) {
      out.warnings.add(each.place, each.what, each.remedy);
    }
  }
  if (loaded.config) {
    const Diagnostics blind = find_redacted_matchers(*loaded.notify, loaded.config->privacy);
    for (const Diagnostic& each : blind.entries()) {
      out.warnings.add(each.place, each.what, each.remedy);
    }
  }
  if (loaded.templates) {
    const TemplateFindings findings = check_templates(*loaded.notify, *loaded.templates);
    for (const Diagnostic& bad : findings.syntax.entries()) {
      out.problems.add(bad.place, bad.what, bad.remedy);
    }
    for (const Diagnostic& bad : findings.execution.entries()) {
      out.warnings.add(bad.place, bad.what, bad.remedy);
    }
  }
}

LoadResult load_all(const ConfigSources& sources, const Environment& environment) {
  LoadedConfig config = load_config(sources, environment);
  LoadResult out;
  out.problems = std::move(config.problems);
  out.warnings = std::move(config.warnings);
  auto loaded = std::make_shared<Loaded>();
  loaded->config = config.config;
  for (const std::string& file : config.rule_files) {
    loaded->rules.push_back(load_rules(file, out.problems, {.features = config.features}));
  }
  for (const Diagnostic& twice : rules::find_duplicate_rules(loaded->rules)) {
    out.warnings.add(twice.place, twice.what, twice.remedy);
  }
  if (loaded->config && loaded->config->default_rules) {
    const Document pack = parse_yaml(rules::kDefaultPackName, rules::default_pack(), out.problems);
    loaded->rules.push_back(rules::load_rule_file(pack, out.problems));
  }
  const std::string& notify_file = config.notification_file;
  // One that cannot be read is reported where it is named.
  if (std::find(config.files.begin(), config.files.end(), notify_file) != config.files.end()) {
    loaded->notify = load_notify(notify_file, out.problems);
    if (loaded->notify) {
      loaded->templates = load_templates(*loaded->notify, notify_file, out.problems);
      loaded->notify_text = config_text(read_document(notify_file, out.problems));
      const Diagnostics unmatched = find_unmatched_templates(*loaded->notify, notify_file);
      for (const Diagnostic& each : unmatched.entries()) {
        out.warnings.add(each.place, each.what, each.remedy);
      }
      check_for_run(*loaded, out);
    }
  }
  if (out.problems.empty()) {
    out.loaded = std::move(loaded);
  }
  return out;
}

}  // namespace seamwatch::agent
