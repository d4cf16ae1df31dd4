// AlertStore: every alert there is, by its labels. It merges repeated and overlapping posts of one
// alert, and it outlives reloads, so that a new Dispatcher starts from it; alerts that were posted
// outlive restarts too (to_json). Owned by the agent's loop; time is a parameter.
// Source: Alertmanager, api/v2 postAlerts and its documented merging of overlapping alerts.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/unordered/unordered_flat_map.hpp>

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
  bool posted = false;  // came from outside; sticks to the alert
};

// An alert as the API takes it: both times may be missing.
struct PostedAlert {
  Labels labels;
  Labels annotations;
  std::optional<WallTime> starts_at = std::nullopt;
  std::optional<WallTime> ends_at = std::nullopt;
  SharedText generator_url;
};

// Fills in the times: a missing start is now (or the end, where that is given); a missing end is
// `now + resolve_timeout`. Errors, in Alertmanager's words: an end before the start, a name or
// value that is not UTF-8, no labels.
[[nodiscard]] Result<IncomingAlert> accept_post(PostedAlert posted,
                                                WallTime now,
                                                Millis resolve_timeout);

// Whether `known` was over when `alert`, of the same labels, began.
bool is_earlier(const Alert& known, const Alert& alert);

// Whether `known`, of the same labels, began after `told` was over; its end may not be known.
bool began_anew(const Alert& told, const Alert& known);

class AlertStore {
 public:
  // Stores the alert, merged with what is known of it where their spans overlap (earliest start,
  // latest word on the end), and returns it as it now stands.
  AlertPtr put(IncomingAlert incoming, WallTime now);

  // nullptr where there is none.
  AlertPtr find(std::uint64_t fingerprint) const;

  // By fingerprint.
  std::vector<AlertPtr> all() const;

  std::size_t size() const { return alerts_.size(); }

  // Of these, how many came from outside.
  std::size_t posted_size() const { return posted_size_; }

  // Whether it came from outside, at least once.
  bool posted(std::uint64_t fingerprint) const;

  // Drops alerts that were resolved before `resolved_before` and of which `needed` says no; returns
  // their fingerprints, for the durable copy.
  std::vector<std::uint64_t> forget(WallTime resolved_before,
                                    const std::function<bool(std::uint64_t)>& needed);

  // One alert as it stands, to be put back after a restart; "" where there is none.
  std::string to_json(std::uint64_t fingerprint) const;

  // The same of several, beside what they share, which is said once. False where there is none.
  IncomingAlert common_of(const std::vector<std::uint64_t>& fingerprints) const;
  bool append_json(std::string& out, std::uint64_t fingerprint, const IncomingAlert& common) const;

 private:
  struct Stored {
    AlertPtr alert;
    bool by_timeout = false;
    bool posted = false;
  };

  boost::unordered_flat_map<std::uint64_t, Stored> alerts_;  // by fingerprint
  std::size_t posted_size_ = 0;
};

std::string to_json(const IncomingAlert& alert);

// What to_json wrote. Errors: any other text.
[[nodiscard]] Result<IncomingAlert> incoming_alert_from_json(std::string_view text);
[[nodiscard]] Result<IncomingAlert> incoming_alert_from_json(std::string_view text,
                                                             const IncomingAlert& common);

}  // namespace seamwatch::rules
