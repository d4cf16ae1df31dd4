#include "agent/store/outbox.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "agent/store/outbox_rows.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kPendingSql =
    "SELECT id, receiver, sink, group_key, body, created_at, attempts, next_attempt_at, "
    "first_attempt_at, last_error, changed_at FROM outbox WHERE state = 'pending' ORDER BY number";
constexpr std::string_view kDeadSql =
    "SELECT id, receiver, sink, group_key, body, created_at, attempts, next_attempt_at, "
    "first_attempt_at, last_error, changed_at FROM outbox WHERE state = 'dead' "
    "ORDER BY changed_at DESC, number DESC LIMIT ?";
constexpr std::string_view kLettersSql =
    "SELECT id, receiver, sink, group_key, body, created_at, attempts, next_attempt_at, "
    "first_attempt_at, last_error, changed_at FROM outbox WHERE state = 'dead' ORDER BY number";
constexpr std::string_view kTakeLetterSql =
    "DELETE FROM outbox WHERE id = ? AND state = 'dead' RETURNING id";

OutboxLimits limits_of(const OutboxOptions& options) {
  return OutboxLimits{
      options.pending_max, options.dead_letters_max, options.delivered_kept, options.bytes_max};
}

Status pending_job(Database& database,
                   WallTime now,
                   const OutboxLimits& limits,
                   std::vector<OutboxEntry>& out) {
  out.clear();
  std::vector<ReadRow> rows;
  Statement statement = database.prepare(kPendingSql);
  Status status = read_rows(statement, rows);
  for (std::size_t i = 0; i < rows.size() && status.has_value(); ++i) {
    if (rows[i].readable) {
      out.push_back(std::move(rows[i].entry));
      continue;
    }
    OutboxChange change;
    change.kind = ChangeKind::dead;
    change.at = now;
    change.id = rows[i].entry.notification.id;
    change.problem = rows[i].entry.last_error;
    OutboxEffect ignored;
    status = apply_change(database, change, limits, ignored);
  }
  return status;
}

Status dead_job(Database& database, std::size_t count, std::vector<OutboxEntry>& out) {
  out.clear();
  std::vector<ReadRow> rows;
  Statement statement = database.prepare(kDeadSql);
  statement.bind(1, static_cast<std::int64_t>(count));
  Status status = read_rows(statement, rows);
  for (ReadRow& row : rows) {
    out.push_back(std::move(row.entry));
  }
  return status;
}

Status letters_job(Database& database,
                   const std::vector<std::string>& ids,
                   std::vector<OutboxEntry>& out) {
  out.clear();
  std::vector<ReadRow> rows;
  Statement statement = database.prepare(kLettersSql);
  Status status = read_rows(statement, rows);
  for (ReadRow& row : rows) {
    const std::string& id = row.entry.notification.id;
    const bool wanted = ids.empty() || std::find(ids.begin(), ids.end(), id) != ids.end();
    if (wanted && row.readable) {
      out.push_back(std::move(row.entry));
    }
  }
  return status;
}

// Whether one was there. Another call may have taken them up meanwhile.
Result<bool> remove_letters(Database& database, const std::vector<std::string>& ids) {
  bool any = false;
  for (const std::string& id : ids) {
    Statement remove = database.prepare(kTakeLetterSql);
    const Result<bool> row = remove.bind(1, id).step();
    if (row.has_error()) {
      return row;
    }
    any = any || *row;
  }
  return any;
}

Status redrive_job(Database& database,
                   const std::vector<RedriveItem>& items,
                   WallTime now,
                   std::vector<OutboxEntry>& out) {
  out.clear();
  for (const RedriveItem& item : items) {
    const Result<bool> there = remove_letters(database, item.letters);
    if (there.has_error()) {
      return there.error();
    }
    if (!*there || !item.notice) {
      continue;
    }
    OutboxRow row = outbox_row(*item.notice);
    row.created_at = now;
    Status status = insert_row(database, row, now);
    if (status.has_error()) {
      return status;
    }
    OutboxEntry entry;
    entry.notification = *item.notice;
    entry.next_attempt_at = now;
    entry.changed_at = now;
    entry.news_at = now;
    out.push_back(std::move(entry));
  }
  return {};
}

std::int64_t rows_bytes(const OutboxChange& change) {
  std::int64_t out = 0;
  for (const OutboxRow& row : change.rows) {
    out += bytes_of(row);
  }
  return out;
}

OutboxChange put_change(const std::vector<Notification>& notifications,
                        std::vector<KeyValue> log,
                        WallTime now) {
  OutboxChange change;
  change.kind = ChangeKind::put;
  change.at = now;
  change.log = std::move(log);
  for (const Notification& one : notifications) {
    change.rows.push_back(outbox_row(one));
  }
  return change;
}

// Sets a flag for as long as it lives, also where a cancellation unwinds the coroutine.
class Busy {
 public:
  explicit Busy(bool& flag) : flag_(flag) { flag_ = true; }

  ~Busy() { flag_ = false; }

  Busy(const Busy&) = delete;
  Busy& operator=(const Busy&) = delete;

 private:
  bool& flag_;
};

}  // namespace

// No coroutine, so that it has read the notifications when it returns.
asio::awaitable<PutResult> Outbox::put(const std::vector<Notification>& notifications,
                                       std::vector<KeyValue> log,
                                       WallTime now) {
  return apply(put_change(notifications, std::move(log), now));
}

asio::awaitable<PutResult> Outbox::replace(std::vector<std::string> older,
                                           Notification newer,
                                           WallTime news_at,
                                           std::vector<KeyValue> log,
                                           WallTime now) {
  std::vector<Notification> one;
  one.push_back(std::move(newer));
  OutboxChange change = put_change(one, std::move(log), now);
  change.rows.front().created_at = news_at;
  change.replaced = std::move(older);
  co_return co_await apply(std::move(change));
}

asio::awaitable<Durability> Outbox::record_attempt(std::string id,
                                                   WallTime at,
                                                   WallTime next_attempt_at,
                                                   std::string problem) {
  OutboxChange change;
  change.kind = ChangeKind::attempt;
  change.at = at;
  change.id = std::move(id);
  change.next_attempt_at = next_attempt_at;
  change.problem = std::move(problem);
  const PutResult result = co_await apply(std::move(change));
  co_return result.durability;
}

asio::awaitable<Durability> Outbox::delivered(std::string id,
                                              WallTime at,
                                              std::vector<KeyValue> log) {
  OutboxChange change;
  change.log = std::move(log);
  change.kind = ChangeKind::delivered;
  change.at = at;
  change.id = std::move(id);
  const PutResult result = co_await apply(std::move(change));
  co_return result.durability;
}

asio::awaitable<Durability> Outbox::bury(std::string id,
                                         WallTime at,
                                         std::string problem,
                                         std::vector<KeyValue> log) {
  OutboxChange change;
  change.log = std::move(log);
  change.kind = ChangeKind::dead;
  change.at = at;
  change.id = std::move(id);
  change.problem = std::move(problem);
  const PutResult result = co_await apply(std::move(change));
  co_return result.durability;
}

bool Outbox::fills(std::size_t more) const {
  const WriterStats now = store_.stats();
  const auto rows = static_cast<std::int64_t>(more) + now.outbox_pending;
  const std::int64_t reserve = options_.pending_max / 10;
  return (reserve > 0 && rows > options_.pending_max - reserve) ||
         now.outbox_pending_bytes > options_.bytes_max - options_.bytes_max / 10;
}

asio::awaitable<PutResult> Outbox::apply(OutboxChange change) {
  auto shared = std::make_shared<const OutboxChange>(std::move(change));
  if (touches_held(*shared)) {
    co_return hold(shared, "earlier changes of it wait for the store");
  }
  auto effect = std::make_shared<OutboxEffect>();
  const OutboxLimits limits = limits_of(options_);
  Writer::Job job = [shared, effect, limits](Database& database) {
    return apply_change(database, *shared, limits, *effect);
  };
  const Status status = co_await store_.run(std::move(job));
  if (status.has_error()) {
    co_return hold(shared, status.error().message);
  }
  PutResult result;
  result.known = std::move(effect->known);
  if (effect->full) {
    result.durability = Durability::refused;
    result.problem = "the outbox is full: " + std::to_string(options_.pending_max) +
                     " notifications wait to be delivered";
  } else if (effect->full_of_bytes) {
    result.durability = Durability::refused;
    result.problem =
        "the outbox is full: with this one the notifications that wait would take "
        "more than " +
        std::to_string(options_.bytes_max) + " bytes";
  }
  co_return result;
}

PutResult Outbox::hold(std::shared_ptr<const OutboxChange> change, std::string why) {
  PutResult result;
  result.problem = std::move(why);
  if (change->kind == ChangeKind::put) {
    for (const OutboxRow& row : change->rows) {
      if (is_known_here(row.id, *change)) {
        result.known.push_back(row.id);
      }
    }
    if (backlog_.size() >= options_.held_max ||
        held_bytes_ + rows_bytes(*change) > options_.held_bytes_max) {
      result.durability = Durability::refused;
      result.problem += "; and too much is held in memory already";
      return result;
    }
  }
  // An attempt only tells how far the retries are: better lost than without bound.
  if (change->kind == ChangeKind::attempt && backlog_.size() >= options_.held_max) {
    result.durability = Durability::held;
    return result;
  }
  for (const std::string& key : touched_keys(*change)) {
    ++held_keys_[key];
  }
  held_bytes_ += rows_bytes(*change);
  backlog_.push_back(std::move(change));
  result.durability = Durability::held;
  return result;
}

bool Outbox::is_known_here(const std::string& id, const OutboxChange& put) const {
  if (!held_keys_.contains(id)) {
    return false;
  }
  const auto names = [&](const std::vector<std::string>& ids) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  bool pending = false;
  bool ended = false;
  for (const auto& change : backlog_) {
    pending = pending && !names(change->replaced);
    for (const OutboxRow& row : change->rows) {
      pending = pending || row.id == id;
    }
    const bool mine = change->id == id;
    pending = pending || (mine && change->kind == ChangeKind::attempt);
    ended = ended || (mine && change->kind != ChangeKind::attempt);
  }
  return ended || (pending && !names(put.replaced));
}

bool Outbox::touches_held(const OutboxChange& change) const {
  if (held_keys_.empty()) {
    return false;
  }
  for (const std::string& key : touched_keys(change)) {
    if (held_keys_.contains(key)) {
      return true;
    }
  }
  return false;
}

void Outbox::drop_done(const std::vector<bool>& done) {
  std::deque<std::shared_ptr<const OutboxChange>> left;
  for (std::size_t i = 0; i < backlog_.size(); ++i) {
    // What was held while the writer worked stands behind, and was not tried.
    if (i >= done.size() || !done[i]) {
      left.push_back(std::move(backlog_[i]));
      continue;
    }
    held_bytes_ -= rows_bytes(*backlog_[i]);
    for (const std::string& key : touched_keys(*backlog_[i])) {
      const auto at = held_keys_.find(key);
      if (--at->second == 0) {
        held_keys_.erase(at);
      }
    }
  }
  backlog_.swap(left);
}

asio::awaitable<Status> Outbox::flush() {
  if (flushing_ || backlog_.empty()) {
    co_return Status();
  }
  const Busy busy(flushing_);
  const std::vector<std::shared_ptr<const OutboxChange>> changes(backlog_.begin(), backlog_.end());
  OutboxLimits limits = limits_of(options_);
  // These were accepted: no limit may turn them down now.
  limits.pending_max = std::numeric_limits<std::int64_t>::max();
  limits.bytes_max = std::numeric_limits<std::int64_t>::max();
  auto report = std::make_shared<ChangesReport>();
  Writer::Job job = [changes, limits, report](Database& database) {
    return apply_changes(database, changes, limits, *report);
  };
  const Status status = co_await store_.run(std::move(job));
  if (status.has_error()) {
    co_return status;
  }
  drop_done(report->done);
  if (!report->problem.empty()) {
    co_return error(report->problem);
  }
  co_return Status();
}

asio::awaitable<Result<std::vector<OutboxEntry>>> Outbox::pending(WallTime now) {
  auto entries = std::make_shared<std::vector<OutboxEntry>>();
  const OutboxLimits limits = limits_of(options_);
  Writer::Job job = [entries, now, limits](Database& database) {
    return pending_job(database, now, limits, *entries);
  };
  const Status status = co_await store_.run(std::move(job));
  if (status.has_error()) {
    co_return status.error();
  }
  co_return std::move(*entries);
}

asio::awaitable<Result<std::vector<OutboxEntry>>> Outbox::dead_letters(std::size_t count) {
  auto entries = std::make_shared<std::vector<OutboxEntry>>();
  Writer::Job job = [entries, count](Database& database) {
    return dead_job(database, count, *entries);
  };
  const Status status = co_await store_.run(std::move(job));
  if (status.has_error()) {
    co_return status.error();
  }
  co_return std::move(*entries);
}

asio::awaitable<Result<std::vector<OutboxEntry>>> Outbox::letters(std::vector<std::string> ids) {
  auto entries = std::make_shared<std::vector<OutboxEntry>>();
  Writer::Job job = [entries, ids = std::move(ids)](Database& database) {
    return letters_job(database, ids, *entries);
  };
  const Status status = co_await store_.run(std::move(job));
  if (status.has_error()) {
    co_return status.error();
  }
  co_return std::move(*entries);
}

asio::awaitable<Result<std::vector<OutboxEntry>>> Outbox::redrive(std::vector<RedriveItem> items,
                                                                  WallTime now) {
  auto entries = std::make_shared<std::vector<OutboxEntry>>();
  Writer::Job job = [entries, items = std::move(items), now](Database& database) {
    return redrive_job(database, items, now, *entries);
  };
  const Status status = co_await store_.run(std::move(job));
  if (status.has_error()) {
    co_return status.error();
  }
  co_return std::move(*entries);
}

}  // namespace seamwatch::agent
