// OutboxChange: one change of the outbox as a value, so that it can be tried, kept and tried again;
// and its SQL. Runs on the writer thread.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/notification.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/store/database.h"
#include "agent/store/store.h"

namespace seamwatch::agent {

enum class ChangeKind { put, attempt, delivered, dead };

struct OutboxRow {
  std::string id;
  std::string receiver;
  std::string sink;
  std::string group_key;
  std::string body;       // core to_json(Notification)
  WallTime created_at{};  // of the oldest news in it
};

struct OutboxChange {
  ChangeKind kind = ChangeKind::put;
  WallTime at{};
  std::vector<OutboxRow> rows;        // put
  std::vector<std::string> replaced;  // put: undelivered ids that go
  std::vector<KeyValue> log;          // put, delivered, dead: of the notification log
  std::string id;                     // attempt, delivered, dead
  WallTime next_attempt_at{};         // attempt
  std::string problem;                // attempt, dead
};

// Limits that the SQL enforces.
struct OutboxLimits {
  std::int64_t pending_max = 0;
  std::int64_t dead_letters_max = 0;
  Millis delivered_kept{};
  std::int64_t bytes_max = 0;  // of what is pending; dead letters may take as much
};

// What applying changes found.
struct OutboxEffect {
  std::vector<std::string> known;  // ids put that were there already
  bool full = false;               // the put was not done: too many pending
  bool full_of_bytes = false;      // likewise: they take too much
};

// What a row takes on disk, by and large.
std::int64_t bytes_of(const OutboxRow& row);

OutboxRow outbox_row(const Notification& notification);

// Makes it pending, due `at`. Errors: the database's, as where the id is there already.
[[nodiscard]] Status insert_row(Database& database, const OutboxRow& row, WallTime at);

// Applies one change. `effect` is reset first. Errors: the database's.
[[nodiscard]] Status apply_change(Database& database,
                                  const OutboxChange& change,
                                  const OutboxLimits& limits,
                                  OutboxEffect& effect);

// What apply_changes could do.
struct ChangesReport {
  std::vector<bool> done;  // one a change
  std::string problem;     // why the last one that is not done failed
};

// Applies each change for itself, in order: one that fails is left out, together with those after
// it that touch the same keys, so that deletes go on where there is no room for a put. Errors: the
// transaction as a whole is lost.
[[nodiscard]] Status apply_changes(Database& database,
                                   const std::vector<std::shared_ptr<const OutboxChange>>& changes,
                                   const OutboxLimits& limits,
                                   ChangesReport& report);

// The ids and log keys that a change touches; changes that share one must keep their order.
std::vector<std::string> touched_keys(const OutboxChange& change);

}  // namespace seamwatch::agent
