#include "agent/prometheus_sources.h"

#include "agent/agent.h"
#include "agent/config/shown_config.h"
#include "agent/part_options.h"
#include "agent/views.h"

namespace seamwatch::agent {
namespace {

ApiTarget api_target(const Config& whole, const WatchedProbe& probe) {
  ApiTarget target;
  const ProbeConfig& config = *probe.config;
  target.pool = config.heartbeat ? "heartbeat" : config.module.str();
  target.labels = Labels{{"integration", config.integration.str()}, {"probe", config.name}};
  target.interval = config.interval;
  target.timeout = config.timeout;
  if (!config.heartbeat) {
    target.url = shown_target(whole, config);
    target.labels.set("instance", probe.instance_label());
  }
  if (!probe.ended_at) {
    return target;
  }
  target.last_scrape = *probe.ended_at;
  target.last_duration = probe.last_duration;
  target.health = "up";
  if (probe.standing != nullptr) {
    const auto failing = probe.standing->failing.find(config.name);
    if (failing != probe.standing->failing.end()) {
      target.health = "down";
      target.last_error = failing->second.detail;
    }
  }
  return target;
}

std::vector<ApiTarget> api_targets(const Agent& agent) {
  std::vector<ApiTarget> out;
  for (const auto& probe : agent.watcher().probes()) {
    out.push_back(api_target(*agent.loaded().config, *probe));
  }
  return out;
}

std::string comma_separated(const std::vector<std::string>& names) {
  std::string out;
  for (const std::string& name : names) {
    out += (out.empty() ? "" : ",") + name;
  }
  return out;
}

std::map<std::string, std::string> flags(const Config& config) {
  return {{"config.file", config.file},
          {"enable-feature", comma_separated(config.query.enable_features)},
          {"query.lookback-delta", format_duration(config.query.lookback_delta)},
          {"query.max-concurrency", std::to_string(config.query.max_concurrency)},
          {"query.max-samples", std::to_string(config.query.max_samples)},
          {"query.timeout", format_duration(config.query.timeout)},
          {"storage.tsdb.path", config.storage.path},
          {"storage.tsdb.retention.time", format_duration(config.storage.retention)},
          {"web.enable-admin-api", "false"},
          {"web.enable-lifecycle", "true"},
          {"web.enable-remote-write-receiver", config.web.remote_write.enabled ? "true" : "false"},
          {"web.external-url", shown_target(config.global.external_url)},
          {"web.listen-address", config.web.listen},
          {"web.max-connections", std::to_string(config.web.connections_max)},
          {"web.read-timeout", format_duration(config.web.read_timeout)}};
}

ApiStatus api_status(const Agent& agent) {
  const Config& config = *agent.loaded().config;
  ApiStatus status;
  status.version = kVersion;
  status.now = agent.clock().wall_now();
  status.started_at = agent.started_at();
  status.reloaded_at = agent.self_metrics().reloaded_at();
  status.reload_successful = agent.self_metrics().reload_successful();
  status.retention = config.storage.retention;
  status.flags = flags(config);
  for (const AlertmanagerConfig& entry : config.alertmanagers) {
    for (const std::string& target : entry.targets) {
      status.alertmanagers.push_back(entry.address(target));
    }
  }
  return status;
}

}  // namespace

ApiSources api_sources(const Agent& agent) {
  const Agent* const self = &agent;
  ApiSources sources;
  sources.rules = [self] { return v1_rules(*self); };
  sources.targets = [self] { return api_targets(*self); };
  sources.status = [self] { return api_status(*self); };
  sources.config = [self] {
    return [config = self->loaded().config] { return shown_config(*config); };
  };
  sources.query_timeout = [self] { return self->loaded().config->query.timeout; };
  sources.query_bytes_max = [self] {
    return static_cast<std::size_t>(self->loaded().config->query.memory_bytes_max);
  };
  sources.engine = [self] {
    const Config& config = *self->loaded().config;
    rules::promql::EngineOptions engine = query_engine(config);
    engine.default_step = config.global.evaluation_interval;
    return engine;
  };
  return sources;
}

ApiOptions api_options(const Config& config) {
  ApiOptions options;
  options.retention = config.storage.retention;
  return options;
}

RemoteWriteOptions remote_write_options(const Config& config) {
  const RemoteWriteConfig& write = config.web.remote_write;
  const auto size = [](std::int64_t count) { return static_cast<std::size_t>(count); };
  RemoteWriteOptions options;
  options.enabled = write.enabled;
  options.store_series_max = size(config.storage.series_max - config.storage.series_max / 10);
  options.retention = config.storage.retention;
  options.limits.body_bytes_max = size(write.body_bytes_max);
  options.limits.decoded_bytes_max = size(write.decoded_bytes_max);
  options.limits.series_max = size(write.series_max);
  options.limits.samples_max = size(write.samples_max);
  options.limits.labels_max = size(write.labels_max);
  options.limits.label_name_bytes_max = size(write.label_name_bytes_max);
  options.limits.label_value_bytes_max = size(write.label_value_bytes_max);
  return options;
}

}  // namespace seamwatch::agent
