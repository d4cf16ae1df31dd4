// Verdict: what must hold of all that receivers saw, whatever happened to the agent.
#pragma once

#include <string>
#include <vector>

#include "tests/fakes/sim_network.h"
#include "tests/lives/alert_source.h"
#include "tests/lives/setting.h"

namespace seamwatch::fakes {

// One request, as far as it matters.
struct SeenNotice {
  WallTime at{};
  std::string host;
  std::string key;
  std::string group_key;
  std::string reason;
  bool is_taken = false;
  bool is_known = false;  // to the agent, also after a kill: that it was taken

  struct SeenAlert {
    std::string id;         // SourceAlert::id()
    std::string starts_at;  // as in the payload
    bool is_resolved = false;

    friend auto operator<=>(const SeenAlert&, const SeenAlert&) = default;
  };

  std::vector<SeenAlert> alerts;  // sorted
};

// `kills`: when the agent was killed.
std::vector<SeenNotice> seen_notices(const SimNetwork& network, const std::vector<WallTime>& kills);

// What of these is not so; a line each.
// Of what each receiver took last of an alert: whoever hears of all was told of each that fires,
// and whoever was told that one fires was told of its end.
std::vector<std::string> wrong_in_the_end(const std::vector<SeenNotice>& seen,
                                          const std::vector<SourceAlert>& alerts,
                                          const Setting& setting,
                                          WallTime now);

// - A key belongs to one group, and one content of a group has one key, unless notices get lost.
// - No receiver takes an older state of an alert after a newer one.
// - An end that the agent knows to be told is not told again.
std::vector<std::string> wrong_on_the_way(const std::vector<SeenNotice>& seen,
                                          const Setting& setting);

// A line that says all of it.
std::string to_string(const SeenNotice& notice);

// What a host saw of an alert, a line each.
std::string story_of(const std::vector<SeenNotice>& seen,
                     const std::string& host,
                     const std::string& alert);

}  // namespace seamwatch::fakes
