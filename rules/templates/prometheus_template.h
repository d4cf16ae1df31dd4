// Templates in rule files: labels and annotations of alerts, with Prometheus's functions and
// variables ($labels $value $externalLabels $externalURL). Parsed once per rule, expanded once per
// alert by rules/groups; any thread.
// Source: Prometheus, template/template.go; docs "Template reference".
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "rules/templates/template_engine.h"

namespace seamwatch::rules::templates {

struct QuerySample {
  Labels labels;  // with __name__
  double value = 0;
};

// Evaluates a PromQL expression at a time: what the template function `query` calls. A scalar is
// one sample without labels. The order of the samples is kept.
using QueryFunction =
    std::function<Result<std::vector<QuerySample>>(const std::string& expr, WallTime at)>;

// What all expansions of one evaluation share.
struct ExpandContext {
  WallTime now{};       // of the evaluation
  QueryFunction query;  // empty: `query` fails
  Labels external_labels;
  std::string external_url;  // "http://host:9090/prefix"; may be empty
};

struct Expansion {
  std::string text;  // on failure: "<error expanding template: ...>"
  bool failed = false;
};

// One parsed label or annotation. Cheap to copy.
class AlertTemplate {
 public:
  // `name` stands in error messages ("__alert_HighLatency").
  // Error: "error parsing template NAME: template: NAME:LINE: ...".
  [[nodiscard]] static Result<AlertTemplate> parse(std::string name, std::string_view text);

  // Whether the text has no template syntax at all, so that it stands for itself.
  bool is_plain() const { return set_ == nullptr; }

 private:
  friend class AlertExpander;

  std::string name_;
  std::string plain_;
  std::shared_ptr<const TemplateSet> set_;  // null for plain text
};

// Expands the templates of many alerts in one evaluation; what they share is made once. Requires:
// `context` outlives it.
class AlertExpander {
 public:
  explicit AlertExpander(const ExpandContext& context);

  // What the templates of one alert see: the labels and the value of the expression's sample.
  Value data(const Labels& labels, double value) const;

  // Never fails: what went wrong stands in the text and sets `failed`.
  Expansion expand(const AlertTemplate& text, const Value& data) const;

 private:
  Functions functions_;
  Value external_labels_;
  Value external_url_;
};

// Parses and expands in one go, for single use.
Expansion expand(std::string_view text,
                 const Labels& labels,
                 double value,
                 const ExpandContext& context);

// Says what is wrong with the syntax of `text`, which may use all functions and variables.
[[nodiscard]] Status check_template(std::string_view name, std::string_view text);

// Expands `text` as the template `name` over any data, in text or html mode: for consoles, tests
// and `seamwatch template render --engine prometheus`.
[[nodiscard]] Result<std::string> render_prometheus(const std::string& name,
                                                    std::string_view text,
                                                    const Value& data,
                                                    const ExpandContext& context,
                                                    ExecuteOptions options);

// Where an expression is shown as a table: "/graph?g0.expr=up&g0.tab=1", below the external URL.
std::string table_link(std::string_view expr);

// The functions themselves, for one context (which must outlive them).
Functions prometheus_functions(const ExpandContext& context);

}  // namespace seamwatch::rules::templates
