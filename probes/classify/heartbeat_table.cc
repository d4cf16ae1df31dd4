// Heartbeats: a flow that did not call, or called to say that it failed. Late by more than its
// grace may be one slow run, which a second look at once cannot tell: it is transient until it
// outlives the retry budget. A run that says it failed has failed.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;
constexpr auto kDepends = Persistence::depends;

// clang-format off
constexpr std::array kRows = {
    Row{"late", Row::kNoNumber, "", "", kTransient, process, false},
    Row{"never_seen", Row::kNoNumber, "", "", kPersistent, configuration, false},
    Row{"failed", Row::kNoNumber, "", "", kPersistent, process, false},
    Row{"exit_code", Row::kNoNumber, "", "", kPersistent, process, false},
    Row{"running_too_long", Row::kNoNumber, "", "", kTransient, timeout, false},
};
// clang-format on

// Time settles it.
constexpr Row kUnknown = {"another sign", Row::kNoNumber, "", "", kDepends, process, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kHeartbeatTable = {
    "heartbeat", "the schedule that the heartbeat was configured with", kRows, class_default};

}  // namespace seamwatch::probes
