#include "agent/self_metrics.h"

#include <algorithm>
#include <tuple>

#include "agent/core/assert.h"
#include "exporters/metrics/probe_families.h"

namespace seamwatch::agent {
namespace {

const exporters::Family& family(std::string_view name) {
  const exporters::Family* found = exporters::find_family(name);
  SW_ASSERT(found != nullptr);
  return *found;
}

Labels named(std::string_view name, Labels labels = {}) {
  labels.set("__name__", name);
  return labels;
}

}  // namespace

SelfMetrics::SelfMetrics(const std::string& version) {
  gauge("seamwatch_build_info", Labels{{"version", version}}).set(1);
  slip_ = metrics_.histogram(family("seamwatch_probe_slip_seconds"),
                             {},
                             {0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 15});
  counter("seamwatch_rule_evaluations_total");
  counter("seamwatch_rule_evaluation_failures_total");
  counter("seamwatch_template_text_expansion_failures_total");
  gauge("seamwatch_config_last_reload_successful").set(1);
}

exporters::CounterHandle SelfMetrics::counter(std::string_view name, const Labels& labels) {
  return metrics_.counter(family(name), labels);
}

exporters::GaugeHandle SelfMetrics::gauge(std::string_view name, const Labels& labels) {
  return metrics_.gauge(family(name), labels);
}

void SelfMetrics::expect_receiver(const std::string& receiver) {
  dead_letters_.try_emplace(receiver, 0);
  counter("seamwatch_outbox_dead_letters_total", Labels{{"receiver", receiver}});
}

void SelfMetrics::started(double slip_seconds) {
  slip_.observe(slip_seconds);
  slips_[slip_at_] = std::max(slips_[slip_at_], slip_seconds);
}

void SelfMetrics::evaluated(const std::string& group, const rules::GroupResult& result) {
  counter("seamwatch_rule_evaluations_total").add();
  counter("seamwatch_rule_evaluation_failures_total")
      .add(static_cast<double>(result.errors.size()));
  rule_failures_ += static_cast<double>(result.errors.size());
  counter("seamwatch_template_text_expansion_failures_total")
      .add(static_cast<double>(result.template_failures));
  template_failures_ += static_cast<double>(result.template_failures);
  const auto missed = static_cast<double>(result.missed_iterations);
  counter("seamwatch_rule_group_missed_iterations_total", Labels{{"rule_group", group}})
      .add(missed);
  missed_iterations_[group] += missed;
  gauge("seamwatch_rule_group_last_duration_seconds", Labels{{"rule_group", group}})
      .set(seconds(result.duration));
}

void SelfMetrics::attempted(const Notification& notification,
                            const Delivery& delivery,
                            rules::NextStep next) {
  counter("seamwatch_notifications_total",
          Labels{{"receiver", notification.receiver},
                 {"sink", notification.sink},
                 {"outcome", std::string(to_string(delivery.outcome))}})
      .add();
  if (next == rules::NextStep::dead) {
    counter("seamwatch_outbox_dead_letters_total", Labels{{"receiver", notification.receiver}})
        .add();
    dead_letters_[notification.receiver] += 1;
  }
}

void SelfMetrics::reloaded(bool successful, WallTime at) {
  reload_successful_ = successful;
  gauge("seamwatch_config_last_reload_successful").set(successful ? 1 : 0);
  if (successful) {
    reloaded_at_ = at;
    gauge("seamwatch_config_last_reload_success_timestamp_seconds").set(unix_seconds(at));
  }
}

void SelfMetrics::gauge_sample(std::string_view name,
                               double value,
                               const SelfObservation& now,
                               rules::SeriesStore& series) {
  gauge(name).set(value);
  series.append(Sample{named(name), now.at, value});
}

void SelfMetrics::counter_to(std::string_view name, double total, const Labels& labels) {
  const exporters::CounterHandle handle = counter(name, labels);
  handle.add(std::max(0.0, total - handle.value()));
}

void SelfMetrics::observe_series(const SelfObservation& now, rules::SeriesStore& series) {
  const rules::SeriesStoreStats& stored = now.stored;
  const std::pair<const char*, std::uint64_t> refused[] = {
      {"series_max", stored.refused_series_limit},
      {"integration_series_max", stored.refused_integration_limit},
      {"series_bytes_max", stored.refused_bytes_limit}};
  for (const auto& [limit, total] : refused) {
    const Labels labels{{"limit", limit}};
    counter_to("seamwatch_series_refused_total", static_cast<double>(total), labels);
    series.append(Sample{
        named("seamwatch_series_refused_total", labels), now.at, static_cast<double>(total)});
  }
  gauge("seamwatch_series_bytes").set(static_cast<double>(stored.bytes));
  gauge("seamwatch_series_samples").set(static_cast<double>(stored.samples));
  gauge("seamwatch_series_retention_seconds").set(seconds(stored.retention));
  counter_to("seamwatch_series_appended_total", static_cast<double>(stored.appended));
  counter_to("seamwatch_series_refused_samples_total",
             static_cast<double>(stored.refused_out_of_order),
             Labels{{"reason", "out_of_order"}});
  counter_to("seamwatch_series_refused_samples_total",
             static_cast<double>(stored.refused_duplicate),
             Labels{{"reason", "duplicate"}});
  if (!now.history) {
    return;
  }
  const SeriesJournalStats& journal = now.history->journal;
  gauge_sample("seamwatch_history_healthy", journal.healthy ? 1 : 0, now, series);
  const auto corrupt = static_cast<double>(journal.corrupt_files);
  counter_to("seamwatch_history_corrupt_files_total", corrupt);
  gauge("seamwatch_history_bytes").set(static_cast<double>(journal.bytes));
  counter_to("seamwatch_history_checkpoints_total", static_cast<double>(journal.checkpoints));
  counter_to("seamwatch_history_failures_total", static_cast<double>(journal.failures));
  series.append(Sample{
      named("seamwatch_history_failures_total"), now.at, static_cast<double>(journal.failures)});
  // Files are set aside at the start only: begun at zero, so that rules see the increase.
  series.append(
      Sample{named("seamwatch_history_corrupt_files_total"), now.at, corrupt_files_told_});
  corrupt_files_told_ = corrupt;
  if (journal.kept_at) {
    gauge("seamwatch_history_kept_timestamp_seconds").set(unix_seconds(*journal.kept_at));
  }
  gauge("seamwatch_history_restored_series").set(static_cast<double>(now.history->restored_series));
  gauge("seamwatch_history_restore_duration_seconds").set(seconds(now.history->restore_duration));
}

void SelfMetrics::observe(const SelfObservation& now, rules::SeriesStore& series) {
  gauge_sample("seamwatch_loop_lag_seconds", now.loop_lag_seconds, now, series);
  gauge_sample("seamwatch_outbox_pending", static_cast<double>(now.outbox_pending), now, series);
  gauge_sample("seamwatch_outbox_limit", static_cast<double>(now.outbox_limit), now, series);
  gauge_sample(
      "seamwatch_outbox_bytes", static_cast<double>(now.store.outbox_pending_bytes), now, series);
  gauge_sample(
      "seamwatch_outbox_bytes_limit", static_cast<double>(now.outbox_bytes_limit), now, series);
  observe_circuits(now, series);
  observe_journal(now.journal);
  observe_alerts(now, series);
  observe_noise(now, series);
  observe_alertmanagers(now, series);
  gauge_sample("seamwatch_outbox_held", static_cast<double>(now.outbox_held), now, series);
  gauge_sample("seamwatch_store_healthy", now.store.healthy ? 1 : 0, now, series);
  gauge_sample("seamwatch_config_last_reload_successful", reload_successful_ ? 1 : 0, now, series);
  const double slip_max = *std::max_element(slips_.begin(), slips_.end());
  gauge_sample("seamwatch_probe_slip_max_seconds", slip_max, now, series);
  slip_at_ = (slip_at_ + 1) % slips_.size();
  slips_[slip_at_] = 0;
  series.append(Sample{named("seamwatch_rule_evaluation_failures_total"), now.at, rule_failures_});
  series.append(Sample{
      named("seamwatch_template_text_expansion_failures_total"), now.at, template_failures_});
  for (const auto& [group, total] : missed_iterations_) {
    series.append(
        Sample{named("seamwatch_rule_group_missed_iterations_total", {{"rule_group", group}}),
               now.at,
               total});
  }
  for (const auto& [receiver, total] : dead_letters_) {
    series.append(Sample{
        named("seamwatch_outbox_dead_letters_total", {{"receiver", receiver}}), now.at, total});
  }
  gauge("seamwatch_probes_in_flight").set(static_cast<double>(now.schedule.in_flight));
  counter_to("seamwatch_probe_skipped_total", static_cast<double>(now.schedule.skipped));
  gauge("seamwatch_series").set(static_cast<double>(now.series));
  observe_series(now, series);
  gauge("seamwatch_exposition_series").set(static_cast<double>(now.exposition_series));
  gauge("seamwatch_outbox_dead_letters_kept").set(static_cast<double>(now.store.outbox_dead));
  gauge("seamwatch_outbox_dead_letters_bytes")
      .set(static_cast<double>(now.store.outbox_dead_bytes));
  gauge("seamwatch_store_bytes").set(static_cast<double>(now.store.bytes));
  counter_to("seamwatch_store_commits_total", static_cast<double>(now.store.commits));
  counter_to("seamwatch_store_failed_transactions_total",
             static_cast<double>(now.store.failed_transactions));
  gauge("seamwatch_store_last_commit_duration_seconds")
      .set(seconds(now.store.last_commit_duration));
  gauge("seamwatch_store_jobs_waiting").set(static_cast<double>(now.store.waiting));
  gauge("seamwatch_web_connections").set(static_cast<double>(now.web.connections));
  counter_to("seamwatch_web_requests_total", static_cast<double>(now.web.requests));
  counter_to("seamwatch_web_refused_connections_total",
             static_cast<double>(now.web.refused_connections));
  counter_to("seamwatch_web_bad_requests_total", static_cast<double>(now.web.bad_requests));
  counter_to("seamwatch_web_handler_failures_total", static_cast<double>(now.web.handler_failures));
  observe_api(now);
}

void SelfMetrics::observe_journal(const History::Stats& journal) {
  gauge("seamwatch_notification_history_rows").set(static_cast<double>(journal.rows));
  gauge("seamwatch_notification_history_rows_limit").set(static_cast<double>(journal.rows_limit));
  gauge("seamwatch_notification_history_bytes").set(static_cast<double>(journal.bytes));
  gauge("seamwatch_notification_history_bytes_limit").set(static_cast<double>(journal.bytes_limit));
  gauge("seamwatch_notification_history_held").set(static_cast<double>(journal.held));
  counter_to("seamwatch_notification_history_dropped_total", static_cast<double>(journal.dropped));
}

void SelfMetrics::alertmanager_sent(const std::string& address,
                                    std::size_t alerts,
                                    bool accepted,
                                    Nanos duration) {
  const Labels labels{{"alertmanager", address}};
  const auto amount = static_cast<double>(alerts);
  counter("seamwatch_notifications_sent_total", labels).add(amount);
  counter("seamwatch_notifications_errors_total", labels).add(accepted ? 0 : amount);
  const auto [latency, made] = alertmanager_latency_.try_emplace(address);
  if (made) {
    latency->second = metrics_.histogram(family("seamwatch_notifications_latency_seconds"),
                                         labels,
                                         {0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10});
  }
  latency->second.observe(seconds(duration));
}

void SelfMetrics::observe_alertmanagers(const SelfObservation& now, rules::SeriesStore& series) {
  gauge("seamwatch_notifications_alertmanagers_discovered")
      .set(static_cast<double>(now.alertmanagers.size()));
  for (const auto& [address, latency] : alertmanager_latency_) {  // a reload may have removed it
    gauge("seamwatch_notifications_queue_length", Labels{{"alertmanager", address}}).set(0);
  }
  for (const AlertmanagerSender::Standing& each : now.alertmanagers) {
    const Labels labels{{"alertmanager", each.address}};
    const std::pair<const char*, std::uint64_t> drops[] = {{"queue_full", each.drops.queue_full},
                                                           {"expired", each.drops.expired},
                                                           {"rejected", each.drops.rejected}};
    for (const auto& [reason, total] : drops) {
      const Labels why{{"alertmanager", each.address}, {"reason", reason}};
      counter_to("seamwatch_notifications_dropped_total", static_cast<double>(total), why);
      series.append(Sample{
          named("seamwatch_notifications_dropped_total", why), now.at, static_cast<double>(total)});
    }
    gauge("seamwatch_notifications_queue_length", labels).set(static_cast<double>(each.queue));
    gauge("seamwatch_notifications_queue_capacity", labels).set(static_cast<double>(each.capacity));
    for (const char* name :
         {"seamwatch_notifications_sent_total", "seamwatch_notifications_errors_total"}) {
      series.append(Sample{named(name, labels), now.at, counter(name, labels).value()});
    }
  }
}

void SelfMetrics::observe_circuits(const SelfObservation& now, rules::SeriesStore& series) {
  for (auto& [labels, open] : circuits_) {
    open = false;
  }
  for (const Labels& labels : now.open_circuits) {
    circuits_[labels] = true;
  }
  for (const auto& [labels, open] : circuits_) {
    gauge("seamwatch_receiver_circuit_open", labels).set(open ? 1 : 0);
    series.append(
        Sample{named("seamwatch_receiver_circuit_open", labels), now.at, open ? 1.0 : 0.0});
  }
}

void SelfMetrics::observe_alerts(const SelfObservation& now, rules::SeriesStore& series) {
  gauge_sample("seamwatch_alerts_limit", static_cast<double>(now.alerts_limit), now, series);
  const std::tuple<const char*, std::size_t, std::uint64_t> origins[] = {
      {"own", now.alerts.own, now.alerts.refused_own},
      {"posted", now.alerts.posted, now.alerts.refused_posted}};
  for (const auto& [origin, held, refused] : origins) {
    const Labels labels{{"origin", origin}};
    const auto total = static_cast<double>(refused);
    gauge("seamwatch_alerts_held", labels).set(static_cast<double>(held));
    counter_to("seamwatch_alerts_refused_total", total, labels);
    series.append(
        Sample{named("seamwatch_alerts_held", labels), now.at, static_cast<double>(held)});
    series.append(Sample{named("seamwatch_alerts_refused_total", labels), now.at, total});
  }
}

void SelfMetrics::observe_noise(const SelfObservation& now, rules::SeriesStore& series) {
  const auto sample = [&](std::string_view name, const Labels& labels, double value) {
    gauge(name, labels).set(value);
    series.append(Sample{named(name, labels), now.at, value});
  };
  sample("seamwatch_noise_systems_down", {}, static_cast<double>(now.noise.systems_down));
  sample("seamwatch_noise_flapping_alerts", {}, static_cast<double>(now.noise.flapping));
  const std::pair<const char*, std::size_t> held[] = {{"system_down", now.noise.held_by_systems},
                                                      {"flapping", now.noise.held_by_flapping}};
  for (const auto& [reason, alerts] : held) {
    sample("seamwatch_noise_alerts_held", {{"reason", reason}}, static_cast<double>(alerts));
  }
  for (auto& [sink, waiting] : storms_) {
    waiting = std::nullopt;
  }
  for (const StormControl::Standing& storm : now.storms) {
    storms_[Labels{{"receiver", storm.receiver}, {"sink", storm.sink}}] = storm.waiting;
  }
  for (const auto& [sink, waiting] : storms_) {
    sample("seamwatch_noise_storm", sink, waiting ? 1 : 0);
    sample("seamwatch_noise_notices_waiting", sink, static_cast<double>(waiting.value_or(0)));
  }
  counter_to("seamwatch_noise_notices_held_total", static_cast<double>(now.storm_totals.held));
  counter_to("seamwatch_noise_summaries_total", static_cast<double>(now.storm_totals.summaries));
}

void SelfMetrics::observe_api(const SelfObservation& now) {
  const auto count = [this](std::string_view name, std::uint64_t total, const Labels& labels = {}) {
    counter_to(name, static_cast<double>(total), labels);
  };
  gauge("seamwatch_api_calls_running").set(static_cast<double>(now.api.running));
  gauge("seamwatch_api_query_memory_bytes").set(static_cast<double>(now.api.query_bytes));
  count("seamwatch_api_queries_total", now.api.queries);
  count("seamwatch_api_query_failures_total", now.api.failed_queries);
  count("seamwatch_api_query_timeouts_total", now.api.timeouts);
  const RemoteWriteStats& write = now.remote_write;
  count("seamwatch_remote_write_requests_total", write.requests);
  count("seamwatch_remote_write_refused_requests_total", write.refused_requests);
  count("seamwatch_remote_write_samples_total", write.samples);
  const std::pair<const char*, std::uint64_t> refused[] = {
      {"out_of_order", write.refused_out_of_order},
      {"duplicate", write.refused_duplicate},
      {"out_of_bounds", write.refused_out_of_bounds},
      {"invalid", write.refused_invalid},
      {"series_limit", write.refused_series_limit},
      {"histogram", write.refused_histograms}};
  for (const auto& [reason, total] : refused) {
    count("seamwatch_remote_write_refused_samples_total", total, Labels{{"reason", reason}});
  }
}

}  // namespace seamwatch::agent
