#include "agent/store/history_rows.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include <boost/json.hpp>

#include "agent/core/common_labels.h"
#include "agent/core/json_text.h"
#include "agent/core/labels_json.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::string_view kAddRowSql =
    "INSERT INTO history(segment, at, decision, receiver, sink, group_key, notice, by_whom, "
    "reason, "
    "until, alert_set) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kAddSetSql =
    "INSERT INTO history_set(segment, id, firing, ended) VALUES(?, ?, ?, ?) ON CONFLICT DO NOTHING";
constexpr std::string_view kAddLabelsSql = "INSERT INTO history_alerts(segment, body) VALUES(?, ?)";
constexpr std::string_view kCountSql =
    "INSERT INTO history_segment(segment, rows, bytes, newest_at) VALUES(?1, ?2, ?3, ?4) "
    "ON CONFLICT(segment) DO UPDATE SET rows = rows + ?2, bytes = bytes + ?3, "
    "newest_at = max(newest_at, ?4)";
constexpr std::string_view kSegmentsSql =
    "SELECT segment, rows, bytes, newest_at FROM history_segment ORDER BY segment";
constexpr std::string_view kRowsSql =
    "SELECT number, segment, at, decision, receiver, sink, group_key, notice, by_whom, reason, "
    "until, alert_set FROM history WHERE segment = ? AND number < ? ORDER BY number DESC LIMIT ?";
constexpr std::string_view kSetSql =
    "SELECT firing, ended FROM history_set WHERE segment = ? AND id = ?";
constexpr std::string_view kLabelsSql =
    "SELECT number, body FROM history_alerts WHERE segment = ? AND number > ? "
    "ORDER BY number LIMIT 1";
constexpr std::string_view kDropRowsSql =
    "DELETE FROM history WHERE number IN (SELECT number FROM history WHERE segment = ? LIMIT 1000)";
constexpr std::string_view kDropSetsSql =
    "DELETE FROM history_set WHERE rowid IN "
    "(SELECT rowid FROM history_set WHERE segment = ? LIMIT 1000)";
constexpr std::string_view kDropLabelsSql = "DELETE FROM history_alerts WHERE segment = ?";
constexpr std::string_view kDropSegmentSql = "DELETE FROM history_segment WHERE segment = ?";

constexpr std::int64_t kRowBytes = 150;  // beside the texts
constexpr std::int64_t kSetBytes = 50;   // beside the fingerprints

std::int64_t size_of(std::string_view text) {
  return static_cast<std::int64_t>(text.size());
}

std::string packed(const std::vector<std::uint64_t>& fingerprints) {
  std::string out;
  out.reserve(fingerprints.size() * 8);
  for (const std::uint64_t fingerprint : fingerprints) {
    for (int shift = 56; shift >= 0; shift -= 8) {
      out += static_cast<char>(fingerprint >> static_cast<unsigned>(shift));
    }
  }
  return out;
}

std::vector<std::uint64_t> unpacked(std::string_view bytes) {
  std::vector<std::uint64_t> out;
  out.reserve(bytes.size() / 8);
  for (std::size_t at = 0; at + 8 <= bytes.size(); at += 8) {
    std::uint64_t fingerprint = 0;
    for (std::size_t i = 0; i < 8; ++i) {
      fingerprint = fingerprint << 8U | static_cast<unsigned char>(bytes[at + i]);
    }
    out.push_back(fingerprint);
  }
  return out;
}

// {"common": {labels}, "alerts": {"<fingerprint>": {further labels}}}
std::string labels_body(const std::vector<HistoryLabels>& alerts) {
  // What all have is said once.
  std::vector<const Labels*> all;
  all.reserve(alerts.size());
  for (const auto& [fingerprint, alert] : alerts) {
    all.push_back(&alert->labels);
  }
  const Labels common = common_of(all);
  std::string out = "{\"common\":";
  append_json_labels(out, common);
  out += ",\"alerts\":{";
  const std::size_t before = out.size();
  for (const auto& [fingerprint, alert] : alerts) {
    out += out.back() == '{' ? "" : ",";
    append_json_fingerprint(out, fingerprint);
    out += ':';
    append_json_labels(out, alert->labels, common);
    if (alert == alerts.front().second) {  // the others are about as long
      out.reserve(out.size() + (out.size() - before + 2) * alerts.size());
    }
  }
  out += "}}";
  return out;
}

// Throws what Boost.JSON throws where it is no body.
void read_labels_body(const std::string& body, const HistoryLabelsSink& each) {
  const json::value parsed = json::parse(body);
  const Labels of_all = labels_from_json(parsed.at("common"));
  for (const auto& [hex, own] : parsed.at("alerts").as_object()) {
    std::uint64_t fingerprint = 0;
    std::from_chars(hex.data(), hex.data() + hex.size(), fingerprint, 16);
    Labels labels = of_all;
    for (const auto& [name, value] : labels_from_json(own)) {
      labels.set(name, value);
    }
    each(fingerprint, std::move(labels));
  }
}

Status add_row(Database& database, const HistoryRow& row, std::int64_t segment) {
  Statement add = database.prepare(kAddRowSql);
  add.bind(1, segment)
      .bind(2, row.at)
      .bind(3, row.decision)
      .bind(4, row.receiver)
      .bind(5, row.sink)
      .bind(6, row.group_key)
      .bind(7, row.notice)
      .bind(8, row.by)
      .bind(9, row.reason)
      .bind(11, static_cast<std::int64_t>(row.alerts));
  return row.until ? add.bind(10, *row.until).run() : add.bind_null(10).run();
}

std::int64_t bytes_of(const HistoryRow& row) {
  return kRowBytes + size_of(row.receiver) + size_of(row.group_key) + size_of(row.reason) +
         size_of(row.by) + size_of(row.notice);
}

HistoryRow row_of(const Statement& statement) {
  HistoryRow row;
  row.number = statement.integer(0);
  row.segment = statement.integer(1);
  row.at = statement.time(2);
  row.decision = statement.text(3);
  row.receiver = statement.text(4);
  row.sink = statement.text(5);
  row.group_key = statement.text(6);
  row.notice = statement.text(7);
  row.by = statement.text(8);
  row.reason = statement.text(9);
  if (!statement.is_null(10)) {
    row.until = statement.time(10);
  }
  row.alerts = static_cast<std::uint64_t>(statement.integer(11));
  return row;
}

Status count(Database& database, const HistoryBatch& batch, std::int64_t bytes) {
  WallTime newest{};
  for (const HistoryRow& row : batch.rows) {
    newest = std::max(newest, row.at);
  }
  Statement statement = database.prepare(kCountSql);
  return statement.bind(1, batch.segment)
      .bind(2, static_cast<std::int64_t>(batch.rows.size()))
      .bind(3, bytes)
      .bind(4, newest)
      .run();
}

}  // namespace

Status append_history(Database& database, const HistoryBatch& batch, std::int64_t& bytes) {
  bytes = 0;
  Status status;
  if (!batch.labels.empty()) {
    const std::string body = labels_body(batch.labels);
    bytes += size_of(body);
    Statement add = database.prepare(kAddLabelsSql);
    status = add.bind(1, batch.segment).bind_held(2, body).run();
  }
  for (const HistorySet& set : batch.sets) {
    if (status.has_error()) {
      return status;
    }
    Statement add = database.prepare(kAddSetSql);
    status = add.bind(1, batch.segment)
                 .bind(2, static_cast<std::int64_t>(set.id))
                 .bind_blob(3, packed(set.firing))
                 .bind_blob(4, packed(set.ended))
                 .run();
    bytes += kSetBytes + static_cast<std::int64_t>(set.firing.size() + set.ended.size()) * 8;
  }
  for (const HistoryRow& row : batch.rows) {
    if (status.has_error()) {
      return status;
    }
    status = add_row(database, row, batch.segment);
    bytes += bytes_of(row);
  }
  return status.has_error() ? status : count(database, batch, bytes);
}

Status read_history_segments(Database& database, std::vector<HistorySegment>& out) {
  out.clear();
  Statement statement = database.prepare(kSegmentsSql);
  while (true) {
    const Result<bool> row = statement.step();
    if (row.has_error() || !*row) {
      return row.has_error() ? Status(row.error()) : Status();
    }
    out.push_back(
        {statement.integer(0), statement.integer(1), statement.integer(2), statement.time(3)});
  }
}

Status read_history_rows(Database& database,
                         HistoryPlace place,
                         std::int64_t count,
                         std::vector<HistoryRow>& out) {
  out.clear();
  Statement statement = database.prepare(kRowsSql);
  statement.bind(1, place.segment).bind(2, place.before).bind(3, count);
  while (true) {
    const Result<bool> row = statement.step();
    if (row.has_error() || !*row) {
      return row.has_error() ? Status(row.error()) : Status();
    }
    out.push_back(row_of(statement));
  }
}

Status read_history_set(Database& database,
                        std::int64_t segment,
                        std::uint64_t id,
                        HistorySet& out) {
  out = HistorySet{id, {}, {}};
  Statement statement = database.prepare(kSetSql);
  const Result<bool> row = statement.bind(1, segment).bind(2, static_cast<std::int64_t>(id)).step();
  if (row.has_error()) {
    return row.error();
  }
  if (*row) {
    out.firing = unpacked(statement.text(0));
    out.ended = unpacked(statement.text(1));
  }
  return {};
}

Result<bool> read_history_labels(Database& database,
                                 std::int64_t segment,
                                 std::int64_t& after,
                                 const HistoryLabelsSink& each) {
  Statement statement = database.prepare(kLabelsSql);
  const Result<bool> row = statement.bind(1, segment).bind(2, after).step();
  if (row.has_error() || !*row) {
    return row;
  }
  after = statement.integer(0);
  try {
    read_labels_body(statement.text(1), each);
  } catch (const std::exception&) {  // the rows that speak of these show fingerprints
  }
  return true;
}

Result<bool> drop_history(Database& database, std::int64_t segment) {
  for (const std::string_view sql : {kDropRowsSql, kDropSetsSql}) {
    Statement drop = database.prepare(sql);
    const Status status = drop.bind(1, segment).run();
    if (status.has_error()) {
      return status.error();
    }
    if (database.changes() > 0) {
      return false;
    }
  }
  for (const std::string_view sql : {kDropLabelsSql, kDropSegmentSql}) {
    Statement drop = database.prepare(sql);
    const Status status = drop.bind(1, segment).run();
    if (status.has_error()) {
      return status.error();
    }
  }
  return true;
}

}  // namespace seamwatch::agent
