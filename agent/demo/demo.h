// The demo: five simulated systems on loopback, the faults of a script, catchers for webhooks and
// mail, and a real agent that watches them. Everything in one process, gone when it ends.
#pragma once

#include <string>

namespace seamwatch::agent::demo {

struct DemoOptions {
  std::string listen = "127.0.0.1:9720";
  bool log = false;  // the agent's own log as well
};

// Runs until SIGINT or SIGTERM. Returns the exit code.
int run_demo(const DemoOptions& options);

}  // namespace seamwatch::agent::demo
