// The rows of the journal of notifications, and their SQL; jobs for the writer thread. The journal
// is cut into segments, and the oldest segment goes as a whole. In a segment each set of alerts
// stands once, whatever many rows speak of it, and so do the labels of each alert: a row about
// 50,000 alerts is as small as any other. Why so: agent/decisions/notification-history.md.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/store/database.h"

namespace seamwatch::agent {

struct HistoryRow {
  std::int64_t number = 0;  // grows; given by the store
  std::int64_t segment = 0;
  WallTime at{};
  std::string decision;
  std::string receiver;
  std::string sink;
  std::string group_key;
  std::string notice;
  std::string by;
  std::string reason;
  std::optional<WallTime> until = std::nullopt;
  std::uint64_t alerts = 0;  // the id of their set

  friend bool operator==(const HistoryRow&, const HistoryRow&) = default;
};

// Fingerprints, sorted.
struct HistorySet {
  std::uint64_t id = 0;  // follows from the other two
  std::vector<std::uint64_t> firing;
  std::vector<std::uint64_t> ended;
};

// A fingerprint, and the alert that has it.
using HistoryLabels = std::pair<std::uint64_t, std::shared_ptr<const Alert>>;

// What is written at once, of one segment.
struct HistoryBatch {
  std::int64_t segment = 0;
  std::vector<HistoryLabels> labels;  // of alerts that are new in the segment
  std::vector<HistorySet> sets;       // likewise
  std::vector<HistoryRow> rows;
};

struct HistorySegment {
  std::int64_t segment = 0;
  std::int64_t rows = 0;
  std::int64_t bytes = 0;  // that it takes, by and large
  WallTime newest_at{};
};

// Adds a batch; `bytes` is what it takes. Errors, here and below: the database's.
[[nodiscard]] Status append_history(Database& database,
                                    const HistoryBatch& batch,
                                    std::int64_t& bytes);

// By age, the oldest first.
[[nodiscard]] Status read_history_segments(Database& database, std::vector<HistorySegment>& out);

// Rows of a segment below the number `before`, newest first, at most `count`.
struct HistoryPlace {
  std::int64_t segment = 0;
  std::int64_t before = 0;
};

[[nodiscard]] Status read_history_rows(Database& database,
                                       HistoryPlace place,
                                       std::int64_t count,
                                       std::vector<HistoryRow>& out);

// An empty set where there is none of that id.
[[nodiscard]] Status read_history_set(Database& database,
                                      std::int64_t segment,
                                      std::uint64_t id,
                                      HistorySet& out);

// Calls `each` with the labels of up to a thousand alerts of the segment, those after the place
// `after` (0 = from the start), and moves it on. False where there are no more.
using HistoryLabelsSink = std::function<void(std::uint64_t fingerprint, Labels labels)>;

[[nodiscard]] Result<bool> read_history_labels(Database& database,
                                               std::int64_t segment,
                                               std::int64_t& after,
                                               const HistoryLabelsSink& each);

// Removes up to a thousand rows of a segment and what belongs to them; true once it is gone.
[[nodiscard]] Result<bool> drop_history(Database& database, std::int64_t segment);

}  // namespace seamwatch::agent
