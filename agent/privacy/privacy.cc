#include "agent/privacy/privacy.h"

#include "agent/core/assert.h"

namespace seamwatch::agent {

std::string_view to_string(ErrorTexts texts) {
  switch (texts) {
    case ErrorTexts::keep:
      return "keep";
    case ErrorTexts::redact:
      return "redact";
    case ErrorTexts::drop:
      return "drop";
  }
  SW_ASSERT(false);
}

bool NameFilter::lets(std::string_view name) const {
  const bool named = names.find(name) != names.end();
  return mode == Mode::all || (mode == Mode::only) == named;
}

bool PrivacyClass::filters() const {
  return labels.mode != NameFilter::Mode::all || annotations.mode != NameFilter::Mode::all;
}

const PrivacyClasses& builtin_privacy_classes() {
  using enum NameFilter::Mode;
  static const PrivacyClasses classes = {
      {"public", {"public", {}, {}, ErrorTexts::keep}},
      {"internal", {"internal", {}, {}, ErrorTexts::redact}},
      {"confidential",
       {"confidential",
        {only, {"alertname", "category", "integration", "owner"}},
        {only, {"ack_url", "failing_since", "fallback_for"}},
        ErrorTexts::drop}}};
  return classes;
}

const PrivacyClass& Privacy::class_named(std::string_view name) const {
  const auto found = classes.find(name);
  if (found != classes.end()) {
    return found->second;
  }
  const auto fallback = classes.find(default_class);
  SW_ASSERT(fallback != classes.end());
  return fallback->second;
}

std::string Privacy::error_text(std::string_view text, const PrivacyClass& its) const {
  if (text.empty()) {
    return "";
  }
  return its.error_texts == ErrorTexts::drop ? std::string(kWithheld)
                                             : redactor.redact(text, scope(its));
}

RedactScope Privacy::scope(const PrivacyClass& its) {
  return its.error_texts == ErrorTexts::keep ? RedactScope::secrets : RedactScope::all;
}

}  // namespace seamwatch::agent
