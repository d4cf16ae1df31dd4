#include "agent/deliver/kept_messages.h"

#include <chrono>

#include <boost/json.hpp>

#include "agent/base/log.h"
#include "agent/deliver/deliverer_circuit.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kMessagesMax = 10'000;
constexpr Millis kKeptUnchanged = std::chrono::hours(14 * 24);

}  // namespace

KeptMessages::KeptMessages(Store& store, const Clock& clock)
    : clock_(clock), changes_(store, kSentMessageSpace) {}

void KeptMessages::restore(const std::vector<KeyValue>& kept) {
  const WallTime oldest = clock_.wall_now() - kKeptUnchanged;
  for (const KeyValue& entry : kept) {
    try {
      const json::value parsed = json::parse(entry.value);
      Kept one;
      one.message.channel = parsed.at("channel").as_string();
      one.message.id = parsed.at("id").as_string();
      one.changed_at = wall_from_unix_millis(parsed.at("changed_at").as_int64());
      if (one.changed_at < oldest) {
        changes_.erase(entry.key);
      } else {
        put(entry.key, std::move(one));
      }
    } catch (const std::exception& failure) {
      log(LogLevel::warning,
          "kept message dropped",
          {{"key", entry.key}, {"reason", failure.what()}});
      changes_.erase(entry.key);
    }
  }
}

void KeptMessages::drop(Lines::iterator at) {
  by_age_.erase({at->second.changed_at, at->first});
  lines_.erase(at);
}

void KeptMessages::put(const std::string& line, Kept kept) {
  if (const auto at = lines_.find(line); at != lines_.end()) {
    drop(at);
  }
  if (lines_.size() >= kMessagesMax) {
    const std::string oldest = by_age_.begin()->second;
    changes_.erase(oldest);
    drop(lines_.find(oldest));
  }
  by_age_.emplace(kept.changed_at, line);
  lines_.emplace(line, std::move(kept));
}

std::optional<exporters::SentMessage> KeptMessages::find(const Notification& notification) const {
  const auto at = lines_.find(line_of(notification));
  return at == lines_.end() ? std::nullopt : std::optional(at->second.message);
}

void KeptMessages::set(const Notification& notification, exporters::SentMessage message) {
  const std::string line = line_of(notification);
  const WallTime now = clock_.wall_now();
  const json::object value{
      {"channel", message.channel}, {"id", message.id}, {"changed_at", unix_millis(now)}};
  changes_.set(line, json::serialize(value));
  put(line, Kept{std::move(message), now});
}

void KeptMessages::erase(const Notification& notification) {
  if (const auto at = lines_.find(line_of(notification)); at != lines_.end()) {
    changes_.erase(at->first);
    drop(at);
  }
}

}  // namespace seamwatch::agent
