// FlapDetector: which alerts fire and end again and again. An alert that flaps is told once as
// flapping and then kept quiet until it is stable. With two thresholds, so that it does not flap
// between flapping and stable itself. Owned by the notifier's loop; time is a parameter.
// Source: Nagios, "Detection and Handling of State Flapping": low and high threshold.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/result.h"

namespace seamwatch::rules {

struct FlapPolicy {
  bool enabled = true;
  Millis window{30 * 60'000};  // within which changes count
  std::int64_t start = 5;      // changes with which an alert begins to flap
  std::int64_t stop = 2;       // changes, or fewer, with which it is stable again

  friend bool operator==(const FlapPolicy&, const FlapPolicy&) = default;
};

// How one alert changed lately.
struct FlapStanding {
  Labels labels;                  // of the alert
  std::vector<WallTime> changes;  // starts and ends within the window, oldest first
  bool firing = false;            // after the last of them
  std::optional<WallTime> flapping_since = std::nullopt;

  friend bool operator==(const FlapStanding&, const FlapStanding&) = default;
};

// "changed 7 times within 30 min".
std::string flap_text(const FlapStanding& standing, const FlapPolicy& policy);

// The label, with value "true", that the alert has which tells of another one that it flaps.
inline constexpr std::string_view kFlappingLabel = "flapping";

// The alert that tells that `alert` flaps from `now` on: its labels and kFlappingLabel.
Alert flapping_alert(const Alert& alert, const std::string& text, WallTime now);

// That one, when its alert is stable: ended, and it says whether the alert fires (`firing`).
Alert stable_alert(Alert flapping, bool firing, WallTime now);

std::string to_json(const FlapStanding& standing);
[[nodiscard]] Result<FlapStanding> flap_standing_from_json(std::string_view text);

class FlapDetector {
 public:
  // What note() did.
  enum class Noted { nothing, counted, began };

  // An alert that was known before a restart.
  void restore(std::uint64_t fingerprint, FlapStanding standing);

  // Takes in that an alert stood as `before` (nullptr: not known) and now stands as `after`. An
  // alert begins to flap when it fires again, never when it ends. Nothing is remembered of an alert
  // before it fires for the second time.
  Noted note(const Alert* before, const Alert& after, const FlapPolicy& policy, WallTime now);

  // Forgets changes that are older than the window, and alerts of which none is left. Returns the
  // labels of those that flapped and are stable now.
  std::vector<Labels> settle(const FlapPolicy& policy, WallTime now);

  // When the next alert that flaps is stable, if it does not change before.
  std::optional<WallTime> next_settling(const FlapPolicy& policy) const;

  bool flaps(std::uint64_t fingerprint) const;

  // nullptr where nothing is remembered of it.
  const FlapStanding* find(std::uint64_t fingerprint) const;

  const std::map<std::uint64_t, FlapStanding>& all() const { return standings_; }

 private:
  std::map<std::uint64_t, FlapStanding> standings_;
};

}  // namespace seamwatch::rules
