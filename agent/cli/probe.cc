#include "probes/probe.h"

#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include <CLI/CLI.hpp>
#include <boost/json.hpp>

#include "agent/cli/command.h"
#include "agent/config/modules.h"
#include "agent/loaded.h"
#include "agent/real_world.h"
#include "agent/task_group.h"
#include "probes/classify/classify.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct Options {
  std::string target;
  std::string module;
  std::string config;
  std::string timeout = "5s";
  bool json = false;
};

boost::asio::awaitable<void> look(probes::Probe& probe, MonoTime deadline, Observation& out) {
  auto observation = co_await probe.run_once(deadline);
  out = std::move(observation);
}

probes::TableVerdict judged(const Fault& fault) {
  Signal signal = fault.signal;
  if (fault.retry_after && signal.when.empty()) {
    signal.when = "Retry-After present";
  }
  return probes::table_verdict(signal);
}

std::string evidence(const Fault& fault, const probes::TableVerdict& verdict) {
  return probes::describe_row(fault.signal.protocol, *verdict.match.row) + ", " +
         std::string(verdict.match.reason) + ", " + std::string(verdict.match.source);
}

void print_text(const Options& options, const Observation& seen) {
  for (const std::string& step : seen.steps) {
    std::cout << step << "\n";
  }
  std::cout << "\n"
            << options.target << ": " << (seen.success ? "success" : "failed") << " in "
            << std::fixed << std::setprecision(1) << seconds(seen.duration) * 1000 << " ms\n";
  if (!seen.fault) {
    return;
  }
  const probes::TableVerdict verdict = judged(*seen.fault);
  std::cout << "phase:       " << seen.fault->phase << "\n"
            << "signal:      " << describe(seen.fault->signal) << "\n"
            << "detail:      " << seen.fault->detail << "\n"
            << "category:    " << to_string(verdict.category) << "\n"
            << "persistence: " << to_string(verdict.persistence) << "\n";
  if (seen.fault->retry_after) {
    std::cout << "retry after: " << humanize_duration(*seen.fault->retry_after) << "\n";
  }
  std::cout << "evidence:    " << evidence(*seen.fault, verdict) << "\n";
}

void print_json(const Options& options, const Observation& seen) {
  json::object out{{"target", options.target},
                   {"success", seen.success},
                   {"duration_seconds", seconds(seen.duration)}};
  json::array steps;
  for (const std::string& step : seen.steps) {
    steps.push_back(json::value(step));
  }
  out["steps"] = std::move(steps);
  json::array metrics;
  for (const Fact& fact : seen.facts) {
    json::object labels;
    for (const auto& [name, value] : fact.labels) {
      labels[name] = value;
    }
    metrics.push_back(json::object{
        {"name", std::string(fact.name)}, {"labels", std::move(labels)}, {"value", fact.value}});
  }
  out["metrics"] = std::move(metrics);
  if (seen.fault) {
    const probes::TableVerdict verdict = judged(*seen.fault);
    out["phase"] = seen.fault->phase;
    out["signal"] = describe(seen.fault->signal);
    out["detail"] = seen.fault->detail;
    out["category"] = std::string(to_string(verdict.category));
    out["persistence"] = std::string(to_string(verdict.persistence));
    out["evidence"] = evidence(*seen.fault, verdict);
  }
  std::cout << json::serialize(out) << "\n";
}

int run_probe(const Options& options) {
  ConfigSources sources;
  sources.config_file = options.config;
  const LoadedConfig loaded = load_config(sources, process_environment());
  std::cerr << loaded.problems.to_string();
  if (!loaded.config) {
    return 1;
  }
  const std::string name = options.module.empty() ? guess_module(options.target) : options.module;
  const auto module = loaded.config->modules.find(name);
  if (module == loaded.config->modules.end()) {
    std::cerr << "seamwatch: "
              << (name.empty() ? "which module? name one with --module"
                               : "there is no module " + seamwatch::quoted(name))
              << "\n";
    return 2;
  }
  const auto timeout = parse_duration(options.timeout);
  const std::string wrong = module->second.kind->check_target(options.target);
  if (!timeout || !wrong.empty()) {
    std::cerr << "seamwatch: " << (timeout ? wrong : timeout.error().message) << "\n";
    return 2;
  }
  RealWorld world;
  const AgentPorts ports = world.ports();
  const auto probe = module->second.kind->make(
      options.target,
      module->second.options,
      probes::Ports{
          ports.clock, ports.random, ports.resolver, ports.dialer, ports.http, ports.workers});
  Observation seen;
  TaskGroup tasks(world.io.get_executor(), [](const std::string& task, const std::string& what) {
    std::cerr << "seamwatch: " << task << ": " << what << "\n";
  });
  tasks.spawn("probe", look(*probe, world.clock.mono_now() + *timeout, seen));
  while (tasks.size() > 0) {
    world.io.run_one();
  }
  options.json ? print_json(options, seen) : print_text(options, seen);
  return seen.success ? 0 : 1;
}

}  // namespace

void add_probe(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command =
      app.add_subcommand("probe", "Probe a target once and explain it, phase by phase");
  command->add_option("TARGET", options->target, "https://host/path, host:port, amqp://host/vhost")
      ->required();
  command->add_option("--module", options->module, "How to probe (http_2xx, tcp_connect, ...)");
  command->add_option("--config", options->config, "seamwatch.yml with further modules");
  command->add_option("--timeout", options->timeout, "Of the whole probe (5s)");
  command->add_flag("--json", options->json, "One JSON object");
  command->callback([options, &chosen] { chosen = [options] { return run_probe(*options); }; });
}

}  // namespace seamwatch::agent
