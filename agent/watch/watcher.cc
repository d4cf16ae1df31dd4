#include "agent/watch/watcher.h"

#include <algorithm>

#include "agent/core/assert.h"
#include "agent/watch/connectivity.h"
#include "probes/classify/episode.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kIdleTick = std::chrono::milliseconds(200);

// What must not be asked by many at a time: host and port of the target.
std::string target_key(const ProbeConfig& config) {
  if (config.heartbeat) {
    return config.integration.str() + "/" + config.name;
  }
  std::string_view target = config.target;
  const std::size_t scheme = target.find("://");
  const std::string_view start =
      scheme == std::string_view::npos ? target : target.substr(scheme + 3);
  const std::string_view authority = start.substr(0, start.find_first_of("/?#"));
  const std::size_t user = authority.rfind('@');
  return std::string(user == std::string_view::npos ? authority : authority.substr(user + 1));
}

Millis to_millis(Nanos span) {
  return std::chrono::duration_cast<Millis>(span);
}

// The time of a run that was due at `due`: one interval after the run before where that is the same
// but for rounding. Source: Prometheus aligns scrape times likewise.
WallTime stamp_of(const WatchedProbe& probe, WallTime due) {
  constexpr Millis kTolerance{2};
  const WallTime regular = probe.stamp + probe.config->interval;
  const Millis off = due > regular ? due - regular : regular - due;
  return off <= kTolerance ? regular : due;
}

// What fails at a target fails on where only the way of looking at it has changed: a run that
// succeeds ends it, no reload does.
void take_over_fault(const WatchedProbe& before, const ProbeConfig& now, WatchedProbe& after) {
  const ProbeConfig& then = *before.config;
  if (before.episode == nullptr || then.target != now.target || then.heartbeat != now.heartbeat) {
    return;
  }
  after.episode = std::make_unique<probes::Episode>(*before.episode);
  after.failed_before = before.failed_before;
  after.settled = before.settled;
}

}  // namespace

Watcher::Watcher(AgentPorts ports, TaskGroup& tasks, Hooks hooks)
    : ports_(ports),
      probe_ports_{
          ports.clock, ports.random, ports.resolver, ports.dialer, ports.http, ports.workers},
      tasks_(tasks),
      hooks_(std::move(hooks)),
      schedule_(ScheduleLimits{}) {}

std::shared_ptr<WatchedProbe> Watcher::make(const std::string& key,
                                            const ProbeConfig& probe,
                                            const Config& config) {
  auto made = std::make_shared<WatchedProbe>();
  if (probe.heartbeat) {
    made->probe = hooks_.make_heartbeat(probe);
  } else {
    const ModuleConfig& module = config.module(probe.module);
    made->probe = module.kind->make(probe.target, module.options, probe_ports_);
  }
  const std::string target = target_key(probe);
  made->over_network = !probe.heartbeat && !is_loopback(target);
  made->schedule = schedule_.add(key, target, probe.interval, ports_.clock.mono_now());
  ++unreported_;
  return made;
}

WatchedProbes Watcher::apply(std::shared_ptr<const Config> config) {
  schedule_.set_in_flight_max(static_cast<std::size_t>(config->global.probes_in_flight_max));
  schedule_.set_per_target_max(static_cast<std::size_t>(config->global.probes_per_target_max));
  WatchedProbes next;
  for (const auto& [name, integration] : config->landscape.integrations) {
    for (const ProbeConfig& probe : integration.probes) {
      const std::string key = name + "/" + probe.name;
      const std::shared_ptr<WatchedProbe> before = find_probe(probes_, key);
      std::shared_ptr<WatchedProbe> kept = before;
      if (before == nullptr || !unchanged(*before->config, probe)) {
        kept = make(key, probe, *config);
        if (before != nullptr) {
          take_over_fault(*before, probe, *kept);
        }
      }
      kept->config = std::shared_ptr<const ProbeConfig>(config, &probe);
      kept->retry_budget = integration.retry_budget;
      kept->latency = integration.latency;
      next.push_back(std::move(kept));
    }
  }
  next.shrink_to_fit();
  sort_by_key(next);
  WatchedProbes gone;
  for (const auto& probe : probes_) {
    if (find_probe(next, probe->key()) != probe) {
      probe->removed = true;
      unreported_ -= probe->awaited ? 1 : 0;
      schedule_.remove(probe->schedule);
      gone.push_back(probe);
    }
  }
  probes_ = std::move(next);
  by_schedule_.reserve(probes_.size());
  for (const auto& probe : probes_) {
    if (by_schedule_.size() <= probe->schedule) {
      by_schedule_.resize(probe->schedule + 1);
    }
    by_schedule_[probe->schedule] = probe;
  }
  return gone;
}

asio::awaitable<void> Watcher::run() {
  for (;;) {
    const MonoTime now = ports_.clock.mono_now();
    for (const Start& next : schedule_.due(now)) {
      hooks_.on_start(seconds(next.slip));
      WatchedProbe& probe = *by_schedule_[next.id];
      probe.stamp = stamp_of(probe, ports_.clock.wall_now() - to_millis(next.slip));
      start(by_schedule_[next.id], true);
    }
    // Limits may free up at any time, so the wait is bounded even where nothing is due for long.
    const MonoTime latest = now + kIdleTick;
    const MonoTime wake = std::min(schedule_.next(now).value_or(latest), latest);
    co_await ports_.clock.sleep_until(wake);
  }
}

void Watcher::look_now(const std::string& key) {
  const auto probe = find_probe(probes_, key);
  if (probe != nullptr && !probe->running) {
    probe->stamp = ports_.clock.wall_now();
    start(probe, false);
  }
}

void Watcher::hold(const WatchedProbe& probe, WallTime at) {
  const Millis wait = at - ports_.clock.wall_now();
  if (wait > 2 * probes::kAnnouncedWaitMax) {
    return;  // nobody's wait is taken to be as long: the clock was set back since
  }
  WatchedProbe& held = *by_schedule_[probe.schedule];
  unreported_ -= held.awaited ? 1 : 0;
  held.awaited = false;
  const Millis most = std::min(wait, probes::kAnnouncedWaitMax);
  schedule_.hold_until(probe.schedule, ports_.clock.mono_now() + most);
}

void Watcher::start(const std::shared_ptr<WatchedProbe>& probe, bool scheduled) {
  if (probe->running) {  // a look_now() is under way: the scheduled run is that one
    schedule_.finished(probe->schedule);
    return;
  }
  probe->running = true;
  tasks_.spawn("probe " + probe->key(), look(probe, scheduled));
}

asio::awaitable<void> Watcher::look(std::shared_ptr<WatchedProbe> probe, bool scheduled) {
  // Whatever happens in here, a cancel included, the probe may start again.
  struct Ended {
    Watcher& watcher;
    WatchedProbe& probe;
    bool scheduled;

    ~Ended() {
      probe.running = false;
      if (scheduled) {
        watcher.schedule_.finished(probe.schedule);
      }
    }
  };

  Ended ended{*this, *probe, scheduled};
  const LookPorts ports{ports_.clock, ports_.random, hooks_.own_connectivity};
  OnLooked on_looked = taker_for(*probe);
  co_await look_once(probe, ports, std::move(on_looked));
}

// Takes what came of a look at `probe`, which outlives it.
OnLooked Watcher::taker_for(WatchedProbe& probe) {
  return [this, &probe](ProbeResult result) {
    if (!probe.removed) {
      unreported_ -= probe.awaited ? 1 : 0;
      probe.awaited = false;
      probe.reported = true;
      probe.settled = result.verdict && result.verdict->persistence == Persistence::persistent &&
                      result.verdict->reason != "retry_budget_exhausted";
      hooks_.on_result(probe, std::move(result));
    }
  };
}

}  // namespace seamwatch::agent
