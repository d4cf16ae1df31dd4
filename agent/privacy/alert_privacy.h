// What privacy does to alerts, at two places. When an alert is taken in, secrets and personal data
// go out of its texts, before it is kept or routed. When a notice is handed to a sink, what the
// class of each alert does not let leave is left out. Pure. Why at these two:
// agent/decisions/privacy-at-two-gates.md.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "agent/core/notification.h"
#include "agent/privacy/privacy.h"

namespace seamwatch::agent {

// A short text that stands for `value` and from which it cannot be told; the same for the same.
using LabelDigest = std::function<std::string(std::string_view value)>;

// Takes what `redactor` finds out of values of labels and annotations, and out of the link. A label
// that changes gets `#` and the digest of what it was: two alerts that differ stay two, and the
// same alert stays the same. Names of labels, and what was redacted before, stay.
void redact_alert(Alert& alert,
                  const Redactor& redactor,
                  RedactScope scope,
                  const LabelDigest& digest);

// Of labels and annotations alone.
void redact_texts(Labels& labels,
                  Labels& annotations,
                  const Redactor& redactor,
                  RedactScope scope,
                  const LabelDigest& digest);

// What of an alert's labels this class lets leave. Where that is not all of them, with the label
// `alert_id`, the fingerprint of all.
Labels for_receivers(const Labels& labels, const PrivacyClass& its);

// An alert with only the labels, as above, and annotations that this class lets leave. One that
// lost a label loses its link, which holds the expression with its labels.
Alert for_receivers(Alert alert, const PrivacyClass& its);

// The class of the integration that an alert is about.
using ClassOfAlert = std::function<const PrivacyClass&(const Alert& alert)>;

// `notice` with what the class of each alert lets leave of it. A group label stays where the
// classes of all alerts let it; where one goes, the group key becomes a digest of the whole one.
Notification for_receivers(Notification notice, const ClassOfAlert& class_of);

}  // namespace seamwatch::agent
