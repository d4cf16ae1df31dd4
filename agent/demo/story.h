// The story of the demo: which system does what when. Pure data; it starts over when it ends.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "agent/core/times.h"

namespace seamwatch::agent::demo {

enum class Fault {
  none,
  hang,        // takes the request and does not answer
  throttle,    // 429 with Retry-After
  expired,     // its certificate has expired
  no_reader,   // the queue's consumer is gone, messages pile up
  no_reports,  // the job does not report
};

struct Turn {
  Millis at{};              // since the story began
  std::string_view system;  // shop, bank, warehouse, broker, erp
  Fault fault = Fault::none;
  std::string_view told;  // to the person who watches
};

// In order of time.
std::span<const Turn> story();

// After this the story starts over.
inline constexpr Millis kStoryLength{150'000};

}  // namespace seamwatch::agent::demo
