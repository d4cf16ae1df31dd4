// The hash of a label set that Prometheus uses to pick samples for limit_ratio.
#pragma once

#include <cstdint>
#include <string_view>

#include "agent/core/labels.h"

namespace seamwatch::rules::promql {

// XXH64 with seed 0. Source: xxHash specification, https://github.com/Cyan4973/xxHash.
std::uint64_t xxhash64(std::string_view bytes);

// XXH64 over length-prefixed names and values. Source: Prometheus, labels_stringlabels.go.
std::uint64_t label_hash(const Labels& labels);

}  // namespace seamwatch::rules::promql
