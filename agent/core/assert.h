// Programmer errors. A failed SW_ASSERT is a bug in Seamwatch, never in its input: it is on in
// release builds, prints where it stands and aborts, so that the supervisor restarts the agent and
// the durable outbox carries on.
#pragma once

namespace seamwatch {

[[noreturn]] void assertion_failed(const char* condition, const char* file, int line);

}  // namespace seamwatch

#define SW_ASSERT(condition)                                         \
  do {                                                               \
    if (!(condition))                                                \
      ::seamwatch::assertion_failed(#condition, __FILE__, __LINE__); \
  } while (false)
