#include "agent/notify/history_query.h"

#include <algorithm>
#include <charconv>
#include <limits>
#include <memory>
#include <unordered_map>

#include <boost/json.hpp>

#include "agent/core/labels_json.h"
#include "agent/core/utf8.h"
#include "rules/routing/regexp_fault.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t kLimitMax = 10'000;
constexpr std::int64_t kRowsAtOnce = 500;
constexpr std::size_t kAlertsShown = 20;
constexpr std::size_t kFingerprintsAtOnce = 100'000;  // a job looks at

// What a set of alerts comes to for this query.
struct SetView {
  std::size_t firing = 0;
  std::size_t ended = 0;
  std::vector<FoundAlert> shown;
  bool matches = true;
};

// A search under way. Its jobs run on the writer thread, one at a time, and own it together with
// the coroutine that waits for them.
struct Search {
  HistoryQuery query;
  HistoryPage page;
  // Of the segment that is looked at.
  HistoryPlace place;
  std::unordered_map<std::uint64_t, Labels> labels;  // of alerts that match, or are to be shown
  std::unordered_map<std::uint64_t, SetView> sets;
  std::int64_t labels_after = 0;
  std::size_t first_entry = 0;  // of the page
  bool more = false;            // rows, or labels, of the segment

  bool filters() const { return !query.matchers.empty(); }

  bool full() const { return page.entries.size() >= query.limit; }
};

bool wanted(const HistoryRow& row, const HistoryQuery& query) {
  const auto is_it = [&row](rules::HistoryDecision decision) {
    return to_string(decision) == row.decision;
  };
  return (!query.since || row.at >= *query.since) && (!query.until || row.at <= *query.until) &&
         (!query.receiver || row.receiver.empty() || query.receiver->matches(row.receiver)) &&
         (query.decisions.empty() ||
          std::any_of(query.decisions.begin(), query.decisions.end(), is_it));
}

SetView view_of(const HistorySet& set, const Search& search) {
  SetView out;
  out.firing = set.firing.size();
  out.ended = set.ended.size();
  out.matches = !search.filters();
  for (const auto* part : {&set.firing, &set.ended}) {
    for (const std::uint64_t fingerprint : *part) {
      if (search.filters() && !search.labels.contains(fingerprint)) {
        continue;
      }
      out.matches = true;
      if (out.shown.size() < kAlertsShown) {
        out.shown.push_back({fingerprint, part == &set.ended});
      }
    }
  }
  return out;
}

// The labels of alerts that match. Only these can be in an entry that is wanted.
Status match_labels(Database& database, Search& search) {
  const Result<bool> more =
      read_history_labels(database,
                          search.place.segment,
                          search.labels_after,
                          [&search](std::uint64_t fingerprint, Labels labels) {
                            if (rules::match_all(search.query.matchers, labels)) {
                              search.labels.insert_or_assign(fingerprint, std::move(labels));
                            }
                          });
  search.more = more && *more;
  return more ? Status() : Status(more.error());
}

Status match_rows(Database& database, Search& search) {
  std::vector<HistoryRow> rows;
  Status status = read_history_rows(database, search.place, kRowsAtOnce, rows);
  search.more = rows.size() == static_cast<std::size_t>(kRowsAtOnce);
  std::size_t looked_at = 0;
  for (HistoryRow& row : rows) {
    if (status.has_error()) {
      return status;
    }
    if (search.full() || looked_at > kFingerprintsAtOnce) {
      search.more = true;
      return status;
    }
    search.place.before = row.number;
    if (!wanted(row, search.query)) {
      continue;
    }
    auto known = search.sets.find(row.alerts);
    if (known == search.sets.end()) {
      HistorySet set;
      status = read_history_set(database, row.segment, row.alerts, set);
      looked_at += set.firing.size() + set.ended.size();
      known = search.sets.emplace(row.alerts, view_of(set, search)).first;
    }
    const SetView& view = known->second;
    if (view.matches) {
      search.page.entries.push_back({std::move(row), view.firing, view.ended, view.shown});
    }
  }
  return status;
}

// The labels of alerts that are shown.
Status read_shown(Database& database, Search& search) {
  const Result<bool> more =
      read_history_labels(database,
                          search.place.segment,
                          search.labels_after,
                          [&search](std::uint64_t fingerprint, Labels labels) {
                            const auto shown = search.labels.find(fingerprint);
                            if (shown != search.labels.end()) {
                              shown->second = std::move(labels);
                            }
                          });
  search.more = more && *more;
  return more ? Status() : Status(more.error());
}

using Step = Status (*)(Database&, Search&);

asio::awaitable<Status> repeat(Store* store, std::shared_ptr<Search> search, Step step) {
  search->more = true;
  search->labels_after = 0;
  while (search->more && !(step == match_rows && search->full())) {
    Writer::Job job = [search, step](Database& database) { return step(database, *search); };
    auto status = co_await store->run(std::move(job));
    if (!status) {
      co_return status;
    }
  }
  co_return Status();
}

// All of one segment.
asio::awaitable<Status> search_segment(Store* store, std::shared_ptr<Search> search) {
  search->labels.clear();
  search->sets.clear();
  search->first_entry = search->page.entries.size();
  if (search->filters()) {
    auto matched = co_await repeat(store, search, match_labels);
    if (!matched || search->labels.empty()) {
      co_return matched;
    }
  }
  auto found = co_await repeat(store, search, match_rows);
  if (!found) {
    co_return found;
  }
  const bool more_rows = search->more;
  if (!search->filters()) {
    for (std::size_t i = search->first_entry; i < search->page.entries.size(); ++i) {
      for (const FoundAlert& one : search->page.entries[i].alerts) {
        search->labels.try_emplace(one.fingerprint);
      }
    }
    auto read = co_await repeat(store, search, read_shown);
    if (!read) {
      co_return read;
    }
  }
  search->more = more_rows;
  for (std::size_t i = search->first_entry; i < search->page.entries.size(); ++i) {
    for (FoundAlert& one : search->page.entries[i].alerts) {
      one.labels = search->labels[one.fingerprint];
    }
  }
  co_return Status();
}

Result<WallTime> read_time(const std::string& text, WallTime now) {
  if (const auto at = parse_rfc3339(text)) {
    return *at;
  }
  if (const auto ago = parse_duration(text)) {
    return now - *ago;
  }
  double seconds = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), seconds);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || !(seconds >= 0) ||
      seconds > 1e11) {
    return error(quoted(text) +
                 " is no time: write one like 2026-11-24T03:00:00Z, or how long ago, "
                 "like 2h");
  }
  return wall_from_unix_millis(static_cast<std::int64_t>(seconds * 1000));
}

template <class Number>
Result<Number> read_whole(std::string_view text, std::string_view name) {
  Number out = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), out);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || out == 0) {
    return error(std::string(name) + " is no whole number above 0");
  }
  return out;
}

Status read_receiver(std::string_view text, HistoryQuery& query) {
  const std::string receiver(text);
  const std::string fault = rules::regexp_fault("^(?:" + receiver + ")$");
  auto matcher = rules::Matcher::make_for_alerts(rules::MatchType::regexp, "receiver", receiver);
  if (!fault.empty() || !matcher) {
    return error("failed to parse receiver param: " +
                 (fault.empty() ? matcher.error().message : fault));
  }
  query.receiver = std::move(*matcher);
  return {};
}

Status read_parameter(const std::string& name,
                      const std::string& value,
                      WallTime now,
                      HistoryQuery& query) {
  if (name == "filter") {
    auto matcher = rules::parse_matcher(value);
    if (!matcher) {
      return error("bad matcher format: " + matcher.error().message);
    }
    query.matchers.push_back(std::move(*matcher));
  } else if (name == "receiver" && !value.empty()) {
    return read_receiver(value, query);
  } else if (name == "decision") {
    const auto decision = rules::parse_history_decision(value);
    if (!decision) {
      return error(quoted(value) + " is no decision: write one of " +
                   rules::history_decisions_text());
    }
    query.decisions.push_back(*decision);
  } else if (name == "since" || name == "until") {
    const auto at = read_time(value, now);
    if (!at) {
      return error(name + ": " + at.error().message);
    }
    (name == "since" ? query.since : query.until) = *at;
  } else if (name == "limit") {
    const auto limit = read_whole<std::size_t>(value, name);
    if (!limit) {
      return limit.error();
    }
    query.limit = std::min(*limit, kLimitMax);
  } else if (name == "before") {
    const auto before = read_whole<std::int64_t>(value, name);
    if (!before) {
      return before.error();
    }
    query.before = *before;
  }
  return {};
}

json::object entry_json(const FoundEntry& entry) {
  const HistoryRow& row = entry.row;
  json::object out{{"id", row.number}, {"at", to_rfc3339(row.at)}, {"decision", row.decision}};
  const std::pair<const char*, const std::string*> texts[] = {{"receiver", &row.receiver},
                                                              {"sink", &row.sink},
                                                              {"groupKey", &row.group_key},
                                                              {"notice", &row.notice},
                                                              {"by", &row.by},
                                                              {"reason", &row.reason}};
  for (const auto& [name, text] : texts) {
    if (!text->empty()) {
      out[name] = to_valid_utf8(*text);
    }
  }
  if (row.until) {
    out["until"] = to_rfc3339(*row.until);
  }
  out["firing"] = entry.firing;
  out["resolved"] = entry.ended;
  json::array alerts;
  for (const FoundAlert& one : entry.alerts) {
    alerts.push_back(json::object{{"fingerprint", fingerprint_hex(one.fingerprint)},
                                  {"state", one.ended ? "resolved" : "firing"},
                                  {"labels", labels_json(one.labels)}});
  }
  out["alerts"] = std::move(alerts);
  return out;
}

}  // namespace

Result<HistoryQuery> read_history_query(const HttpCall& call, WallTime now) {
  HistoryQuery out;
  for (const auto& [name, value] : call.query) {
    const Status good = read_parameter(name, value, now, out);
    if (!good) {
      return good.error();
    }
  }
  if (out.since && out.until && *out.until < *out.since) {
    return error("until is before since");
  }
  return out;
}

asio::awaitable<Result<HistoryPage>> find_history(Store& store,
                                                  std::deque<HistorySegment> segments,
                                                  HistoryQuery query) {
  auto search = std::make_shared<Search>();
  search->query = std::move(query);
  const HistoryQuery& wants = search->query;
  const std::int64_t before = wants.before.value_or(std::numeric_limits<std::int64_t>::max());
  while (!segments.empty() && !search->full()) {
    // By their newest entries, as the clock may have been set back meanwhile.
    const bool too_old =
        wants.since &&
        std::all_of(segments.begin(), segments.end(), [&wants](const HistorySegment& one) {
          return one.newest_at < *wants.since;
        });
    if (too_old) {
      break;
    }
    search->place = {segments.back().segment, before};
    segments.pop_back();
    auto status = co_await search_segment(&store, search);
    if (!status) {
      co_return status.error();
    }
  }
  if (search->full() && (search->more || !segments.empty())) {
    search->page.next = search->page.entries.back().row.number;
  }
  co_return std::move(search->page);
}

std::string history_json(const HistoryPage& page) {
  json::array entries;
  for (const FoundEntry& entry : page.entries) {
    entries.push_back(entry_json(entry));
  }
  json::object out{{"entries", std::move(entries)}};
  if (page.next) {
    out["next"] = *page.next;
  }
  return json::serialize(out);
}

}  // namespace seamwatch::agent
