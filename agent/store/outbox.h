// Outbox: notifications that were accepted and not yet delivered. Each change is durable before its
// function returns; while the store cannot write, changes are held in memory, in order, and flushed
// later, so that delivery goes on and nothing accepted is lost. Loop thread; owned by the agent.
// A coroutine that was cancelled must reset that (this_coro::reset_cancellation_state, or
// throw_if_cancelled(false)) before it records what it did, or Asio throws instead of recording.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/notification.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/store/outbox_change.h"
#include "agent/store/store.h"

namespace seamwatch::agent {

struct OutboxOptions {
  std::size_t held_max = 10'000;                     // puts held in memory while the store fails
  std::int64_t pending_max = 50'000;                 // rows; a put beyond it is refused
  std::int64_t dead_letters_max = 10'000;            // rows; the oldest go
  Millis delivered_kept = Millis(24 * 3600 * 1000);  // how long a delivered id is remembered
  std::int64_t bytes_max = 256 << 20;      // of what is pending; dead letters may take as much
  std::int64_t held_bytes_max = 64 << 20;  // of puts held in memory while the store fails
};

enum class Durability {
  stored,   // committed and synced
  held,     // in memory only: the store fails at present; flush() will write it
  refused,  // not taken: outbox full, or too much held. Only a put is ever refused
};

struct PutResult {
  Durability durability = Durability::stored;
  std::vector<std::string> known;  // ids that were pending, dead or delivered already: do not send
  std::string problem;             // why held or refused
};

struct OutboxEntry {
  Notification notification;
  int attempts = 0;
  WallTime next_attempt_at{};
  std::optional<WallTime> first_attempt_at = std::nullopt;
  std::string last_error;
  WallTime changed_at{};  // of a dead letter: when it was given up
  WallTime news_at{};     // of the oldest news in it: its retry budget counts from then
};

// Dead letters that are taken up, and the one notice that tells what is left of them; none where
// there is nothing to tell any more.
struct RedriveItem {
  std::vector<std::string> letters;
  std::optional<Notification> notice = std::nullopt;
};

class Outbox {
 public:
  // Requires: `store` outlives this.
  Outbox(Store& store, OutboxOptions options) : store_(store), options_(options) {}

  // Accepts notifications together with the entries of the notification log that say so, in one
  // transaction: after a crash either both are there or neither. Putting an id again is a no-op,
  // also for a day after it was delivered. The first attempt is due at once (`now`). Notifications
  // are read before this returns its awaitable.
  boost::asio::awaitable<PutResult> put(const std::vector<Notification>& notifications,
                                        std::vector<KeyValue> log,
                                        WallTime now);

  // Like put of one notification that takes the place of older ones that are pending, whose oldest
  // news is of `news_at`. `older` may name the newer one's own id, whose text is then replaced.
  // Where the newer one is known otherwise (delivered, dead), the older ones stay.
  boost::asio::awaitable<PutResult> replace(std::vector<std::string> older,
                                            Notification newer,
                                            WallTime news_at,
                                            std::vector<KeyValue> log,
                                            WallTime now);

  // An attempt failed and another follows.
  boost::asio::awaitable<Durability> record_attempt(std::string id,
                                                    WallTime at,
                                                    WallTime next_attempt_at,
                                                    std::string problem);

  // The receiver took it. `log`: what the notification log says then, in the same transaction.
  boost::asio::awaitable<Durability> delivered(std::string id,
                                               WallTime at,
                                               std::vector<KeyValue> log = {});

  // No attempt can help, or the budget is used up: to the dead letters. `log`: as above.
  boost::asio::awaitable<Durability> bury(std::string id,
                                          WallTime at,
                                          std::string problem,
                                          std::vector<KeyValue> log = {});

  // What is pending, oldest first. For the start. Rows that cannot be read become dead letters.
  boost::asio::awaitable<Result<std::vector<OutboxEntry>>> pending(WallTime now);

  // Newest first, at most `count`.
  boost::asio::awaitable<Result<std::vector<OutboxEntry>>> dead_letters(std::size_t count);

  // The dead letters in `ids`, or all where it is empty, in the order in which they were accepted;
  // but for those that cannot be read.
  boost::asio::awaitable<Result<std::vector<OutboxEntry>>> letters(std::vector<std::string> ids);

  // Takes letters up: what is told of them is pending again, due at once, and its attempts and its
  // retry budget begin anew. Letters that are gone meanwhile count as none. Returns what is to be
  // sent now, in the order of `items`.
  boost::asio::awaitable<Result<std::vector<OutboxEntry>>> redrive(std::vector<RedriveItem> items,
                                                                   WallTime now);

  // Writes what is held. Call every few seconds while held() > 0, one call at a time (a second one
  // returns at once). Error: the store still fails for some of it.
  boost::asio::awaitable<Status> flush();

  // Whether nine tenths of what it may hold are taken, once `more` notices are put.
  bool fills(std::size_t more) const;

  // Changes that are held in memory, for the metric seamwatch_outbox_held.
  std::size_t held() const { return backlog_.size(); }

 private:
  boost::asio::awaitable<PutResult> apply(OutboxChange change);
  PutResult hold(std::shared_ptr<const OutboxChange> change, std::string why);
  bool is_known_here(const std::string& id, const OutboxChange& put) const;
  bool touches_held(const OutboxChange& change) const;
  void drop_done(const std::vector<bool>& done);

  Store& store_;
  OutboxOptions options_;
  std::deque<std::shared_ptr<const OutboxChange>> backlog_;
  std::unordered_map<std::string, int> held_keys_;  // ids and log keys that backlog_ touches
  std::int64_t held_bytes_ = 0;                     // of the rows in backlog_
  bool flushing_ = false;
};

}  // namespace seamwatch::agent
