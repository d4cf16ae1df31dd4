#include "agent/views.h"

#include <algorithm>

#include "agent/agent.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kIntegrationsShown = 1000;
constexpr std::size_t kAlertsOfPage = 500;

ApiAlert api_alert(const rules::AlertState& state) {
  ApiAlert alert;
  alert.labels = state.labels;
  alert.annotations = state.annotations;
  alert.state = std::string(to_string(state.phase));
  alert.active_at = state.active_at;
  alert.keep_firing_since = state.keep_firing_since;
  alert.value = state.value;
  return alert;
}

// Texts of a rule as its author wrote them.
Labels clean_labels_of(const rules::LabelTexts& texts, const Redactor& redactor) {
  Labels out;
  for (const auto& [name, text] : texts) {
    out.set(name, redactor.redact(text));
  }
  return out;
}

ApiRule api_rule(const RuleSnapshot& snapshot, const Redactor& redactor) {
  const rules::Rule& rule = *snapshot.rule;
  ApiRule out;
  out.alerting = rule.kind == rules::Rule::Kind::alerting;
  out.name = rule.name;
  out.query = rules::promql::to_string(*rule.expr);
  out.labels = clean_labels_of(rule.labels, redactor);
  out.health = std::string(to_string(snapshot.health));
  out.last_error = snapshot.last_error;
  out.evaluation_time = snapshot.duration;
  out.last_evaluation = snapshot.last_evaluation;
  out.state = std::string(to_string(snapshot.phase));
  out.duration = rule.hold;
  out.keep_firing_for = rule.keep_firing_for;
  out.annotations = clean_labels_of(rule.annotations, redactor);
  for (const rules::AlertState& alert : snapshot.alerts) {
    out.alerts.push_back(api_alert(alert));
  }
  return out;
}

// "Order management (+49 30 555 0100)".
std::string owner_text(const Landscape& landscape, const Integration& integration) {
  const Owner* owner = landscape.owner_of(integration);
  if (owner == nullptr) {
    return "";
  }
  const std::string& contact = owner->contact.empty() ? owner->email : owner->contact;
  return owner->display + (contact.empty() ? "" : " (" + contact + ")");
}

std::string system_text(const Landscape& landscape, const std::string& name) {
  const auto found = landscape.systems.find(name);
  return found == landscape.systems.end() ? name : found->second.display;
}

StatusIntegration status_integration(const Landscape& landscape,
                                     const Integration& integration,
                                     const IntegrationStanding& standing) {
  StatusIntegration out;
  out.name = integration.name;
  out.display = integration.display;
  out.source = system_text(landscape, integration.source);
  out.target = system_text(landscape, integration.target);
  out.state = standing.health.state;
  out.criticality = integration.criticality;
  if (standing.last_result) {
    out.since = standing.health.since;
  }
  out.owner = owner_text(landscape, integration);
  if (out.state != IntegrationState::ok) {
    out.advice = integration.advice;
    const Owner* owner = landscape.owner_of(integration);
    out.faq_url =
        integration.faq_url.empty() && owner != nullptr ? owner->faq_url : integration.faq_url;
  }
  for (const auto& [probe, failing] : standing.failing) {
    StatusEvidence evidence;
    evidence.probe = probe;
    evidence.category = failing.verdict.category;
    evidence.persistence = failing.verdict.persistence;
    evidence.words = failing.words;
    evidence.signal = describe(failing.verdict.signal);
    evidence.detail = failing.detail;
    evidence.row = failing.verdict.row + ", " + failing.verdict.reason;
    evidence.retry_at = failing.verdict.retry_at;
    out.evidence.push_back(std::move(evidence));
  }
  return out;
}

// Who is told of an alert, or why nobody is.
std::string told_text(const AlertStanding& standing) {
  std::string names;
  for (const std::string& receiver : standing.receivers) {
    names += (names.empty() ? "" : ", ") + receiver;
  }
  if (!standing.silenced_by.empty()) {
    return "nobody, silenced; else " + names;
  }
  if (!standing.held_back.empty()) {
    return "nobody, " + standing.held_back + "; else " + names;
  }
  if (standing.inhibited_by) {
    return "nobody, inhibited; else " + names;
  }
  if (standing.ack) {
    return names + "; " + standing.ack->owner + " has taken it on until " +
           to_rfc3339(standing.ack->expires_at);
  }
  return names;
}

StatusAlert status_alert(const AlertStanding& standing) {
  StatusAlert out;
  out.labels = standing.alert.labels;
  out.annotations = standing.alert.annotations;
  out.firing = true;
  out.active_at = standing.alert.starts_at;
  out.receivers = told_text(standing);
  return out;
}

void add_alerts(StatusPage& page, const Agent& agent) {
  std::map<std::string, std::string> receivers;  // alerts by name and integration: who is told
  std::vector<StatusAlert> posted;               // and noise control's own: no rule brings them
  for (const AlertStanding& standing : agent.notifier().alerts()) {
    const Labels& labels = standing.alert.labels;
    if (!standing.stands_in) {
      receivers[std::string(labels.get("alertname")) + "\n" +
                std::string(labels.get("integration"))] = told_text(standing);
    }
    if (standing.posted || standing.stands_in) {
      posted.push_back(status_alert(standing));
    }
  }
  for (const ApiAlert& alert : v1_alerts(agent)) {
    if (page.alerts.size() >= kAlertsOfPage) {
      ++page.alerts_left_out;
      continue;
    }
    StatusAlert shown;
    shown.labels = alert.labels;
    shown.annotations = alert.annotations;
    shown.firing = alert.state == "firing";
    shown.active_at = alert.active_at;
    shown.receivers = receivers[std::string(alert.labels.get("alertname")) + "\n" +
                                std::string(alert.labels.get("integration"))];
    page.alerts.push_back(std::move(shown));
  }
  for (StatusAlert& shown : posted) {
    if (page.alerts.size() < kAlertsOfPage) {
      page.alerts.push_back(std::move(shown));
    } else {
      ++page.alerts_left_out;
    }
  }
}

StatusLine history_line(const SeriesJournalStats& journal) {
  if (!journal.healthy) {
    return {"history of series", "not kept: " + journal.reason, false};
  }
  std::string out = "kept, " + std::to_string(journal.bytes >> 10) + " KiB on disk";
  if (journal.corrupt_files > 0) {
    out += "; at the start " + std::to_string(journal.corrupt_files) +
           (journal.corrupt_files == 1 ? " file was" : " files were") +
           " not restored in full and set aside";
  }
  return {"history of series", out, journal.corrupt_files == 0};
}

void add_noise(StatusPage& page, const Notifier& notifier) {
  for (const NoiseControl::Down& down : notifier.noise().systems_down()) {
    page.health.push_back({"system " + down.system,
                           "down since " + to_rfc3339(down.since) + ": one notice stands for its " +
                               std::to_string(down.integrations) + " integrations",
                           false});
  }
  for (const StormControl::Standing& storm : notifier.storms().standings()) {
    page.health.push_back({"storm",
                           storm.receiver + " " + storm.sink + " since " + to_rfc3339(storm.since) +
                               ": " + std::to_string(storm.waiting) +
                               " notices wait for one summary",
                           false});
  }
}

void add_health(StatusPage& page, Agent& agent) {
  const Agent::Readiness readiness = agent.readiness();
  page.health.push_back({"agent", readiness.reason, readiness.reason == "ready"});
  page.rules_evaluated = readiness.evaluates;
  const WriterStats store = agent.store().stats();
  page.health.push_back({"store", store.healthy ? "writes" : store.reason, store.healthy});
  if (const auto history = agent.series_history_stats()) {
    page.health.push_back(history_line(history->journal));
  }
  const std::size_t pending = agent.deliverer().pending();
  page.health.push_back({"outbox",
                         std::to_string(pending) + " to deliver, " +
                             std::to_string(store.outbox_dead) + " dead letters",
                         store.outbox_dead == 0});
  for (const Deliverer::SinkStanding& standing : agent.deliverer().standings()) {
    if (standing.paused_for) {
      page.health.push_back({"receiver " + standing.receiver,
                             standing.sink + " fails and is left alone for " +
                                 humanize_duration(*standing.paused_for) + ", " +
                                 std::to_string(standing.pending) + " to deliver",
                             false});
    }
  }
  add_noise(page, agent.notifier());
  const bool connected = agent.pipeline().own_connectivity();
  page.health.push_back({"own network", connected ? "there" : "lost", connected});
  page.health.push_back({"running for", humanize_duration(page.now - agent.started_at()), true});
}

}  // namespace

std::vector<ApiAlert> v1_alerts(const Agent& agent) {
  std::vector<ApiAlert> out;
  for (const GroupSnapshot& group : agent.evaluator().snapshots()) {
    for (const RuleSnapshot& rule : group.rules) {
      for (const rules::AlertState& alert : rule.alerts) {
        out.push_back(api_alert(alert));
      }
    }
  }
  return out;
}

std::vector<ApiRuleGroup> v1_rules(const Agent& agent) {
  std::vector<ApiRuleGroup> out;
  for (const GroupSnapshot& group : agent.evaluator().snapshots()) {
    ApiRuleGroup shown;
    shown.name = group.definition->name;
    shown.file = group.definition->file;
    shown.interval = group.interval;
    shown.limit = group.definition->limit;
    shown.evaluation_time = group.duration;
    shown.last_evaluation = group.last_evaluation;
    for (const RuleSnapshot& rule : group.rules) {
      shown.rules.push_back(api_rule(rule, agent.loaded().config->privacy.redactor));
    }
    out.push_back(std::move(shown));
  }
  return out;
}

StatusPage status_view(Agent& agent, const Result<std::vector<ErrorRow>>& errors) {
  StatusPage page;
  page.now = agent.clock().wall_now();
  page.version = kVersion;
  const Landscape& landscape = agent.loaded().config->landscape;
  for (const auto& [name, standing] : agent.pipeline().integrations()) {
    const Integration* integration = landscape.find_integration(name);
    if (integration == nullptr) {
      continue;
    }
    const bool room = page.integrations.size() < kIntegrationsShown;
    if (!room && standing.health.state == IntegrationState::ok) {
      ++page.integrations_left_out;
      continue;
    }
    page.integrations.push_back(status_integration(landscape, *integration, standing));
  }
  add_alerts(page, agent);
  page.errors_known = errors.has_value();
  for (const ErrorRow& row : errors ? *errors : std::vector<ErrorRow>()) {
    page.errors.push_back({row.at,
                           row.integration,
                           row.probe,
                           row.signal,
                           row.category,
                           row.persistence,
                           row.detail});
  }
  add_health(page, agent);
  return page;
}

}  // namespace seamwatch::agent
