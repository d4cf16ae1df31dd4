#include "agent/store/outbox_change.h"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "agent/core/assert.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kKnownSql =
    "SELECT state FROM outbox WHERE id = ?1 UNION ALL "
    "SELECT 'delivered' FROM delivered WHERE id = ?1";
constexpr std::string_view kCountSql = "SELECT rows, bytes FROM outbox_count WHERE state = ?";
constexpr std::string_view kInsertSql =
    "INSERT INTO outbox(id, receiver, sink, group_key, body, created_at, next_attempt_at, "
    "changed_at, bytes) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8)";
constexpr std::string_view kReplaceSql = "DELETE FROM outbox WHERE id = ? AND state = 'pending'";
constexpr std::string_view kLogSql =
    "INSERT INTO kv(space, key, value) VALUES(?, ?, ?) "
    "ON CONFLICT(space, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kAttemptSql =
    "UPDATE outbox SET attempts = attempts + 1, first_attempt_at = coalesce(first_attempt_at, ?2), "
    "next_attempt_at = ?3, last_error = ?4, changed_at = ?2 WHERE id = ?1 AND state = 'pending'";
constexpr std::string_view kRemoveSql = "DELETE FROM outbox WHERE id = ?";
constexpr std::string_view kDeliveredSql =
    "INSERT INTO delivered(id, at) VALUES(?1, ?2) ON CONFLICT(id) DO UPDATE SET at = excluded.at";
constexpr std::string_view kForgetOldSql = "DELETE FROM delivered WHERE at < ?";
constexpr std::string_view kForgetManySql =
    "DELETE FROM delivered WHERE number <= (SELECT max(number) FROM delivered) - ?";
constexpr std::string_view kBurySql =
    "UPDATE outbox SET state = 'dead', attempts = attempts + 1, "
    "first_attempt_at = coalesce(first_attempt_at, ?2), last_error = ?3, changed_at = ?2 "
    "WHERE id = ?1 AND state = 'pending'";
constexpr std::string_view kTrimDeadSql =
    "DELETE FROM outbox WHERE state = 'dead' AND number IN (SELECT number FROM outbox "
    "WHERE state = 'dead' ORDER BY changed_at DESC, number DESC LIMIT -1 OFFSET ?)";

constexpr std::string_view kOldestDeadSql =
    "DELETE FROM outbox WHERE number = (SELECT number FROM outbox WHERE state = 'dead' "
    "ORDER BY changed_at, number LIMIT 1)";
constexpr std::string_view kReplacedBytesSql =
    "SELECT bytes FROM outbox WHERE id = ? AND state = 'pending'";

constexpr std::int64_t kRowBytes = 1024;  // of a row beside its body

// Ids remembered as delivered, whatever their age.
constexpr std::int64_t kDeliveredMax = 100'000;

// Whether the id was put already. One that is pending and about to be replaced does not count.
Result<bool> is_known(Database& database, const std::string& id, bool is_replaced) {
  Statement statement = database.prepare(kKnownSql);
  statement.bind(1, id);
  while (true) {
    Result<bool> row = statement.step();
    if (row.has_error() || !*row) {
      return row;
    }
    if (!is_replaced || statement.text(0) != "pending") {
      return true;
    }
  }
}

struct Count {
  std::int64_t rows = 0;
  std::int64_t bytes = 0;
};

Result<Count> count_of(Database& database, const char* state) {
  Statement statement = database.prepare(kCountSql);
  const Result<bool> row = statement.bind(1, state).step();
  if (row.has_error()) {
    return row.error();
  }
  return Count{statement.integer(0), statement.integer(1)};
}

// What goes with the rows that a put replaces.
Result<std::int64_t> replaced_bytes(Database& database, const OutboxChange& change) {
  std::int64_t out = 0;
  for (const std::string& id : change.replaced) {
    Statement statement = database.prepare(kReplacedBytesSql);
    const Result<bool> row = statement.bind(1, id).step();
    if (row.has_error()) {
      return row.error();
    }
    out += *row ? statement.integer(0) : 0;
  }
  return out;
}

// Whether the change fits; says in `effect` why not.
Result<bool> fits(Database& database,
                  const OutboxChange& change,
                  const OutboxLimits& limits,
                  OutboxEffect& effect) {
  const Result<Count> pending = count_of(database, "pending");
  const Result<std::int64_t> gone = replaced_bytes(database, change);
  if (pending.has_error() || gone.has_error()) {
    return pending.has_error() ? pending.error() : gone.error();
  }
  const auto added = static_cast<std::int64_t>(change.rows.size()) -
                     static_cast<std::int64_t>(change.replaced.size());
  std::int64_t bytes = -*gone;
  for (const OutboxRow& row : change.rows) {
    bytes += bytes_of(row);
  }
  // What makes it smaller, or no larger, may always be done: redriven letters go past the limit.
  effect.full = added > 0 && pending->rows + added > limits.pending_max;
  effect.full_of_bytes = bytes > 0 && pending->bytes + bytes > limits.bytes_max;
  return !effect.full && !effect.full_of_bytes;
}

// Splits the rows of a put into those that are new and the ids that are known.
Result<std::vector<const OutboxRow*>> new_rows(Database& database,
                                               const OutboxChange& change,
                                               OutboxEffect& effect) {
  std::vector<const OutboxRow*> fresh;
  for (const OutboxRow& row : change.rows) {
    const bool replaced =
        std::find(change.replaced.begin(), change.replaced.end(), row.id) != change.replaced.end();
    const Result<bool> known = is_known(database, row.id, replaced);
    if (known.has_error()) {
      return known.error();
    }
    if (*known) {
      effect.known.push_back(row.id);
    } else {
      fresh.push_back(&row);
    }
  }
  return fresh;
}

Status remove_replaced(Database& database, const OutboxChange& change) {
  Statement replace = database.prepare(kReplaceSql);
  for (const std::string& id : change.replaced) {
    Status status = replace.bind(1, id).run();
    if (status.has_error()) {
      return status;
    }
  }
  return {};
}

Status write_log(Database& database, const OutboxChange& change) {
  Statement log = database.prepare(kLogSql);
  for (const KeyValue& entry : change.log) {
    Status status =
        log.bind(1, kNotificationLogSpace).bind(2, entry.key).bind_held(3, entry.value).run();
    if (status.has_error()) {
      return status;
    }
  }
  return {};
}

Status insert_rows(Database& database,
                   const OutboxChange& change,
                   const std::vector<const OutboxRow*>& rows) {
  for (const OutboxRow* row : rows) {
    Status status = insert_row(database, *row, change.at);
    if (status.has_error()) {
      return status;
    }
  }
  return write_log(database, change);
}

Status put(Database& database,
           const OutboxChange& change,
           const OutboxLimits& limits,
           OutboxEffect& effect) {
  const Result<bool> fitting = fits(database, change, limits, effect);
  if (fitting.has_error()) {
    return fitting.error();
  }
  if (!*fitting) {
    return {};
  }
  const Result<std::vector<const OutboxRow*>> fresh = new_rows(database, change, effect);
  if (fresh.has_error()) {
    return fresh.error();
  }
  // Where the newer notice was told already, the older ones were not in it: they stay.
  if (!fresh->empty()) {
    Status status = remove_replaced(database, change);
    if (status.has_error()) {
      return status;
    }
  }
  return insert_rows(database, change, *fresh);
}

Status record_attempt(Database& database, const OutboxChange& change) {
  Statement attempt = database.prepare(kAttemptSql);
  return attempt.bind(1, change.id)
      .bind(2, change.at)
      .bind(3, change.next_attempt_at)
      .bind(4, change.problem)
      .run();
}

Status deliver(Database& database, const OutboxChange& change, const OutboxLimits& limits) {
  Statement remove = database.prepare(kRemoveSql);
  Status status = remove.bind(1, change.id).run();
  if (status.has_error()) {
    return status;
  }
  status = write_log(database, change);
  if (status.has_error()) {
    return status;
  }
  Statement remember = database.prepare(kDeliveredSql);
  status = remember.bind(1, change.id).bind(2, change.at).run();
  if (status.has_error()) {
    return status;
  }
  Statement forget_old = database.prepare(kForgetOldSql);
  status = forget_old.bind(1, change.at - limits.delivered_kept).run();
  if (status.has_error()) {
    return status;
  }
  Statement forget_many = database.prepare(kForgetManySql);
  return forget_many.bind(1, kDeliveredMax).run();
}

Status bury(Database& database, const OutboxChange& change, const OutboxLimits& limits) {
  Statement move = database.prepare(kBurySql);
  Status status = move.bind(1, change.id).bind(2, change.at).bind(3, change.problem).run();
  if (status.has_error()) {
    return status;
  }
  status = write_log(database, change);
  if (status.has_error()) {
    return status;
  }
  Statement trim = database.prepare(kTrimDeadSql);
  status = trim.bind(1, limits.dead_letters_max).run();
  if (status.has_error()) {
    return status;
  }
  // The newest one stays, whatever its size.
  for (;;) {
    const Result<Count> dead = count_of(database, "dead");
    if (dead.has_error()) {
      return dead.error();
    }
    if (dead->rows <= 1 || dead->bytes <= limits.bytes_max) {
      return {};
    }
    Statement oldest = database.prepare(kOldestDeadSql);
    status = oldest.run();
    if (status.has_error()) {
      return status;
    }
  }
}

// Whether the change could be applied; a failed one leaves no trace. Errors: all is lost.
Result<bool> apply_alone(Database& database,
                         const OutboxChange& change,
                         const OutboxLimits& limits,
                         std::string& problem) {
  Status status = database.execute("SAVEPOINT change");
  if (status.has_error()) {
    return status.error();
  }
  OutboxEffect ignored;
  const Status applied = apply_change(database, change, limits, ignored);
  if (applied.has_error()) {
    problem = applied.error().message;
    if (!database.in_transaction()) {
      return applied.error();
    }
    status = database.execute("ROLLBACK TO change");
    if (status.has_error()) {
      return status.error();
    }
  }
  status = database.execute("RELEASE change");
  if (status.has_error()) {
    return status.error();
  }
  return applied.has_value();
}

}  // namespace

std::int64_t bytes_of(const OutboxRow& row) {
  return static_cast<std::int64_t>(row.body.size()) + kRowBytes;
}

OutboxRow outbox_row(const Notification& one) {
  SW_ASSERT(!one.id.empty());
  return OutboxRow{one.id, one.receiver, one.sink, one.group_key, to_json(one), one.created_at};
}

Status insert_row(Database& database, const OutboxRow& row, WallTime at) {
  Statement insert = database.prepare(kInsertSql);
  return insert.bind(1, row.id)
      .bind(2, row.receiver)
      .bind(3, row.sink)
      .bind(4, row.group_key)
      .bind_held(5, row.body)
      .bind(6, row.created_at)
      .bind(7, at)
      .bind(8, bytes_of(row))
      .run();
}

Status apply_change(Database& database,
                    const OutboxChange& change,
                    const OutboxLimits& limits,
                    OutboxEffect& effect) {
  effect = OutboxEffect{};
  switch (change.kind) {
    case ChangeKind::put:
      return put(database, change, limits, effect);
    case ChangeKind::attempt:
      return record_attempt(database, change);
    case ChangeKind::delivered:
      return deliver(database, change, limits);
    case ChangeKind::dead:
      return bury(database, change, limits);
  }
  return {};
}

Status apply_changes(Database& database,
                     const std::vector<std::shared_ptr<const OutboxChange>>& changes,
                     const OutboxLimits& limits,
                     ChangesReport& report) {
  report = ChangesReport{std::vector<bool>(changes.size(), false), ""};
  std::unordered_set<std::string> blocked;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    const std::vector<std::string> keys = touched_keys(*changes[i]);
    bool free = true;
    for (const std::string& key : keys) {
      free = free && !blocked.contains(key);
    }
    Result<bool> done = false;
    if (free) {
      done = apply_alone(database, *changes[i], limits, report.problem);
    }
    if (done.has_error()) {
      return done.error();
    }
    report.done[i] = *done;
    if (!*done) {
      blocked.insert(keys.begin(), keys.end());
    }
  }
  return {};
}

std::vector<std::string> touched_keys(const OutboxChange& change) {
  std::vector<std::string> keys = change.replaced;
  for (const OutboxRow& row : change.rows) {
    keys.push_back(row.id);
  }
  for (const KeyValue& entry : change.log) {
    // No id holds a control character, so a log key is never mistaken for one.
    keys.push_back("\x01" + entry.key);
  }
  if (!change.id.empty()) {
    keys.push_back(change.id);
  }
  return keys;
}

}  // namespace seamwatch::agent
