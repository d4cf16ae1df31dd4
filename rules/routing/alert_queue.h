// AlertQueue: what one Alertmanager has yet to be told: of each alert the newest word, in the order
// in which the alerts came. Bounded. Says which entries must survive a restart. Pure: time is a
// parameter. One a peer, owned by the agent's alertmanager_sender.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <unordered_map>
#include <vector>

#include "agent/core/times.h"
#include "rules/routing/alert_store.h"

namespace seamwatch::rules {

struct AlertQueuePolicy {
  std::size_t capacity = 10'000;                     // alerts
  Millis resolved_kept = Millis(120LL * 3'600'000);  // that an Alertmanager remembers notices: 5 d
};

// Alerts that left the queue untold, by reason.
struct AlertQueueDrops {
  std::uint64_t queue_full = 0;
  std::uint64_t expired = 0;   // firing past its end without a newer word; resolved too long ago
  std::uint64_t rejected = 0;  // see reject()
};

class AlertQueue {
 public:
  explicit AlertQueue(AlertQueuePolicy policy = {}) : policy_(policy) {}

  // A newer word on an alert replaces the older one and keeps its place. Past the capacity the
  // oldest firing alert is dropped, as rules tell it again; where none is firing, the oldest.
  void put(AlertPtr alert, WallTime now);

  // Puts back what take_changes() asked to keep.
  void restore(AlertPtr alert);

  // The first `max` entries; what has expired by `now` is dropped before.
  std::vector<AlertPtr> batch(std::size_t max, WallTime now);

  // Removes what was told; an alert of which there is a newer word since stays.
  void sent(const std::vector<AlertPtr>& batch);

  // Likewise for what was refused for good; counted as dropped.
  void reject(const std::vector<AlertPtr>& batch);

  // Removes everything, uncounted: nobody is to be told any more.
  void clear();

  void set_capacity(std::size_t capacity);

  std::size_t size() const { return order_.size(); }

  bool empty() const { return order_.empty(); }

  const AlertQueueDrops& drops() const { return drops_; }

  // What changed since the last call. Resolved alerts are to be kept, as nobody tells them again;
  // firing ones come again from the rules.
  struct Changes {
    std::vector<AlertPtr> keep;         // to be written, by fingerprint of the labels
    std::vector<std::uint64_t> forget;  // fingerprints of what was written and is void
  };

  Changes take_changes();

 private:
  using Sequence = std::uint64_t;

  struct Entry {
    AlertPtr alert;
    bool resolved = false;
  };

  void place(Sequence sequence, Entry entry);
  void remove(std::uint64_t fingerprint);
  std::size_t remove_same(const std::vector<AlertPtr>& batch);
  void shrink();
  bool has_expired(const Entry& entry, WallTime now) const;

  AlertQueuePolicy policy_;
  AlertQueueDrops drops_;
  Sequence next_ = 0;
  std::map<Sequence, Entry> order_;
  std::unordered_map<std::uint64_t, Sequence> places_;  // by fingerprint
  std::set<Sequence> firing_;
  std::set<std::uint64_t> changed_;                   // fingerprints
  std::unordered_map<std::uint64_t, AlertPtr> kept_;  // what is written, by fingerprint
};

}  // namespace seamwatch::rules
