#include "probes/probe.h"

#include <iomanip>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>

#include <boost/json.hpp>

#include "agent/base/task_group.h"
#include "agent/cli/agent_client.h"
#include "agent/cli/subcommands.h"
#include "agent/config/modules.h"
#include "agent/config/redacted_target.h"
#include "agent/core/utf8.h"
#include "agent/loaded.h"
#include "agent/real_world.h"
#include "agent/watch/look.h"
#include "probes/classify/classify.h"
#include "probes/classify/fault_words.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct ProbeOptions {
  std::string target;
  std::string module;
  std::string config;
  std::string modules;
  std::string timeout;
  bool once = false;
  bool json = false;
};

// What is probed, and how.
struct Asked {
  std::string target;  // as it was given
  ProbeConfig config;
  ModuleConfig module;
  Millis retry_budget = probes::kRetryBudgetDefault;
};

std::string evidence(const Verdict& verdict) {
  std::string out = verdict.row + ", " + verdict.reason + ", " + verdict.source;
  if (verdict.confirm_retries > 0) {
    out += ", tried again " + std::to_string(verdict.confirm_retries) +
           (verdict.confirm_retries == 1 ? " time" : " times");
  }
  return out;
}

void print_fault(const Fault& fault, const Verdict& verdict) {
  std::cout << "what failed: " << probes::fault_words(fault) << "\n"
            << "phase:       " << fault.phase << "\n"
            << "signal:      " << describe(fault.signal) << "\n"
            << "detail:      " << fault.detail << "\n"
            << "category:    " << to_string(verdict.category) << "\n"
            << "persistence: " << to_string(verdict.persistence) << "\n";
  if (fault.retry_after) {
    std::cout << "retry after: " << humanize_duration(*fault.retry_after) << "\n";
  }
  std::cout << "evidence:    " << evidence(verdict) << "\n";
}

void print_steps(const Observation& seen) {
  for (const std::string& step : seen.steps) {
    std::cout << step << "\n";
  }
}

// At once: the retries that follow take seconds.
void print_first(const Observation& first) {
  print_steps(first);
  std::cout << probes::fault_words(*first.fault) << " (" << describe(first.fault->signal)
            << "): " << first.fault->detail << "\nThis may pass, so it is tried again:\n\n"
            << std::flush;
}

void print_text(const std::string& target, const ProbeResult& result) {
  const Observation& seen = result.observation;
  print_steps(seen);
  std::cout << "\n"
            << redacted_target(target) << ": " << (seen.success ? "success" : "failed") << " in "
            << std::fixed << std::setprecision(1) << seconds(seen.duration) * 1000 << " ms\n";
  if (seen.fault) {
    print_fault(*seen.fault, *result.verdict);
  } else if (result.cleared) {
    std::cout << "\nThe first attempt failed:\n";
    print_fault(*result.cleared, *result.cleared_verdict);
  }
}

// What a peer said may be in any encoding; JSON is UTF-8.
json::string json_text(const std::string& text) {
  return json::string(to_valid_utf8(text));
}

void add_fault(json::object& out, const Fault& fault, const Verdict& verdict) {
  out["words"] = probes::fault_words(fault);
  out["phase"] = fault.phase;
  out["signal"] = json_text(describe(fault.signal));
  out["detail"] = json_text(fault.detail);
  out["category"] = std::string(to_string(verdict.category));
  out["persistence"] = std::string(to_string(verdict.persistence));
  out["evidence"] = json_text(evidence(verdict));
}

void print_json(const std::string& target, const ProbeResult& result) {
  const Observation& seen = result.observation;
  json::object out{{"target", json_text(redacted_target(target))},
                   {"success", seen.success},
                   {"duration_seconds", seconds(seen.duration)}};
  json::array steps;
  for (const std::string& step : seen.steps) {
    steps.push_back(json_text(step));
  }
  out["steps"] = std::move(steps);
  json::array metrics;
  for (const Fact& fact : seen.facts) {
    json::object labels;
    for (const auto& [name, value] : fact.labels) {
      labels[name] = json_text(std::string(value));
    }
    metrics.push_back(json::object{
        {"name", std::string(fact.name)}, {"labels", std::move(labels)}, {"value", fact.value}});
  }
  out["metrics"] = std::move(metrics);
  if (seen.fault) {
    add_fault(out, *seen.fault, *result.verdict);
  } else if (result.cleared) {
    json::object cleared;
    add_fault(cleared, *result.cleared, *result.cleared_verdict);
    out["cleared_on_retry"] = std::move(cleared);
  }
  std::cout << json::serialize(out) << "\n";
}

int look_and_print(const ProbeOptions& options, const Asked& asked) {
  RealWorld world;
  const AgentPorts ports = world.ports();
  const probes::Ports own{
      ports.clock, ports.random, ports.resolver, ports.dialer, ports.http, ports.workers, true};
  auto probe = std::make_shared<WatchedProbe>();
  probe->config = std::make_shared<const ProbeConfig>(asked.config);
  probe->retry_budget = asked.retry_budget;
  probe->probe = asked.module.kind->make(asked.config.target, asked.module.options, own);
  ProbeResult result;
  TaskGroup tasks(world.io.get_executor(), [](const std::string& task, const std::string& what) {
    std::cerr << "seamwatch: " << task << ": " << what << "\n";
  });
  LookPorts look_ports{ports.clock, ports.random, [] { return true; }};
  if (!options.json) {
    look_ports.on_first = print_first;
  }
  const auto take = [&result](ProbeResult looked) { result = std::move(looked); };
  tasks.spawn("probe", look_once(probe, look_ports, take));
  while (tasks.size() > 0) {
    world.io.run_one();
  }
  options.json ? print_json(asked.target, result) : print_text(asked.target, result);
  return result.observation.success ? 0 : 1;
}

// `text` with the target as people may see it.
std::string without(std::string text, const std::string& target) {
  const std::size_t at = text.find(target);
  return at == std::string::npos ? text : text.replace(at, target.size(), redacted_target(target));
}

// The probe that INTEGRATION or INTEGRATION/PROBE means in the landscape; nullptr where it means
// none. Errors: what has to be added, or that there is nothing to probe.
Result<const ProbeConfig*> probe_named(const Landscape& landscape, std::string_view text) {
  const std::size_t slash = text.find('/');
  const Integration* integration = landscape.find_integration(text.substr(0, slash));
  if (integration == nullptr) {
    return nullptr;
  }
  const std::string_view wanted =
      slash == std::string_view::npos ? std::string_view() : text.substr(slash + 1);
  std::vector<const ProbeConfig*> found;
  std::string names;
  for (const ProbeConfig& probe : integration->probes) {
    if (!probe.heartbeat) {
      names += (names.empty() ? "" : ", ") + integration->name + "/" + probe.name;
      if (wanted.empty() || wanted == probe.name) {
        found.push_back(&probe);
      }
    }
  }
  if (names.empty()) {
    return error("integration " + integration->name + " only waits to be pinged");
  }
  return found.size() == 1 ? Result<const ProbeConfig*>(found.front())
                           : error("name one of its probes: " + names);
}

// An address, with the global settings. Errors: it cannot be probed so.
Result<Asked> address_asked(const ProbeOptions& options, const Config& config) {
  const std::string name = options.module.empty() ? guess_module(options.target) : options.module;
  const auto module = config.modules.find(name);
  if (module == config.modules.end()) {
    return error(name.empty() ? "no address, and no integration of --config: " +
                                    seamwatch::quoted(redacted_target(options.target)) +
                                    "; or name how to probe it with --module"
                              : "there is no module " + seamwatch::quoted(name));
  }
  Asked out;
  out.target = options.target;
  out.module = module->second;
  out.config.target = target_for(*out.module.kind, options.target);
  const std::string wrong = out.module.kind->check_target(out.config.target.str());
  if (!wrong.empty()) {
    return error(without(wrong, out.config.target.str()));
  }
  out.config.interval = config.global.interval;
  out.config.confirm_retries = config.global.confirm_retries;
  out.config.timeout = out.module.timeout > Millis(0) ? out.module.timeout : config.global.timeout;
  return out;
}

// A configured probe, as the agent has it.
Asked probe_asked(const ProbeConfig& probe, const Config& config) {
  Asked out;
  out.target = probe.target.str();
  out.config = probe;
  out.module = config.modules.find(probe.module.str())->second;
  out.retry_budget = config.landscape.find_integration(probe.integration)->retry_budget;
  return out;
}

// With --module TARGET is an address: a host may be called as an integration is.
Result<Asked> asked_for(const ProbeOptions& options, const Config& config) {
  const ProbeConfig* probe = nullptr;
  if (options.module.empty()) {
    const auto named = probe_named(config.landscape, options.target);
    if (!named) {
      return named.error();
    }
    probe = *named;
  }
  auto out = probe == nullptr ? address_asked(options, config)
                              : Result<Asked>(probe_asked(*probe, config));
  if (!out) {
    return out;
  }
  if (!options.timeout.empty()) {
    const auto own = parse_duration(options.timeout);
    if (!own) {
      return error("--timeout: " + own.error().message);
    }
    out->config.timeout = *own;
  }
  out->config.confirm_retries = options.once ? 0 : out->config.confirm_retries;
  return out;
}

int run_probe(const ProbeOptions& options) {
  ConfigSources sources;
  sources.config_file = options.config;
  if (!options.modules.empty()) {
    sources.module_globs = {options.modules};
  }
  const LoadedConfig loaded = load_config(sources, process_environment());
  std::cerr << loaded.problems.to_string();
  if (!loaded.config) {
    return 1;
  }
  const auto asked = asked_for(options, *loaded.config);
  return asked ? look_and_print(options, *asked) : usage(asked.error().message);
}

}  // namespace

void add_probe(Command app) {
  auto options = std::make_shared<ProbeOptions>();
  Command command =
      app.add_subcommand("probe", "Probe a target once and explain it, phase by phase");
  command
      .add_option(
          "TARGET",
          options->target,
          "https://host/path, host:port, amqp://host/vhost; INTEGRATION, or INTEGRATION/PROBE, of "
          "--config, as the agent probes it; with --module always an address")
      .required();
  command.add_option(
      "--module", options->module, "How to probe an address (http_2xx, tcp_connect, ...)");
  command.add_option(
      "--config", options->config, "seamwatch.yml with integrations and further modules");
  command.add_option("--modules", options->modules, "Modules in blackbox_exporter's format (glob)");
  command.add_option(
      "--timeout", options->timeout, "Of an attempt (the probe's or module's, or 5s)");
  command.add_flag("--once", options->once, "Do not confirm a fault that may pass by itself");
  command.add_flag("--json", options->json, "One JSON object");
  command.footer("Exit codes: 0 the probe succeeds, 1 it fails or a file is bad, 2 usage.");
  command.runs([options] { return run_probe(*options); });
}

}  // namespace seamwatch::agent
