#include "agent/series_history.h"

#include <malloc.h>

#include "agent/base/log.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

// A crash takes what came since the last time: at most this, and as long as it takes to write.
constexpr Nanos kKeepSeriesEvery = std::chrono::seconds(5);

}  // namespace

SeriesHistory::SeriesHistory(Clock& clock, rules::SeriesStore& series, SeriesJournalOptions options)
    : clock_(clock), series_(series), journal_(series, std::move(options)) {}

asio::awaitable<void> SeriesHistory::restore(rules::SeriesRestore::IsGone is_gone) {
  const MonoTime begin = clock_.mono_now();
  const WallTime now = clock_.wall_now();
  const auto work = [this, now, &is_gone] {
    restored_ = journal_.restore(now);
    rules::SeriesRestore::end_gone(series_, is_gone, now);
    malloc_trim(0);  // what reading took
  };
  co_await thread_.run(work);
  restore_duration_ = clock_.mono_now() - begin;
  for (const std::string& damaged : restored_.set_aside) {
    log(LogLevel::error, "series history", {{"notice", damaged}});
  }
  for (const std::string& note : restored_.notes) {
    log(LogLevel::warning, "series history", {{"notice", note}});
  }
  if (restored_.series > 0) {
    log(LogLevel::info,
        "series restored",
        {{"series", std::to_string(restored_.series)},
         {"left_out", std::to_string(restored_.left_out)},
         {"newest", to_rfc3339(restored_.newest)},
         {"took", format_duration(std::chrono::duration_cast<Millis>(restore_duration_))}});
  }
}

asio::awaitable<void> SeriesHistory::run(Millis settled) {
  const MonoTime settled_at = clock_.mono_now() + settled;
  bool ended = restored_.series == 0;
  for (;;) {
    co_await keep();
    if (!ended && clock_.mono_now() >= settled_at) {
      ended = true;
      const WallTime now = clock_.wall_now();
      const auto work = [this, now] {
        rules::SeriesRestore::end_unheard(series_, restored_.newest, now);
      };
      co_await thread_.run(work);
    }
    const MonoTime next = clock_.mono_now() + kKeepSeriesEvery;
    co_await clock_.sleep_until(next);
  }
}

asio::awaitable<void> SeriesHistory::keep() {
  const WallTime now = clock_.wall_now();
  Status status;
  const auto work = [this, now, &status] { status = journal_.keep(now); };
  co_await thread_.run(work);
  if (!status && !failing_) {
    log(LogLevel::error,
        "series history not kept",
        {{"reason", status.error().message},
         {"effect", "a restart would not know what comes now"}});
  } else if (status && failing_) {
    log(LogLevel::info, "series history is kept again");
  }
  failing_ = !status;
}

asio::awaitable<void> SeriesHistory::stop() {
  co_await keep();
}

SeriesHistory::Stats SeriesHistory::stats() const {
  return {journal_.stats(), restored_.series, restore_duration_};
}

std::unique_ptr<SeriesHistory> make_series_history(Clock& clock,
                                                   rules::SeriesStore& series,
                                                   const std::string& folder,
                                                   const StorageConfig& storage) {
  if (folder.empty() || !storage.history) {
    return nullptr;
  }
  SeriesJournalOptions options;
  options.folder = folder + "/series";
  options.checkpoint_interval = storage.history_checkpoint_interval;
  options.bytes_max = storage.history_bytes_max;
  return std::make_unique<SeriesHistory>(clock, series, std::move(options));
}

}  // namespace seamwatch::agent
