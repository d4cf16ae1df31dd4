#include "agent/noise_control.h"

#include <algorithm>
#include <utility>

#include "agent/log.h"
#include "rules/noise/outage_notice.h"

namespace seamwatch::agent {
namespace {

constexpr Millis kLookEvery{1000};

}  // namespace

NoiseControl::NoiseControl(Store& store, const rules::AlertStore& alerts, Sources sources)
    : alerts_(alerts), sources_(std::move(sources)), kept_(store, kNoiseSpace) {}

void NoiseControl::apply(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  noted_ = true;
}

void NoiseControl::note(const Alert* before, const Alert& after, WallTime now) {
  noted_ = true;
  if (after.labels.has(rules::kFlappingLabel)) {
    return;
  }
  const rules::FlapPolicy& policy = config_->notification.noise.flapping;
  const auto noted = flaps_.note(before, after, policy, now);
  if (noted == rules::FlapDetector::Noted::nothing) {
    return;
  }
  const std::uint64_t fingerprint = after.labels.fingerprint();
  changed_flaps_.insert(fingerprint);
  if (noted == rules::FlapDetector::Noted::began) {
    const std::string text = rules::flap_text(*flaps_.find(fingerprint), policy);
    Alert told = rules::flapping_alert(after, text, now);
    const std::uint64_t ours = told.labels.fingerprint();
    flap_speaker_[fingerprint] = ours;
    speakers_[ours] = {"", fingerprint};
    log(LogLevel::warning, "alert flaps", {{"labels", after.labels.to_string()}, {"why", text}});
    began_.push_back(std::move(told));
  }
}

std::vector<Alert> NoiseControl::look(WallTime now) {
  std::vector<Alert> out = std::exchange(began_, {});
  const bool looked = now >= looked_at_ && now < looked_at_ + kLookEvery;
  if (config_ != nullptr && (noted_ || !looked)) {
    looked_at_ = now;
    noted_ = false;
    look_at_outages(now, out);
    look_at_flaps(now, out);
  }
  return out;
}

void NoiseControl::look_at_outages(WallTime now, std::vector<Alert>& out) {
  if (!sources_.standings) {
    return;
  }
  const rules::OutagePolicy& policy = config_->notification.noise.dependencies;
  const IntegrationStandings& standings = sources_.standings();
  if (outages_.all().empty() && !any_outage_possible(standings, policy)) {
    return;
  }
  const auto before = outages_.all();
  for (const auto& change :
       outages_.update(flow_standings(config_->landscape, standings), policy, now)) {
    const std::string& system = change.outage.system;
    log(change.down ? LogLevel::warning : LogLevel::info,
        change.down ? "system down" : "system back",
        {{"system", system}, {"why", change.reason}});
    if (!change.down) {
      changed_outages_.insert(system);
      end(system, now, out);
    }
  }
  for (const auto& [system, outage] : outages_.all()) {
    const auto known = before.find(system);
    if (known == before.end() || !(known->second == outage)) {
      changed_outages_.insert(system);
    }
  }
  for (const auto& [system, held] : held_by_system(now)) {
    speak(*outages_.find(system), held, now, out);
  }
}

// What a person or a rule of theirs holds back anyway needs nobody to speak in its place.
std::map<std::string, std::vector<rules::AlertPtr>> NoiseControl::held_by_system(
    WallTime now) const {
  std::map<std::string, std::vector<rules::AlertPtr>> out;
  if (outages_.all().empty()) {
    return out;
  }
  for (rules::AlertPtr& alert : alerts_.all()) {
    const rules::Outage* outage = alert->resolved(now) ? nullptr : outage_of(*alert);
    if (outage != nullptr && sources_.is_told(alert->labels, now)) {
      out[outage->system].push_back(std::move(alert));
    }
  }
  return out;
}

void NoiseControl::speak(const rules::Outage& outage,
                         const std::vector<rules::AlertPtr>& held,
                         WallTime now,
                         std::vector<Alert>& out) {
  Spoken& spoken = spoken_[outage.system];
  if (spoken.labels.empty()) {
    const auto gravest =
        std::max_element(held.begin(), held.end(), [](const auto& a, const auto& b) {
          return rules::graver(b->labels, a->labels);
        });
    spoken.labels = outage_labels(*config_, outage.system, (*gravest)->labels);
  }
  const std::uint64_t fingerprint = spoken.labels.fingerprint();
  const rules::AlertPtr known = alerts_.find(fingerprint);
  const bool begins = known == nullptr || known->resolved(now);
  Alert alert = begins ? outage_alert(*config_, spoken.labels, now) : *known;
  auto members = outage_members(*config_, sources_.standings(), outage.system);
  spoken.integrations = members.size();
  rules::add_outage_text(alert,
                         outage,
                         system_display(config_->landscape, outage.system),
                         std::move(members),
                         config_->notification.noise.dependencies);
  const bool more = add_routes(spoken, held);
  if (begins || more || alert.annotations != known->annotations) {
    alert.updated_at = now;
    speakers_[fingerprint] = {outage.system, 0};
    changed_outages_.insert(outage.system);
    out.push_back(std::move(alert));
  }
}

// One label set a route is enough, so there are never more of them than routes.
bool NoiseControl::add_routes(Spoken& spoken, const std::vector<rules::AlertPtr>& held) const {
  std::set<const rules::Route*> reached;
  for (const Labels& labels : spoken.stands_for) {
    const auto routes = sources_.routes_of(labels);
    reached.insert(routes.begin(), routes.end());
  }
  bool more = false;
  for (const rules::AlertPtr& alert : held) {
    const std::size_t before = reached.size();
    const auto routes = sources_.routes_of(alert->labels);
    reached.insert(routes.begin(), routes.end());
    if (reached.size() > before) {
      spoken.stands_for.push_back(alert->labels);
      more = true;
    }
  }
  return more;
}

void NoiseControl::end(const std::string& system, WallTime now, std::vector<Alert>& out) {
  const auto spoken = spoken_.find(system);
  if (spoken == spoken_.end()) {
    return;  // nothing was held back
  }
  const rules::AlertPtr known = alerts_.find(spoken->second.labels.fingerprint());
  if (known == nullptr || known->resolved(now)) {
    return;
  }
  Alert alert = *known;
  alert.ends_at = now;
  alert.updated_at = now;
  rules::add_recovery_text(alert,
                           system_display(config_->landscape, system),
                           outage_members(*config_, sources_.standings(), system));
  out.push_back(std::move(alert));
}

void NoiseControl::look_at_flaps(WallTime now, std::vector<Alert>& out) {
  for (const Labels& labels : flaps_.settle(config_->notification.noise.flapping, now)) {
    const std::uint64_t fingerprint = labels.fingerprint();
    changed_flaps_.insert(fingerprint);
    log(LogLevel::info, "alert stable", {{"labels", labels.to_string()}});
    const auto ours = flap_speaker_.find(fingerprint);
    const rules::AlertPtr told = ours == flap_speaker_.end() ? nullptr : alerts_.find(ours->second);
    if (told != nullptr && !told->resolved(now)) {
      const rules::AlertPtr current = alerts_.find(fingerprint);
      const bool fires = current != nullptr && !current->resolved(now);
      out.push_back(rules::stable_alert(*told, fires, now));
    }
  }
  std::erase_if(kept_flaps_, [this](std::uint64_t alert) {
    const bool gone = flaps_.find(alert) == nullptr && !flap_speaker_.contains(alert);
    if (gone) {
      changed_flaps_.insert(alert);
    }
    return gone;
  });
}

const rules::Outage* NoiseControl::outage_of(const Alert& alert) const {
  if (outages_.all().empty() || config_ == nullptr) {
    return nullptr;
  }
  const rules::Outage* outage =
      outages_.of(systems_of(config_->landscape, alert.labels.get("integration")));
  const bool holds = outage != nullptr &&
                     rules::holds_back(*outage, alert, config_->notification.noise.dependencies);
  return holds ? outage : nullptr;
}

bool NoiseControl::speaks(std::uint64_t fingerprint, WallTime now) const {
  const rules::AlertPtr ours = alerts_.find(fingerprint);
  return ours != nullptr && !ours->resolved(now) && sources_.is_told(ours->labels, now);
}

std::optional<HeldBack> NoiseControl::held_back(const Alert& alert, WallTime now) const {
  if (const rules::Outage* outage = outage_of(alert)) {
    const auto spoken = spoken_.find(outage->system);
    const std::uint64_t ours = spoken == spoken_.end() ? 0 : spoken->second.labels.fingerprint();
    if (spoken != spoken_.end() && speaks(ours, now)) {
      return HeldBack{ours, rules::outage_reason(*outage, spoken->second.integrations)};
    }
  }
  if (flap_speaker_.empty()) {
    return std::nullopt;
  }
  const std::uint64_t fingerprint = alert.labels.fingerprint();
  const auto ours = flap_speaker_.find(fingerprint);
  if (ours == flap_speaker_.end() || !flaps_.flaps(fingerprint) || !speaks(ours->second, now)) {
    return std::nullopt;
  }
  const rules::FlapPolicy& policy = config_->notification.noise.flapping;
  return HeldBack{ours->second,
                  "held: it flaps (" + rules::flap_text(*flaps_.find(fingerprint), policy) +
                      "), which is told by an alert of its own"};
}

std::optional<rules::SuppressedAlert> NoiseControl::suppression(const Alert& alert,
                                                                WallTime now) const {
  std::optional<HeldBack> held = held_back(alert, now);
  if (!held) {
    return std::nullopt;
  }
  rules::SuppressedAlert out;
  out.why = std::move(held->why);
  out.by = fingerprint_hex(held->by);
  return out;
}

const std::vector<Labels>* NoiseControl::stands_for(const Alert& alert) const {
  if (spoken_.empty() || alert.labels.get("alertname") != rules::kSystemDown) {
    return nullptr;
  }
  const auto ours = speakers_.find(alert.labels.fingerprint());
  const auto spoken = ours == speakers_.end() ? spoken_.end() : spoken_.find(ours->second.system);
  return spoken == spoken_.end() ? nullptr : &spoken->second.stands_for;
}

void NoiseControl::forget(std::uint64_t fingerprint) {
  const auto ours = speakers_.find(fingerprint);
  if (ours == speakers_.end()) {
    return;
  }
  const Of of = ours->second;
  if (of.system.empty()) {
    if (flaps_.flaps(of.alert)) {
      return;
    }
    flap_speaker_.erase(of.alert);
    changed_flaps_.insert(of.alert);
  } else {
    if (outages_.find(of.system) != nullptr) {
      return;
    }
    spoken_.erase(of.system);
    changed_outages_.insert(of.system);
  }
  speakers_.erase(ours);
}

void NoiseControl::clean_up() {
  std::vector<std::uint64_t> gone;
  for (const auto& [ours, of] : speakers_) {
    if (alerts_.find(ours) == nullptr) {
      gone.push_back(ours);
    }
  }
  for (const std::uint64_t ours : gone) {
    forget(ours);
  }
}

NoiseControl::Counts NoiseControl::counts(WallTime now) const {
  Counts out;
  out.systems_down = outages_.all().size();
  out.flapping = static_cast<std::size_t>(
      std::count_if(flap_speaker_.begin(), flap_speaker_.end(), [this](const auto& each) {
        return flaps_.flaps(each.first);
      }));
  if (out.systems_down + out.flapping == 0) {
    return out;
  }
  for (const rules::AlertPtr& alert : alerts_.all()) {
    const auto held = alert->resolved(now) ? std::nullopt : held_back(*alert, now);
    if (held) {
      const auto ours = speakers_.find(held->by);
      const bool flaps = ours != speakers_.end() && ours->second.system.empty();
      ++(flaps ? out.held_by_flapping : out.held_by_systems);
    }
  }
  return out;
}

std::vector<NoiseControl::Down> NoiseControl::systems_down() const {
  std::vector<Down> out;
  for (const auto& [system, outage] : outages_.all()) {
    const auto spoken = spoken_.find(system);
    out.push_back(
        {system, outage.since, spoken == spoken_.end() ? 0 : spoken->second.integrations});
  }
  return out;
}

}  // namespace seamwatch::agent
