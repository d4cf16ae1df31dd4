// KeptAlerts: the alerts that others post, on disk until their end was recorded, so that they
// outlive a restart; likewise own ones that have ended, and those whose end was lost with a notice.
// What changes between two flushes is written as one block, one after the other: alerts that come
// together lie together, where a row of its own for each would touch a page each, and what they
// share is said once. A block goes when none of its alerts is as it says any more, and from time to
// time the oldest one is written anew, so that the disk holds at most about twice what is current.
// Owned by the notifier; loop thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include "agent/store/store.h"
#include "rules/routing/alert_store.h"

namespace seamwatch::agent {

class KeptAlerts {
 public:
  // `alerts`: how they now stand. Requires: both outlive this.
  KeptAlerts(Store& store, const rules::AlertStore& alerts) : store_(store), alerts_(alerts) {}

  // What was kept, each alert as it was last written. Before any change. `kept`: the whole space
  // kPostedAlertSpace, by key. Lines that cannot be read are dropped, with a word in the log.
  std::vector<rules::IncomingAlert> restore(const std::vector<KeyValue>& kept);

  // To be written as it stands at the next flush.
  void set(std::uint64_t fingerprint) { changes_[fingerprint] = true; }

  bool keeps(std::uint64_t fingerprint) const;

  // To be forgotten, where it is kept.
  void erase(std::uint64_t fingerprint);

  bool dirty() const { return !changes_.empty() || !gone_.empty(); }

  // Writes all changes in one transaction. Error: the store's; they stay for the next flush.
  // `meanwhile`, if given, is called once, while they are being written.
  boost::asio::awaitable<Status> flush(Writer::Meanwhile meanwhile = {});

 private:
  struct Block {
    std::size_t lines = 0;
    std::size_t current = 0;            // alerts of which nothing newer is known
    std::vector<std::uint64_t> alerts;  // that were so when it was written
  };

  // By fingerprint; false = erased.
  using Changes = boost::unordered_flat_map<std::uint64_t, bool>;

  void join_block(std::uint64_t fingerprint, Block& newest);
  void leave_block(std::uint64_t fingerprint);
  void drop_blocks(Changes& writing);
  std::vector<KeyValue> make_block(const Changes& writing);
  void take_back(std::uint64_t number,
                 const Changes& writing,
                 const std::vector<std::string>& gone);

  Store& store_;
  const rules::AlertStore& alerts_;
  Changes changes_;
  std::vector<std::string> gone_;          // keys of blocks to be deleted
  std::map<std::uint64_t, Block> blocks_;  // by number, which is their age
  std::uint64_t last_block_ = 0;
  std::size_t lines_ = 0;                                             // of all blocks
  boost::unordered_flat_map<std::uint64_t, std::uint64_t> block_of_;  // of the current alerts
};

}  // namespace seamwatch::agent
