#include "agent/watch/pipeline.h"

#include <algorithm>

#include "agent/base/log.h"
#include "agent/core/assert.h"
#include "agent/core/secret.h"
#include "probes/classify/classify.h"
#include "probes/classify/fault_words.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kStateKey = "integration/";
constexpr std::string_view kEpisodeKey = "probe/";

// Without user, password and query.
std::string plain_instance(const ProbeConfig& config) {
  const std::string_view target = config.target;
  const bool is_url = target.find("://") != std::string_view::npos;
  return is_url ? redact_url(target) : config.heartbeat ? "" : std::string(target);
}

Labels probe_labels(const WatchedProbe& probe) {
  Labels labels{{"integration", probe.config->integration.str()}, {"probe", probe.config->name}};
  if (!probe.config->heartbeat) {
    labels.set("instance", probe.instance_label());
  }
  return labels;
}

Labels info_labels(const Landscape& landscape, const Integration& integration) {
  const Owner* owner = landscape.owner_of(integration);
  Labels labels{{"source", integration.source},
                {"target", integration.target},
                {"criticality", std::string(to_string(integration.criticality))}};
  if (integration.pattern) {
    labels.set("pattern", to_string(*integration.pattern));
  }
  if (owner != nullptr) {
    labels.set("owner", owner->name);
  }
  return labels;
}

// Since when the longest failing of its probes fails.
std::optional<WallTime> failing_since(const IntegrationStanding& standing) {
  std::optional<WallTime> since;
  for (const auto& [probe, failing] : standing.failing) {
    if (failing.since && (!since || *failing.since < *since)) {
      since = failing.since;
    }
  }
  return since;
}

Labels failure_labels(const Fault& fault, const Verdict& verdict) {
  return Labels{{"phase", fault.phase},
                {"signal", describe(fault.signal)},
                {"fault", probes::fault_words(fault)},
                {"category", std::string(to_string(verdict.category))},
                {"persistence", std::string(to_string(verdict.persistence))},
                {"criticality", std::string(to_string(verdict.criticality))}};
}

}  // namespace

std::string WatchedProbe::instance_label() const {
  return instance ? *instance : plain_instance(*config);
}

bool any_state_of(const std::vector<KeyValue>& kept, std::string_view integration) {
  const std::string key = std::string(kStateKey) + std::string(integration);
  return std::any_of(
      kept.begin(), kept.end(), [&](const KeyValue& entry) { return entry.key == key; });
}

Pipeline::Pipeline(Clock& clock, Recorder& recorder, KeptState& kept, LabelDigest digest)
    : clock_(clock), recorder_(recorder), kept_(kept), digest_(std::move(digest)) {}

void Pipeline::restore(const std::vector<KeyValue>& kept) {
  restored_ = true;
  for (const KeyValue& entry : kept) {
    std::string problem;
    if (entry.key.starts_with(kStateKey)) {
      const auto health = probes::health_from_json(entry.value);
      if (health) {
        standings_[entry.key.substr(kStateKey.size())].health = *health;
      } else {
        problem = health.error().message;
      }
    } else if (entry.key.starts_with(kEpisodeKey)) {
      const auto episode = probes::episode_from_json(entry.value);
      if (episode) {
        restored_episodes_[entry.key.substr(kEpisodeKey.size())] = *episode;
      } else {
        problem = episode.error().message;
      }
    }
    if (!problem.empty()) {
      log(LogLevel::warning, "kept state dropped", {{"key", entry.key}, {"reason", problem}});
    }
  }
}

void Pipeline::apply(std::shared_ptr<const Config> config,
                     const WatchedProbes& gone,
                     const WatchedProbes& probes) {
  config_ = std::move(config);
  const WallTime now = clock_.wall_now();
  for (const auto& probe : gone) {
    end_or_hand_over(*probe, find_probe(probes, probe->key()).get(), now);
  }
  adopt(probes, now);
  for (auto at = standings_.begin(); at != standings_.end();) {
    if (config_->landscape.find_integration(at->first) == nullptr) {
      kept_.erase(std::string(kStateKey) + at->first);
      errors_total_.erase(at->first);
      const auto record = records_.find(at->first);
      if (record != records_.end()) {
        recorder_.remove_group(record->second, now);
        records_.erase(record);
      }
      at = standings_.erase(at);
    } else {
      ++at;
    }
  }
  for (const auto& [name, integration] : config_->landscape.integrations) {
    std::vector<std::string> names;
    for (const ProbeConfig& probe : integration.probes) {
      names.push_back(probe.name);
    }
    probes::keep_only(standings_[name].health, names);
    if (records_.find(name) == records_.end()) {
      records_[name] = recorder_.add_group([name = name] { return Labels{{"integration", name}}; });
    }
    record_integration(name, now);
  }
}

// What a probe showed ends with it; but where only the way of looking at its target has changed,
// the next result ends it.
void Pipeline::end_or_hand_over(const WatchedProbe& gone, WatchedProbe* successor, WallTime now) {
  connectivity_.forget(gone.schedule);
  const bool goes_on = successor != nullptr && successor->config->target == gone.config->target &&
                       successor->config->heartbeat == gone.config->heartbeat;
  if (goes_on) {
    settle_instance(*successor);
  }
  if (goes_on && probe_labels(*successor) == probe_labels(gone)) {
    successor->record = gone.record;
    successor->recorded = true;
    recorder_.rebind(gone.record, [successor] { return probe_labels(*successor); });
  } else {
    recorder_.remove_group(gone.record, now);
  }
  if (!goes_on || successor->episode == nullptr) {  // else its fault goes on
    last_errors_.erase(gone.key());
    standings_[gone.config->integration.str()].failing.erase(gone.config->name);
    kept_.erase(std::string(kEpisodeKey) + gone.key());
  }
}

// Connects each probe with where its integration stands, its records, and what was kept of it.
void Pipeline::adopt(const WatchedProbes& probes, WallTime now) {
  for (const auto& probe : probes) {
    probe->standing = &standings_[probe->config->integration.str()];
    const bool renamed = settle_instance(*probe);
    if (renamed && probe->recorded) {
      recorder_.remove_group(probe->record, now);
    }
    if (renamed || !probe->recorded) {
      // The probe outlives its group: that goes when the probe is one of `gone`.
      probe->record =
          recorder_.add_group([watched = probe.get()] { return probe_labels(*watched); });
    }
    probe->recorded = true;
    const auto kept = restored_episodes_.find(probe->key());
    const bool healed = probe->reported && probe->episode == nullptr;
    if (kept != restored_episodes_.end() && kept->second.failing_since && !healed) {
      probe->episode = std::make_unique<probes::Episode>(kept->second);
      probe->failed_before = true;
    }
    if (restored_ && probe->reported) {  // over what it said before that
      keep(*probe);
    }
  }
  restored_ = false;
  // One that is not watched now is not to come back later with a fault of long ago.
  for (const auto& [key, episode] : restored_episodes_) {
    if (find_probe(probes, key) == nullptr) {
      kept_.erase(std::string(kEpisodeKey) + key);
    }
  }
  restored_episodes_.clear();
}

// Shows the target as privacy lets it now; false where that is as before.
bool Pipeline::settle_instance(WatchedProbe& probe) const {
  const PrivacyClass& its = config_->privacy_class(probe.config->integration);
  const std::string plain = plain_instance(*probe.config);
  std::optional<std::string> shown = config_->privacy.redactor.redacted(plain, Privacy::scope(its));
  if (shown) {
    *shown += "#" + digest_(plain);
  }
  if (probe.instance ? shown == *probe.instance : !shown) {
    return false;
  }
  probe.instance = shown ? std::make_unique<const std::string>(std::move(*shown)) : nullptr;
  return true;
}

// The signal keeps its protocol and condition: they are the tables' own words.
ProbeResult Pipeline::without_private(const WatchedProbe& probe, ProbeResult result) const {
  const Privacy& privacy = config_->privacy;
  const PrivacyClass& its = config_->privacy_class(probe.config->integration);
  const auto clean_signal = [&](Signal& signal) {
    signal.code = privacy.redactor.redact(signal.code);
    signal.name = privacy.redactor.redact(signal.name);
  };
  for (std::optional<Fault>* fault : {&result.observation.fault, &result.cleared}) {
    if (*fault) {
      clean_signal((*fault)->signal);
      (*fault)->detail = privacy.error_text((*fault)->detail, its);
    }
  }
  for (std::optional<Verdict>* verdict : {&result.verdict, &result.cleared_verdict}) {
    if (*verdict) {
      clean_signal((*verdict)->signal);
    }
  }
  return result;
}

void Pipeline::take(WatchedProbe& probe, ProbeResult result) {
  if (result.observation.fault || result.cleared) {
    result = without_private(probe, std::move(result));
  }
  const WallTime now = clock_.wall_now();
  const Observation& seen = result.observation;
  if (probe.over_network) {
    connectivity_.note(probe.schedule, seen.fault, now);
  }
  IntegrationStanding& standing = *probe.standing;
  standing.last_result = now;
  const bool news = take_errors_of(probe, result);
  const bool moved = move_state(probe, result, now);
  if (news || moved || seen.success != !probe.failed_before) {
    keep(probe);
    record_integration(probe.config->integration.str(), now);
  }
  probe.failed_before = !seen.success;
  // A failure stands from when its confirm retries were done.
  const WallTime at = seen.success && !result.cleared ? probe.stamp : now;
  record_probe(probe, std::move(result), at);
}

// Counts and journals what went wrong; true where anything did.
bool Pipeline::take_errors_of(WatchedProbe& probe, const ProbeResult& result) {
  if (result.cleared) {
    note_error(probe, *result.cleared, *result.cleared_verdict);
  }
  if (result.verdict) {
    const Fault& fault = *result.observation.fault;
    note_error(probe, fault, *result.verdict);
    Failing& failing = probe.standing->failing[probe.config->name];
    failing = Failing{*result.verdict, fault.detail, probes::fault_words(fault)};
    if (probe.episode != nullptr) {
      failing.since = probe.episode->failing_since;
    }
    return true;
  }
  if (probe.failed_before || result.cleared) {
    probe.standing->failing.erase(probe.config->name);
    last_errors_.erase(probe.key());
    return true;
  }
  return false;
}

// Steps the integration's state; true where it changed.
bool Pipeline::move_state(WatchedProbe& probe, const ProbeResult& result, WallTime now) {
  const Observation& seen = result.observation;
  probes::ProbeOutcome outcome;
  outcome.probe = probe.config->name;
  outcome.verdict = result.verdict;
  outcome.latency_over_target = seen.success && probe.latency && seen.duration > *probe.latency;
  const probes::Transition moved =
      probes::step(probe.standing->health, {outcome}, own_connectivity(), now);
  if (moved.changed()) {
    log(moved.to == IntegrationState::ok ? LogLevel::info : LogLevel::warning,
        "integration state",
        {{"integration", probe.config->integration.str()},
         {"from", std::string(to_string(moved.from))},
         {"to", std::string(to_string(moved.to))},
         {"reason", moved.reason}});
  }
  return moved.changed();
}

void Pipeline::keep(const WatchedProbe& probe) {
  const std::string name = probe.config->integration.str();
  kept_.set(std::string(kStateKey) + name, probes::to_json(standings_[name].health));
  const probes::Episode none;
  kept_.set(std::string(kEpisodeKey) + probe.key(),
            probes::to_json(probe.episode != nullptr ? *probe.episode : none));
}

void Pipeline::record_probe(const WatchedProbe& probe, ProbeResult result, WallTime now) {
  const Observation& seen = result.observation;
  std::vector<Fact> facts = std::move(result.observation.facts);
  facts.push_back(Fact{"probe_success", {}, seen.success ? 1.0 : 0.0});
  facts.push_back(Fact{"probe_duration_seconds", {}, seconds(seen.duration)});
  if (result.verdict) {
    facts.push_back(
        Fact{"seamwatch_probe_failure_info", failure_labels(*seen.fault, *result.verdict), 1});
    if (result.verdict->retry_at) {
      facts.push_back(Fact{"seamwatch_probe_retry_not_before_timestamp_seconds",
                           {},
                           unix_seconds(*result.verdict->retry_at)});
    }
  }
  recorder_.write(probe.record, now, facts);
}

void Pipeline::record_integration(const std::string& name, WallTime now) {
  static const std::vector<std::pair<IntegrationState, Labels>> kStates = [] {
    std::vector<std::pair<IntegrationState, Labels>> out;
    for (const auto state : {IntegrationState::ok,
                             IntegrationState::degraded,
                             IntegrationState::throttled,
                             IntegrationState::down,
                             IntegrationState::unknown}) {
      out.emplace_back(state, Labels{{"state", std::string(to_string(state))}});
    }
    return out;
  }();
  const probes::Health& health = standings_[name].health;
  const IntegrationState current = health.state;
  std::vector<Fact> facts;
  if (const Integration* integration = config_->landscape.find_integration(name)) {
    facts.push_back(
        Fact{"seamwatch_integration_info", info_labels(config_->landscape, *integration), 1});
  }
  facts.push_back(
      Fact{"seamwatch_integration_state_since_timestamp_seconds", {}, unix_seconds(health.since)});
  if (const auto since = failing_since(standings_[name])) {
    facts.push_back(
        Fact{"seamwatch_integration_failing_since_timestamp_seconds", {}, unix_seconds(*since)});
  }
  for (const auto& [state, labels] : kStates) {
    facts.push_back(Fact{"seamwatch_integration_state", labels, state == current ? 1.0 : 0.0});
  }
  for (const auto& [counted, total] : errors_total_[name]) {
    facts.push_back(Fact{"seamwatch_errors_total",
                         Labels{{"category", std::string(to_string(counted.category))},
                                {"persistence", std::string(to_string(counted.persistence))},
                                {"criticality", std::string(to_string(counted.criticality))}},
                         total});
  }
  recorder_.write(records_.at(name), now, facts);
}

void Pipeline::note_error(const WatchedProbe& probe, const Fault& fault, const Verdict& verdict) {
  count(probe.config->integration.str(), verdict);
  // The journal gets what is new: another error of this probe, or another verdict on the same.
  const std::string telling = probes::fingerprint(fault) + " " +
                              std::string(to_string(verdict.persistence)) + " " + verdict.reason;
  std::string& last = last_errors_[probe.key()];
  if (last == telling) {
    return;
  }
  last = telling;
  if (errors_.size() >= kErrorsWaitingMax) {
    log(LogLevel::error,
        "error journal is full",
        {{"integration", probe.config->integration.str()}, {"signal", describe(fault.signal)}});
    return;
  }
  ErrorRow row;
  row.at = clock_.wall_now();
  row.integration = probe.config->integration.str();
  row.probe = probe.config->name;
  row.phase = fault.phase;
  row.signal = describe(fault.signal);
  row.detail = fault.detail;
  row.category = verdict.category;
  row.persistence = verdict.persistence;
  row.criticality = verdict.criticality;
  errors_.push_back(std::move(row));
}

void Pipeline::count(const std::string& integration, const Verdict& verdict) {
  const Counted counted{verdict.category, verdict.persistence, verdict.criticality};
  errors_total_[integration][counted] += 1;
}

std::vector<ErrorRow> Pipeline::take_errors() {
  std::vector<ErrorRow> out;
  out.swap(errors_);
  return out;
}

}  // namespace seamwatch::agent
