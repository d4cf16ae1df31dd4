#include "agent/notify/history.h"

#include <algorithm>
#include <limits>
#include <utility>

#include <boost/asio/this_coro.hpp>

#include "agent/base/log.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kHistoryTick = std::chrono::milliseconds(200);
constexpr Nanos kHistoryTickFailing = std::chrono::seconds(2);
constexpr Millis kTrimEvery{60'000};
constexpr std::size_t kWaitingMax = 10'000;
constexpr std::size_t kAlertsWaitingMax = 500'000;
constexpr std::size_t kRowsOfBatch = 256;
constexpr std::size_t kLabelsAtOnce = 1000;
constexpr std::int64_t kSegments = 8;  // that share the bounds

std::uint64_t set_id(const HistorySet& set) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const auto* part : {&set.firing, &set.ended}) {
    for (const std::uint64_t fingerprint : *part) {
      hash = (hash ^ fingerprint) * 0x9e3779b97f4a7c15ULL;
      hash ^= hash >> 29U;
    }
    hash = (hash ^ 0xffU) * 0x100000001b3ULL;
  }
  return hash;
}

std::vector<std::uint64_t> fingerprints(const std::vector<rules::HistoryAlert>& alerts) {
  std::vector<std::uint64_t> out;
  out.reserve(alerts.size());
  for (const rules::HistoryAlert& one : alerts) {
    out.push_back(one.fingerprint);
  }
  return out;
}

std::vector<rules::HistoryAlert> unlabelled(const std::vector<std::uint64_t>& fingerprints) {
  std::vector<rules::HistoryAlert> out;
  for (const std::uint64_t fingerprint : fingerprints) {
    out.push_back({fingerprint, nullptr});
  }
  return out;
}

rules::HistoryEntry entry_of(const HistoryRow& row, const HistorySet& set) {
  rules::HistoryEntry out;
  out.at = row.at;
  out.decision =
      rules::parse_history_decision(row.decision).value_or(rules::HistoryDecision::queued);
  out.receiver = row.receiver;
  out.sink = row.sink;
  out.group_key = row.group_key;
  out.notice = row.notice;
  out.by = row.by;
  out.until = row.until;
  out.firing = unlabelled(set.firing);
  out.ended = unlabelled(set.ended);
  return out;
}

}  // namespace

void History::apply(const NotificationConfig& limits, Redactor redactor) {
  limits_ = limits;
  redactor_ = std::move(redactor);
}

asio::awaitable<Status> History::restore() {
  auto found = std::make_shared<std::vector<HistorySegment>>();
  Writer::Job job = [found](Database& database) { return read_history_segments(database, *found); };
  auto status = co_await store_.run(std::move(job));
  if (status) {
    segments_.assign(found->begin(), found->end());
    segment_ = segments_.empty() ? 1 : segments_.back().segment + 1;
    segment_began_ = clock_.wall_now();
  }
  co_return status;
}

asio::awaitable<Result<std::vector<rules::HistoryEntry>>> History::latest(std::size_t count) {
  auto found = std::make_shared<std::vector<rules::HistoryEntry>>();
  const std::deque<HistorySegment> segments = segments_;
  for (auto segment = segments.rbegin(); segment != segments.rend(); ++segment) {
    const HistoryPlace place{segment->segment, std::numeric_limits<std::int64_t>::max()};
    Writer::Job job = [found, place, count, known = found->size()](Database& database) {
      found->resize(known);
      std::vector<HistoryRow> rows;
      Status status =
          read_history_rows(database, place, static_cast<std::int64_t>(count - known), rows);
      for (const HistoryRow& row : rows) {
        HistorySet set;
        status = status ? read_history_set(database, place.segment, row.alerts, set) : status;
        found->push_back(entry_of(row, set));
      }
      return status;
    };
    auto status = co_await store_.run(std::move(job));
    if (!status) {
      co_return status.error();
    }
    if (found->size() >= count) {
      break;
    }
  }
  std::reverse(found->begin(), found->end());
  co_return std::move(*found);
}

bool History::make_room() {
  if (waiting_.size() >= kWaitingMax || alerts_waiting_ >= kAlertsWaitingMax) {
    ++dropped_;
    return false;
  }
  const WallTime now = clock_.wall_now();
  const std::int64_t written =
      !segments_.empty() && segments_.back().segment == segment_ ? segments_.back().bytes : 0;
  if (segment_rows_ >= std::max<std::int64_t>(1, limits_.history_rows_max / kSegments) ||
      written >= limits_.history_bytes_max / kSegments ||
      now - segment_began_ >= limits_.history_keep / kSegments) {
    roll(now);
  }
  return true;
}

void History::roll(WallTime now) {
  segment_began_ = now;
  if (segment_rows_ == 0) {
    return;
  }
  ++segment_;
  segment_rows_ = 0;
  decltype(known_alerts_)().swap(known_alerts_);
  decltype(known_sets_)().swap(known_sets_);
}

void History::record(rules::HistoryEntry entry) {
  if (make_room()) {
    add(std::move(entry));
  }
}

void History::record(rules::HistoryEntry entry, const Notification& notice) {
  if (!make_room()) {
    return;
  }
  entry.receiver = entry.receiver.empty() ? notice.receiver : entry.receiver;
  entry.sink = notice.sink;
  entry.group_key = notice.group_key;
  entry.notice = notice.id;
  for (const Alert& alert : notice.alerts) {
    rules::HistoryAlert one{alert.labels.fingerprint(), nullptr};
    if (!known_alerts_.contains(one.fingerprint)) {
      auto copy = std::make_shared<Alert>();
      copy->labels = alert.labels;
      one.alert = std::move(copy);
    }
    (alert.ends_at ? entry.ended : entry.firing).push_back(std::move(one));
  }
  for (auto* part : {&entry.firing, &entry.ended}) {
    std::sort(part->begin(), part->end(), [](const auto& a, const auto& b) {
      return a.fingerprint < b.fingerprint;
    });
  }
  add(std::move(entry));
}

void History::add(rules::HistoryEntry entry) {
  Waiting out;
  HistoryRow& row = out.row;
  row.segment = segment_;
  row.at = entry.at;
  row.decision = to_string(entry.decision);
  row.receiver = std::move(entry.receiver);
  row.sink = std::move(entry.sink);
  row.group_key = std::move(entry.group_key);
  row.notice = std::move(entry.notice);
  // Who took an alert on may be named by an address, as everywhere; a secret is none.
  row.by = redactor_.redact(entry.by, RedactScope::secrets);
  row.reason = redactor_.redact(entry.reason);
  row.until = entry.until;
  HistorySet set{0, fingerprints(entry.firing), fingerprints(entry.ended)};
  set.id = set_id(set);
  row.alerts = set.id;
  ++segment_rows_;
  if (known_sets_.insert(set.id).second) {
    out.set = std::move(set);
    for (auto* part : {&entry.firing, &entry.ended}) {
      for (rules::HistoryAlert& one : *part) {
        if (one.alert && known_alerts_.insert(one.fingerprint).second) {
          out.labels.emplace_back(one.fingerprint, std::move(one.alert));
        }
      }
    }
    alerts_waiting_ += entry.firing.size() + entry.ended.size();
  }
  waiting_.push_back(std::move(out));
}

// What is written next: entries of one segment, and no more than takes the writer some
// milliseconds, so that no notice waits for the journal.
HistoryBatch History::next_batch() {
  HistoryBatch out;
  out.segment = waiting_.front().row.segment;
  while (!waiting_.empty() && waiting_.front().row.segment == out.segment &&
         out.rows.size() < kRowsOfBatch) {
    Waiting& next = waiting_.front();
    while (!next.labels.empty() && out.labels.size() < kLabelsAtOnce) {
      out.labels.push_back(std::move(next.labels.back()));
      next.labels.pop_back();
    }
    if (!next.labels.empty()) {
      break;  // the rest of them, and then the row
    }
    if (next.set) {
      alerts_waiting_ -= next.set->firing.size() + next.set->ended.size();
      out.sets.push_back(std::move(*next.set));
    }
    out.rows.push_back(std::move(next.row));
    waiting_.pop_front();
  }
  return out;
}

void History::note_written(const HistoryBatch& batch, std::int64_t bytes) {
  if (segments_.empty() || segments_.back().segment != batch.segment) {
    segments_.push_back(HistorySegment{batch.segment, 0, 0, {}});
  }
  HistorySegment& segment = segments_.back();
  segment.rows += static_cast<std::int64_t>(batch.rows.size());
  segment.bytes += bytes;
  for (const HistoryRow& row : batch.rows) {
    segment.newest_at = std::max(segment.newest_at, row.at);
  }
}

asio::awaitable<Status> History::write_all() {
  while (writing_ || !waiting_.empty()) {
    if (!writing_) {
      writing_ = std::make_shared<const HistoryBatch>(next_batch());
    }
    auto bytes = std::make_shared<std::int64_t>(0);
    Writer::Job job = [batch = writing_, bytes](Database& database) {
      return append_history(database, *batch, *bytes);
    };
    auto status = co_await store_.run(std::move(job));
    if (!status) {
      co_return status;
    }
    note_written(*writing_, *bytes);
    writing_.reset();
  }
  co_return Status();
}

// Whether the oldest segment has to go. One that is alone goes by its age only.
bool History::is_too_much(WallTime now) const {
  if (segments_.empty()) {
    return false;
  }
  const Stats kept = stats();
  const bool too_much = kept.rows > kept.rows_limit || kept.bytes > kept.bytes_limit;
  return (too_much && segments_.size() > 1) ||
         segments_.front().newest_at + limits_.history_keep < now;
}

asio::awaitable<Status> History::trim() {
  while (is_too_much(clock_.wall_now())) {
    const std::int64_t oldest = segments_.front().segment;
    if (oldest == segment_) {
      roll(clock_.wall_now());
    }
    auto gone = std::make_shared<bool>(false);
    Writer::Job job = [oldest, gone](Database& database) -> Status {
      const Result<bool> dropped = drop_history(database, oldest);
      *gone = dropped && *dropped;
      return dropped ? Status() : Status(dropped.error());
    };
    auto status = co_await store_.run(std::move(job));
    if (!status) {
      co_return status;
    }
    if (*gone) {
      segments_.pop_front();
    }
  }
  co_return Status();
}

asio::awaitable<Status> History::flush() {
  if (flushing_) {
    co_return Status();
  }

  struct Done {
    bool& flag;

    ~Done() { flag = false; }
  };

  flushing_ = true;
  Done done{flushing_};
  // What was handed to the store is counted even where a stop was asked for meanwhile.
  co_await asio::this_coro::throw_if_cancelled(false);
  auto status = co_await write_all();
  if (status) {
    auto trimmed = co_await trim();
    status = trimmed;
  }
  co_await asio::this_coro::throw_if_cancelled(true);
  co_return status;
}

asio::awaitable<void> History::run() {
  bool failing = false;
  std::uint64_t said = 0;
  WallTime trimmed_at{};
  for (;;) {
    const WallTime now = clock_.wall_now();
    if (writing_ || !waiting_.empty() || now >= trimmed_at + kTrimEvery || now < trimmed_at) {
      trimmed_at = now;
      auto written = co_await flush();
      if (!written && !failing) {
        log(LogLevel::error,
            "notification history not written",
            {{"reason", written.error().message},
             {"remedy", "notices go on; entries wait in memory until the store can write"}});
      }
      failing = !written;
    }
    if (dropped_ > said) {
      log(LogLevel::error,
          "notification history incomplete",
          {{"entries", std::to_string(dropped_ - said)},
           {"reason", "too many wait for the store"}});
      said = dropped_;
    }
    const MonoTime next = clock_.mono_now() + (failing ? kHistoryTickFailing : kHistoryTick);
    co_await clock_.sleep_until(next);
  }
}

History::Stats History::stats() const {
  Stats out;
  out.rows_limit = limits_.history_rows_max;
  out.bytes_limit = limits_.history_bytes_max;
  for (const HistorySegment& segment : segments_) {
    out.rows += segment.rows;
    out.bytes += segment.bytes;
  }
  out.held = waiting_.size() + (writing_ ? writing_->rows.size() : 0);
  out.dropped = dropped_;
  return out;
}

}  // namespace seamwatch::agent
