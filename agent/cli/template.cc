// `template render`: expands a template of a rule or notification file over data of one's own.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/subcommands.h"
#include "agent/config/files.h"
#include "agent/real_world.h"
#include "rules/templates/notification_template.h"
#include "rules/templates/prometheus_template.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

using rules::templates::Mode;
using rules::templates::NotificationTemplates;
using rules::templates::TemplateSource;

struct TemplateOptions {
  std::string engine = "alertmanager";
  std::string mode = "text";
  std::vector<std::string> templates;
  std::string data;
  std::string text;
};

Result<NotificationTemplates> load_sources(const std::vector<std::string>& globs) {
  std::vector<TemplateSource> sources;
  for (const std::string& pattern : globs) {
    const std::vector<std::string> files = glob_files(pattern);
    if (files.empty()) {
      return error(pattern + ": no such template file; check --templates");
    }
    for (const std::string& file : files) {
      auto text = read_file(file);
      if (!text) {
        return error(file + ": " + text.error().message);
      }
      sources.push_back({file, std::move(*text)});
    }
  }
  return NotificationTemplates::make(sources);
}

Result<std::string> render_alertmanager(const TemplateOptions& options,
                                        const std::string& data,
                                        WallTime now) {
  auto templates = load_sources(options.templates);
  if (!templates) {
    return templates.error();
  }
  const auto value = rules::templates::notification_data_from_json(data);
  if (!value) {
    return error(options.data + ": " + value.error().message);
  }
  return templates->render(
      options.text, *value, now, options.mode == "html" ? Mode::html : Mode::text);
}

// What an alert's template sees. Source: Prometheus, docs "Template reference".
constexpr std::string_view kVariables =
    "{{$labels := .Labels}}{{$externalLabels := .ExternalLabels}}"
    "{{$externalURL := .ExternalURL}}{{$value := .Value}}";

struct RuleData {
  Labels labels;
  double value = 0;
  rules::templates::ExpandContext context;
};

Labels labels_at(const json::object& data, std::string_view key) {
  std::vector<Labels::Pair> pairs;
  const json::value* labels = data.if_contains(key);
  if (labels != nullptr && labels->is_object()) {
    for (const auto& [name, text] : labels->as_object()) {
      pairs.emplace_back(name, text.is_string() ? std::string(text.as_string()) : "");
    }
  }
  return Labels(std::move(pairs));
}

Result<RuleData> rule_data(const std::string& text, WallTime now) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(text, failure);
  if (failure || !parsed.is_object()) {
    return error("not a JSON object; write {\"labels\": {}, \"value\": 1}");
  }
  const json::object& data = parsed.as_object();
  RuleData out;
  out.labels = labels_at(data, "labels");
  const json::value* value = data.if_contains("value");
  out.value = value != nullptr && value->is_number() ? value->to_number<double>() : 0;
  out.context.now = now;
  out.context.external_labels = labels_at(data, "externalLabels");
  const json::value* url = data.if_contains("externalURL");
  out.context.external_url =
      url != nullptr && url->is_string() ? std::string(url->as_string()) : "";
  return out;
}

Result<std::string> render_rule(const TemplateOptions& options,
                                const std::string& text,
                                WallTime now) {
  const auto data = rule_data(text, now);
  if (!data) {
    return error(options.data + ": " + data.error().message);
  }
  std::string source(kVariables);
  for (const std::string& pattern : options.templates) {
    for (const std::string& file : glob_files(pattern)) {
      auto defines = read_file(file);
      if (!defines) {
        return error(file + ": " + defines.error().message);
      }
      source += *defines;
    }
  }
  const rules::templates::AlertExpander expander(data->context);
  rules::templates::ExecuteOptions execute;
  execute.mode = options.mode == "html" ? Mode::html : Mode::text;
  execute.missing_key = rules::templates::MissingKey::zero;
  return rules::templates::render_prometheus("text",
                                             source + options.text,
                                             expander.data(data->labels, data->value),
                                             data->context,
                                             execute);
}

int render(const TemplateOptions& options) {
  auto data = read_file(options.data);
  if (!data) {
    return fail(options.data + ": " + data.error().message);
  }
  RealWorld world;
  const WallTime now = world.clock.wall_now();
  const auto text = options.engine == "prometheus" ? render_rule(options, *data, now)
                                                   : render_alertmanager(options, *data, now);
  if (!text) {
    return fail(text.error().message);
  }
  std::cout << *text << "\n";
  return 0;
}

}  // namespace

void add_template(Command app) {
  Command group = app.add_subcommand("template", "Try templates of rules and notifications");
  group.require_subcommand();
  auto options = std::make_shared<TemplateOptions>();
  Command command = group.add_subcommand("render",
                                         "Expand a template over data: of an alertmanager "
                                         "template the webhook's JSON, of a prometheus\n"
                                         "one {\"labels\": {...}, \"value\": 1}");
  command.add_option("--engine", options->engine, "alertmanager or prometheus")
      .one_of({"alertmanager", "prometheus"});
  command.add_option("--mode", options->mode, "text or html").one_of({"text", "html"});
  command.add_option("--templates", options->templates, "Files of {{ define }}s (globs)");
  command.add_option("--data", options->data, "JSON file").required();
  command.add_option("TEXT", options->text, "The template").required();
  command.runs([options] { return render(*options); });
}

}  // namespace seamwatch::agent
