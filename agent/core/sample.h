// Sample: one value of one series at one time.
#pragma once

#include "agent/core/labels.h"
#include "agent/core/times.h"

namespace seamwatch {

struct Sample {
  Labels labels;  // with __name__
  WallTime at{};
  double value = 0;
};

}  // namespace seamwatch
