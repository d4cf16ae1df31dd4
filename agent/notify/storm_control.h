// StormControl: the storms of the running agent: rules/noise/storms.h decides what waits and what a
// summary tells; this logs it and keeps over a restart which sinks are in a storm. Owned by the
// notifier; loop thread. Why so: agent/decisions/noise-control.md.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/kept_state.h"
#include "rules/noise/storms.h"

namespace seamwatch::agent {

class StormControl {
 public:
  using Undelivered = rules::Storms::Undelivered;
  using Summary = rules::Storms::Summary;
  using Standing = rules::Storms::Standing;
  using Totals = rules::Storms::Totals;

  // `store` outlives this.
  StormControl(Store& store, Undelivered undelivered);

  // Puts back which sinks were in a storm before a restart; before apply(). Drops what cannot be
  // read.
  void restore(const std::vector<KeyValue>& kept, WallTime now);

  // As in rules::Storms.
  void apply(const rules::BrakePolicy& policy) { storms_.apply(policy); }

  void begin_turn(const std::string& group_key) { storms_.begin_turn(group_key); }

  bool holds(rules::SinkDecision& decision, WallTime now);
  bool brakes(const Notification& notice, WallTime now);

  Summary summary_of(rules::Storms::Held held, WallTime now);

  std::optional<rules::NotificationKey> undelivered_summary(
      const rules::NotificationKey& key) const {
    return storms_.undelivered_summary(key);
  }

  std::vector<Summary> due(WallTime now);
  void told(const Summary& summary);

  void refused(const Summary& summary, WallTime now) { storms_.refused(summary, now); }

  std::vector<Standing> standings() const { return storms_.standings(); }

  const Totals& totals() const { return storms_.totals(); }

  // Writes what changed. Error: the store's; it is tried again with the next call.
  boost::asio::awaitable<Status> keep();

 private:
  void note_turns();
  static void log_summary(const Summary& summary);

  KeptState kept_;
  rules::Storms storms_;
};

}  // namespace seamwatch::agent
