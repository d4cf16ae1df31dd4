#include "agent/privacy/alert_privacy.h"

#include <algorithm>
#include <vector>

namespace seamwatch::agent {
namespace {

Labels filtered(const Labels& labels, const NameFilter& filter) {
  std::vector<Labels::View> kept;
  std::copy_if(labels.begin(), labels.end(), std::back_inserter(kept), [&](const auto& label) {
    return filter.lets(label.first);
  });
  return Labels::of(std::move(kept));
}

}  // namespace

void redact_texts(Labels& labels,
                  Labels& annotations,
                  const Redactor& redactor,
                  RedactScope scope,
                  const LabelDigest& digest) {
  std::vector<Labels::Pair> changed;
  for (const auto& [name, value] : labels) {
    if (auto clean = redactor.redacted(value, scope)) {
      changed.emplace_back(name, *clean + "#" + digest(value));
    }
  }
  for (const auto& [name, value] : changed) {
    labels.set(name, value);
  }
  changed.clear();
  for (const auto& [name, value] : annotations) {
    if (auto clean = redactor.redacted(value, scope)) {
      changed.emplace_back(name, std::move(*clean));
    }
  }
  for (const auto& [name, value] : changed) {
    annotations.set(name, value);
  }
}

void redact_alert(Alert& alert,
                  const Redactor& redactor,
                  RedactScope scope,
                  const LabelDigest& digest) {
  redact_texts(alert.labels, alert.annotations, redactor, scope, digest);
  if (auto clean = redactor.redacted(alert.generator_url, scope)) {
    alert.generator_url = std::move(*clean);
  }
}

Labels for_receivers(const Labels& labels, const PrivacyClass& its) {
  Labels out = filtered(labels, its.labels);
  if (out.size() < labels.size()) {
    out.set("alert_id", fingerprint_hex(labels.fingerprint()));
  }
  return out;
}

Alert for_receivers(Alert alert, const PrivacyClass& its) {
  Labels labels = for_receivers(alert.labels, its);
  if (labels != alert.labels) {
    alert.labels = std::move(labels);
    alert.generator_url = SharedText();
  }
  alert.annotations = filtered(alert.annotations, its.annotations);
  return alert;
}

Notification for_receivers(Notification notice, const ClassOfAlert& class_of) {
  std::vector<const PrivacyClass*> classes;
  for (const Alert& alert : notice.alerts) {
    const PrivacyClass& its = class_of(alert);
    if (its.filters() && std::find(classes.begin(), classes.end(), &its) == classes.end()) {
      classes.push_back(&its);
    }
  }
  if (classes.empty()) {
    return notice;
  }
  for (Alert& alert : notice.alerts) {
    const PrivacyClass& its = class_of(alert);
    alert = for_receivers(std::move(alert), its);
  }
  const std::size_t before = notice.group_labels.size();
  for (const PrivacyClass* its : classes) {
    notice.group_labels = filtered(notice.group_labels, its->labels);
  }
  if (notice.group_labels.size() < before) {
    notice.incident = notice.group_key;
    notice.group_key = "{}:" + fingerprint_hex(Labels{{"key", notice.group_key}}.fingerprint());
  }
  return notice;
}

}  // namespace seamwatch::agent
