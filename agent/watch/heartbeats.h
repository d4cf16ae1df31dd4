// Heartbeats: the state of every heartbeat, by its key. Takes pings from the web server, answers
// the watcher as a probe, and says what is to be kept over a restart. Owned by the agent; loop
// thread.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/config/config.h"
#include "agent/core/clock.h"
#include "agent/store/store.h"
#include "probes/flows/heartbeat.h"
#include "probes/probe.h"

namespace seamwatch::agent {

class Heartbeats {
 public:
  explicit Heartbeats(Clock& clock) : clock_(clock) {}

  // Puts back what was kept, at the next apply(); what was heard since the start stands.
  void restore(const std::vector<KeyValue>& kept);

  // Expects what `config` says from now on; states of heartbeats that stay are kept.
  void apply(const Config& config);

  // The probe of one heartbeat: looks at its state. Requires: configured; this outlives the probe.
  std::unique_ptr<probes::Probe> make_probe(const ProbeConfig& config);

  // Takes a ping. Returns the probe's key ("integration/probe") to look at now, or nullptr where no
  // heartbeat has this key.
  const std::string* ping(const probes::Ping& ping);

  // Until when pings were heard, to be kept as well: what was due after that and before the next
  // start may have been said to no one. Every ten seconds; empty in between.
  std::optional<KeyValue> take_heard();

  // What changed since the last call, to be kept.
  std::vector<KeyValue> take_changed();

  // Heartbeats that are no longer configured since the last call: not to be kept, so that one that
  // comes back after a month is not late at once.
  std::vector<std::string> take_gone();

 private:
  struct Entry {
    std::string probe;  // "integration/probe"
    probes::HeartbeatConfig config;
    probes::HeartbeatState state;
    bool changed = false;
  };

  class Look;

  Clock& clock_;
  std::map<std::string, std::shared_ptr<Entry>> entries_;  // by probe
  std::map<std::string, Entry*> by_key_;                   // by ping key
  std::map<std::string, probes::HeartbeatState> restored_;
  std::optional<WallTime> heard_before_;  // until when, by the agent before this start
  std::optional<WallTime> heard_;         // as take_heard() said last
  std::vector<std::string> gone_;
};

}  // namespace seamwatch::agent
