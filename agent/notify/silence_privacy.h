// What privacy does to the matchers of silences: secrets and personal data go out of their values
// as they go out of the labels of alerts, with the same digests (privacy/alert_privacy.h), so that
// a silence still finds exactly the alerts that it meant, and no disk, answer or log has what was
// there. Pure. Why so: agent/decisions/privacy-at-two-gates.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "agent/privacy/alert_privacy.h"
#include "agent/privacy/redactor.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/matcher_syntax.h"

namespace seamwatch::agent {

// Redacts the values of `matchers`. A regular expression is redacted where it is a choice of whole
// values, `a|b\.c`. What was redacted before stays. Error: any other regular expression that holds
// something; its words have none of it. `matchers` then stay as they are.
[[nodiscard]] Status redact_matchers(rules::Matchers& matchers,
                                     const Redactor& redactor,
                                     const LabelDigest& digest);

// What somebody asks with who knows a value and not what became of it: a matcher of a value that
// labels do not show takes what they show in its place as well. Those that no label can fit stay.
rules::Matchers as_asked(rules::Matchers matchers,
                         const Redactor& redactor,
                         const LabelDigest& digest);

// What `matcher` looks for that `redactor` takes out of labels: its value, or the words of a
// regular expression that hold something; "" where it is free of it.
std::string held_by(const rules::Matcher& matcher, const Redactor& redactor, RedactScope scope);

// A sentence for each regular expression of `matchers` that does not match a label of `alerts`
// which privacy changed: it may be meant for what stood there.
std::vector<std::string> blind_matchers(const rules::Matchers& matchers,
                                        const std::vector<rules::AlertPtr>& alerts);

// The texts by which a redacted matcher may know the label value `value`, beside `value` itself.
// There are some where the class of an alert let more stay than silences keep.
std::vector<std::string> redacted_values(std::string_view value,
                                         const Redactor& redactor,
                                         const LabelDigest& digest);

}  // namespace seamwatch::agent
