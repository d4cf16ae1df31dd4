#include "agent/watch/heartbeats.h"

#include <utility>

#include "agent/base/log.h"
#include "agent/core/assert.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kHeardKey = "heard";  // no probe's: those have a slash
constexpr Millis kHeardEvery{10'000};

// `kept` with what was heard after it.
probes::HeartbeatState gone_on(probes::HeartbeatState kept, const probes::HeartbeatState& heard) {
  if (heard.last_start || heard.last_success || heard.last_fail) {
    kept.last_start = heard.last_start;
  }
  if (heard.last_success) {
    kept.last_success = heard.last_success;
    kept.excused.reset();
  }
  if (heard.last_fail) {
    kept.last_fail = heard.last_fail;
  }
  if (heard.last_success || heard.last_fail) {
    kept.last_exit_code = heard.last_exit_code;
    kept.last_runtime = heard.last_runtime ? heard.last_runtime : kept.last_runtime;
  }
  return kept;
}

}  // namespace

class Heartbeats::Look final : public probes::Probe {
 public:
  Look(Clock& clock, std::shared_ptr<Entry> entry) : clock_(clock), entry_(std::move(entry)) {}

  boost::asio::awaitable<Observation> run_once(MonoTime) override {
    const WallTime now = clock_.wall_now();
    entry_->changed = probes::set_back(entry_->config, entry_->state, now) || entry_->changed;
    co_return probes::evaluate(entry_->config, entry_->state, now);
  }

 private:
  Clock& clock_;
  std::shared_ptr<Entry> entry_;
};

void Heartbeats::restore(const std::vector<KeyValue>& kept) {
  for (const KeyValue& entry : kept) {
    if (entry.key == kHeardKey) {
      const auto heard = parse_rfc3339(entry.value);
      heard_before_ = heard ? std::optional<WallTime>(*heard) : std::nullopt;
      continue;
    }
    const auto state = probes::heartbeat_state_from_json(entry.value);
    if (state) {
      restored_[entry.key] = *state;
    } else {
      log(LogLevel::warning,
          "heartbeat state dropped",
          {{"probe", entry.key}, {"reason", state.error().message}});
    }
  }
}

void Heartbeats::apply(const Config& config) {
  std::map<std::string, std::shared_ptr<Entry>> next;
  by_key_.clear();
  for (const auto& [probe, heartbeat] : config.heartbeats) {
    std::shared_ptr<Entry> entry;
    const auto found = entries_.find(probe);
    if (found != entries_.end()) {
      entry = found->second;
    } else {
      entry = std::make_shared<Entry>();
      entry->probe = probe;
      entry->state.watching_since = clock_.wall_now();
      entry->changed = true;
    }
    const auto kept = restored_.find(probe);
    if (kept != restored_.end()) {
      const WallTime listening_since = entry->state.watching_since;
      probes::HeartbeatState state = kept->second;
      if (heard_before_) {
        probes::excuse(heartbeat, state, *heard_before_, listening_since);
      }
      entry->state = gone_on(std::move(state), entry->state);
      entry->changed = true;
    }
    entry->config = heartbeat;
    by_key_[heartbeat.key.reveal()] = entry.get();
    next.emplace(probe, std::move(entry));
  }
  for (const auto& [probe, entry] : entries_) {
    if (next.find(probe) == next.end()) {
      gone_.push_back(probe);
    }
  }
  for (const auto& [probe, state] : restored_) {
    if (next.find(probe) == next.end()) {
      gone_.push_back(probe);
    }
  }
  entries_ = std::move(next);
  restored_.clear();
}

std::unique_ptr<probes::Probe> Heartbeats::make_probe(const ProbeConfig& config) {
  const auto found = entries_.find(config.integration.str() + "/" + config.name);
  SW_ASSERT(found != entries_.end());
  return std::make_unique<Look>(clock_, found->second);
}

const std::string* Heartbeats::ping(const probes::Ping& ping) {
  const auto found = by_key_.find(ping.key.reveal());
  if (found == by_key_.end()) {
    return nullptr;
  }
  const WallTime now = clock_.wall_now();
  probes::set_back(found->second->config, found->second->state, now);
  probes::on_ping(found->second->state, ping, now);
  found->second->changed = true;
  return &found->second->probe;
}

std::vector<std::string> Heartbeats::take_gone() {
  return std::exchange(gone_, {});
}

std::optional<KeyValue> Heartbeats::take_heard() {
  const WallTime now = clock_.wall_now();
  if (entries_.empty() || (heard_ && *heard_ <= now && now - *heard_ < kHeardEvery)) {
    return std::nullopt;
  }
  heard_ = now;
  return KeyValue{std::string(kHeardKey), to_rfc3339(now)};
}

std::vector<KeyValue> Heartbeats::take_changed() {
  std::vector<KeyValue> out;
  for (const auto& [probe, entry] : entries_) {
    if (entry->changed) {
      entry->changed = false;
      out.push_back(KeyValue{probe, probes::to_json(entry->state)});
    }
  }
  return out;
}

}  // namespace seamwatch::agent
