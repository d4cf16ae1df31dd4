// `alerts --history`: what was decided about alerts and why, of a running agent, or with --storage
// in the store of one that does not run.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/agent_client.h"

namespace seamwatch::agent {

struct HistoryOptions {
  std::string storage;
  std::string since;
  std::string until;
  std::vector<std::string> decisions;
  std::string limit;
};

// Adds --history and what goes with it to the command `alerts`; `wanted` says whether it was given.
void add_history_options(Command command, HistoryOptions& options, bool& wanted);

// Prints the journal, the newest entry last. `receiver`: a regular expression; empty = all.
int run_alert_history(const ClientOptions& client,
                      const HistoryOptions& options,
                      const std::vector<std::string>& matchers,
                      const std::string& receiver);

}  // namespace seamwatch::agent
