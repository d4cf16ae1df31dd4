// What NoiseControl keeps over a restart: written after each change, put back at the start.
#include "agent/base/log.h"
#include "agent/notify/kept_noise.h"
#include "agent/notify/noise_control.h"

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
  rules::KnownOutage known{std::move(kept->outage), std::move(kept->stands_for), std::nullopt};
  if (!kept->alert.empty()) {
    auto alert = rules::incoming_alert_from_json(kept->alert);
    if (!alert) {
      return false;
    }
    known.speaker = alert->alert.labels;
    out.push_back(std::move(*alert));
  }
  watch_.restore(entry.key.substr(kOutagePrefix.size()), std::move(known));
  return true;
}

bool NoiseControl::put_back_flap(const KeyValue& entry, std::vector<rules::IncomingAlert>& out) {
  auto kept = kept_flap_from_json(entry.value);
  if (!kept) {
    return false;
  }
  rules::KnownFlap known{std::move(kept->standing), std::nullopt};
  Labels labels;
  if (!kept->alert.empty()) {
    auto alert = rules::incoming_alert_from_json(kept->alert);
    if (!alert) {
      return false;
    }
    labels = alert->alert.labels;
    known.speaker = labels.fingerprint();
    labels.erase(rules::kFlappingLabel);
    out.push_back(std::move(*alert));
  }
  if (known.standing) {
    labels = known.standing->labels;
  }
  kept_flaps_.insert(labels.fingerprint());
  watch_.restore(labels.fingerprint(), std::move(known));
  return true;
}

std::string NoiseControl::outage_json(const std::string& system) const {
  rules::KnownOutage known = watch_.known_outage(system);
  KeptOutage kept{std::move(known.outage), std::move(known.stands_for), ""};
  if (known.speaker) {
    kept.alert = alerts_.to_json(known.speaker->fingerprint());
  }
  return kept.outage || !kept.alert.empty() ? to_json(kept) : "";
}

std::string NoiseControl::flap_json(std::uint64_t alert) const {
  rules::KnownFlap known = watch_.known_flap(alert);
  KeptFlap kept{std::move(known.standing), ""};
  if (known.speaker) {
    kept.alert = alerts_.to_json(*known.speaker);
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
  rules::NoiseWatch::Changes changed = watch_.take_changes();
  std::erase_if(kept_flaps_, [&](std::uint64_t alert) {
    const rules::KnownFlap known = watch_.known_flap(alert);
    const bool gone = !known.standing && !known.speaker;
    if (gone) {
      changed.flaps.insert(alert);
    }
    return gone;
  });
  for (const std::string& system : changed.outages) {
    write(std::string(kOutagePrefix) + system, outage_json(system));
  }
  for (const std::uint64_t alert : changed.flaps) {
    std::string text = flap_json(alert);
    if (!text.empty()) {
      kept_flaps_.insert(alert);
    }
    write(flap_key(alert), std::move(text));
  }
  co_return co_await kept_.flush();
}

}  // namespace seamwatch::agent
