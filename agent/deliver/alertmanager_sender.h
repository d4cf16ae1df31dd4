// AlertmanagerSender: tells every configured Alertmanager of the alerts of our own rules, as
// Prometheus does: from a bounded queue each, in batches, one request at a time for each. What
// cannot be sent is tried again with growing delays; resolved alerts that are not told yet outlive
// a restart. Fed by the evaluator, owned by the agent; loop thread.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/agent_ports.h"
#include "agent/base/kept_state.h"
#include "agent/base/task_group.h"
#include "agent/config/config.h"
#include "agent/config/load.h"
#include "agent/core/notification.h"
#include "agent/oauth2/token_cache.h"
#include "agent/privacy/alert_privacy.h"
#include "rules/routing/alert_queue.h"

namespace seamwatch::agent {

inline constexpr std::string_view kAlertmanagerSpace = "alertmanager_unsent";

class AlertmanagerSender {
 public:
  // Alerts in one request, as in Prometheus; fewer for an Alertmanager that finds that too large.
  static constexpr std::size_t kBatchMax = 256;

  // After each request: to which address, how many alerts, whether it took them, how long that
  // took. For metrics.
  using OnSent = std::function<void(
      const std::string& address, std::size_t alerts, bool accepted, Nanos duration)>;

  struct Hooks {
    ClassOfAlert class_of;  // the privacy class of an alert as take() is given it
    OnSent on_sent;
  };

  // How it stands with one Alertmanager.
  struct Standing {
    std::string address;
    std::size_t queue = 0;
    std::int64_t capacity = 0;
    rules::AlertQueueDrops drops;
    bool failing = false;  // its last request came to nothing
  };

  // `store` outlives this.
  AlertmanagerSender(AgentPorts ports,
                     Store& store,
                     TaskGroup& tasks,
                     Hooks hooks,
                     Environment environment = process_environment());
  ~AlertmanagerSender();

  // Puts back what was kept, to be sent when apply() has said where; before the first apply().
  void restore(const std::vector<KeyValue>& kept);

  // Sends to the Alertmanagers of `config` from now on. Queues of addresses that stay are kept;
  // those of addresses that are gone are dropped.
  void apply(std::shared_ptr<const Config> config);

  // Queues the alerts for every Alertmanager, relabelled as the configuration says for all and for
  // each, with what the privacy class of each lets leave: it is that of the alert before anything
  // is relabelled, as it now stands. Each holds until its ends_at. Requires: apply() was called.
  void take(const std::vector<Alert>& alerts);

  // Starts requests as they become due. Until cancelled.
  boost::asio::awaitable<void> run();

  // Writes which resolved alerts are not told yet. Error: the store's; tried again with the next.
  boost::asio::awaitable<Status> keep();

  std::vector<Standing> standings() const;

 private:
  struct Restored {
    rules::AlertPtr alert;
    bool let_to_leave = false;  // by its privacy class, before it was kept
  };

  struct Peer;
  using PeerPtr = std::shared_ptr<Peer>;

  boost::asio::awaitable<void> drain(PeerPtr peer);
  boost::asio::awaitable<Delivery> send(PeerPtr peer, std::vector<rules::AlertPtr> batch);
  bool settle(Peer& peer, const std::vector<rules::AlertPtr>& batch, const Delivery& delivery);
  void note(Peer& peer, const Delivery& delivery);
  void take_back(Peer& peer, Restored kept);
  void keep_changes(Peer& peer);

  AgentPorts ports_;
  TaskGroup& tasks_;
  Hooks hooks_;
  Environment environment_;
  KeptState kept_;
  std::shared_ptr<TokenCache> tokens_ = std::make_shared<TokenCache>();
  std::shared_ptr<const Config> config_;
  std::map<std::string, PeerPtr> peers_;                   // by address
  std::map<std::string, std::vector<Restored>> restored_;  // likewise
};

}  // namespace seamwatch::agent
