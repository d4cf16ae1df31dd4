// The template engine: Go's text/template (and, in html mode, the contextual escaping of
// html/template) over dynamic values. Parse once, execute many times from any thread. Used by rule
// templates (prometheus_template.h) and notifications (notification_template.h).
// Source: Go 1.26, packages text/template and html/template.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "rules/templates/value.h"

namespace seamwatch::rules::templates {

enum class Mode {
  text,
  html,  // values are escaped for where they stand: text, attribute, URL, script, style
};

// What a map gives for a key it does not have.
enum class MissingKey {
  no_value,  // "<no value>"
  zero,      // the zero value of the map's element type
  error,     // the execution fails
};

struct Limits {
  int depth_max = 1000;                     // of {{template}} calls within each other
  std::int64_t steps_max = 10'000'000;      // nodes executed; a loop cannot run away
  std::size_t output_bytes_max = 16 << 20;  // of the whole result, and of one printed value
};

struct ExecuteOptions {
  Mode mode = Mode::text;
  MissingKey missing_key = MissingKey::no_value;
  Limits limits{};
};

struct Definition;

// A set of named templates. Later definitions of a name replace earlier ones, unless the later one
// is empty.
class TemplateSet {
 public:
  TemplateSet() = default;

  // The same templates as `base`, without a copy of them. Requires: `base` outlives this and does
  // not change meanwhile.
  static TemplateSet over(const TemplateSet& base);

  // What was added to this one, over another base of the same names. Requires: as over().
  TemplateSet onto(const TemplateSet& base) const;

  // Parses `text` as the template `name` with all that it defines. `functions` are the functions it
  // may call beside Go's builtin ones.
  // Error: Go's: `template: NAME:LINE: what`. The set is unchanged then.
  [[nodiscard]] Status add(std::string_view name,
                           std::string_view text,
                           const Functions& functions);

  bool defines(std::string_view name) const;

  // Executes the template `name`. `functions` must hold at least those it was parsed with.
  // Errors: Go's: `template: NAME:LINE:COLUMN: executing "NAME" at <...>: what`; a limit passed.
  [[nodiscard]] Result<std::string> execute(std::string_view name,
                                            const Value& data,
                                            const Functions& functions,
                                            const ExecuteOptions& options = {}) const;

  // The definition of `name`, or nullptr. For the executor.
  const Definition* find(std::string_view name) const;

 private:
  std::map<std::string, std::shared_ptr<const Definition>, std::less<>> definitions_;
  const TemplateSet* base_ = nullptr;  // asked for what is not in definitions_
};

// Go's builtin functions: and, or and not, comparisons, len index slice call, print and so on.
const Functions& builtin_functions();

}  // namespace seamwatch::rules::templates
