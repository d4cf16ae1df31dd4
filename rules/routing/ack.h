// Acks: who has taken on which alert. An alert that someone has taken on is not repeated; that it
// is resolved is still told. Owned by the agent's loop; time is a parameter.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/result.h"

namespace seamwatch::rules {

struct Ack {
  Labels labels;      // of the alert
  std::string owner;  // who has taken it on
  std::string comment;
  WallTime at{};
  WallTime expires_at{};
  WallTime alert_starts_at{};  // may be after `at`, where whoever posts the alert has another clock

  friend bool operator==(const Ack&, const Ack&) = default;
};

class AckSet {
 public:
  // Replaces the ack of the same alert.
  void put(Ack ack);

  // The ack that holds for `alert` at `now`: it was given since the alert began to fire, and has
  // not expired. nullptr where there is none.
  const Ack* find(const Alert& alert, WallTime now) const;

  // Takes it back; false where there is none.
  bool erase(std::uint64_t fingerprint);

  // Drops those that expired by `now`; returns their fingerprints.
  std::vector<std::uint64_t> forget_expired(WallTime now);

  const std::map<std::uint64_t, Ack>& all() const { return acks_; }

 private:
  std::map<std::uint64_t, Ack> acks_;  // by the fingerprint of the labels
};

// For the store. Errors: text that to_json did not write.
std::string to_json(const Ack& ack);
[[nodiscard]] Result<Ack> ack_from_json(std::string_view text);

}  // namespace seamwatch::rules
