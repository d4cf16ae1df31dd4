// How the agent starts: at once where the store can be read, else in two steps.
#include <algorithm>
#include <array>

#include "agent/agent.h"
#include "agent/base/log.h"
#include "agent/endpoints.h"
#include "agent/part_options.h"
#include "exporters/metrics/probe_families.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::array<const char*, 9> kLoops = {"watcher",
                                               "notifier",
                                               "deliverer",
                                               "self metrics",
                                               "kept states",
                                               "loop lag",
                                               "alertmanagers",
                                               "notification history",
                                               "restore"};
constexpr Nanos kRestoreAgain = std::chrono::seconds(1);
constexpr Nanos kRestoreAgainMax = std::chrono::seconds(30);

// The series of a probe or an integration that the configuration does not have.
rules::SeriesRestore::IsGone is_unwatched(std::shared_ptr<const Config> config) {
  return [config](std::string_view name, std::string_view integration, std::string_view probe) {
    if (integration.empty() || exporters::find_family(name) == nullptr) {
      return false;
    }
    const Integration* known = config->landscape.find_integration(integration);
    return known == nullptr || (!probe.empty() && find_probe(*known, probe) == nullptr);
  };
}

}  // namespace

// Reads all before it puts back anything, so that it can be tried again after an error.
asio::awaitable<Status> Agent::restore() {
  std::vector<KeptSpace> spaces = notifier_.kept_spaces();
  spaces.push_back({kIntegrationStateSpace, [this](const auto& all) { pipeline_.restore(all); }});
  spaces.push_back({kHeartbeatStateSpace, [this](const auto& all) { heartbeats_.restore(all); }});
  spaces.push_back({kAlertStateSpace, [this](const auto& all) { evaluator_.restore(all); }});
  spaces.push_back({kSentMessageSpace, [this](const auto& all) { messages_.restore(all); }});
  spaces.push_back({kAlertmanagerSpace, [this](const auto& all) { alertmanagers_.restore(all); }});
  std::vector<std::vector<KeyValue>> kept;
  for (const KeptSpace& space : spaces) {
    std::string name(space.name);
    auto entries = co_await store_.load_all(std::move(name));
    if (!entries) {
      co_return entries.error();
    }
    kept.push_back(std::move(*entries));
  }
  auto journal = co_await notifier_.restore_history();
  if (!journal) {
    co_return journal;
  }
  auto outbox = co_await deliverer_.restore();
  if (!outbox) {
    co_return outbox;
  }
  for (std::size_t i = 0; i < spaces.size(); ++i) {
    spaces[i].put_back(kept[i]);
  }
  restored_ = true;
  if (!store_.notice().empty()) {
    log(LogLevel::error, "store", {{"notice", store_.notice()}});
  }
  co_return Status();
}

// Of a loop that ended nothing is done any more: only a restart helps.
void Agent::task_failed(const std::string& task, const std::string& what) {
  log(LogLevel::error, "task failed", {{"task", task}, {"reason", what}});
  for (const std::string_view loop : kLoops) {
    if (task == loop) {
      failed_task_ = task + ": " + what;
    }
  }
}

asio::awaitable<Status> Agent::start() {
  started_at_ = ports_.clock.wall_now();
  Status restored = error(store_.stats().reason);
  if (store_.opened()) {
    auto now = co_await restore();
    restored = now;
  }
  if (series_history_) {
    rules::SeriesRestore::IsGone is_gone = is_unwatched(loaded_->config);
    co_await series_history_->restore(std::move(is_gone));
  }
  // From here to the end nothing waits, so that no request meets an agent that knows nothing yet.
  web_.set_routes(restored ? endpoints(*this) : early_endpoints(*this));
  auto bound = web_.listen(loaded_->config->web.listen);
  if (!bound) {
    co_return bound.error();
  }
  address_ = *bound;
  self_.reloaded(true, started_at_);
  if (restored) {
    co_await start_telling();
    start_watching();
  } else {
    note_store(restored.error());
    apply_watching();
    start_watching();
    tasks_.spawn(kLoops[8], restore_later());
  }
  log(LogLevel::info,
      "started",
      {{"version", kVersion},
       {"address", address_.address().to_string() + ":" + std::to_string(address_.port())},
       {"probes", std::to_string(watcher_.counts().entries)}});
  co_return Status();
}

// The loops that need nothing of what the store keeps.
void Agent::start_watching() {
  tasks_.spawn(kLoops[0], watcher_.run());
  tasks_.spawn(kLoops[3], observe_self());
  tasks_.spawn(kLoops[5], measure_lag());
  if (series_history_) {
    // Every probe has reported by then, and every rule was evaluated twice since.
    const Millis settled =
        warm_up(*loaded_->config) + 2 * loaded_->config->global.evaluation_interval;
    tasks_.spawn("series history", series_history_->run(settled));
  }
}

// What decides, tells and keeps. Requires: restored.
asio::awaitable<void> Agent::start_telling() {
  auto loaded = loaded_;
  co_await apply(std::move(loaded));
  for (const auto& probe : watcher_.probes()) {
    if (!probe->reported) {  // one that has reported goes by what it heard itself
      hold_as_told(*probe);
    }
  }
  tasks_.spawn(kLoops[1], notifier_.run());
  tasks_.spawn(kLoops[2], deliverer_.run());
  tasks_.spawn(kLoops[4], keep_states());
  tasks_.spawn(kLoops[6], alertmanagers_.run());
  tasks_.spawn(kLoops[7], history_.run());
  started_ = true;
}

// Tries again until what the store kept is put back; then starts what waited for it.
asio::awaitable<void> Agent::restore_later() {
  Nanos wait = kRestoreAgain;
  while (!restored_) {
    const MonoTime next = ports_.clock.mono_now() + wait;
    co_await ports_.clock.sleep_until(next);
    auto again = co_await restore();
    if (!again) {
      note_store(again.error());
    }
    wait = std::min(2 * wait, kRestoreAgainMax);
  }
  co_await start_telling();
  web_.set_routes(endpoints(*this));
  log(LogLevel::info, "the store is open: rules are evaluated and notices told from now on");
}

void Agent::note_store(const Error& failed) {
  const std::string problem = store_.opened()
                                  ? "the store " + store_.folder() +
                                        "/seamwatch.db cannot be read: " + failed.message +
                                        "; end what holds it, or make room on its disk"
                                  : failed.message;
  if (problem == store_problem_) {
    return;
  }
  store_problem_ = problem;
  log(LogLevel::error,
      "the store cannot be opened",
      {{"reason", problem},
       {"effect",
        "probing and metrics go on; no rule is evaluated and nobody is told until then"}});
}

}  // namespace seamwatch::agent
