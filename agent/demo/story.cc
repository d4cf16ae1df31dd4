#include "agent/demo/story.h"

#include <array>

namespace seamwatch::agent::demo {

std::span<const Turn> story() {
  static constexpr std::array kTurns = {
      Turn{Millis(0),
           "",
           Fault::none,
           "All five systems are well. Faults come in a moment; nothing needs to be done."},
      Turn{Millis(8'000),
           "shop",
           Fault::hang,
           "The shop hangs. A timeout is transient: degraded, and nobody is paged."},
      Turn{Millis(20'000), "shop", Fault::none, "The shop answers again. It healed by itself."},
      Turn{Millis(24'000),
           "warehouse",
           Fault::expired,
           "The warehouse shows an expired certificate. That never heals: down, and its owner will "
           "be paged in half a minute."},
      Turn{Millis(30'000),
           "bank",
           Fault::throttle,
           "The bank throttles with Retry-After: 20. Not down: the agent waits as it was told."},
      Turn{Millis(40'000),
           "broker",
           Fault::no_reader,
           "The consumer of the order queue stops; messages pile up. The shop's own rule pages "
           "where they grow."},
      Turn{Millis(52'000), "bank", Fault::none, "The bank takes requests again."},
      Turn{Millis(58'000),
           "erp",
           Fault::no_reports,
           "The ERP's export job stops reporting; its heartbeat will be late."},
      Turn{Millis(85'000),
           "warehouse",
           Fault::none,
           "The certificate is renewed; the page is resolved."},
      Turn{Millis(100'000), "broker", Fault::none, "A consumer is back and drains the queue."},
      Turn{Millis(105'000), "erp", Fault::none, "The export job reports again."},
  };
  return kTurns;
}

}  // namespace seamwatch::agent::demo
