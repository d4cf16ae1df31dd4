// SeriesWarnings: says in the log when limits of the storage section begin to cost something:
// series that are refused, points that go before their time. Each once, not each time that it is
// looked. Owned by the agent; loop thread.
#pragma once

#include <set>
#include <string>

#include "agent/core/times.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

class SeriesWarnings {
 public:
  // `retention`: as configured.
  void look(const rules::SeriesStore& series, Millis retention);

 private:
  std::set<std::string> refused_said_;  // integrations
  bool retention_short_ = false;
};

}  // namespace seamwatch::agent
