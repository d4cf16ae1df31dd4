// seamwatch: the command line. Each subcommand stands in agent/cli.
#include <cstdio>
#include <exception>
#include <string>

#include <CLI/CLI.hpp>

#include "agent/agent.h"
#include "agent/cli/command.h"
#include "agent/cli/unknown_subcommand.h"

int main(int argument_count, char** arguments) {
  using namespace seamwatch::agent;
  CLI::App app(
      "Seamwatch watches the seams between systems: it probes every integration, says of each "
      "error\n"
      "whether it will pass or someone must act, exposes all of it to Prometheus, and tells the\n"
      "right person once, with what to do next.");
  app.require_subcommand(1);
  app.set_version_flag("--version", std::string("seamwatch ") + kVersion);
  Chosen chosen;
  add_run(app, chosen);
  add_demo(app, chosen);
  add_check(app, chosen);
  add_test(app, chosen);
  add_classify(app, chosen);
  add_probe(app, chosen);
  add_query(app, chosen);
  add_replay(app, chosen);
  add_explain(app, chosen);
  add_alerts(app, chosen);
  add_silence(app, chosen);
  add_ack(app, chosen);
  add_notify(app, chosen);
  add_template(app, chosen);
  add_redact(app, chosen);
  // Set last, or every subcommand would inherit it.
  app.footer("Start with `seamwatch demo`: a whole landscape in one process, nothing to install.");
  if (const std::string problem = unknown_subcommand(app, argument_count, arguments);
      !problem.empty()) {
    std::fprintf(stderr, "seamwatch: %s\n", problem.c_str());
    return 2;
  }
  try {
    app.parse(argument_count, arguments);
  } catch (const CLI::ParseError& error) {
    return app.exit(error) == 0 ? 0 : 2;
  }
  try {
    return chosen();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "seamwatch: %s\n", error.what());
    return 1;
  }
}
