// History: the journal of notifications: every decision about alerts, with its reason, so that
// people can ask who was told when, and why somebody was not. Entries wait in memory for a fraction
// of a second and are written together, beside what is decided and never before it: while the store
// fails, notices go on and entries wait, as many as there is room for. Owned by the agent; loop
// thread. Why so: agent/decisions/notification-history.md.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/unordered/unordered_flat_set.hpp>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/core/notification.h"
#include "agent/privacy/redactor.h"
#include "agent/store/history_rows.h"
#include "agent/store/store.h"
#include "rules/routing/history_entry.h"

namespace seamwatch::agent {

class History {
 public:
  struct Stats {
    std::int64_t rows = 0;
    std::int64_t rows_limit = 0;
    std::int64_t bytes = 0;
    std::int64_t bytes_limit = 0;
    std::size_t held = 0;       // that wait to be written
    std::uint64_t dropped = 0;  // that found no room to wait
  };

  // Both outlive this.
  History(Clock& clock, Store& store) : clock_(clock), store_(store) {}

  // Bounds, and what takes secrets and personal data out of reasons, from now on.
  void apply(const NotificationConfig& limits, Redactor redactor);

  // Learns what is stored; before anything is recorded. Error: the store's.
  boost::asio::awaitable<Status> restore();

  // The last `count` entries, oldest first, with fingerprints and no labels. Error: the store's.
  boost::asio::awaitable<Result<std::vector<rules::HistoryEntry>>> latest(std::size_t count);

  // Takes an entry; its alerts are sorted by fingerprint.
  void record(rules::HistoryEntry entry);

  // An entry about a notice: receiver, sink, group and alerts are the notice's.
  void record(rules::HistoryEntry entry, const Notification& notice);

  // Writes what waits, again and again. Until cancelled.
  boost::asio::awaitable<void> run();

  // Writes what waits, then removes what is too old or too much; a second call at the same time
  // returns at once. Error: the store's; what was not written waits on.
  boost::asio::awaitable<Status> flush();

  // What is stored, oldest first.
  const std::deque<HistorySegment>& segments() const { return segments_; }

  Stats stats() const;

 private:
  struct Waiting {
    HistoryRow row;
    std::optional<HistorySet> set = std::nullopt;  // where it is new
    std::vector<HistoryLabels> labels = {};        // likewise
  };

  bool make_room();
  void roll(WallTime now);
  void add(rules::HistoryEntry entry);
  HistoryBatch next_batch();
  void note_written(const HistoryBatch& batch, std::int64_t bytes);
  bool is_too_much(WallTime now) const;
  boost::asio::awaitable<Status> write_all();
  boost::asio::awaitable<Status> trim();

  Clock& clock_;
  Store& store_;
  Redactor redactor_;
  NotificationConfig limits_;
  std::deque<Waiting> waiting_;
  std::size_t alerts_waiting_ = 0;
  std::shared_ptr<const HistoryBatch> writing_;  // taken from waiting_ and not written yet
  bool flushing_ = false;
  std::uint64_t dropped_ = 0;
  std::deque<HistorySegment> segments_;
  // The segment that entries go to now, and what of it is known there.
  std::int64_t segment_ = 1;
  std::int64_t segment_rows_ = 0;
  WallTime segment_began_{};
  boost::unordered_flat_set<std::uint64_t> known_alerts_;
  boost::unordered_flat_set<std::uint64_t> known_sets_;
};

}  // namespace seamwatch::agent
