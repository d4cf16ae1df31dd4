#include "agent/store/schema.h"

#include <array>
#include <string>

namespace seamwatch::agent {
namespace {

// Never change one that was released; add the next.
constexpr std::array<const char*, 4> kMigrations = {
    // 1. Triggers keep the outbox's counts, so that they are exact and cost nothing to read.
    R"sql(
CREATE TABLE kv(
  space TEXT NOT NULL, key TEXT NOT NULL, value TEXT NOT NULL,
  PRIMARY KEY(space, key)) WITHOUT ROWID;

CREATE TABLE outbox(
  number INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  receiver TEXT NOT NULL,
  sink TEXT NOT NULL,
  group_key TEXT NOT NULL,
  body TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_attempt_at INTEGER NOT NULL,
  first_attempt_at INTEGER,
  last_error TEXT NOT NULL DEFAULT '',
  state TEXT NOT NULL DEFAULT 'pending' CHECK(state IN ('pending', 'dead')),
  changed_at INTEGER NOT NULL);
CREATE INDEX outbox_dead ON outbox(changed_at) WHERE state = 'dead';

CREATE TABLE outbox_count(state TEXT PRIMARY KEY, rows INTEGER NOT NULL) WITHOUT ROWID;
INSERT INTO outbox_count VALUES('pending', 0), ('dead', 0);
CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox BEGIN
  UPDATE outbox_count SET rows = rows + 1 WHERE state = NEW.state;
END;
CREATE TRIGGER outbox_deleted AFTER DELETE ON outbox BEGIN
  UPDATE outbox_count SET rows = rows - 1 WHERE state = OLD.state;
END;
CREATE TRIGGER outbox_moved AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state BEGIN
  UPDATE outbox_count SET rows = rows - 1 WHERE state = OLD.state;
  UPDATE outbox_count SET rows = rows + 1 WHERE state = NEW.state;
END;

CREATE TABLE delivered(number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, at INTEGER NOT NULL);
CREATE INDEX delivered_at ON delivered(at);

CREATE TABLE errors(
  number INTEGER PRIMARY KEY,
  at INTEGER NOT NULL,
  integration TEXT NOT NULL,
  probe TEXT NOT NULL,
  phase TEXT NOT NULL,
  signal TEXT NOT NULL,
  category TEXT NOT NULL,
  persistence TEXT NOT NULL,
  criticality TEXT NOT NULL,
  detail TEXT NOT NULL);
CREATE INDEX errors_integration ON errors(integration, number);
)sql",
    // 2. The outbox knows how many bytes it takes; 1024 a row stand for all but the body.
    R"sql(
ALTER TABLE outbox ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
ALTER TABLE outbox_count ADD COLUMN bytes INTEGER NOT NULL DEFAULT 0;
UPDATE outbox SET bytes = length(CAST(body AS BLOB)) + 1024;
UPDATE outbox_count SET bytes =
  (SELECT coalesce(sum(outbox.bytes), 0) FROM outbox WHERE outbox.state = outbox_count.state);
DROP TRIGGER outbox_inserted;
DROP TRIGGER outbox_deleted;
DROP TRIGGER outbox_moved;
CREATE TRIGGER outbox_inserted AFTER INSERT ON outbox BEGIN
  UPDATE outbox_count SET rows = rows + 1, bytes = bytes + NEW.bytes WHERE state = NEW.state;
END;
CREATE TRIGGER outbox_deleted AFTER DELETE ON outbox BEGIN
  UPDATE outbox_count SET rows = rows - 1, bytes = bytes - OLD.bytes WHERE state = OLD.state;
END;
CREATE TRIGGER outbox_moved AFTER UPDATE OF state ON outbox WHEN OLD.state <> NEW.state BEGIN
  UPDATE outbox_count SET rows = rows - 1, bytes = bytes - OLD.bytes WHERE state = OLD.state;
  UPDATE outbox_count SET rows = rows + 1, bytes = bytes + NEW.bytes WHERE state = NEW.state;
END;
)sql",
    // 3. The journal of notifications: see history_rows.h.
    R"sql(
CREATE TABLE history(
  number INTEGER PRIMARY KEY,
  segment INTEGER NOT NULL,
  at INTEGER NOT NULL,
  decision TEXT NOT NULL,
  receiver TEXT NOT NULL,
  sink TEXT NOT NULL,
  group_key TEXT NOT NULL,
  notice TEXT NOT NULL,
  by_whom TEXT NOT NULL,
  reason TEXT NOT NULL,
  until INTEGER,
  alert_set INTEGER NOT NULL);
CREATE INDEX history_of_segment ON history(segment);
CREATE TABLE history_set(
  segment INTEGER NOT NULL, id INTEGER NOT NULL, firing BLOB NOT NULL, ended BLOB NOT NULL,
  PRIMARY KEY(segment, id));
CREATE TABLE history_alerts(
  number INTEGER PRIMARY KEY, segment INTEGER NOT NULL, body TEXT NOT NULL);
CREATE INDEX history_alerts_of_segment ON history_alerts(segment);
CREATE TABLE history_segment(
  segment INTEGER PRIMARY KEY, rows INTEGER NOT NULL, bytes INTEGER NOT NULL,
  newest_at INTEGER NOT NULL);
)sql",
    // 4. No table changes, but notices and posted alerts say once what their alerts share: an agent
    // that does not know that would take them for damaged. What is there from before is still read.
    "",
};

Status apply_missing(Database& database, std::int64_t version) {
  for (std::size_t i = static_cast<std::size_t>(version); i < kMigrations.size(); ++i) {
    Status status = database.execute(kMigrations[i]);
    if (status.has_error()) {
      return status;
    }
  }
  return database.execute(("PRAGMA user_version=" + std::to_string(kMigrations.size())).c_str());
}

Result<std::int64_t> user_version(Database& database) {
  Statement statement = database.prepare("PRAGMA user_version");
  const Result<bool> row = statement.step();
  if (row.has_error()) {
    return row.error();
  }
  return statement.integer(0);
}

}  // namespace

Status migrate(Database& database) {
  const Result<std::int64_t> version = user_version(database);
  if (version.has_error()) {
    return version.error();
  }
  const auto known = static_cast<std::int64_t>(kMigrations.size());
  if (*version > known) {
    return error("was written by a newer seamwatch (schema " + std::to_string(*version) +
                 ", this one knows " + std::to_string(known) +
                 "); use that version or another storage folder");
  }
  if (*version == known) {
    return {};
  }
  Status status = database.execute("BEGIN IMMEDIATE");
  if (status.has_error()) {
    return status;
  }
  status = apply_missing(database, *version);
  if (status.has_value()) {
    status = database.execute("COMMIT");
  }
  if (status.has_error() && database.in_transaction()) {
    // The error that is returned is the one that matters.
    (void)database.execute("ROLLBACK");
  }
  return status;
}

}  // namespace seamwatch::agent
