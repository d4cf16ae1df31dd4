// NoisePolicy: what keeps one piece of news from becoming a hundred notices, all of it.
#pragma once

#include "rules/noise/flap_detector.h"
#include "rules/noise/storm_brake.h"
#include "rules/noise/system_outages.h"

namespace seamwatch::rules {

struct NoisePolicy {
  OutagePolicy dependencies;
  FlapPolicy flapping;
  BrakePolicy storm;

  friend bool operator==(const NoisePolicy&, const NoisePolicy&) = default;
};

}  // namespace seamwatch::rules
