// Episode: since when one probe has been failing, and what the peer announced meanwhile. The memory
// between two calls of classify(); survives a restart as JSON. Pure; one per probe.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/fault.h"
#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::probes {

// The longest wait that a peer can ask for; what it asks beyond is taken as this.
inline constexpr Millis kAnnouncedWaitMax{3600 * 1000};

struct Episode {
  std::optional<WallTime> failing_since = std::nullopt;    // none = the last run succeeded
  std::optional<WallTime> announced_until = std::nullopt;  // first Retry-After of this episode, due
  std::string fingerprint;                                 // of the last fault
  std::optional<WallTime> same_since = std::nullopt;       // since when with this fingerprint
  std::int64_t faults = 0;                                 // runs that failed in this episode

  friend bool operator==(const Episode&, const Episode&) = default;
};

// A run that failed at `now`: begins or goes on with the episode. A changed fingerprint keeps
// failing_since (a peer that alternates between two errors is still not well).
void note_fault(Episode& episode, const Fault& fault, WallTime now);

std::string to_json(const Episode& episode);
[[nodiscard]] Result<Episode> episode_from_json(std::string_view text);

}  // namespace seamwatch::probes
