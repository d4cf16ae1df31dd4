// Queues that break their configured bounds. A backlog or a missing consumer may pass with a burst
// or a restart, which a second look at once cannot tell: transient until they outlive the retry
// budget. A dead letter stays until someone takes it out.

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
    Row{"backlog", Row::kNoNumber, "", "", kTransient, process, false},
    Row{"oldest_age", Row::kNoNumber, "", "", kTransient, process, false},
    Row{"no_consumer", Row::kNoNumber, "no_consumers", "", kTransient, unavailable, false},
    Row{"dead_letters", Row::kNoNumber, "", "", kPersistent, process, false},
    Row{"missing_dead_letter_queue", Row::kNoNumber, "", "", kPersistent, configuration, false},
};
// clang-format on

// Repetition settles it.
constexpr Row kUnknown = {"another bound", Row::kNoNumber, "", "", kDepends, process, false};

const Row* class_default(const Signal&) {
  return &kUnknown;
}

}  // namespace

constinit const Table kQueueTable = {
    "queue", "the bounds that the queue was configured with", kRows, class_default};

}  // namespace seamwatch::probes
