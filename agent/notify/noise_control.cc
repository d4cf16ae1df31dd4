#include "agent/notify/noise_control.h"

#include <utility>

#include "agent/base/log.h"

namespace seamwatch::agent {

NoiseControl::NoiseControl(Store& store, const rules::AlertStore& alerts, Sources sources)
    : alerts_(alerts),
      kept_(store, kNoiseSpace),
      standings_(std::move(sources.standings)),
      watch_(alerts, {flows(), std::move(sources.is_told), std::move(sources.routes_of)}) {}

rules::NoiseWatch::Flows NoiseControl::flows() const {
  if (!standings_) {
    return {};
  }
  return [this](std::int64_t broken_min, WallTime) {
    const IntegrationStandings& all = standings_();
    return any_outage_possible(all, broken_min) ? flow_standings(config_->landscape, all)
                                                : std::vector<rules::FlowStanding>();
  };
}

void NoiseControl::apply(std::shared_ptr<const Config> config) {
  config_ = std::move(config);
  watch_.apply(config_->notification.noise, std::make_shared<ConfiguredLandscape>(config_));
}

void NoiseControl::note(const Alert* before, const Alert& after, WallTime now) {
  watch_.note(before, after, now);
  log_events();
}

std::vector<Alert> NoiseControl::look(WallTime now) {
  std::vector<Alert> out = watch_.look(now);
  log_events();
  return out;
}

void NoiseControl::log_events() {
  using Kind = rules::NoiseEvent::Kind;
  for (const rules::NoiseEvent& event : watch_.take_events()) {
    switch (event.kind) {
      case Kind::system_down:
        log(LogLevel::warning, "system down", {{"system", event.system}, {"why", event.why}});
        break;
      case Kind::system_back:
        log(LogLevel::info, "system back", {{"system", event.system}, {"why", event.why}});
        break;
      case Kind::alert_flaps:
        log(LogLevel::warning,
            "alert flaps",
            {{"labels", event.labels.to_string()}, {"why", event.why}});
        break;
      case Kind::alert_stable:
        log(LogLevel::info, "alert stable", {{"labels", event.labels.to_string()}});
        break;
    }
  }
}

}  // namespace seamwatch::agent
