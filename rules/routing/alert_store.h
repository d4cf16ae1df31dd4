// AlertStore: every alert there is, by its labels. It merges repeated and overlapping posts of one
// alert, and it outlives reloads and restarts (to_json), so that a new Dispatcher starts from it.
// Owned by the agent's loop; time is a parameter.
// Source: Alertmanager, api/v2 postAlerts and its documented merging of overlapping alerts.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/result.h"

namespace seamwatch::rules {

// Alerts never change once they are stored: groups, pages and notices share one copy.
using AlertPtr = std::shared_ptr<const Alert>;

// An alert on its way into the store. `by_timeout`: ends_at was not said but assumed, so any later
// word on the end counts more. Own rules set ends_at themselves and leave it false.
struct IncomingAlert {
  Alert alert;
  bool by_timeout = false;
};

// An alert as the API takes it: both times may be missing.
struct PostedAlert {
  Labels labels;
  Labels annotations;
  std::optional<WallTime> starts_at = std::nullopt;
  std::optional<WallTime> ends_at = std::nullopt;
  std::string generator_url;
};

// Fills in the times: a missing start is now (or the end, where that is given); a missing end is
// `now + resolve_timeout`. Errors: no labels, a name or value that is not UTF-8, an end before the
// start.
[[nodiscard]] Result<IncomingAlert> accept_post(const PostedAlert& posted,
                                                WallTime now,
                                                Millis resolve_timeout);

class AlertStore {
 public:
  // Stores the alert, merged with what is known of it where their spans overlap (earliest start,
  // latest word on the end), and returns it as it now stands.
  AlertPtr put(IncomingAlert incoming, WallTime now);

  // nullptr where there is none.
  AlertPtr find(std::uint64_t fingerprint) const;

  std::vector<AlertPtr> all() const;

  std::size_t size() const { return alerts_.size(); }

  // Drops alerts that were resolved before `resolved_before`; returns how many.
  std::size_t forget(WallTime resolved_before);

  std::string to_json() const;
  [[nodiscard]] static Result<AlertStore> from_json(std::string_view text);

 private:
  struct Stored {
    AlertPtr alert;
    bool by_timeout = false;
  };

  std::map<std::uint64_t, Stored> alerts_;
};

}  // namespace seamwatch::rules
