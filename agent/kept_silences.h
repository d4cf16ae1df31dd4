// KeptSilences: the silences and acks of this agent, durable before anybody hears that they hold.
// Secrets and personal data leave their texts before anything keeps them; who silenced or took on
// stays. Owned by the notifier; loop thread. What may be set is rules/routing's to decide.
#pragma once

#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/agent_ports.h"
#include "agent/history.h"
#include "agent/privacy/redactor.h"
#include "agent/store/store.h"
#include "rules/routing/ack.h"
#include "rules/routing/alert_store.h"
#include "rules/routing/silence_set.h"

namespace seamwatch::agent {

// What came of setting or ending a silence.
struct SilenceAnswer {
  enum class Kind { done, refused, not_found, not_stored };

  Kind kind = Kind::done;
  std::string text;  // the id where it is done, else why not
};

class KeptSilences {
 public:
  // `store` and `history`, which is told of acks, outlive this.
  KeptSilences(AgentPorts ports, Store& store, History& history)
      : ports_(ports), store_(store), history_(history) {}

  // Puts back what the store kept; drops what cannot be read.
  void restore_silences(const std::vector<KeyValue>& kept);
  void restore_acks(const std::vector<KeyValue>& kept);

  // `retention`: how long ended silences are shown.
  void apply(rules::SilencePolicy policy, Millis retention, Redactor redactor);

  // See rules::SilenceSet::plan_set and plan_expire.
  boost::asio::awaitable<SilenceAnswer> set(rules::Silence wanted);
  boost::asio::awaitable<SilenceAnswer> expire(std::string id);

  const rules::SilenceSet& silences() const { return silences_; }

  // Error: the store's; nothing is acknowledged then.
  boost::asio::awaitable<Status> acknowledge(rules::Ack ack);

  // Forgets who took on alerts whose end has been told. Requires: each has an end.
  boost::asio::awaitable<void> end_acks(std::vector<rules::AlertPtr> told);

  // Takes an ack back. False where there is none. Error: the store's.
  boost::asio::awaitable<Result<bool>> take_back(std::uint64_t fingerprint);

  const rules::AckSet& acks() const { return acks_; }

  // Forgets ended silences after their retention, and expired acks.
  boost::asio::awaitable<void> clean_up(WallTime now);

 private:
  boost::asio::awaitable<SilenceAnswer> commit(rules::SilenceChange change);

  AgentPorts ports_;
  Store& store_;
  History& history_;
  rules::SilencePolicy policy_;
  Redactor redactor_;
  Millis retention_{};
  rules::SilenceSet silences_;
  rules::AckSet acks_;
};

}  // namespace seamwatch::agent
