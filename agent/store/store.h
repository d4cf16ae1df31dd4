// Store: what the agent remembers across restarts, in one SQLite file: outbox, notification log,
// alert and integration state, heartbeats, last errors. Owned by the agent; its functions are
// called on the loop thread and return when the work is durable (fsync at commit).
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/core/taxonomy.h"
#include "agent/core/times.h"
#include "agent/store/writer.h"

namespace seamwatch::agent {

struct StoreOptions {
  std::string folder;             // made where missing; empty = in memory, nothing survives
  bool inline_writer = false;     // work on the loop thread, no other one: for simulation
  std::size_t jobs_max = 10'000;  // that wait for the writer; more are refused
  std::int64_t bytes_max = 1LL << 30;
  Millis busy_timeout = Millis(5000);
  // Give a store also where it cannot be opened for now, because the disk is full or another
  // process holds the database: each job then tries again, and fails as long as that does. Locks
  // are then waited for only briefly until a transaction has gone through.
  bool open_later = false;
  // Of the error journal: older rows go. A row takes less than 1 KiB.
  std::int64_t errors_rows_max = 10'000;
  Millis errors_kept = Millis(30LL * 24 * 3600 * 1000);
};

struct KeyValue {
  std::string key;
  std::string value;

  friend bool operator==(const KeyValue&, const KeyValue&) = default;
};

// The spaces of keys in use.
inline constexpr std::string_view kNotificationLogSpace = "notification_log";
inline constexpr std::string_view kAlertStateSpace = "alert_state";
inline constexpr std::string_view kIntegrationStateSpace = "integration_state";
inline constexpr std::string_view kHeartbeatStateSpace = "heartbeat_state";
inline constexpr std::string_view kSilenceSpace = "silence";
inline constexpr std::string_view kAckSpace = "ack";
inline constexpr std::string_view kAckLinkSpace = "ack_link";  // the key, and links that were used
inline constexpr std::string_view kPostedAlertSpace = "posted_alert";  // in blocks
inline constexpr std::string_view kNoiseSpace = "noise";  // outages, flapping alerts, storms
inline constexpr std::string_view kSentMessageSpace = "sent_message";  // what chats call them
inline constexpr std::string_view kFirstToldSpace = "first_told";      // who own alerts are
inline constexpr std::string_view kLabelDigestSpace = "label_digest";  // the key of redacted labels

// One row of the error journal.
struct ErrorRow {
  WallTime at{};
  std::string integration;
  std::string probe;
  std::string phase;
  std::string signal;
  std::string detail;
  Category category = Category::runtime;
  Persistence persistence = Persistence::transient;
  Criticality criticality = Criticality::non_critical;

  friend bool operator==(const ErrorRow&, const ErrorRow&) = default;
};

class Store {
 public:
  // Opens `<folder>/seamwatch.db`. A corrupt file is set aside and a fresh one started: see
  // notice(). Errors: a folder that cannot be made or written, another agent that uses it, a newer
  // schema; without `open_later` also what may pass.
  [[nodiscard]] static Result<std::unique_ptr<Store>> open(StoreOptions options,
                                                           const Clock& clock);

  ~Store();  // stop()

  // Runs `job` in a transaction that it may share with others. See Writer::run.
  boost::asio::awaitable<Status> run(Writer::Job job);

  // Sets and removes keys of one space in one transaction. `meanwhile`: see Writer::run.
  boost::asio::awaitable<Status> put_all(std::string space,
                                         std::vector<KeyValue> upserts,
                                         std::vector<std::string> deletes,
                                         Writer::Meanwhile meanwhile = {});

  // Every entry of one space, by key.
  boost::asio::awaitable<Result<std::vector<KeyValue>>> load_all(std::string space);

  // Adds to the error journal. The journal keeps the last errors_rows_max rows, and none that is
  // errors_kept older than the newest.
  boost::asio::awaitable<Status> append_errors(std::vector<ErrorRow> rows);

  // The last `count` errors, newest first; of one integration where `integration` is not empty.
  boost::asio::awaitable<Result<std::vector<ErrorRow>>> last_errors(std::size_t count,
                                                                    std::string integration);

  // Where the agent's files are; "" where nothing survives.
  const std::string& folder() const { return options_.folder; }

  // False as long as it waits to be opened.
  bool opened() const { return writer_->opened(); }

  // Something the admin must know about the opening ("... was corrupt and is now ..."), or "".
  // Requires: opened().
  const std::string& notice() const { return files_->notice; }

  // Finishes what is queued and closes. Blocks for as long as the last commit takes.
  void stop();

  // Healthy from the start; not after a transaction that failed (disk full, locked, I/O error, read
  // only); again after the next one that commits.
  WriterStats stats() const { return writer_->stats(); }

 private:
  // What the opening leaves, on whichever thread it is done.
  struct Files {
    std::string notice;
    int lock = -1;  // descriptor that holds the folder's lock
  };

  Store(StoreOptions options, std::shared_ptr<Files> files, std::unique_ptr<Writer> writer);

  static Database::Opened open_files(const StoreOptions& options, Files& files, WallTime now);

  StoreOptions options_;
  std::shared_ptr<Files> files_;
  std::unique_ptr<Writer> writer_;
};

}  // namespace seamwatch::agent
