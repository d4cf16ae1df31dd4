#include "rules/templates/prometheus_template.h"

#include <utility>

#include "rules/templates/go_format.h"

namespace seamwatch::rules::templates {
namespace {

constexpr std::string_view kVariables =
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}"
    "{{$externalURL := .ExternalURL}}{{$value := .Value}}";
constexpr int kNestedMax = 50;  // of `tmpl` within each other

const Type* alert_data_type() {
  static const Type type{
      "struct { Labels map[string]string; ExternalLabels map[string]string; "
      "ExternalURL string; Value interface {} }",
      {{"Labels", "Labels"},
       {"ExternalLabels", "ExternalLabels"},
       {"ExternalURL", "ExternalURL"},
       {"Value", "Value"}},
      {},
      {}};
  return &type;
}

Value labels_map(const Labels& labels) {
  Map entries;
  for (const auto& [name, value] : labels) {
    entries.emplace(name, Value(value));
  }
  return Value(std::move(entries), string_map_type());
}

const Functions& functions_to_check() {
  static const ExpandContext context;
  static const Functions all = prometheus_functions(context);
  return all;
}

ExecuteOptions alert_options() {
  ExecuteOptions options;
  options.missing_key = MissingKey::zero;
  return options;
}

}  // namespace

Result<AlertTemplate> AlertTemplate::parse(std::string name, std::string_view text) {
  AlertTemplate made;
  made.name_ = std::move(name);
  if (text.find("{{") == std::string_view::npos) {
    made.plain_ = std::string(text);
    return made;
  }
  auto set = std::make_shared<TemplateSet>();
  auto added =
      set->add(made.name_, std::string(kVariables) + std::string(text), functions_to_check());
  if (!added) {
    return error("error parsing template " + made.name_ + ": " + added.error().message);
  }
  made.set_ = std::move(set);
  return made;
}

AlertExpander::AlertExpander(const ExpandContext& context)
    : functions_(prometheus_functions(context)),
      external_labels_(labels_map(context.external_labels)),
      external_url_(context.external_url) {}

Value AlertExpander::data(const Labels& labels, double value) const {
  return Value(Struct{alert_data_type(),
                      {labels_map(labels), external_labels_, external_url_, Value(value)}});
}

Expansion AlertExpander::expand(const AlertTemplate& text, const Value& data) const {
  if (text.is_plain()) {
    return {text.plain_, false};
  }
  auto result = text.set_->execute(text.name_, data, functions_, alert_options());
  if (!result) {
    return {"<error expanding template: error executing template " + text.name_ + ": " +
                result.error().message + ">",
            true};
  }
  return {std::move(*result), false};
}

Expansion expand(std::string_view text,
                 const Labels& labels,
                 double value,
                 const ExpandContext& context) {
  const auto parsed = AlertTemplate::parse("__alert", text);
  if (!parsed) {
    return {"<error expanding template: " + parsed.error().message + ">", true};
  }
  const AlertExpander expander(context);
  return expander.expand(*parsed, expander.data(labels, value));
}

Status check_template(std::string_view name, std::string_view text) {
  TemplateSet set;
  return set.add(name, std::string(kVariables) + std::string(text), functions_to_check());
}

Result<std::string> render_prometheus(const std::string& name,
                                      std::string_view text,
                                      const Value& data,
                                      const ExpandContext& context,
                                      ExecuteOptions options) {
  Functions functions = prometheus_functions(context);
  TemplateSet set;
  int nested = 0;
  const auto call_template = [&](const List& args) -> Result<Value> {
    if (nested >= kNestedMax) {
      return error("exceeded maximum template depth (" + std::to_string(kNestedMax) + ")");
    }
    ++nested;
    auto result = set.execute(args[0].as_string(), args[1], functions, options);
    --nested;
    if (!result) {
      return result.error();
    }
    return Value(std::move(*result), html_type());
  };
  // Only in html mode may a template call others by a name it computes, as in Prometheus.
  if (options.mode == Mode::html) {
    functions["tmpl"] = {{Parameter::string, Parameter::any}, false, call_template};
  }
  if (auto parsed = set.add(name, text, functions); !parsed) {
    return error("error parsing template " + name + ": " + parsed.error().message);
  }
  auto result = set.execute(name, data, functions, options);
  if (!result) {
    return error("error executing template " + name + ": " + result.error().message);
  }
  return result;
}

}  // namespace seamwatch::rules::templates
