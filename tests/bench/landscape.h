// The series of an integration landscape, for the rules benchmark: twelve of each of 10,000
// integrations in 30 systems, and who owns each system. Everything follows from the numbers of
// series and step, so that two programs make the same samples.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>

#include "agent/core/labels.h"

namespace seamwatch::bench {

inline constexpr std::int64_t kStepMillis = 15'000;
inline constexpr std::int64_t kHistorySteps = 240;  // an hour

struct SeriesPlan {
  Labels labels;            // with __name__
  std::uint32_t flow = 0;   // number of the integration, or of the system for its owner
  std::uint32_t place = 0;  // which of an integration's series; kOwnerPlace for owners
};

inline constexpr std::uint32_t kSeriesOfFlow = 12;
inline constexpr std::uint32_t kOwnerPlace = kSeriesOfFlow;

// Calls `visit` with each series.
void each_series(std::uint32_t flows,
                 std::uint32_t systems,
                 const std::function<void(SeriesPlan)>& visit);

// What `series` says at one step; nothing where it was not seen. Counters start again now and then.
std::optional<double> value_at(const SeriesPlan& series, std::int64_t step);

// When it is seen, in milliseconds after the step's begin: spread over the interval.
std::int64_t jitter_millis(const SeriesPlan& series);

}  // namespace seamwatch::bench
