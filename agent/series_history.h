// SeriesHistory: gives the series back after a restart and keeps them durable while the agent runs,
// on a thread of its own. Owned by the agent, where there is a storage folder; loop thread.
//
// What was restored ends as in life: a gap stays a gap, as no point is made up for it, and a series
// that nobody goes on with gets a staleness marker once everybody has had the time to.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/io/thread_worker_pool.h"
#include "agent/store/series_journal.h"
#include "rules/series/series_restore.h"

namespace seamwatch::agent {

class SeriesHistory {
 public:
  // `clock` and `series` outlive this.
  SeriesHistory(Clock& clock, rules::SeriesStore& series, SeriesJournalOptions options);

  // Reads what is on disk into the series, and ends those of which `is_gone` says so. Once, before
  // anything else writes to them.
  boost::asio::awaitable<void> restore(rules::SeriesRestore::IsGone is_gone);

  // Keeps what comes, every 5 s. `settled`: how long after now all series that go on have done so.
  // Ends by cancellation.
  boost::asio::awaitable<void> run(Millis settled);

  // Keeps what came since, as the last thing before the agent ends. After run() has ended.
  boost::asio::awaitable<void> stop();

  struct Stats {
    SeriesJournalStats journal;
    std::size_t restored_series = 0;
    Nanos restore_duration{};
  };

  Stats stats() const;

 private:
  boost::asio::awaitable<void> keep();

  Clock& clock_;
  rules::SeriesStore& series_;
  SeriesJournal journal_;
  ThreadWorkerPool thread_{1};
  SeriesJournal::Restored restored_;
  Nanos restore_duration_{};
  bool failing_ = false;
};

// What keeps the history of `series` below `folder`; nothing where that is "" or it is switched
// off.
std::unique_ptr<SeriesHistory> make_series_history(Clock& clock,
                                                   rules::SeriesStore& series,
                                                   const std::string& folder,
                                                   const StorageConfig& storage);

}  // namespace seamwatch::agent
