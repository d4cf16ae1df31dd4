// seamwatch: the command line. Each subcommand stands in agent/cli.
#include <cstdio>
#include <exception>
#include <optional>
#include <string>

#include "agent/agent.h"
#include "agent/cli/subcommands.h"
#include "agent/cli/unknown_subcommand.h"

int main(int argument_count, char** arguments) {
  using namespace seamwatch::agent;
  CommandLine line(
      "Seamwatch watches the seams between systems: it probes every integration, says of each "
      "error\n"
      "whether it will pass or someone must act, exposes all of it to Prometheus, and tells the\n"
      "right person once, with what to do next.",
      std::string("seamwatch ") + kVersion);
  Command app = line.root();
  app.require_subcommand();
  add_run(app);
  add_demo(app);
  add_check(app);
  add_test(app);
  add_classify(app);
  add_probe(app);
  add_query(app);
  add_replay(app);
  add_explain(app);
  add_alerts(app);
  add_errors(app);
  add_silence(app);
  add_ack(app);
  add_notify(app);
  add_template(app);
  add_redact(app);
  // Set last, or every subcommand would inherit it.
  app.footer("Start with `seamwatch demo`: a whole landscape in one process, nothing to install.");
  if (const std::string problem = unknown_subcommand(app, argument_count, arguments);
      !problem.empty()) {
    std::fprintf(stderr, "seamwatch: %s\n", problem.c_str());
    return 2;
  }
  if (const std::optional<int> ended = line.parse(argument_count, arguments)) {
    return *ended;
  }
  try {
    return line.run();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "seamwatch: %s\n", error.what());
    return 1;
  }
}
