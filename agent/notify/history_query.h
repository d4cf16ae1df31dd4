// HistoryQuery: which entries of the journal somebody wants to see, and the search for them: from
// the newest back, in small jobs, so that notices are written in between. Loop thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/store/history_rows.h"
#include "agent/store/store.h"
#include "agent/web/http_call.h"
#include "rules/routing/history_entry.h"
#include "rules/routing/matcher_syntax.h"

namespace seamwatch::agent {

struct HistoryQuery {
  rules::Matchers matchers = {};                          // of the labels of one of its alerts
  std::optional<rules::Matcher> receiver = std::nullopt;  // what is about the alert itself stays
  std::vector<rules::HistoryDecision> decisions = {};     // one of them; empty = any
  std::optional<WallTime> since = std::nullopt;           // included, as is the other
  std::optional<WallTime> until = std::nullopt;
  std::size_t limit = 100;
  std::optional<std::int64_t> before = std::nullopt;  // the number of an entry: only older ones
};

// Reads filter=, receiver=, decision=, since=, until=, limit= and before=. Times are RFC 3339, Unix
// seconds, or a duration: so long before `now`. Errors: what cannot be read, and what to write.
[[nodiscard]] Result<HistoryQuery> read_history_query(const HttpCall& call, WallTime now);

struct FoundAlert {
  std::uint64_t fingerprint = 0;
  bool ended = false;
  Labels labels = {};
};

struct FoundEntry {
  HistoryRow row;
  std::size_t firing = 0;
  std::size_t ended = 0;
  std::vector<FoundAlert> alerts;  // the first twenty; with matchers, of those that match
};

struct HistoryPage {
  std::vector<FoundEntry> entries;                  // newest first
  std::optional<std::int64_t> next = std::nullopt;  // `before` of the next page, if there is one
};

// `segments` as History has them. Error: the store's.
boost::asio::awaitable<Result<HistoryPage>> find_history(Store& store,
                                                         std::deque<HistorySegment> segments,
                                                         HistoryQuery query);

// {"entries": [{"id", "at", "decision", ...}], "next": 17}
std::string history_json(const HistoryPage& page);

}  // namespace seamwatch::agent
