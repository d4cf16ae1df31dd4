#include "agent/landscape/enrich.h"

#include <string>
#include <string_view>
#include <utility>

#include "agent/core/ascii.h"
#include "agent/core/failing_since.h"
#include "agent/core/taxonomy.h"

namespace seamwatch::agent {
namespace {

void set_if_absent(Labels& labels, std::string_view name, std::string_view value) {
  if (!value.empty() && !labels.has(name)) {
    labels.set(name, value);
  }
}

// What the landscape advises comes first: it knows this integration, a rule only its kind.
void add_advice(Labels& annotations, const std::string& configured) {
  const std::string advice(trimmed(configured, " \t\r\n"));
  const std::string general(annotations.get("advice"));
  if (!advice.empty() && general.find(advice) == std::string::npos) {
    const bool ends = std::string_view(".!?").find(advice.back()) != std::string_view::npos;
    annotations.set("advice", general.empty() ? advice : advice + (ends ? " " : ". ") + general);
  }
}

std::string_view first_of(const std::string& preferred, const std::string& otherwise) {
  return preferred.empty() ? otherwise : preferred;
}

Criticality criticality_of(const Integration& integration, std::string_view probe_name) {
  const ProbeConfig* probe = find_probe(integration, probe_name);
  return probe == nullptr ? integration.criticality : probe->criticality;
}

}  // namespace

Alert enrich(Alert alert, const Landscape& landscape) {
  if (const auto persistence = parse_persistence(alert.labels.get("persistence"))) {
    if (*persistence == Persistence::transient) {
      set_if_absent(alert.annotations, "expected", "expected to fix itself");
    } else if (*persistence == Persistence::persistent) {
      set_if_absent(alert.annotations, "expected", "needs someone");
    }
  }
  const Integration* integration = landscape.find_integration(alert.labels.get("integration"));
  if (integration == nullptr) {
    return alert;
  }
  const Criticality criticality = criticality_of(*integration, alert.labels.get("probe"));
  set_if_absent(alert.labels, "criticality", to_string(criticality));
  set_if_absent(alert.labels, "source", integration->source);
  set_if_absent(alert.labels, "target", integration->target);
  set_if_absent(alert.annotations, "display", integration->display);
  add_advice(alert.annotations, integration->advice);
  const Owner* owner = landscape.owner_of(*integration);
  if (owner == nullptr) {
    set_if_absent(alert.annotations, "faq_url", integration->faq_url);
    return alert;
  }
  set_if_absent(alert.labels, "owner", owner->name);
  if (alert.labels.get("owner") == owner->name && owner->display != owner->name) {
    set_if_absent(alert.annotations, "owner_display", owner->display);
  }
  set_if_absent(alert.annotations, "contact", first_of(owner->contact, owner->email));
  set_if_absent(alert.annotations, "faq_url", first_of(integration->faq_url, owner->faq_url));
  return alert;
}

Alert with_standing(Alert alert, const FlowStanding& standing) {
  if (standing.since) {
    note_failing_since(alert.annotations, *standing.since);
  }
  set_if_absent(alert.annotations, "summary", standing.fault);
  if (parse_persistence(alert.labels.get("persistence"))) {
    return alert;
  }
  std::string expected = standing.persistent ? "needs someone"
                         : standing.failing  ? "expected to fix itself"
                                             : "not known, as no probe of it fails";
  if (standing.throttled_until && !standing.persistent) {
    expected = "expected to fix itself; its peer asked us to wait until " +
               to_rfc3339(std::chrono::floor<std::chrono::seconds>(*standing.throttled_until));
  }
  set_if_absent(alert.annotations, "expected", expected);
  return alert;
}

Alert enrich_posted(Alert alert, const Landscape& landscape) {
  Alert whole = enrich(alert, landscape);
  alert.annotations = std::move(whole.annotations);
  const Integration* integration = landscape.find_integration(alert.labels.get("integration"));
  const Owner* owner = integration == nullptr ? nullptr : landscape.owner_of(*integration);
  if (owner != nullptr && !alert.labels.has("owner")) {
    set_if_absent(alert.annotations, "owner_display", owner->display);
  }
  return alert;
}

Alert as_told(Alert alert, const Labels& external_labels, const Landscape& landscape) {
  for (const auto& [name, value] : external_labels) {
    set_if_absent(alert.labels, name, value);
  }
  return enrich(std::move(alert), landscape);
}

}  // namespace seamwatch::agent
