// KeptSilences: the silences and acks of this agent, durable before anybody hears that they hold.
// Secrets and personal data leave their texts and matchers before anything keeps them; who
// silenced or took on stays. Owned by the notifier; loop thread. What may be set is rules/routing's
// to decide.
#pragma once

#include <set>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/agent_ports.h"
#include "agent/notify/history.h"
#include "agent/privacy/alert_privacy.h"
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

  // `retention`: how long ended silences are shown. Silences that hold more than `redactor` lets
  // stay, as an earlier one let it, are redacted; clean_up() writes them. Requires: silences are
  // put back.
  void apply(rules::SilencePolicy policy,
             Millis retention,
             Redactor redactor,
             LabelDigest label_digest);

  // See rules::SilenceSet::plan_set and plan_expire.
  boost::asio::awaitable<SilenceAnswer> set(rules::Silence wanted);
  boost::asio::awaitable<SilenceAnswer> expire(std::string id);

  const rules::SilenceSet& silences() const { return silences_; }

  // See silence_privacy.h.
  rules::Matchers as_asked(rules::Matchers matchers) const;

  // Error: the store's; nothing is acknowledged then.
  boost::asio::awaitable<Status> acknowledge(rules::Ack ack);

  // Forgets who took on alerts whose end has been told. Requires: each has an end.
  boost::asio::awaitable<void> end_acks(std::vector<rules::AlertPtr> told);

  // Takes an ack back. False where there is none. Error: the store's.
  boost::asio::awaitable<Result<bool>> take_back(std::uint64_t fingerprint);

  const rules::AckSet& acks() const { return acks_; }

  // Forgets ended silences after their retention, and expired acks. Writes what apply() redacted.
  boost::asio::awaitable<void> clean_up(WallTime now);

 private:
  void redact_kept();
  std::vector<KeyValue> entries_of(const std::set<std::string>& silences) const;
  boost::asio::awaitable<SilenceAnswer> commit(rules::SilenceChange change);
  boost::asio::awaitable<void> clean_up_silences(WallTime now);

  AgentPorts ports_;
  Store& store_;
  History& history_;
  rules::SilencePolicy policy_;
  Redactor redactor_;
  LabelDigest label_digest_;
  std::set<std::string> unwritten_;  // ids of silences that were redacted
  Millis retention_{};
  rules::SilenceSet silences_;
  rules::AckSet acks_;
};

}  // namespace seamwatch::agent
