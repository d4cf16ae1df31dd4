#include "agent/config/sections.h"

#include <algorithm>

#include "agent/config/alertmanagers.h"
#include "agent/config/files.h"
#include "agent/config/noise_section.h"
#include "agent/core/labels.h"
#include "agent/io/listen_address.h"

namespace seamwatch::agent {
namespace {

SectionReader only_section(SectionReader& root, std::string_view key, Reading& reading) {
  if (root.find(key) != nullptr) {
    is_first(reading, "section", std::string(key), root.key_place(key));
  }
  return root.section(key);
}

}  // namespace

void read_global(SectionReader& root, Reading& reading) {
  GlobalConfig& global = reading.config.global;
  SectionReader reader = only_section(root, "global", reading);
  reader.duration("interval", global.interval);
  const bool own_timeout = reader.duration("timeout", global.timeout);
  reader.duration("evaluation_interval", global.evaluation_interval);
  std::int64_t retries = global.confirm_retries;
  reader.count("confirm_retries", retries);
  global.confirm_retries = static_cast<int>(retries);
  reader.count("probes_in_flight_max", global.probes_in_flight_max);
  reader.count("probes_per_target_max", global.probes_per_target_max);
  reader.labels("external_labels", global.external_labels);
  reader.text("external_url", global.external_url);
  while (global.external_url.ends_with('/')) {  // as Prometheus: paths are added to it
    global.external_url.pop_back();
  }
  if (own_timeout && global.timeout > global.interval) {
    reader.report("timeout",
                  "\"timeout\" " + format_duration(global.timeout) +
                      " is longer than the interval " + format_duration(global.interval),
                  "shorten it, or lengthen `interval`");
  }
  for (const auto& [name, value] : global.external_labels) {
    if (!is_utf8_name(name) || name == "__name__") {
      reader.report("external_labels", quoted(name) + " is no name for a label", "rename it");
    }
  }
  reader.done();
  global.timeout = std::min(global.timeout, global.interval);
}

// Of two spans, one of which bounds the other.
void check_not_below(SectionReader& reader,
                     std::string_view bound,
                     Millis most,
                     std::string_view key,
                     Millis least) {
  if (most < least) {
    const std::string_view written = reader.find(bound) != nullptr ? bound : key;
    reader.report(written,
                  quoted(bound) + " cannot be shorter than " + quoted(key) + ", which is " +
                      format_duration(least),
                  "make \"" + std::string(bound) + "\" longer");
  }
}

void read_notification(SectionReader& root, Reading& reading) {
  SectionReader alerting = only_section(root, "alerting", reading);
  std::string file;
  if (alerting.text("notification_file", file)) {
    const Place place = alerting.place("notification_file");
    file = join_path(folder_of(root.document().file), file);
    read_named_file(reading, "notification_file", file, place, reading.problems);
    reading.config.notification_file = file;
  }
  read_alertmanagers(alerting, reading);
  alerting.done();
  NotificationConfig& limits = reading.config.notification;
  SectionReader reader = only_section(root, "notification", reading);
  reader.duration("retry_budget", limits.retry_budget);
  reader.duration("retry_delay", limits.retry_delay);
  reader.duration("retry_delay_max", limits.retry_delay_max);
  reader.duration("timeout", limits.timeout);
  reader.count("concurrency", limits.concurrency);
  reader.count("sink_concurrency", limits.sink_concurrency);
  reader.count("outbox_max", limits.outbox_max);
  reader.count("outbox_bytes_max", limits.outbox_bytes_max);
  reader.count("dead_letters_max", limits.dead_letters_max);
  reader.count("breaker_failures", limits.breaker_failures);
  reader.duration("breaker_pause", limits.breaker_pause);
  reader.duration("breaker_pause_max", limits.breaker_pause_max);
  check_not_below(
      reader, "retry_delay_max", limits.retry_delay_max, "retry_delay", limits.retry_delay);
  check_not_below(
      reader, "breaker_pause_max", limits.breaker_pause_max, "breaker_pause", limits.breaker_pause);
  reader.duration("start_delay", limits.start_delay);
  reader.count("alerts_max", limits.alerts_max);
  reader.count("alertmanager_queue_max", limits.alertmanager_queue_max);
  if (reader.duration("ack_links", limits.ack_links) && limits.ack_links > Millis(0) &&
      reading.config.global.external_url.empty()) {
    reading.warnings.add(reader.place("ack_links"),
                         "notices carry no ack links without global.external_url",
                         "set it to the address at which people reach this agent");
  }
  reader.count("history_rows_max", limits.history_rows_max);
  reader.count("history_bytes_max", limits.history_bytes_max);
  reader.duration("history_keep", limits.history_keep);
  read_noise(reader.section("noise"), limits.noise);
  reader.done();
}

void read_silences(SectionReader& root, Reading& reading) {
  SilenceConfig& silences = reading.config.silences;
  SectionReader reader = only_section(root, "silences", reading);
  reader.count("max", silences.max);
  reader.duration("length_max", silences.length_max);
  reader.count("matchers_min", silences.matchers_min);
  reader.duration("retention", silences.retention);
  reader.done();
}

void read_storage(SectionReader& root, Reading& reading) {
  StorageConfig& storage = reading.config.storage;
  SectionReader reader = only_section(root, "storage", reading);
  if (reader.text("path", storage.path)) {
    storage.path = join_path(folder_of(root.document().file), storage.path);
  }
  reader.duration("retention", storage.retention);
  reader.count("series_max", storage.series_max);
  reader.count("series_bytes_max", storage.series_bytes_max);
  reader.count("integration_series_max", storage.integration_series_max);
  SectionReader history = reader.section("history");
  history.flag("enabled", storage.history);
  history.duration("checkpoint_interval", storage.history_checkpoint_interval);
  if (!history.count("bytes_max", storage.history_bytes_max)) {
    // A checkpoint takes what is in memory at most; its journal has as much again.
    storage.history_bytes_max = std::max(storage.history_bytes_max, 2 * storage.series_bytes_max);
  }
  history.done();
  SectionReader journal = reader.section("journal");
  journal.duration("retention", storage.journal_retention);
  journal.count("bytes_max", storage.journal_bytes_max);
  journal.done();
  reader.done();
}

void read_web(SectionReader& root, Reading& reading) {
  WebConfig& web = reading.config.web;
  SectionReader reader = only_section(root, "web", reading);
  if (reader.text("listen", web.listen)) {
    if (const auto address = parse_listen_address(web.listen); !address) {
      reader.report("listen", address.error().message, std::string(kListenRemedy));
    }
  }
  SectionReader limits = reader.section("limits");
  limits.count("connections_max", web.connections_max);
  limits.count("header_bytes_max", web.header_bytes_max);
  limits.count("body_bytes_max", web.body_bytes_max);
  limits.duration("read_timeout", web.read_timeout);
  limits.duration("write_timeout", web.write_timeout);
  limits.duration("idle_timeout", web.idle_timeout);
  limits.done();
  RemoteWriteConfig& write = web.remote_write;
  SectionReader receiver = reader.section("remote_write_receiver");
  receiver.flag("enabled", write.enabled);
  receiver.count("body_bytes_max", write.body_bytes_max);
  receiver.count("decoded_bytes_max", write.decoded_bytes_max);
  receiver.count("series_max", write.series_max);
  receiver.count("samples_max", write.samples_max);
  receiver.count("labels_max", write.labels_max);
  receiver.count("label_name_bytes_max", write.label_name_bytes_max);
  receiver.count("label_value_bytes_max", write.label_value_bytes_max);
  receiver.done();
  reader.done();
}

void read_query(SectionReader& root, Reading& reading) {
  QueryConfig& query = reading.config.query;
  SectionReader reader = only_section(root, "query", reading);
  reader.duration("timeout", query.timeout);
  reader.count("max_concurrency", query.max_concurrency);
  reader.count("max_samples", query.max_samples);
  reader.count("memory_bytes_max", query.memory_bytes_max);
  reader.duration("lookback_delta", query.lookback_delta);
  if (reader.texts("enable_features", query.enable_features)) {
    for (const std::string& names : query.enable_features) {
      for (const std::string& warning : rules::promql::enable_features(names, query.features)) {
        reading.warnings.add(
            reader.place("enable_features"), warning, rules::promql::known_features());
      }
    }
  }
  reader.done();
}

}  // namespace seamwatch::agent
