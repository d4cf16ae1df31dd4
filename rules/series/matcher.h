// Matcher: one condition on one label, in selectors and routes alike. Regular expressions are RE2,
// anchored at both ends; an absent label has the empty value.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "agent/core/labels.h"
#include "agent/core/result.h"

namespace re2 {
class RE2;
}

namespace seamwatch::rules {

enum class MatchType { equal, not_equal, regexp, not_regexp };

std::string_view to_string(MatchType type);  // "=", "!=", "=~", "!~"

class Matcher {
 public:
  // Errors: a regexp that RE2 does not take, or one past its size limit.
  [[nodiscard]] static Result<Matcher> make(MatchType type, std::string name, std::string value);

  // As Alertmanager reads it: `.` matches no line break, which in PromQL it does.
  [[nodiscard]] static Result<Matcher> make_for_alerts(MatchType type,
                                                       std::string name,
                                                       std::string value);

  bool matches(std::string_view value) const;

  bool matches(const Labels& labels) const { return matches(labels.get(name)); }

  // `name="value"` with Go quoting.
  std::string to_string() const;

  MatchType type = MatchType::equal;
  std::string name;
  std::string value;

 private:
  [[nodiscard]] static Result<Matcher> compiled(Matcher matcher);

  std::shared_ptr<const re2::RE2> regexp_;  // of the two regexp types
  bool dot_takes_breaks_ = true;
};

}  // namespace seamwatch::rules
