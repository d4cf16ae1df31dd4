#include "agent/cli/tested_privacy.h"

#include "agent/notify/silence_privacy.h"
#include "agent/privacy/alert_privacy.h"

namespace seamwatch::agent {
namespace {

constexpr std::size_t kDigestDigits = 10;

std::string keyless_digest(std::string_view value) {
  return fingerprint_hex(Labels{{"value", std::string(value)}}.fingerprint())
      .substr(0, kDigestDigits);
}

}  // namespace

TestedPrivacy::TestedPrivacy(std::shared_ptr<const Config> config) : config_(std::move(config)) {}

void TestedPrivacy::redact(Alert& alert) {
  const Privacy& privacy = config_ ? config_->privacy : builtin_;
  const PrivacyClass& its =
      config_ ? config_->privacy_class(alert.labels.get("integration")) : builtin_.class_named("");
  const Labels before = alert.labels;
  redact_alert(alert, privacy.redactor, Privacy::scope(its), keyless_digest);
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, value] : alert.labels) {
    if (before.get(name) != value) {
      changed_[std::string(name)] = value;
    }
  }
}

void TestedPrivacy::redact(rules::testing::TestFile& file) {
  const Privacy& privacy = config_ ? config_->privacy : builtin_;
  for (rules::testing::Test& test : file.tests) {
    for (rules::testing::InputAlert& input : test.routing.alerts) {
      Alert alert;
      alert.labels = std::move(input.labels);
      alert.annotations = std::move(input.annotations);
      redact(alert);
      input.labels = std::move(alert.labels);
      input.annotations = std::move(alert.annotations);
    }
    for (rules::testing::RouteCheck& check : test.routing.routes) {
      Alert alert;
      alert.labels = check.labels.value_or(Labels());
      redact(alert);
      check.labels = check.labels ? std::optional(alert.labels) : std::nullopt;
    }
    for (rules::testing::InputSilence& silence : test.routing.silences) {
      // One that the agent would refuse finds nothing here, as its labels have no such part.
      static_cast<void>(redact_matchers(silence.matchers, privacy.redactor, keyless_digest));
    }
  }
}

void TestedPrivacy::report(const Place& place, Diagnostics& to) const {
  const std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& [name, value] : changed_) {
    to.add(place,
           "privacy makes label " + quoted(name) + " " + quoted(value) +
               " before it is routed, as in the agent",
           config_ ? "list the value under privacy.allow where it is to stay"
                   : "name the configuration whose privacy.allow lists it, where it is to stay");
  }
}

}  // namespace seamwatch::agent
