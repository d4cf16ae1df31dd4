#include "rules/noise/noise_watch.h"

#include <algorithm>

namespace seamwatch::rules {
namespace {

constexpr Millis kLookEvery{1000};
constexpr std::size_t kStartsMax = 8;

}  // namespace

NoiseWatch::NoiseWatch(const AlertStore& alerts, Sources sources)
    : alerts_(alerts), sources_(std::move(sources)) {}

void NoiseWatch::restore(const std::string& system, KnownOutage known) {
  if (known.speaker) {
    Spoken& spoken = spoken_[system];
    spoken.labels = std::move(*known.speaker);
    spoken.stands_for = std::move(known.stands_for);
    speakers_[spoken.labels.fingerprint()] = {system, 0};
  }
  if (known.outage) {
    outages_.restore(std::move(*known.outage));
  }
}

void NoiseWatch::restore(std::uint64_t alert, KnownFlap known) {
  if (known.speaker) {
    flap_speaker_[alert] = *known.speaker;
    speakers_[*known.speaker] = {"", alert};
  }
  if (known.standing) {
    flaps_.restore(alert, std::move(*known.standing));
  }
}

void NoiseWatch::apply(const NoisePolicy& policy,
                       std::shared_ptr<const OutageLandscape> landscape) {
  policy_ = policy;
  landscape_ = std::move(landscape);
  std::erase_if(started_, [this](const auto& one) {
    return !landscape_ || landscape_->systems_of(one.first).empty();
  });
  applied_ = true;
  noted_ = true;
}

void NoiseWatch::note(const Alert* before, const Alert& after, WallTime now) {
  noted_ = true;
  if (after.labels.has(kFlappingLabel)) {
    return;
  }
  remember_start(before, after, now);
  const FlapPolicy& policy = policy_.flapping;
  const auto noted = flaps_.note(before, after, policy, now);
  if (noted == FlapDetector::Noted::nothing) {
    return;
  }
  const std::uint64_t fingerprint = after.labels.fingerprint();
  changes_.flaps.insert(fingerprint);
  if (noted == FlapDetector::Noted::began) {
    const std::string text = flap_text(*flaps_.find(fingerprint), policy);
    Alert told = flapping_alert(after, text, now);
    const std::uint64_t ours = told.labels.fingerprint();
    flap_speaker_[fingerprint] = ours;
    speakers_[ours] = {"", fingerprint};
    events_.push_back({NoiseEvent::Kind::alert_flaps, "", after.labels, text});
    began_.push_back(std::move(told));
  }
}

std::vector<Alert> NoiseWatch::look(WallTime now) {
  std::vector<Alert> out = std::exchange(began_, {});
  const bool looked = now >= looked_at_ && now < looked_at_ + kLookEvery;
  if (applied_ && (noted_ || !looked)) {
    looked_at_ = now;
    noted_ = false;
    look_at_outages(now, out);
    look_at_flaps(now, out);
  }
  return out;
}

std::optional<WallTime> NoiseWatch::next_look() const {
  std::optional<WallTime> out = flaps_.next_settling(policy_.flapping);
  for (const auto& [system, outage] : outages_.all()) {
    if (outage.well_since) {
      const WallTime back = *outage.well_since + policy_.dependencies.grace;
      out = std::min(out.value_or(back), back);
    }
  }
  return out;
}

void NoiseWatch::look_at_outages(WallTime now, std::vector<Alert>& out) {
  const OutagePolicy& policy = policy_.dependencies;
  const bool any = !outages_.all().empty();
  if (!sources_.flows || !landscape_ || (!any && !policy.enabled)) {
    return;
  }
  const std::vector<FlowStanding> flows = sources_.flows(any ? 0 : policy.integrations_min, now);
  const StandingOf standing_of = [&flows](std::string_view integration) -> const FlowStanding* {
    const auto found = std::lower_bound(
        flows.begin(), flows.end(), integration, [](const FlowStanding& flow, const auto& name) {
          return flow.integration < name;
        });
    const bool known = found != flows.end() && found->integration == integration;
    return known ? &*found : nullptr;
  };
  const auto before = outages_.all();
  for (const auto& change : outages_.update(flows, policy, now, alerted_since(now))) {
    const std::string& system = change.outage.system;
    events_.push_back({change.down ? NoiseEvent::Kind::system_down : NoiseEvent::Kind::system_back,
                       system,
                       {},
                       change.reason});
    if (!change.down) {
      changes_.outages.insert(system);
      end(system, standing_of, now, out);
    }
  }
  for (const auto& [system, outage] : outages_.all()) {
    const auto known = before.find(system);
    if (known == before.end() || !(known->second == outage)) {
      changes_.outages.insert(system);
    }
  }
  for (const auto& [system, held] : held_by_system(now)) {
    speak(*outages_.find(system), held, standing_of, now, out);
  }
}

// Of an integration the last few are enough: those that began since it fails.
void NoiseWatch::remember_start(const Alert* before, const Alert& after, WallTime now) {
  const std::string_view integration = after.labels.get("integration");
  const bool begins = !after.resolved(now) && (before == nullptr || before->resolved(now) ||
                                               before->starts_at != after.starts_at);
  if (!begins || integration.empty() || !landscape_ ||
      landscape_->systems_of(integration).empty()) {
    return;
  }
  const std::uint64_t fingerprint = after.labels.fingerprint();
  std::deque<std::uint64_t>& its = started_[std::string(integration)];
  std::erase(its, fingerprint);
  its.push_back(fingerprint);
  if (its.size() > kStartsMax) {
    its.pop_front();
  }
}

SystemOutages::AlertedSince NoiseWatch::alerted_since(WallTime now) const {
  return [this, now](std::string_view integration) {
    std::optional<WallTime> out;
    const auto its = started_.find(integration);
    if (its == started_.end()) {
      return out;
    }
    for (const std::uint64_t fingerprint : its->second) {
      const AlertPtr alert = alerts_.find(fingerprint);
      if (alert != nullptr && !alert->resolved(now) && sources_.is_told(alert->labels, now)) {
        out = std::max(out.value_or(alert->starts_at), alert->starts_at);
      }
    }
    return out;
  };
}

// What a person or a rule of theirs holds back anyway needs nobody to speak in its place.
std::map<std::string, std::vector<AlertPtr>> NoiseWatch::held_by_system(WallTime now) const {
  std::map<std::string, std::vector<AlertPtr>> out;
  if (outages_.all().empty()) {
    return out;
  }
  for (AlertPtr& alert : alerts_.all()) {
    const Outage* outage = alert->resolved(now) ? nullptr : outage_of(*alert);
    if (outage != nullptr && sources_.is_told(alert->labels, now)) {
      out[outage->system].push_back(std::move(alert));
    }
  }
  return out;
}

void NoiseWatch::speak(const Outage& outage,
                       const std::vector<AlertPtr>& held,
                       const StandingOf& standing_of,
                       WallTime now,
                       std::vector<Alert>& out) {
  Spoken& spoken = spoken_[outage.system];
  if (spoken.labels.empty()) {
    const auto gravest =
        std::max_element(held.begin(), held.end(), [](const auto& a, const auto& b) {
          return graver(b->labels, a->labels);
        });
    spoken.labels = landscape_->labels(outage.system, (*gravest)->labels);
  }
  const std::uint64_t fingerprint = spoken.labels.fingerprint();
  const AlertPtr known = alerts_.find(fingerprint);
  const bool begins = known == nullptr || known->resolved(now);
  Alert alert = begins ? landscape_->alert(spoken.labels, now) : *known;
  auto members = landscape_->members(outage.system, standing_of);
  spoken.integrations = members.size();
  add_outage_text(
      alert, outage, landscape_->display(outage.system), std::move(members), policy_.dependencies);
  const bool more = add_routes(spoken, held);
  if (begins || more || alert.annotations != known->annotations) {
    alert.updated_at = now;
    speakers_[fingerprint] = {outage.system, 0};
    changes_.outages.insert(outage.system);
    out.push_back(std::move(alert));
  }
}

// One label set a route is enough, so there are never more of them than routes.
bool NoiseWatch::add_routes(Spoken& spoken, const std::vector<AlertPtr>& held) const {
  std::set<const Route*> reached;
  for (const Labels& labels : spoken.stands_for) {
    const auto routes = sources_.routes_of(labels);
    reached.insert(routes.begin(), routes.end());
  }
  bool more = false;
  for (const AlertPtr& alert : held) {
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

void NoiseWatch::end(const std::string& system,
                     const StandingOf& standing_of,
                     WallTime now,
                     std::vector<Alert>& out) {
  const auto spoken = spoken_.find(system);
  if (spoken == spoken_.end()) {
    return;  // nothing was held back
  }
  const AlertPtr known = alerts_.find(spoken->second.labels.fingerprint());
  if (known == nullptr || known->resolved(now)) {
    return;
  }
  Alert alert = *known;
  alert.ends_at = now;
  alert.updated_at = now;
  add_recovery_text(alert, landscape_->display(system), landscape_->members(system, standing_of));
  out.push_back(std::move(alert));
}

void NoiseWatch::look_at_flaps(WallTime now, std::vector<Alert>& out) {
  for (const Labels& labels : flaps_.settle(policy_.flapping, now)) {
    const std::uint64_t fingerprint = labels.fingerprint();
    changes_.flaps.insert(fingerprint);
    events_.push_back({NoiseEvent::Kind::alert_stable, "", labels, ""});
    const auto ours = flap_speaker_.find(fingerprint);
    const AlertPtr told = ours == flap_speaker_.end() ? nullptr : alerts_.find(ours->second);
    if (told != nullptr && !told->resolved(now)) {
      const AlertPtr current = alerts_.find(fingerprint);
      const bool fires = current != nullptr && !current->resolved(now);
      out.push_back(stable_alert(*told, fires, now));
    }
  }
}

const Outage* NoiseWatch::outage_of(const Alert& alert) const {
  if (outages_.all().empty() || !landscape_) {
    return nullptr;
  }
  const Outage* outage = outages_.of(landscape_->systems_of(alert.labels.get("integration")));
  const bool holds = outage != nullptr && holds_back(*outage, alert, policy_.dependencies);
  return holds ? outage : nullptr;
}

bool NoiseWatch::speaks(std::uint64_t fingerprint, WallTime now) const {
  const AlertPtr ours = alerts_.find(fingerprint);
  return ours != nullptr && !ours->resolved(now) && sources_.is_told(ours->labels, now);
}

std::optional<NoiseHold> NoiseWatch::held_back(const Alert& alert, WallTime now) const {
  if (const Outage* outage = outage_of(alert)) {
    const auto spoken = spoken_.find(outage->system);
    const std::uint64_t ours = spoken == spoken_.end() ? 0 : spoken->second.labels.fingerprint();
    if (spoken != spoken_.end() && speaks(ours, now)) {
      return NoiseHold{
          NoiseHold::Cause::system_down, ours, outage_reason(*outage, spoken->second.integrations)};
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
  const FlapPolicy& policy = policy_.flapping;
  return NoiseHold{NoiseHold::Cause::flapping,
                   ours->second,
                   "held: it flaps (" + flap_text(*flaps_.find(fingerprint), policy) +
                       "), which is told by an alert of its own"};
}

std::optional<SuppressedAlert> NoiseWatch::suppression(const Alert& alert, WallTime now) const {
  std::optional<NoiseHold> held = held_back(alert, now);
  if (!held) {
    return std::nullopt;
  }
  SuppressedAlert out;
  out.why = std::move(held->why);
  out.by = fingerprint_hex(held->by);
  return out;
}

const std::vector<Labels>* NoiseWatch::stands_for(const Alert& alert) const {
  if (spoken_.empty() || alert.labels.get("alertname") != kSystemDown) {
    return nullptr;
  }
  const auto ours = speakers_.find(alert.labels.fingerprint());
  const auto spoken = ours == speakers_.end() ? spoken_.end() : spoken_.find(ours->second.system);
  return spoken == spoken_.end() ? nullptr : &spoken->second.stands_for;
}

void NoiseWatch::forget(std::uint64_t fingerprint) {
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
    changes_.flaps.insert(of.alert);
  } else {
    if (outages_.find(of.system) != nullptr) {
      return;
    }
    spoken_.erase(of.system);
    changes_.outages.insert(of.system);
  }
  speakers_.erase(ours);
}

void NoiseWatch::clean_up() {
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

NoiseWatch::Counts NoiseWatch::counts(WallTime now) const {
  Counts out;
  out.systems_down = outages_.all().size();
  out.flapping = static_cast<std::size_t>(
      std::count_if(flap_speaker_.begin(), flap_speaker_.end(), [this](const auto& each) {
        return flaps_.flaps(each.first);
      }));
  if (out.systems_down + out.flapping == 0) {
    return out;
  }
  for (const AlertPtr& alert : alerts_.all()) {
    const auto held = alert->resolved(now) ? std::nullopt : held_back(*alert, now);
    if (held) {
      const bool flaps = held->cause == NoiseHold::Cause::flapping;
      ++(flaps ? out.held_by_flapping : out.held_by_systems);
    }
  }
  return out;
}

std::vector<NoiseWatch::Down> NoiseWatch::systems_down() const {
  std::vector<Down> out;
  for (const auto& [system, outage] : outages_.all()) {
    const auto spoken = spoken_.find(system);
    out.push_back(
        {system, outage.since, spoken == spoken_.end() ? 0 : spoken->second.integrations});
  }
  return out;
}

KnownOutage NoiseWatch::known_outage(const std::string& system) const {
  KnownOutage out;
  if (const Outage* outage = outages_.find(system)) {
    out.outage = *outage;
  }
  const auto spoken = spoken_.find(system);
  if (spoken != spoken_.end()) {
    out.stands_for = spoken->second.stands_for;
    out.speaker = spoken->second.labels;
  }
  return out;
}

KnownFlap NoiseWatch::known_flap(std::uint64_t alert) const {
  KnownFlap out;
  if (const FlapStanding* standing = flaps_.find(alert)) {
    out.standing = *standing;
  }
  const auto ours = flap_speaker_.find(alert);
  if (ours != flap_speaker_.end()) {
    out.speaker = ours->second;
  }
  return out;
}

}  // namespace seamwatch::rules
