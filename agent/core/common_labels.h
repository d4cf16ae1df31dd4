// What several label sets have in common. Pure, any thread.
#pragma once

#include <vector>

#include "agent/core/labels.h"

namespace seamwatch {

// The labels that all of them have with the same values; none where there are no sets.
Labels common_of(const std::vector<const Labels*>& all);

}  // namespace seamwatch
