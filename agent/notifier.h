// Notifier: from alerts to accepted notifications. Enriches alerts with what the landscape knows,
// keeps them, groups them, decides who is told, and hands the notices to the deliverer. Owned by
// the agent; loop thread. All decisions are rules/routing's; this only waits and commits.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/agent_ports.h"
#include "agent/config/config.h"
#include "agent/deliverer.h"
#include "agent/store/store.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/decision.h"
#include "rules/routing/dispatcher.h"
#include "rules/routing/inhibit.h"
#include "rules/routing/notification_log.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::agent {

// One alert as the API and the pages show it.
struct AlertStanding {
  Alert alert;
  std::vector<std::string> receivers;
  std::optional<std::uint64_t> inhibited_by = std::nullopt;
  std::vector<std::string> muted_by;  // reasons
};

class Notifier {
 public:
  // All outlive this.
  Notifier(AgentPorts ports, Store& store, Deliverer& deliverer);

  // Puts back the notification log; before apply().
  void restore(const std::vector<KeyValue>& log);

  // Routes by `notify` from now on; nullptr = nobody is told, alerts are only shown. Alerts known
  // so far are routed anew; what was told is not told again.
  void apply(std::shared_ptr<const Config> config,
             std::shared_ptr<const rules::NotifyConfig> notify);

  // Takes alerts as the rules bring them.
  void take(std::vector<Alert> alerts);

  // Flushes groups when they are due. Until cancelled.
  boost::asio::awaitable<void> run();

  std::vector<AlertStanding> alerts() const;

  const rules::NotifyConfig* config() const { return notify_.get(); }

 private:
  void route_anew(WallTime now, WallTime not_before);
  boost::asio::awaitable<void> flush(rules::GroupFlush due,
                                     std::shared_ptr<rules::Dispatcher> dispatcher);
  boost::asio::awaitable<void> clean_up(WallTime now);

  AgentPorts ports_;
  Store& store_;
  Deliverer& deliverer_;
  std::shared_ptr<const Config> config_;
  std::shared_ptr<const rules::NotifyConfig> notify_;
  rules::AlertStore alerts_;
  rules::NotificationLog log_;
  std::unique_ptr<rules::Inhibitor> inhibitor_;
  std::shared_ptr<rules::Dispatcher> dispatcher_;
  WallTime cleaned_at_{};
  WallTime looked_at_{};
};

}  // namespace seamwatch::agent
