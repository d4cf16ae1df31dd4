#include "agent/config/integrations.h"

#include <algorithm>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "agent/config/modules.h"
#include "agent/config/redacted_target.h"
#include "agent/config/substitute.h"
#include "agent/core/labels.h"
#include "agent/core/secret.h"
#include "probes/flows/heartbeat.h"

namespace seamwatch::agent {
namespace {

void read_criticality(SectionReader& reader, Criticality& out) {
  std::string word;
  if (reader.text("criticality", word)) {
    out = parse_criticality(word).value_or(out);
  }
}

void read_span(SectionReader& reader, std::string_view key, std::optional<Millis>& out) {
  Millis span{};
  if (reader.duration(key, span)) {
    out = span;
  }
}

// Reads a text and where it stands.
template <class Text>
void read_text(SectionReader& reader, std::string_view key, Text& out, Spot& at) {
  std::string text;
  if (reader.text(key, text)) {
    out = std::move(text);
    const Place place = reader.place(key);
    at = Spot{place.line, place.column};
  }
}

// Reports every key that a heartbeat has no use for.
void reject_beside_heartbeat(SectionReader& reader) {
  for (const std::string_view key :
       {"module", "target", "interval", "timeout", "confirm_retries"}) {
    if (reader.find(key) != nullptr) {
      reader.report(
          key, quoted(key) + " has no meaning beside \"heartbeat\"", "remove one of the two");
    }
  }
}

void read_schedule(SectionReader& reader, const GlobalConfig& global, ProbeConfig& probe) {
  probe.interval = global.interval;
  probe.confirm_retries = global.confirm_retries;
  read_text(reader, "module", probe.module, probe.module_at);
  read_text(reader, "target", probe.target, probe.target_at);
  reader.duration("interval", probe.interval);
  reader.duration("timeout", probe.timeout);
  std::int64_t retries = global.confirm_retries;
  reader.count("confirm_retries", retries);
  probe.confirm_retries = static_cast<int>(retries);
  if (probe.target.empty()) {
    reader.report("target",
                  "probe has no \"target\"",
                  "write what to probe, or `heartbeat:` to wait for pings");
  }
  if (probe.timeout > probe.interval) {
    reader.report("timeout",
                  "\"timeout\" " + format_duration(probe.timeout) +
                      " is longer than the interval " + format_duration(probe.interval),
                  "shorten it, or lengthen `interval`");
  }
}

// Where `text` was met before, or nullptr where it is new or empty; remembers it.
const Place* met_before(std::map<std::string, Place>& met,
                        const std::string& text,
                        const Place& place) {
  const auto [first, fresh] = met.emplace(text, place);
  return fresh || text.empty() ? nullptr : &first->second;
}

// Takes in the heartbeat of `probe`, which stands at `node`.
void read_heartbeat_of(SectionReader& reader,
                       const Node& node,
                       ProbeConfig& probe,
                       Reading& reading) {
  reject_beside_heartbeat(reader);
  probe.heartbeat = true;
  probe.name = probe.name.empty() ? "heartbeat" : probe.name;
  probe.interval = reading.config.global.interval;
  probe.timeout = reading.config.global.timeout;
  probe.confirm_retries = 0;  // to look at once again shows nothing new
  probe.definition = digest("heartbeat", node, reading);
  probes::HeartbeatConfig heartbeat =
      probes::read_heartbeat(reader.document(), node, reading.problems);
  const Place place = reader.place();
  if (const Place* other = met_before(reading.heartbeat_keys, heartbeat.key.reveal(), place)) {
    reading.problems.add(place,
                         "another heartbeat has the same key",
                         "give each its own; the other is at " + to_text(*other));
  }
  reading.config.heartbeats.emplace(probe.integration.str() + '/' + probe.name,
                                    std::move(heartbeat));
}

ProbeConfig read_probe(SectionReader reader,
                       const SharedText& name,
                       const Integration& integration,
                       Reading& reading) {
  ProbeConfig probe;
  probe.integration = name;
  const Place place = reader.place();
  probe.at = Spot{place.line, place.column};
  probe.criticality = integration.criticality;
  const Node* heartbeat = reader.find("heartbeat");
  reader.text("name", probe.name);
  read_criticality(reader, probe.criticality);
  if (heartbeat != nullptr) {
    read_heartbeat_of(reader, *heartbeat, probe, reading);
  } else {
    read_schedule(reader, reading.config.global, probe);
  }
  reader.done();
  return probe;
}

void read_integration(SectionReader& reader, Integration& integration, Reading& reading) {
  reader.text("display", integration.display);
  read_text(reader, "source", integration.source, integration.source_at);
  read_text(reader, "target", integration.target, integration.target_at);
  std::string pattern;
  if (reader.text("pattern", pattern)) {
    integration.pattern = parse_pattern(pattern);
  }
  read_criticality(reader, integration.criticality);
  read_text(reader, "owner", integration.owner, integration.owner_at);
  reader.text("faq_url", integration.faq_url);
  reader.text("advice", integration.advice);
  read_span(reader, "freshness", integration.freshness);
  if (integration.freshness) {
    reading.warnings.add(reader.place("freshness"),
                         "nothing watches `freshness` yet: no probe looks how old the data is",
                         "let a heartbeat say that the data came, or a rule look at its age");
  }
  read_span(reader, "latency", integration.latency);
  reader.duration("retry_budget", integration.retry_budget);
  if (reader.text("privacy", integration.privacy)) {
    reading.privacy_places[integration.name] = reader.place("privacy");
  }
  const SharedText name(integration.name);
  reader.each_item("probes", [&](SectionReader item) {
    integration.probes.push_back(read_probe(std::move(item), name, integration, reading));
  });
  integration.probes.shrink_to_fit();  // kept as long as the configuration, and there may be many
  reader.done();
}

// Sets the module, as the text that all who use it share; false where it cannot be used, which is
// then reported.
bool settle_module(ProbeConfig& probe, const Place& place, Reading& reading) {
  const std::string module =
      probe.module.empty() ? guess_module(probe.target.str()) : probe.module.str();
  if (module.empty()) {
    reading.problems.add(
        place_of(probe.target_at, place),
        "target " + quoted(redacted_target(probe.target)) + " does not tell the module",
        "write `module:`");
    return false;
  }
  if (const auto known = reading.config.modules.find(module);
      known != reading.config.modules.end()) {
    probe.module = known->second.name;
    return true;
  }
  probe.module = module;
  const auto unusable = reading.unusable_modules.find(module);
  if (unusable != reading.unusable_modules.end()) {
    if (!unusable->second.empty()) {
      const Place at = place_of(probe.module_at, place);
      reading.problems.add(at, unusable->second, "use another module");
    }
    return false;
  }
  std::vector<std::string_view> names;
  names.reserve(reading.config.modules.size());
  for (const auto& entry : reading.config.modules) {
    names.push_back(entry.first);
  }
  const std::string guess = nearest(module, names);
  reading.problems.add(place_of(probe.module_at, place),
                       "module " + quoted(module) + " is not in `modules`",
                       guess.empty() ? "add it there" : "did you mean " + quoted(guess) + "?");
  return false;
}

void settle_target(ProbeConfig& probe,
                   const ModuleConfig& module,
                   const Place& place,
                   Reading& reading) {
  const std::string target = target_for(*module.kind, probe.target.str());
  if (probe.target != target) {
    probe.target = target;
  }
  if (target.find("${") != std::string::npos) {
    return;  // a variable that is not set: reported where it stands
  }
  const std::string wrong = module.kind->check_target(target);
  if (wrong.empty()) {
    return;
  }
  if (target.find_first_of("@?") != std::string::npos) {
    // The kind may quote the target, which may hold a password or a token.
    reading.hidden.push_back({target, redacted_target(target)});
  }
  const bool has_remedy = wrong.find("; ") != std::string::npos;
  const Place at = place_of(probe.target_at, place);
  reading.problems.add(at, "target: " + wrong, has_remedy ? "" : "correct it");
}

// When a run must have ended so that the next one, an interval after it, is not skipped. As in
// blackbox_exporter, half a second before.
Millis latest_end(Millis interval) {
  return interval - std::min(Millis(500), interval / 10);
}

void settle_probe(ProbeConfig& probe, const Place& place, Reading& reading) {
  const bool usable = !probe.target.empty() && settle_module(probe, place, reading);
  probe.name = probe.name.empty() ? probe.module.str() : probe.name;
  if (!usable) {
    return;
  }
  const ModuleConfig& module = reading.config.module(probe.module);
  settle_target(probe, module, place, reading);
  if (probe.timeout == Millis(0)) {
    probe.timeout = module.timeout > Millis(0) ? module.timeout : reading.config.global.timeout;
  }
  probe.timeout = std::min(probe.timeout, latest_end(probe.interval));
  probe.definition = module.definition;
}

}  // namespace

void read_owners(SectionReader& root, Reading& reading) {
  root.each_entry(
      "owners", true, [&](const std::string& name, const Node& key, SectionReader entry) {
        Owner owner{name, name, "", "", "", entry.document().place(key)};
        entry.text("display", owner.display);
        entry.text("contact", owner.contact);
        entry.text("email", owner.email);
        entry.text("faq_url", owner.faq_url);
        entry.done();
        if (is_first(reading, "owner", name, owner.place)) {
          reading.config.landscape.owners.emplace(name, std::move(owner));
        }
      });
}

void read_systems(SectionReader& root, Reading& reading) {
  root.each_entry(
      "systems", true, [&](const std::string& name, const Node& key, SectionReader entry) {
        System system{name, name, "", "", "", entry.document().place(key)};
        entry.text("display", system.display);
        read_text(entry, "owner", system.owner, system.owner_at);
        entry.text("kind", system.kind);
        entry.text("notes", system.notes);
        entry.done();
        if (is_first(reading, "system", name, system.place)) {
          reading.config.landscape.systems.emplace(name, std::move(system));
        }
      });
}

void read_integrations(SectionReader& root, Reading& reading) {
  root.each_entry(
      "integrations", true, [&](const std::string& name, const Node& key, SectionReader entry) {
        Integration integration;
        integration.name = name;
        integration.display = name;
        integration.place = entry.document().place(key);
        read_integration(entry, integration, reading);
        if (is_first(reading, "integration", name, integration.place)) {
          reading.config.landscape.integrations.emplace(name, std::move(integration));
        }
      });
}

void settle_probes(Reading& reading) {
  for (auto& [name, integration] : reading.config.landscape.integrations) {
    if (integration.probes.empty()) {
      reading.warnings.add(integration.place,
                           "integration " + quoted(name) + " has no probes",
                           "nothing watches it; add `probes:`");
    }
    std::map<std::string, Place> names;
    for (ProbeConfig& probe : integration.probes) {
      const Place place = place_of(probe.at, integration.place);
      if (!probe.heartbeat) {
        settle_probe(probe, place, reading);
      }
      if (const Place* other = met_before(names, probe.name, place)) {
        reading.problems.add(place,
                             "another probe of the integration is called " + quoted(probe.name),
                             "give each a `name:` of its own; the other is at " + to_text(*other));
      }
    }
  }
}

}  // namespace seamwatch::agent
