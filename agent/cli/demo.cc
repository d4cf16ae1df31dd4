#include "agent/demo/demo.h"

#include <iostream>
#include <memory>
#include <string>

#include "agent/cli/subcommands.h"
#include "agent/io/listen_address.h"

namespace seamwatch::agent {

void add_demo(Command app) {
  auto options = std::make_shared<demo::DemoOptions>();
  Command command = app.add_subcommand(
      "demo", "A landscape with faults that come and go, in one process, nothing to install");
  command.add_option("--listen", options->listen, "Address of the web server (127.0.0.1:9720)");
  command.add_flag("--log", options->log, "Show the agent's own log as well");
  command.runs([options] {
    const auto address = parse_listen_address(options->listen);
    if (!address) {
      std::cerr << "seamwatch: --listen: " << address.error().message << "; " << kListenRemedy
                << "\n";
      return 2;
    }
    return demo::run_demo(*options);
  });
}

}  // namespace seamwatch::agent
