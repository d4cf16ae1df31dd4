#include "agent/core/assert.h"

#include <cstdio>
#include <cstdlib>

namespace seamwatch {

void assertion_failed(const char* condition, const char* file, int line) {
  std::fprintf(stderr, "%s:%d: BUG: %s does not hold\n", file, line, condition);
  std::abort();
}

}  // namespace seamwatch
