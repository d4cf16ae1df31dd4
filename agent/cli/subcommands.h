// The subcommands, a file each. Every one adds itself to the command line, with what main() runs
// when it is the one chosen. Exit codes: 0 good, 1 found wrong, 2 usage.
#pragma once

#include "agent/cli/command_line.h"

namespace seamwatch::agent {

void add_run(Command app);
void add_demo(Command app);
void add_check(Command app);
void add_test(Command app);
void add_classify(Command app);
void add_probe(Command app);
void add_query(Command app);
void add_replay(Command app);
void add_explain(Command app);
void add_alerts(Command app);
void add_errors(Command app);
void add_silence(Command app);
void add_template(Command app);
void add_notify(Command app);
void add_ack(Command app);
void add_redact(Command app);

}  // namespace seamwatch::agent
