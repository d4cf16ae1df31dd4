// What NoiseControl keeps over a restart: written after each change, put back at the start.
#include "agent/kept_noise.h"
#include "agent/log.h"
#include "agent/noise_control.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kOutagePrefix = "outage/";
constexpr std::string_view kFlapPrefix = "flap/";

std::string flap_key(std::uint64_t alert) {
  return std::string(kFlapPrefix) + fingerprint_hex(alert);
}

}  // namespace

std::vector<rules::IncomingAlert> NoiseControl::restore(const std::vector<KeyValue>& kept) {
  std::vector<rules::IncomingAlert> out;
  for (const KeyValue& entry : kept) {
    const bool is_outage = entry.key.starts_with(kOutagePrefix);
    const bool is_flap = entry.key.starts_with(kFlapPrefix);
    const bool good = is_outage ? put_back_outage(entry, out)
                      : is_flap ? put_back_flap(entry, out)
                                : true;  // another part's
    if (!good) {
      log(LogLevel::warning, "noise state dropped", {{"key", entry.key}});
      kept_.erase(entry.key);
    }
  }
  return out;
}

bool NoiseControl::put_back_outage(const KeyValue& entry, std::vector<rules::IncomingAlert>& out) {
  auto kept = kept_outage_from_json(entry.value);
  if (!kept) {
    return false;
  }
  const std::string system = entry.key.substr(kOutagePrefix.size());
  if (!kept->alert.empty()) {
    auto alert = rules::incoming_alert_from_json(kept->alert);
    if (!alert) {
      return false;
    }
    Spoken& spoken = spoken_[system];
    spoken.labels = alert->alert.labels;
    spoken.stands_for = std::move(kept->stands_for);
    speakers_[spoken.labels.fingerprint()] = {system, 0};
    out.push_back(std::move(*alert));
  }
  if (kept->outage) {
    outages_.restore(std::move(*kept->outage));
  }
  return true;
}

bool NoiseControl::put_back_flap(const KeyValue& entry, std::vector<rules::IncomingAlert>& out) {
  auto kept = kept_flap_from_json(entry.value);
  if (!kept) {
    return false;
  }
  Labels labels;
  if (!kept->alert.empty()) {
    auto alert = rules::incoming_alert_from_json(kept->alert);
    if (!alert) {
      return false;
    }
    labels = alert->alert.labels;
    const std::uint64_t ours = labels.fingerprint();
    labels.erase(rules::kFlappingLabel);
    flap_speaker_[labels.fingerprint()] = ours;
    speakers_[ours] = {"", labels.fingerprint()};
    out.push_back(std::move(*alert));
  }
  if (kept->standing) {
    labels = kept->standing->labels;
    flaps_.restore(labels.fingerprint(), std::move(*kept->standing));
  }
  kept_flaps_.insert(labels.fingerprint());
  return true;
}

std::string NoiseControl::outage_json(const std::string& system) const {
  KeptOutage kept;
  if (const rules::Outage* outage = outages_.find(system)) {
    kept.outage = *outage;
  }
  const auto spoken = spoken_.find(system);
  if (spoken != spoken_.end()) {
    kept.stands_for = spoken->second.stands_for;
    kept.alert = alerts_.to_json(spoken->second.labels.fingerprint());
  }
  return kept.outage || !kept.alert.empty() ? to_json(kept) : "";
}

std::string NoiseControl::flap_json(std::uint64_t alert) const {
  KeptFlap kept;
  if (const rules::FlapStanding* standing = flaps_.find(alert)) {
    kept.standing = *standing;
  }
  const auto ours = flap_speaker_.find(alert);
  if (ours != flap_speaker_.end()) {
    kept.alert = alerts_.to_json(ours->second);
  }
  return kept.standing || !kept.alert.empty() ? to_json(kept) : "";
}

boost::asio::awaitable<Status> NoiseControl::keep() {
  const auto write = [this](std::string key, std::string text) {
    if (text.empty()) {
      kept_.erase(std::move(key));
    } else {
      kept_.set(std::move(key), std::move(text));
    }
  };
  for (const std::string& system : changed_outages_) {
    write(std::string(kOutagePrefix) + system, outage_json(system));
  }
  for (const std::uint64_t alert : changed_flaps_) {
    std::string text = flap_json(alert);
    if (!text.empty()) {
      kept_flaps_.insert(alert);
    }
    write(flap_key(alert), std::move(text));
  }
  changed_outages_.clear();
  changed_flaps_.clear();
  co_return co_await kept_.flush();
}

}  // namespace seamwatch::agent
