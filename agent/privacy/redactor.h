// Redactor: takes secrets and personal data out of a text, by the built-in list of patterns and the
// admin's own. Made at load, a part of the configuration; a cheap handle to an immutable list, so
// any thread may use it. Time is linear in the text (RE2), and the text is bounded.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "agent/privacy/patterns.h"

namespace seamwatch::agent {

// One of `privacy.patterns`.
struct OwnPattern {
  std::string name;
  std::string regexp;   // RE2
  std::string replace;  // with \1 for the first group
  PatternKind kind = PatternKind::secret;
};

// What is taken out: the lesser scope leaves personal data in.
enum class RedactScope { secrets, all };

// A pattern that took something out of a text.
struct RedactHit {
  std::string pattern;
  PatternKind kind = PatternKind::secret;
  std::size_t count = 0;

  friend bool operator==(const RedactHit&, const RedactHit&) = default;
};

class Redactor {
 public:
  // Of a longer text the rest is cut off, with a word of how much: nothing leaves unseen.
  static constexpr std::size_t kTextBytesMax = 256 << 10;

  Redactor();  // the built-in list

  // `own` patterns come before the built-in ones. Personal data that equals one of `allowed`,
  // whatever its case, stays. Requires: check_pattern() finds no fault in any of `own`.
  Redactor(const std::vector<OwnPattern>& own, const std::vector<std::string>& allowed);

  // What takes part in the list: own ones first, then the built-in ones.
  std::vector<std::string> pattern_names() const;

  // `text` in valid UTF-8 without what the patterns match. What was redacted once stays as it is.
  std::string redact(std::string_view text, RedactScope scope = RedactScope::all) const;

  // The same; nothing where the text stays as it is.
  std::optional<std::string> redacted(std::string_view text, RedactScope scope) const;

  // As redact(), and which patterns matched, in the order of the list.
  std::string redact(std::string_view text, RedactScope scope, std::vector<RedactHit>& hits) const;

 private:
  struct List;

  bool leaves(std::string_view text) const;

  std::shared_ptr<const List> list_;
};

// Why `pattern` cannot be used, for whoever wrote it; a good Status where it can. The error stands
// at its regexp, or at its replacement where the message begins with "replace".
[[nodiscard]] Status check_pattern(const OwnPattern& pattern);

}  // namespace seamwatch::agent
