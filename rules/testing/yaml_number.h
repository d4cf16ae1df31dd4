// Numbers as YAML 1.1 writes them, which is how promtool reads `value:`. Pure.
#pragma once

#include <optional>

#include "agent/core/document.h"

namespace seamwatch::rules::testing {

// The number of an unquoted scalar: decimal, 0x, 0o, 0b, leading-zero octal, underscores, `.inf`
// and
// `.nan`; null is 0. Empty for anything else, as for `Inf` and `NaN`, which YAML takes for texts.
// Source: YAML 1.1 type repository, int and float.
std::optional<double> yaml_number(const Node& node);

}  // namespace seamwatch::rules::testing
