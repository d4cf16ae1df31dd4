// The subcommands, a file each. Every one adds itself to the command line; when it is the one
// chosen, it sets `chosen` to what main() runs. Exit codes: 0 good, 1 found wrong, 2 usage.
#pragma once

#include <functional>

namespace CLI {
class App;
}

namespace seamwatch::agent {

using Chosen = std::function<int()>;

void add_run(CLI::App& app, Chosen& chosen);
void add_demo(CLI::App& app, Chosen& chosen);
void add_check(CLI::App& app, Chosen& chosen);
void add_test(CLI::App& app, Chosen& chosen);
void add_classify(CLI::App& app, Chosen& chosen);
void add_probe(CLI::App& app, Chosen& chosen);
void add_query(CLI::App& app, Chosen& chosen);
void add_replay(CLI::App& app, Chosen& chosen);
void add_explain(CLI::App& app, Chosen& chosen);
void add_alerts(CLI::App& app, Chosen& chosen);
void add_silence(CLI::App& app, Chosen& chosen);
void add_template(CLI::App& app, Chosen& chosen);
void add_notify(CLI::App& app, Chosen& chosen);
void add_ack(CLI::App& app, Chosen& chosen);
void add_redact(CLI::App& app, Chosen& chosen);

}  // namespace seamwatch::agent
