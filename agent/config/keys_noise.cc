#include "agent/config/keys_noise.h"

namespace seamwatch::agent {
namespace {

using enum KeyType;

constexpr KeySpec kDependencyKeys[] = {
    {.key = "enabled",
     .type = flag,
     .help = "one notice of a system that is down stands for those of the integrations through it",
     .fallback = "true"},
    {.key = "integrations_min",
     .type = count,
     .help = "of a system that are down or failing at once, for it to count as down",
     .fallback = "2",
     .minimum = 2},
    {.key = "share",
     .type = count,
     .help =
         "percent of its integrations, of those whose state is known, that must be down or failing",
     .fallback = "75",
     .minimum = 1,
     .maximum = 100},
    {.key = "window",
     .type = duration,
     .help = "within which they began to fail; what fired for longer before is not held back",
     .fallback = "10m",
     .minimum = 1000},
    {.key = "grace",
     .type = duration,
     .help = "after its recovery, before it counts as back and what still fires is told",
     .fallback = "2m"},
};
constexpr Section kDependencies = {"dependencies", kDependencyKeys};

constexpr KeySpec kFlappingKeys[] = {
    {.key = "enabled",
     .type = flag,
     .help = "an alert that flaps is told once as flapping, then not until it is stable",
     .fallback = "true"},
    {.key = "window",
     .type = duration,
     .help = "within which its starts and ends count",
     .fallback = "30m",
     .minimum = 1000},
    {.key = "start",
     .type = count,
     .help = "starts and ends with which it begins to flap",
     .fallback = "5",
     .minimum = 3,
     .maximum = 1000},
    {.key = "stop",
     .type = count,
     .help = "starts and ends, or fewer, with which it is stable again; below `start`",
     .fallback = "2",
     .maximum = 999},
};
constexpr Section kFlapping = {"flapping", kFlappingKeys};

constexpr KeySpec kStormKeys[] = {
    {.key = "enabled",
     .type = flag,
     .help = "past notices_per_minute what is not urgent waits and is told in one summary a minute",
     .fallback = "true"},
    {.key = "notices_per_minute",
     .type = count,
     .help = "that one sink of a receiver gets one by one",
     .fallback = "30",
     .minimum = 1,
     .maximum = 1000000},
    {.key = "sinks",
     .type = texts,
     .help = "kinds of sinks it is for: email, slack, msteamsv2 (the default), webhook, pagerduty, "
             "opsgenie"},
};
constexpr Section kStorm = {"storm", kStormKeys};

constexpr KeySpec kNoiseKeys[] = {
    {.key = "dependencies",
     .type = map,
     .help = "systems that are down, told from the landscape",
     .section = &kDependencies},
    {.key = "flapping", .type = map, .help = "alerts that come and go", .section = &kFlapping},
    {.key = "storm", .type = map, .help = "too many notices at once", .section = &kStorm},
};

}  // namespace

constinit const Section noise_section = {"noise", kNoiseKeys};

}  // namespace seamwatch::agent
