// What held notices back while a recording was made: silences and acks, out of the storage of the
// agent that recorded it, or silences out of a file.
#pragma once

#include <functional>
#include <string>

#include "agent/core/result.h"
#include "rules/replay/replay.h"
#include "rules/routing/ack.h"
#include "rules/routing/silence_set.h"

namespace seamwatch::agent {

struct ReplayHolds {
  rules::SilenceSet silences;
  rules::AckSet acks;
};

// Takes out of the matchers of silences what the alerts of the replay do not have either.
using RedactMatchers = std::function<Status(rules::Matchers&)>;

// Silences of `file`, the JSON of GET /api/v2/silences or of `amtool silence query -o json`; else
// those of the storage folder `storage`, with the acks; neither is read where it is "". Errors: a
// file that cannot be read, the silence in it that cannot.
[[nodiscard]] Result<ReplayHolds> read_holds(const std::string& file,
                                             const std::string& storage,
                                             const RedactMatchers& redact);

// Lets `holds`, which outlives the replay, hold back notices. A silence as it now stands counts
// from its start to its end, an ack from when it was given.
void apply_holds(const ReplayHolds& holds, rules::replay::ReplayOptions& options);

}  // namespace seamwatch::agent
