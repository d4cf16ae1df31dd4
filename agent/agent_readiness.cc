// What the agent says of itself: whether it is ready, and how its history of series fares.
#include "agent/agent.h"

namespace seamwatch::agent {
namespace {

// Empty where new alerts are taken.
std::string no_room_for(const Notifier::AlertCounts& alerts, std::size_t alerts_max) {
  const bool own_full = alerts.own >= alerts_max;
  if (!own_full && alerts.posted < alerts_max) {
    return "";
  }
  return "ready, but new alerts " + std::string(own_full ? "of our rules" : "that are posted") +
         " are refused: notification.alerts_max, " + std::to_string(alerts_max) + ", is reached";
}

}  // namespace

Agent::Readiness Agent::readiness() const {
  if (stopping_) {
    return {false, "stopping", false};
  }
  if (!failed_task_.empty()) {
    return {false, "restart it, a part ended: " + failed_task_, started_};
  }
  if (!started_) {
    return {false,
            store_problem_.empty()
                ? "starting"
                : "the store cannot be opened, so no rule is evaluated and nobody is told: " +
                      store_problem_,
            false};
  }
  if (const auto until = evaluator_.waits_until()) {
    return {
        false, "the clock was set back: no rule is evaluated until " + to_rfc3339(*until), false};
  }
  const WriterStats store = store_.stats();
  if (!store.healthy) {
    return {false, "the store cannot write: " + store.reason};
  }
  const auto limit = static_cast<std::size_t>(loaded_->config->notification.outbox_max);
  if (const std::size_t pending = deliverer_.pending(); pending * 5 >= limit * 4) {
    return {true,
            "ready, but the outbox fills: " + std::to_string(pending) + " of " +
                std::to_string(limit) + " notices wait"};
  }
  const std::int64_t bytes_max = loaded_->config->notification.outbox_bytes_max;
  if (store.outbox_pending_bytes >= bytes_max / 5 * 4) {
    return {true,
            "ready, but the outbox fills: " + std::to_string(store.outbox_pending_bytes) + " of " +
                std::to_string(bytes_max) + " bytes wait"};
  }
  if (series_history_ && !series_history_->stats().journal.healthy) {
    return {true,
            "ready, but the history of series is not kept, a restart would not know what comes "
            "now: " +
                series_history_->stats().journal.reason};
  }
  const auto alerts_max = static_cast<std::size_t>(loaded_->config->notification.alerts_max);
  if (std::string full = no_room_for(notifier_.alert_counts(), alerts_max); !full.empty()) {
    return {true, std::move(full)};
  }
  return {true, "ready"};
}

std::optional<SeriesHistory::Stats> Agent::series_history_stats() const {
  return series_history_ ? std::optional(series_history_->stats()) : std::nullopt;
}

}  // namespace seamwatch::agent
