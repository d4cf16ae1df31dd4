#include "agent/config/shown_config.h"

#include <algorithm>

#include <boost/algorithm/string/replace.hpp>
#include <boost/json/serialize.hpp>

#include "agent/core/secret.h"
#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

// Writes YAML of maps and lists; texts stand in JSON's quotes, which YAML reads.
class YamlText {
 public:
  void text(std::string_view key, const std::string& value) {
    if (!value.empty()) {
      any_text(key, value);
    }
  }

  // Also an empty one.
  void any_text(std::string_view key, const std::string& value) {
    line(key, boost::json::serialize(boost::json::string(to_valid_utf8(value))));
  }

  void span(std::string_view key, Millis value) { line(key, format_duration(value)); }

  void number(std::string_view key, std::int64_t value) { line(key, std::to_string(value)); }

  void flag(std::string_view key, bool value) { line(key, value ? "true" : "false"); }

  void labels(std::string_view key, const Labels& labels) {
    if (!labels.empty()) {
      open(key);
      for (const auto& [name, value] : labels) {
        text(quoted_key(std::string(name)), std::string(value));
      }
      close();
    }
  }

  void texts(std::string_view key, const std::vector<std::string>& values) {
    std::string list;
    for (const std::string& value : values) {
      list += list.empty() ? "" : ", ";
      list += boost::json::serialize(boost::json::string(to_valid_utf8(value)));
    }
    line(key, "[" + list + "]");
  }

  // The keys until close() are those of the map at `key`. Requires: at least one comes.
  void open(std::string_view key) {
    line(key, "");
    ++level_;
  }

  // The keys until close() are those of one item of the list that the last open() began.
  void open_item() {
    item_ = true;
    ++level_;
  }

  void close() { --level_; }

  // A name as a key; any text may be one.
  static std::string quoted_key(const std::string& name) {
    return is_classic_label_name(name) ? name : boost::json::serialize(boost::json::string(name));
  }

  std::string take() { return std::move(out_); }

 private:
  void line(std::string_view key, const std::string& value) {
    std::string indent(static_cast<std::size_t>(level_) * 2, ' ');
    if (item_) {
      indent[indent.size() - 2] = '-';
      item_ = false;
    }
    out_ += indent;
    out_.append(key).append(":").append(value.empty() ? "" : " ").append(value).append("\n");
  }

  std::string out_;
  int level_ = 0;
  bool item_ = false;
};

void show_global(const GlobalConfig& global, YamlText& out) {
  out.open("global");
  out.span("interval", global.interval);
  out.span("timeout", global.timeout);
  out.span("evaluation_interval", global.evaluation_interval);
  out.number("confirm_retries", global.confirm_retries);
  out.number("probes_in_flight_max", global.probes_in_flight_max);
  out.number("probes_per_target_max", global.probes_per_target_max);
  out.labels("external_labels", global.external_labels);
  out.text("external_url", shown_target(global.external_url));
  out.close();
}

void show_people(const Landscape& landscape, YamlText& out) {
  if (!landscape.owners.empty()) {
    out.open("owners");
    for (const auto& [name, owner] : landscape.owners) {
      out.open(YamlText::quoted_key(name));
      out.text("display", owner.display);
      out.text("contact", owner.contact);
      out.text("email", owner.email);
      out.text("faq_url", shown_target(owner.faq_url));
      out.close();
    }
    out.close();
  }
  if (!landscape.systems.empty()) {
    out.open("systems");
    for (const auto& [name, system] : landscape.systems) {
      out.open(YamlText::quoted_key(name));
      out.text("display", system.display);
      out.text("owner", system.owner);
      out.text("kind", system.kind);
      out.close();
    }
    out.close();
  }
}

void show_heartbeat(const probes::HeartbeatConfig& heartbeat, YamlText& out) {
  out.open("heartbeat");
  out.text("key", "<secret>");
  if (heartbeat.every.count() > 0) {
    out.span("every", heartbeat.every);
  }
  out.text("time_zone", heartbeat.time_zone);
  out.span("grace", heartbeat.grace);
  if (heartbeat.max_runtime.count() > 0) {
    out.span("max_runtime", heartbeat.max_runtime);
  }
  out.close();
}

void show_probe(const Config& config, const ProbeConfig& probe, YamlText& out) {
  out.open_item();
  out.text("name", probe.name);
  const auto heartbeat = config.heartbeats.find(probe.integration.str() + "/" + probe.name);
  if (probe.heartbeat && heartbeat != config.heartbeats.end()) {
    show_heartbeat(heartbeat->second, out);
  } else {
    out.text("target", shown_target(config, probe));
    out.text("module", probe.module.str());
    out.span("interval", probe.interval);
    out.span("timeout", probe.timeout);
    out.number("confirm_retries", probe.confirm_retries);
  }
  out.text("criticality", std::string(to_string(probe.criticality)));
  out.close();
}

void show_integration(const Config& config, const Integration& integration, YamlText& out) {
  out.open(YamlText::quoted_key(integration.name));
  out.text("display", integration.display);
  out.text("source", integration.source);
  out.text("target", integration.target);
  if (integration.pattern) {
    out.text("pattern", std::string(to_string(*integration.pattern)));
  }
  out.text("criticality", std::string(to_string(integration.criticality)));
  out.text("owner", integration.owner);
  out.text("faq_url", shown_target(integration.faq_url));
  out.text("advice", integration.advice);
  if (integration.freshness) {
    out.span("freshness", *integration.freshness);
  }
  if (integration.latency) {
    out.span("latency", *integration.latency);
  }
  out.span("retry_budget", integration.retry_budget);
  out.text("privacy", integration.privacy);
  if (!integration.probes.empty()) {
    out.open("probes");
    for (const ProbeConfig& probe : integration.probes) {
      show_probe(config, probe, out);
    }
    out.close();
  }
  out.close();
}

void show_modules(const Config& config, YamlText& out) {
  out.open("modules");
  for (const auto& [name, module] : config.modules) {
    out.open(YamlText::quoted_key(name));
    out.text("prober", std::string(module.kind->name));
    if (module.timeout.count() > 0) {
      out.span("timeout", module.timeout);
    }
    out.close();
  }
  out.close();
}

void show_relabel(const rules::RelabelRules& all, YamlText& out) {
  if (all.empty()) {
    return;
  }
  out.open("alert_relabel_configs");
  for (const rules::RelabelRule& each : all) {
    out.open_item();
    out.texts("source_labels", each.source_labels);
    out.any_text("separator", each.separator);
    out.any_text("regex", each.regex);
    if (each.modulus > 0) {
      out.number("modulus", static_cast<std::int64_t>(each.modulus));
    }
    out.text("target_label", each.target_label);
    out.any_text("replacement", each.replacement);
    out.text("action", std::string(to_string(each.action)));
    out.close();
  }
  out.close();
}

void show_alertmanagers(const std::vector<AlertmanagerConfig>& all, YamlText& out) {
  if (all.empty()) {
    return;
  }
  out.open("alertmanagers");
  for (const AlertmanagerConfig& each : all) {
    out.open_item();
    out.text("scheme", each.scheme);
    out.text("path_prefix", each.path_prefix);
    out.span("timeout", each.timeout);
    out.text("api_version", "v2");
    if (!each.http.basic_user.empty()) {
      out.open("basic_auth");
      out.text("username", each.http.basic_user.text.reveal());
      out.text("username_file", each.http.basic_user.file);
      out.text("password", "<secret>");
      out.close();
    }
    if (!each.http.authorization.empty()) {
      out.open("authorization");
      out.text("type", each.http.authorization_type);
      out.text("credentials", "<secret>");
      out.close();
    }
    show_relabel(each.relabel, out);
    out.open("static_configs");
    out.open_item();
    out.texts("targets", each.targets);
    out.close();
    out.close();
    out.close();
  }
  out.close();
}

void show_noise(const rules::NoisePolicy& noise, YamlText& out) {
  out.open("noise");
  out.open("dependencies");
  out.flag("enabled", noise.dependencies.enabled);
  out.number("integrations_min", noise.dependencies.integrations_min);
  out.number("share", noise.dependencies.share);
  out.span("window", noise.dependencies.window);
  out.span("grace", noise.dependencies.grace);
  out.close();
  out.open("flapping");
  out.flag("enabled", noise.flapping.enabled);
  out.span("window", noise.flapping.window);
  out.number("start", noise.flapping.start);
  out.number("stop", noise.flapping.stop);
  out.close();
  out.open("storm");
  out.flag("enabled", noise.storm.enabled);
  out.number("notices_per_minute", noise.storm.notices_per_minute);
  out.texts("sinks", {noise.storm.sinks.begin(), noise.storm.sinks.end()});
  out.close();
  out.close();
}

void show_notification(const Config& config, YamlText& out) {
  if (!config.notification_file.empty() || !config.alertmanagers.empty() ||
      !config.alert_relabel.empty()) {
    out.open("alerting");
    out.text("notification_file", config.notification_file);
    show_relabel(config.alert_relabel, out);
    show_alertmanagers(config.alertmanagers, out);
    out.close();
  }
  out.open("notification");
  out.span("retry_budget", config.notification.retry_budget);
  out.span("retry_delay", config.notification.retry_delay);
  out.span("retry_delay_max", config.notification.retry_delay_max);
  out.span("timeout", config.notification.timeout);
  out.number("concurrency", config.notification.concurrency);
  out.number("sink_concurrency", config.notification.sink_concurrency);
  out.number("outbox_max", config.notification.outbox_max);
  out.number("outbox_bytes_max", config.notification.outbox_bytes_max);
  out.number("dead_letters_max", config.notification.dead_letters_max);
  out.number("breaker_failures", config.notification.breaker_failures);
  out.span("breaker_pause", config.notification.breaker_pause);
  out.span("breaker_pause_max", config.notification.breaker_pause_max);
  out.span("start_delay", config.notification.start_delay);
  out.number("alerts_max", config.notification.alerts_max);
  out.number("alertmanager_queue_max", config.notification.alertmanager_queue_max);
  out.number("history_rows_max", config.notification.history_rows_max);
  out.number("history_bytes_max", config.notification.history_bytes_max);
  out.span("history_keep", config.notification.history_keep);
  show_noise(config.notification.noise, out);
  out.close();
}

void show_filter(std::string_view key, const NameFilter& filter, YamlText& out) {
  if (filter.mode != NameFilter::Mode::all) {
    out.open(key);
    const bool only = filter.mode == NameFilter::Mode::only;
    out.texts(only ? "only" : "without", {filter.names.begin(), filter.names.end()});
    out.close();
  }
}

// Not the patterns: one may hold what it is there to hide.
void show_privacy(const Privacy& privacy, YamlText& out) {
  out.open("privacy");
  out.text("default_class", privacy.default_class);
  out.text("digest_key_file", privacy.digest_key_file);
  out.open("classes");
  for (const auto& [name, its] : privacy.classes) {
    out.open(YamlText::quoted_key(name));
    show_filter("labels", its.labels, out);
    show_filter("annotations", its.annotations, out);
    out.text("error_texts", std::string(to_string(its.error_texts)));
    out.close();
  }
  out.close();
  out.close();
}

void show_storage(const StorageConfig& storage, YamlText& out) {
  out.open("storage");
  out.text("path", storage.path);
  out.span("retention", storage.retention);
  out.number("series_max", storage.series_max);
  out.number("series_bytes_max", storage.series_bytes_max);
  out.number("integration_series_max", storage.integration_series_max);
  out.open("history");
  out.flag("enabled", storage.history);
  out.span("checkpoint_interval", storage.history_checkpoint_interval);
  out.number("bytes_max", storage.history_bytes_max);
  out.close();
  out.open("journal");
  out.span("retention", storage.journal_retention);
  out.number("bytes_max", storage.journal_bytes_max);
  out.close();
  out.close();
}

void show_web(const WebConfig& web, YamlText& out) {
  out.open("web");
  out.text("listen", web.listen);
  out.open("limits");
  out.number("connections_max", web.connections_max);
  out.number("header_bytes_max", web.header_bytes_max);
  out.number("body_bytes_max", web.body_bytes_max);
  out.span("read_timeout", web.read_timeout);
  out.span("write_timeout", web.write_timeout);
  out.span("idle_timeout", web.idle_timeout);
  out.close();
  out.open("remote_write_receiver");
  out.flag("enabled", web.remote_write.enabled);
  out.number("body_bytes_max", web.remote_write.body_bytes_max);
  out.number("decoded_bytes_max", web.remote_write.decoded_bytes_max);
  out.number("series_max", web.remote_write.series_max);
  out.number("samples_max", web.remote_write.samples_max);
  out.number("labels_max", web.remote_write.labels_max);
  out.number("label_name_bytes_max", web.remote_write.label_name_bytes_max);
  out.number("label_value_bytes_max", web.remote_write.label_value_bytes_max);
  out.close();
  out.close();
}

void show_query(const QueryConfig& query, YamlText& out) {
  out.open("query");
  out.span("timeout", query.timeout);
  out.number("max_concurrency", query.max_concurrency);
  out.number("max_samples", query.max_samples);
  out.number("memory_bytes_max", query.memory_bytes_max);
  out.span("lookback_delta", query.lookback_delta);
  if (!query.enable_features.empty()) {
    out.texts("enable_features", query.enable_features);
  }
  out.close();
}

}  // namespace

std::string shown_target(const std::string& target) {
  if (target.find("://") == std::string::npos) {
    return target;
  }
  return boost::algorithm::replace_all_copy(redact_url(target), "<redacted>", "<secret>");
}

std::string shown_target(const Config& config, const ProbeConfig& probe) {
  const PrivacyClass& its = config.privacy_class(probe.integration);
  return config.privacy.redactor.redact(shown_target(probe.target.str()), Privacy::scope(its));
}

std::string shown_config(const Config& config) {
  YamlText out;
  show_global(config.global, out);
  show_people(config.landscape, out);
  if (!config.landscape.integrations.empty()) {
    out.open("integrations");
    for (const auto& [name, integration] : config.landscape.integrations) {
      show_integration(config, integration, out);
    }
    out.close();
  }
  show_modules(config, out);
  out.texts("rule_files", config.rule_files);
  out.flag("default_rules", config.default_rules);
  show_notification(config, out);
  show_privacy(config.privacy, out);
  show_storage(config.storage, out);
  show_web(config.web, out);
  show_query(config.query, out);
  return out.take();
}

}  // namespace seamwatch::agent
