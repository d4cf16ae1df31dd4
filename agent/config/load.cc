#include "agent/config/load.h"

#include <algorithm>
#include <list>
#include <set>

#include "agent/config/clear_secrets.h"
#include "agent/config/files.h"
#include "agent/config/integrations.h"
#include "agent/config/modules.h"
#include "agent/config/privacy_section.h"
#include "agent/config/reading.h"
#include "agent/config/section_reader.h"
#include "agent/config/sections.h"
#include "agent/config/substitute.h"
#include "agent/core/labels.h"
#include "agent/io/listen_address.h"
#include "agent/io/yaml.h"

namespace seamwatch::agent {
namespace {

bool contains(const std::vector<Place>& places, const Place& place) {
  return std::find(places.begin(), places.end(), place) != places.end();
}

// One file of the configuration, with its values still unread.
struct Source {
  Source(Document parsed, Reading& reading)
      : document(std::move(parsed)),
        folder(folder_of(document.file)),
        root(document, document.root, root_section(), reading.problems) {}

  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;

  Document document;
  std::string folder;
  SectionReader root;
};

using Sources = std::list<Source>;

// Secrets stand in the options of modules, in heartbeats and in what reaches an Alertmanager.
void substitute_secrets(Document& document, Reading& reading) {
  warn_of_clear_secrets(document, reading);
  substitute_environment(document, reading);
  for (NodeEntry& section : document.root.entries) {
    if (section.key.scalar == "modules") {
      substitute_module_files(document, section.value, false, reading);
    }
    if (section.key.scalar == "alerting") {
      for (NodeEntry& entry : section.value.entries) {
        if (entry.key.scalar == "alertmanagers") {
          substitute_files(document, entry.value, FileUse::path, reading);
        }
      }
    }
    if (section.key.scalar != "integrations") {
      continue;
    }
    for (NodeEntry& integration : section.value.entries) {
      for (NodeEntry& entry : integration.value.entries) {
        if (entry.key.scalar == "probes") {
          substitute_files(document, entry.value, FileUse::text, reading);
        }
      }
    }
  }
}

// Only the first document of a file is read. A line of three dashes begins the next one wherever it
// stands, but for before the first value. Source: YAML 1.2 section 9.2.
void warn_of_second_document(const std::string& path, std::string_view text, Reading& reading) {
  bool began = false;
  for (int line = 1; !text.empty(); ++line) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::string_view one = text.substr(0, end);
    text.remove_prefix(std::min(end + 1, text.size()));
    const bool marks =
        one.starts_with("---") && (one.size() == 3 || one[3] == ' ' || one[3] == '\r');
    if (marks && began) {
      reading.warnings.add(Place{path, line, 1},
                           "a second document begins here, and is not read",
                           "remove the line, or put what follows into a file of its own");
      return;
    }
    const std::size_t first = one.find_first_not_of(" \t\r");
    began =
        began || marks || (first != std::string_view::npos && one[first] != '#' && one[0] != '%');
  }
}

// Parses `path`; false where it is not YAML at all or cannot be read, which is then reported.
bool add_source(const std::string& path,
                const Place& named_at,
                Sources& sources,
                Reading& reading) {
  const bool by_itself = named_at.file.empty();  // the main file, or one that lies in conf.d
  const auto text = read_named_file(reading,
                                    by_itself ? "" : "include",
                                    path,
                                    by_itself ? Place{path, 0, 0} : named_at,
                                    reading.problems);
  if (!text) {
    return false;
  }
  const std::size_t before = reading.problems.size();
  Document document = parse_yaml(path, *text, reading.problems);
  if (document.root.is_null() && reading.problems.size() > before) {
    return false;
  }
  warn_of_second_document(path, *text, reading);
  substitute_secrets(document, reading);
  sources.emplace_back(std::move(document), reading);
  return true;
}

// Parses the main file and those it includes; false where one of them is missing in what follows.
bool add_sources(const std::string& path, Sources& sources, Reading& reading) {
  if (!add_source(path, Place{}, sources, reading)) {
    return false;
  }
  Source& main = sources.front();
  std::vector<std::string> globs = {"conf.d/*.yml", "conf.d/*.yaml"};
  main.root.texts("include", globs);
  std::set<std::string> known = {path};
  bool complete = true;
  const bool named = main.root.find("include") != nullptr;
  for (const std::string& glob : globs) {
    const Place place = named ? main.root.place("include") : Place{};
    for (const std::string& file : named ? find_some_files(reading, main.folder, glob, place)
                                         : find_files(reading, main.folder, glob, place)) {
      if (known.insert(file).second) {
        complete = add_source(file, place, sources, reading) && complete;
      }
    }
  }
  for (Source& source : sources) {
    if (&source != &main && source.root.find("include") != nullptr) {
      source.root.report(
          "include", "an included file cannot include others", "name them in " + path);
    }
  }
  return complete;
}

void add_rule_files(const std::string& folder,
                    const std::string& pattern,
                    const Place& place,
                    Reading& reading) {
  for (std::string& file : find_some_files(reading, folder, pattern, place)) {
    std::vector<std::string>& all = reading.config.rule_files;
    if (std::find(all.begin(), all.end(), file) == all.end()) {
      all.push_back(std::move(file));
    }
  }
}

// Calls `each` with every item of the list of texts at `key` and its place.
void each_text(Source& source,
               std::string_view key,
               const std::function<void(const std::string& text, const Place& place)>& each) {
  std::vector<std::string> texts;
  if (source.root.texts(key, texts)) {
    for (const Node& item : source.root.node().find(key)->items) {
      each(item.scalar, source.document.place(item));
    }
  }
}

void read_files(Source& source, Reading& reading) {
  each_text(source, "modules_files", [&](const std::string& pattern, const Place& place) {
    read_module_files(source.folder, pattern, place, reading);
  });
  each_text(source, "rule_files", [&](const std::string& pattern, const Place& place) {
    add_rule_files(source.folder, pattern, place, reading);
  });
  if (source.root.find("default_rules") != nullptr) {
    is_first(reading, "section", "default_rules", source.root.key_place("default_rules"));
  }
  source.root.flag("default_rules", reading.config.default_rules);
}

void read_sources(Sources& sources, Reading& reading) {
  for (Source& source : sources) {
    read_global(source.root, reading);
  }
  for (Source& source : sources) {
    source.root.find("include");
    read_owners(source.root, reading);
    read_systems(source.root, reading);
    read_integrations(source.root, reading);
    read_modules(source.root, false, reading);
    read_notification(source.root, reading);
    read_silences(source.root, reading);
    read_privacy(source.root, reading);
    read_storage(source.root, reading);
    read_web(source.root, reading);
    read_query(source.root, reading);
    read_files(source, reading);
    source.root.done();
  }
}

void apply_command_line(const ConfigSources& sources, Reading& reading) {
  Config& config = reading.config;
  for (const std::string& glob : sources.module_globs) {
    read_module_files("", glob, Place{glob, 0, 0}, reading);
  }
  for (const std::string& glob : sources.rule_globs) {
    add_rule_files("", glob, Place{glob, 0, 0}, reading);
  }
  if (!sources.notification_file.empty()) {
    config.notification_file = sources.notification_file;
    read_named_file(reading,
                    "",
                    sources.notification_file,
                    Place{sources.notification_file, 0, 0},
                    reading.problems);
  }
  if (!sources.listen.empty()) {
    config.web.listen = sources.listen;
    if (const auto address = parse_listen_address(sources.listen); !address) {
      reading.problems.add(Place{}, address.error().message, std::string(kListenRemedy));
    }
  }
  if (!sources.storage_path.empty()) {
    config.storage.path = sources.storage_path;
  }
  for (const std::string& names : sources.features) {
    config.query.enable_features.push_back(names);
    for (const std::string& warning :
         rules::promql::enable_features(names, config.query.features)) {
      reading.warnings.add(Place{}, warning, rules::promql::known_features());
    }
  }
}

// `problems` by file, in the order in which the files were read; of a value whose variable is not
// set only that is told.
Diagnostics in_order(const Diagnostics& problems, const Reading& reading) {
  const auto rank = [&](const Diagnostic& entry) {
    return std::find(reading.files.begin(), reading.files.end(), entry.place.file);
  };
  std::vector<Diagnostic> entries = problems.entries();
  std::stable_sort(entries.begin(), entries.end(), [&](const Diagnostic& a, const Diagnostic& b) {
    return rank(a) < rank(b);
  });
  std::vector<Place> told;
  Diagnostics out;
  for (Diagnostic& entry : entries) {
    const bool unset = contains(reading.unset, entry.place);
    if (unset && contains(told, entry.place)) {
      continue;
    }
    told.push_back(entry.place);
    out.add(std::move(entry.place), std::move(entry.what), std::move(entry.remedy));
  }
  return out;
}

LoadedConfig finish(Reading& reading) {
  LoadedConfig loaded;
  loaded.problems = in_order(without_secrets(reading.problems, reading), reading);
  loaded.warnings = in_order(without_secrets(reading.warnings, reading), reading);
  loaded.files = std::move(reading.files);
  loaded.rule_files = reading.config.rule_files;
  loaded.notification_file = reading.config.notification_file;
  loaded.features = reading.config.query.features;
  if (loaded.problems.empty()) {
    loaded.config = std::make_shared<const Config>(std::move(reading.config));
  }
  return loaded;
}

}  // namespace

LoadedConfig load_config(const ConfigSources& sources, const Environment& environment) {
  Reading reading(environment);
  reading.config.file = sources.config_file;
  Sources files;
  const bool complete =
      sources.config_file.empty() || add_sources(sources.config_file, files, reading);
  read_sources(files, reading);
  apply_command_line(sources, reading);
  add_builtin_modules(reading);
  // With a file missing, names that it defines would all seem to lead nowhere.
  if (complete) {
    settle_probes(reading);
    check_landscape(reading.config.landscape, reading.problems);
    settle_privacy(reading);
  }
  return finish(reading);
}

LoadedConfig load_modules(const std::string& file, const Environment& environment) {
  ConfigSources sources;
  sources.module_globs.push_back(file);
  return load_config(sources, environment);
}

}  // namespace seamwatch::agent
