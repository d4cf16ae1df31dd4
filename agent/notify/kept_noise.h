// What noise control keeps over a restart, as JSON: outages and flapping alerts, each with the
// alert that speaks for it. Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/result.h"
#include "rules/noise/flap_detector.h"
#include "rules/noise/system_outages.h"

namespace seamwatch::agent {

struct KeptOutage {
  std::optional<rules::Outage> outage = std::nullopt;  // none: over, but its end is not told yet
  std::vector<Labels> stands_for = {};                 // see NoiseControl::stands_for
  std::string alert;                                   // as rules::AlertStore::to_json wrote it
};

struct KeptFlap {
  std::optional<rules::FlapStanding> standing = std::nullopt;  // none: stable, not told yet
  std::string alert;                                           // likewise; may be empty
};

std::string to_json(const KeptOutage& kept);
std::string to_json(const KeptFlap& kept);
[[nodiscard]] Result<KeptOutage> kept_outage_from_json(std::string_view text);
[[nodiscard]] Result<KeptFlap> kept_flap_from_json(std::string_view text);

}  // namespace seamwatch::agent
