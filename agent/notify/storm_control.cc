#include "agent/notify/storm_control.h"

#include <utility>

#include "agent/base/log.h"
#include "agent/core/times.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kPrefix = "storm/";

std::string key_of(const rules::Storms::Sink& sink) {
  return std::string(kPrefix) + sink.first + "\n" + sink.second;
}

}  // namespace

StormControl::StormControl(Store& store, Undelivered undelivered)
    : kept_(store, kNoiseSpace), storms_(std::move(undelivered)) {}

void StormControl::restore(const std::vector<KeyValue>& kept, WallTime now) {
  for (const KeyValue& entry : kept) {
    const std::size_t middle = entry.key.find('\n');
    if (!entry.key.starts_with(kPrefix) || middle == std::string::npos) {
      continue;
    }
    const auto since = parse_rfc3339(entry.value);
    if (!since) {
      log(LogLevel::warning, "noise state dropped", {{"key", entry.key}});
      kept_.erase(entry.key);
      continue;
    }
    storms_.restore(
        {entry.key.substr(kPrefix.size(), middle - kPrefix.size()), entry.key.substr(middle + 1)},
        *since,
        now);
  }
}

bool StormControl::holds(rules::SinkDecision& decision, WallTime now) {
  const bool held = storms_.holds(decision, now);
  note_turns();
  return held;
}

std::vector<StormControl::Summary> StormControl::due(WallTime now) {
  std::vector<Summary> out = storms_.due(now);
  note_turns();
  return out;
}

void StormControl::note_turns() {
  for (const auto& [sink, since] : storms_.take_turns()) {
    if (since) {
      kept_.set(key_of(sink), to_rfc3339(*since));
      const std::string most = std::to_string(storms_.policy().notices_per_minute);
      log(LogLevel::warning,
          "storm",
          {{"receiver", sink.first},
           {"sink", sink.second},
           {"why", "more than " + most + " notices a minute"}});
    } else {
      kept_.erase(key_of(sink));
      log(LogLevel::info, "storm over", {{"receiver", sink.first}, {"sink", sink.second}});
    }
  }
}

void StormControl::log_summary(const Summary& summary) {
  log(LogLevel::info,
      "storm summary",
      {{"receiver", summary.notice.receiver},
       {"sink", summary.notice.sink},
       {"id", summary.notice.id},
       {"notices", std::to_string(summary.entries.size())}});
}

void StormControl::told(const Summary& summary) {
  storms_.told(summary);
  log_summary(summary);
}

bool StormControl::brakes(const Notification& notice, WallTime now) {
  const bool braked = storms_.brakes(notice, now);
  note_turns();
  return braked;
}

StormControl::Summary StormControl::summary_of(rules::Storms::Held held, WallTime now) {
  Summary out = storms_.summary_of(std::move(held), now);
  log_summary(out);
  return out;
}

boost::asio::awaitable<Status> StormControl::keep() {
  co_return co_await kept_.flush();
}

}  // namespace seamwatch::agent
