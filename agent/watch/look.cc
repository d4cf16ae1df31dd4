#include "agent/watch/look.h"

#include <utility>

#include "probes/classify/classify.h"
#include "probes/classify/confirm.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

// A failed first attempt and what its confirm retries brought.
struct Confirmed {
  Observation observation;  // of the last attempt
  Fault fault;              // the last one
  probes::ConfirmHistory history;
};

// Whether the confirm retries of an earlier run already settled this very fault.
bool settled_before(const WatchedProbe& probe, const Fault& fault) {
  return probe.settled && probe.episode != nullptr &&
         probe.episode->fingerprint == probes::fingerprint(fault);
}

probes::ClassifyContext context_of(const WatchedProbe& probe,
                                   const probes::ConfirmHistory& confirm,
                                   WallTime now) {
  probes::ClassifyContext context;
  context.criticality = probe.config->criticality;
  context.confirm = confirm;
  context.confirm_retries_max = probe.config->confirm_retries;
  context.now = now;
  if (probe.episode != nullptr) {
    context.fault_since = probe.episode->failing_since;
    context.announced_until = probe.episode->announced_until;
  }
  context.retry_budget = probe.retry_budget;
  return context;
}

asio::awaitable<Confirmed> confirm(std::shared_ptr<WatchedProbe> probe,
                                   LookPorts ports,
                                   MonoTime began,
                                   Observation first) {
  Confirmed out;
  out.observation = std::move(first);
  out.fault = *out.observation.fault;
  probes::ConfirmPolicy policy;
  policy.retries_max = probe->config->confirm_retries;
  policy.interval = probe->config->interval;
  policy.retry_budget = probe->retry_budget;
  if (settled_before(*probe, out.fault)) {
    out.history.retries_made = policy.retries_max;
    out.history.same_fingerprint = policy.retries_max;
    co_return out;
  }
  probes::ConfirmState state;
  state.attempt_time = std::chrono::duration_cast<Millis>(out.observation.duration);
  while (!probe->removed && policy.retries_max > 0) {
    state.since_start = std::chrono::duration_cast<Millis>(ports.clock.mono_now() - began);
    const auto plan = probes::next_confirm(out.fault, state, policy, uniform(ports.random));
    if (!plan.retry) {
      break;
    }
    if (state.retries_made == 0 && ports.on_first) {
      ports.on_first(out.observation);
    }
    const MonoTime again_at = ports.clock.mono_now() + plan.delay;
    co_await ports.clock.sleep_until(again_at);
    const MonoTime deadline = ports.clock.mono_now() + probe->config->timeout;
    auto again = co_await probe->probe->run_once(deadline);
    ++state.retries_made;
    ++out.history.retries_made;
    state.attempt_time = std::chrono::duration_cast<Millis>(again.duration);
    out.observation = std::move(again);
    if (out.observation.success) {
      out.history.succeeded = true;
      break;
    }
    // Another fault starts its own decision: earlier retries say nothing about it.
    const bool same = probes::fingerprint(*out.observation.fault) == probes::fingerprint(out.fault);
    out.history.same_fingerprint = same ? out.history.same_fingerprint + 1 : 0;
    out.fault = *out.observation.fault;
  }
  co_return out;
}

ProbeResult judge(WatchedProbe& probe, const LookPorts& ports, Confirmed confirmed) {
  const WallTime now = ports.clock.wall_now();
  ProbeResult result;
  result.observation = std::move(confirmed.observation);
  if (confirmed.history.succeeded) {
    const auto context = context_of(probe, confirmed.history, now);
    result.cleared_verdict = probes::classify(confirmed.fault, context);
    result.cleared = std::move(confirmed.fault);
    probe.episode.reset();
    return result;
  }
  if (probe.episode == nullptr) {
    probe.episode = std::make_unique<probes::Episode>();
  }
  probes::note_fault(*probe.episode, confirmed.fault, now);
  probes::ClassifyContext context = context_of(probe, confirmed.history, now);
  context.own_connectivity = ports.own_connectivity();
  result.verdict = probes::classify(confirmed.fault, context);
  return result;
}

ProbeResult succeeded(WatchedProbe& probe, Observation seen) {
  probe.episode.reset();
  ProbeResult result;
  result.observation = std::move(seen);
  return result;
}

// After a first attempt that failed.
asio::awaitable<void> look_again(std::shared_ptr<WatchedProbe> probe,
                                 LookPorts ports,
                                 MonoTime began,
                                 Observation* first,
                                 OnLooked on_looked) {
  auto confirmed = co_await confirm(probe, ports, began, std::move(*first));
  on_looked(judge(*probe, ports, std::move(confirmed)));
}

}  // namespace

asio::awaitable<void> look_once(std::shared_ptr<WatchedProbe> probe,
                                LookPorts ports,
                                OnLooked on_looked) {
  const MonoTime began = ports.clock.mono_now();
  const MonoTime deadline = began + probe->config->timeout;
  auto first = co_await probe->probe->run_once(deadline);
  if (first.success) {
    on_looked(succeeded(*probe, std::move(first)));
  } else {
    co_await look_again(probe, ports, began, &first, std::move(on_looked));
  }
}

}  // namespace seamwatch::agent
