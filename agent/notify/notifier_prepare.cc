// The part of the notifier that makes alerts what they are told as: without what privacy takes out,
// with what is known and seen of their integrations, and who they were when they were told first.
#include <algorithm>
#include <utility>

#include "agent/landscape/enrich.h"
#include "agent/notify/notifier.h"
#include "agent/privacy/alert_privacy.h"

namespace seamwatch::agent {
namespace {

// How the integration stands for an alert that names `probe`, or none.
FlowStanding flow_standing(const IntegrationStanding& standing, std::string_view probe) {
  FlowStanding out;
  const Failing* told = told_failing(standing, probe);
  if (told == nullptr) {
    return out;
  }
  out.failing = true;
  out.persistent = told->verdict.persistence == Persistence::persistent;
  out.fault = told->words;
  for (const auto& [name, failing] : standing.failing) {
    if (failing.since && (probe.empty() || name == probe)) {
      out.since = std::min(out.since.value_or(*failing.since), *failing.since);
    }
  }
  if (standing.health.state == IntegrationState::throttled) {
    out.throttled_until = standing.health.throttled_until;
  }
  return out;
}

}  // namespace

void Notifier::redact(Alert& alert) const {
  const Privacy& privacy = config_->privacy;
  const PrivacyClass& its = config_->privacy_class(alert.labels.get("integration"));
  const LabelDigest digest = [this](std::string_view value) { return label_digest_(value); };
  redact_alert(alert, privacy.redactor, Privacy::scope(its), digest);
}

std::function<void(Labels&, Labels&)> Notifier::cleaner() const {
  const LabelDigest digest = [key = label_digest_.key()](std::string_view value) {
    return agent::label_digest(value, key);
  };
  return [config = config_, digest](Labels& labels, Labels& annotations) {
    const PrivacyClass& its = config->privacy_class(labels.get("integration"));
    redact_texts(labels, annotations, config->privacy.redactor, Privacy::scope(its), digest);
  };
}

void Notifier::prepare(std::vector<Alert>& alerts) {
  const WallTime now = ports_.clock.wall_now();
  for (Alert& alert : alerts) {
    redact(alert);
    const Alert raw = alert;
    add_standing(alert);
    const Integration* integration =
        config_->landscape.find_integration(alert.labels.get("integration"));
    const FirstTold::Known known{!alert.resolved(now),
                                 integration != nullptr,
                                 integration == nullptr ? "" : integration->privacy};
    alert = first_told_.as_first_told(
        raw, as_told(std::move(alert), config_->global.external_labels, config_->landscape), known);
  }
}

const PrivacyClass& Notifier::privacy_class(const Alert& alert) const {
  const std::string_view integration = alert.labels.get("integration");
  if (integration.empty() || config_->landscape.find_integration(integration) != nullptr) {
    return config_->privacy_class(integration);
  }
  const std::string* then = first_told_.privacy_of(alert.labels);
  return config_->privacy.class_named(then == nullptr ? std::string_view() : *then);
}

// A resolved one is told with what was known of it before: nothing fails any more.
void Notifier::add_standing(Alert& alert) const {
  const std::string integration(alert.labels.get("integration"));
  const bool known = config_->landscape.find_integration(integration) != nullptr;
  if (!standings_ || !known || alert.resolved(ports_.clock.wall_now())) {
    return;
  }
  const IntegrationStandings& all = standings_();
  const auto found = all.find(integration);
  // Restored standings do not say what fails now.
  if (found != all.end() && found->second.last_result) {
    const FlowStanding standing = flow_standing(found->second, alert.labels.get("probe"));
    alert = with_standing(std::move(alert), standing);
  }
}

}  // namespace seamwatch::agent
