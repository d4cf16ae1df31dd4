// SelfMetrics: what the agent says about itself, in the scrape and as series for its own rules.
// Owned by the agent; loop thread.
#pragma once

#include <array>
#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/notification.h"
#include "agent/deliver/alertmanager_sender.h"
#include "agent/notify/history.h"
#include "agent/notify/notifier.h"
#include "agent/series_history.h"
#include "agent/store/writer.h"
#include "agent/watch/schedule.h"
#include "agent/web/prometheus/api.h"
#include "agent/web/prometheus/remote_write.h"
#include "agent/web/server.h"
#include "exporters/metrics/agent_metrics.h"
#include "rules/groups/group.h"
#include "rules/routing/retry_plan.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

// What is read at the moment of each observation.
struct SelfObservation {
  WallTime at{};
  double loop_lag_seconds = 0;
  ScheduleCounts schedule;
  WriterStats store;
  ServerStats web;
  ApiStats api;
  RemoteWriteStats remote_write;
  std::size_t outbox_pending = 0;
  std::size_t outbox_limit = 0;
  std::size_t outbox_held = 0;
  History::Stats journal;  // of the notifications
  std::int64_t outbox_bytes_limit = 0;
  std::vector<Labels> open_circuits;  // receiver and sink
  Notifier::AlertCounts alerts;
  std::size_t alerts_limit = 0;  // of own ones, and of posted ones
  NoiseControl::Counts noise;
  std::vector<StormControl::Standing> storms;
  StormControl::Totals storm_totals;
  std::vector<AlertmanagerSender::Standing> alertmanagers;
  std::size_t series = 0;
  rules::SeriesStoreStats stored;
  std::optional<SeriesHistory::Stats> history = std::nullopt;
  std::size_t exposition_series = 0;
};

class SelfMetrics {
 public:
  explicit SelfMetrics(const std::string& version);

  // Counts of dead letters start from zero for each receiver, so that the first one is an increase.
  void expect_receiver(const std::string& receiver);

  void started(double slip_seconds);
  void evaluated(const std::string& group, const rules::GroupResult& result);
  void attempted(const Notification& notification, const Delivery& delivery, rules::NextStep next);
  void alertmanager_sent(const std::string& address,
                         std::size_t alerts,
                         bool accepted,
                         Nanos duration);
  void reloaded(bool successful, WallTime at);

  // Of the last reload, and when the last one that succeeded was.
  bool reload_successful() const { return reload_successful_; }

  std::optional<WallTime> reloaded_at() const { return reloaded_at_; }

  // Takes in `now` and appends the agent's own series to `series`.
  void observe(const SelfObservation& now, rules::SeriesStore& series);

  std::string render(exporters::Format format) const { return metrics_.render(format); }

  std::size_t series() const { return metrics_.series(); }

 private:
  exporters::CounterHandle counter(std::string_view name, const Labels& labels = {});
  exporters::GaugeHandle gauge(std::string_view name, const Labels& labels = {});
  void gauge_sample(std::string_view name,
                    double value,
                    const SelfObservation& now,
                    rules::SeriesStore& series);
  void counter_to(std::string_view name, double total, const Labels& labels = {});
  void observe_api(const SelfObservation& now);
  void observe_journal(const History::Stats& journal);
  void observe_circuits(const SelfObservation& now, rules::SeriesStore& series);
  void observe_alerts(const SelfObservation& now, rules::SeriesStore& series);
  void observe_noise(const SelfObservation& now, rules::SeriesStore& series);
  void observe_alertmanagers(const SelfObservation& now, rules::SeriesStore& series);
  void observe_series(const SelfObservation& now, rules::SeriesStore& series);

  exporters::AgentMetrics metrics_;
  exporters::HistogramHandle slip_;
  std::array<double, 12> slips_{};  // the worst between two observations, of the last minute
  std::size_t slip_at_ = 0;         // the one of them that is being made
  double corrupt_files_told_ = 0;
  double rule_failures_ = 0;
  double template_failures_ = 0;
  std::map<std::string, double> missed_iterations_;                         // by rule group
  std::map<std::string, exporters::HistogramHandle> alertmanager_latency_;  // by address
  std::map<Labels, bool> circuits_;  // that were ever open, and whether they are
  std::map<Labels, std::optional<std::size_t>> storms_;  // that ever were: what waits; none = over
  std::map<std::string, double> dead_letters_;           // by receiver
  bool reload_successful_ = true;
  std::optional<WallTime> reloaded_at_;
};

}  // namespace seamwatch::agent
