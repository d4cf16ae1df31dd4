#include "agent/config/modules.h"

#include <algorithm>
#include <memory>
#include <string_view>

#include "agent/config/files.h"
#include "agent/config/module_warnings.h"
#include "agent/config/substitute.h"
#include "agent/core/ascii.h"
#include "agent/core/assert.h"
#include "agent/core/labels.h"
#include "agent/io/yaml.h"

namespace seamwatch::agent {
namespace {

const Node kDefaults;

// The probers that are built in, for a remedy.
std::string known_probers() {
  std::string out;
  for (const KeySpec& spec : module_section().keys) {
    if (spec.type == KeyType::options && probes::find_kind(spec.key) != nullptr) {
      out += (out.empty() ? "" : ", ") + std::string(spec.key);
    }
  }
  return out;
}

void read_module(const std::string& name,
                 const Place& place,
                 SectionReader& entry,
                 bool foreign,
                 Reading& reading) {
  ModuleConfig module;
  module.name = name;
  module.place = place;
  std::string prober;
  if (foreign && entry.node().find("prober") == nullptr) {
    entry.find("prober");  // blackbox_exporter takes such a module; it only cannot be used
  } else if (!entry.text("prober", prober)) {
    reading.unusable_modules[name] = "";
  }
  entry.duration("timeout", module.timeout);
  module.kind = probes::find_kind(prober);
  Node absent;  // errors of options that are not there stand at the module
  absent.line = place.line;
  absent.column = place.column;
  const Node* options = &absent;
  for (const KeySpec& spec : module_section().keys) {
    if (spec.type != KeyType::options) {
      continue;
    }
    const Node* node = entry.find(spec.key);
    const probes::ProbeKind* kind = probes::find_kind(spec.key);
    if (node != nullptr && kind != nullptr && kind != module.kind) {
      kind->read(entry.document(), *node, reading.problems);  // not used, but must be right
    } else if (node != nullptr && kind != nullptr) {
      options = node;
    }
  }
  entry.done();
  if (module.kind != nullptr) {
    module.options = module.kind->read(entry.document(), *options, reading.problems);
    if (prober == "http") {
      warn_of_http_options(entry.document(), *options, reading.warnings);
    }
    module.definition = digest(prober + ' ' + format_duration(module.timeout), *options, reading);
    reading.config.modules.emplace(name, std::move(module));
    return;
  }
  const std::string why =
      "module " + quoted(name) +
      (prober.empty() ? " has no prober"
                      : " needs prober " + quoted(prober) + ", which is not built in");
  if (foreign) {
    reading.unusable_modules[name] = why;
    reading.warnings.add(place, why, "no probe can use it");
  } else if (!prober.empty()) {
    reading.unusable_modules[name] = "";
    entry.report("prober", why, "write one of " + known_probers());
  }
}

// In capitals as well. Source: RFC 3986 section 3.1.
bool has_scheme(std::string_view target, std::string_view scheme) {
  return ascii_lower(target.substr(0, scheme.size())) == scheme &&
         target.substr(std::min(scheme.size(), target.size())).starts_with("://");
}

}  // namespace

void read_modules(SectionReader& reader, bool foreign, Reading& reading) {
  reader.each_entry(
      "modules", false, [&](const std::string& name, const Node& key, SectionReader entry) {
        const Place place = entry.document().place(key);
        if (is_first(reading, "module", name, place)) {
          read_module(name, place, entry, foreign, reading);
        }
      });
}

void read_module_files(const std::string& folder,
                       const std::string& pattern,
                       const Place& place,
                       Reading& reading) {
  for (const std::string& path : find_some_files(reading, folder, pattern, place)) {
    const auto text = read_named_file(reading, "modules_files", path, place, reading.problems);
    if (!text) {
      continue;
    }
    const std::size_t before = reading.problems.size();
    Document document = parse_yaml(path, *text, reading.problems);
    if (document.root.is_null()) {
      if (reading.problems.size() == before) {
        reading.problems.add(Place{path, 0, 0}, "the file holds nothing", "write `modules:`");
      }
      continue;
    }
    for (NodeEntry& entry : document.root.entries) {
      substitute_module_files(document, entry.value, true, reading);
    }
    SectionReader reader(document, document.root, modules_file_section(), reading.problems);
    read_modules(reader, true, reading);
    reader.done();
  }
}

void add_builtin_modules(Reading& reading) {
  struct Builtin {
    std::string_view name;
    std::string_view prober;
  };

  for (const Builtin& builtin : {Builtin{"http_2xx", "http"}, Builtin{"tcp_connect", "tcp"}}) {
    const std::string name(builtin.name);
    if (reading.config.modules.count(name) + reading.unusable_modules.count(name) > 0) {
      continue;
    }
    ModuleConfig module;
    module.name = name;
    module.kind = probes::find_kind(builtin.prober);
    SW_ASSERT(module.kind != nullptr);
    const Document nowhere;
    module.options = module.kind->read(nowhere, kDefaults, reading.problems);
    module.definition =
        digest(std::string(builtin.prober) + ' ' + format_duration(Millis(0)), kDefaults, reading);
    reading.config.modules.emplace(name, std::move(module));
  }
}

std::string target_for(const probes::ProbeKind& kind, std::string target) {
  const std::size_t scheme = target.find("://");
  if (scheme == std::string::npos) {
    return target;
  }
  if (kind.name == "tcp" && has_scheme(target, "tcp")) {
    return target.substr(scheme + 3);
  }
  return ascii_lower(std::string_view(target).substr(0, scheme)) + target.substr(scheme);
}

std::string guess_module(const std::string& target) {
  if (has_scheme(target, "http") || has_scheme(target, "https")) {
    return "http_2xx";
  }
  const bool other_scheme = target.find("://") != std::string::npos && !has_scheme(target, "tcp");
  return other_scheme || target.find(':') == std::string::npos ? "" : "tcp_connect";
}

}  // namespace seamwatch::agent
