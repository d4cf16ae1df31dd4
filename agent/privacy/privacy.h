// Privacy: what may leave of whom. A privacy class says which labels and annotations of an alert a
// notice may carry, and what becomes of error texts; an integration names its class. A part of the
// configuration; pure, any thread.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

#include "agent/core/secret.h"
#include "agent/privacy/redactor.h"

namespace seamwatch::agent {

enum class ErrorTexts {
  keep,    // without secrets
  redact,  // without secrets and personal data
  drop,    // not at all: kWithheld stands in their place
};

std::string_view to_string(ErrorTexts texts);

inline constexpr std::string_view kWithheld = "withheld by its privacy class";

// Names of labels or annotations.
struct NameFilter {
  enum class Mode { all, only, without };

  Mode mode = Mode::all;
  std::set<std::string, std::less<>> names;

  bool lets(std::string_view name) const;

  friend bool operator==(const NameFilter&, const NameFilter&) = default;
};

struct PrivacyClass {
  std::string name;
  NameFilter labels;
  NameFilter annotations;
  ErrorTexts error_texts = ErrorTexts::redact;

  // Whether a notice may differ from what is known.
  bool filters() const;

  friend bool operator==(const PrivacyClass&, const PrivacyClass&) = default;
};

using PrivacyClasses = std::map<std::string, PrivacyClass, std::less<>>;

// public: everything but secrets. internal: everything but secrets and personal data.
// confidential: alertname, category, integration and owner; since when it fails, who could not be
// told of it, and the link to take it on.
const PrivacyClasses& builtin_privacy_classes();

struct Privacy {
  Redactor redactor;
  PrivacyClasses classes = builtin_privacy_classes();
  std::string default_class = "internal";
  std::string digest_key_file;                      // empty: the agent has a key of its own
  std::optional<Secret> digest_key = std::nullopt;  // what is in it

  // The class called `name`, or the default one where it is empty or unknown.
  const PrivacyClass& class_named(std::string_view name) const;

  // What may be kept and shown of a text that an integration of this class said. An empty text
  // stays empty.
  std::string error_text(std::string_view text, const PrivacyClass& its) const;

  // What is taken out of texts of this class.
  static RedactScope scope(const PrivacyClass& its);
};

}  // namespace seamwatch::agent
