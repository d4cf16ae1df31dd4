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

void print_text(const ProbeOptions& options, const ProbeResult& result) {
  const Observation& seen = result.observation;
  print_steps(seen);
  std::cout << "\n"
            << redacted_target(options.target) << ": " << (seen.success ? "success" : "failed")
            << " in " << std::fixed << std::setprecision(1) << seconds(seen.duration) * 1000
            << " ms\n";
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

void print_json(const ProbeOptions& options, const ProbeResult& result) {
  const Observation& seen = result.observation;
  json::object out{{"target", json_text(redacted_target(options.target))},
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

int look_and_print(const ProbeOptions& options,
                   const ModuleConfig& module,
                   const ProbeConfig& config) {
  RealWorld world;
  const AgentPorts ports = world.ports();
  const probes::Ports own{
      ports.clock, ports.random, ports.resolver, ports.dialer, ports.http, ports.workers, true};
  auto probe = std::make_shared<WatchedProbe>();
  probe->config = std::make_shared<const ProbeConfig>(config);
  probe->retry_budget = probes::kRetryBudgetDefault;
  probe->probe = module.kind->make(config.target, module.options, own);
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
  options.json ? print_json(options, result) : print_text(options, result);
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

// `options` with the target and module of the configured probe that they name, if they do.
Result<ProbeOptions> as_configured(ProbeOptions options, const Landscape& landscape) {
  const auto named = probe_named(landscape, options.target);
  if (!named) {
    return named.error();
  }
  if (*named != nullptr) {
    options.target = (*named)->target.str();
    options.module = options.module.empty() ? (*named)->module.str() : options.module;
    options.timeout =
        options.timeout.empty() ? format_duration((*named)->timeout) : options.timeout;
  }
  return options;
}

// Of one attempt. Errors: --timeout is none.
Result<Millis> timeout_of(const ProbeOptions& options, const ModuleConfig& module, Millis global) {
  if (options.timeout.empty()) {
    return module.timeout > Millis(0) ? module.timeout : global;
  }
  const auto own = parse_duration(options.timeout);
  if (!own) {
    return error("--timeout: " + own.error().message);
  }
  return *own;
}

int run_probe(const ProbeOptions& given) {
  ConfigSources sources;
  sources.config_file = given.config;
  if (!given.modules.empty()) {
    sources.module_globs = {given.modules};
  }
  const LoadedConfig loaded = load_config(sources, process_environment());
  std::cerr << loaded.problems.to_string();
  if (!loaded.config) {
    return 1;
  }
  const auto options = as_configured(given, loaded.config->landscape);
  if (!options) {
    return usage(options.error().message);
  }
  const std::string name =
      options->module.empty() ? guess_module(options->target) : options->module;
  const auto module = loaded.config->modules.find(name);
  if (module == loaded.config->modules.end()) {
    return usage(name.empty() ? "no address, and no integration of --config: " +
                                    seamwatch::quoted(redacted_target(options->target)) +
                                    "; or name how to probe it with --module"
                              : "there is no module " + seamwatch::quoted(name));
  }
  ProbeConfig config;
  config.target = target_for(*module->second.kind, options->target);
  const std::string wrong = module->second.kind->check_target(config.target.str());
  if (!wrong.empty()) {
    return usage(without(wrong, config.target.str()));
  }
  config.interval = loaded.config->global.interval;
  config.confirm_retries = options->once ? 0 : loaded.config->global.confirm_retries;
  const auto timeout = timeout_of(*options, module->second, loaded.config->global.timeout);
  if (!timeout) {
    return usage(timeout.error().message);
  }
  config.timeout = *timeout;
  return look_and_print(*options, module->second, config);
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
          "--config")
      .required();
  command.add_option("--module", options->module, "How to probe (http_2xx, tcp_connect, ...)");
  command.add_option(
      "--config", options->config, "seamwatch.yml with integrations and further modules");
  command.add_option("--modules", options->modules, "Modules in blackbox_exporter's format (glob)");
  command.add_option("--timeout", options->timeout, "Of an attempt (the module's, or 5s)");
  command.add_flag("--once", options->once, "Do not confirm a fault that may pass by itself");
  command.add_flag("--json", options->json, "One JSON object");
  command.footer("Exit codes: 0 the probe succeeds, 1 it fails or a file is bad, 2 usage.");
  command.runs([options] { return run_probe(*options); });
}

}  // namespace seamwatch::agent
