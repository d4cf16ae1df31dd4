#include "agent/cli/test_routing.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/base/task_group.h"
#include "agent/cli/agent_client.h"
#include "agent/cli/tested_privacy.h"
#include "agent/config/load.h"
#include "agent/deliver/receiver_test.h"
#include "agent/loaded.h"
#include "agent/real_world.h"
#include "rules/routing/routes_for.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

struct TestRoutingOptions {
  std::string notify;
  std::string config;
  std::vector<std::string> labels;
  std::string name;
  std::string time;
};

std::shared_ptr<const rules::NotifyConfig> load(const std::string& file) {
  Diagnostics problems;
  auto out = load_notify(file, problems);
  std::cerr << problems.to_string();
  return out;
}

int test_routes(const TestRoutingOptions& options) {
  std::vector<Labels::Pair> pairs;
  for (const std::string& text : options.labels) {
    const std::size_t equals = text.find('=');
    if (equals == std::string::npos || equals == 0) {
      return usage("\"" + text + "\" is no label; write name=value");
    }
    std::string value = text.substr(equals + 1);
    if (value.size() >= 2 && value.front() == '"' && value.back() == '"') {
      value = value.substr(1, value.size() - 2);
    }
    pairs.emplace_back(text.substr(0, equals), std::move(value));
  }
  const auto notify = load(options.notify);
  if (!notify) {
    return 1;
  }
  std::shared_ptr<const Config> config;
  if (!options.config.empty()) {
    ConfigSources sources;
    sources.config_file = options.config;
    const LoadedConfig read = load_config(sources, process_environment());
    std::cerr << read.problems.to_string();
    if (!read.config) {
      return 1;
    }
    config = read.config;
  }
  Alert alert;
  alert.labels = Labels(std::move(pairs));
  TestedPrivacy privacy(config);
  privacy.redact(alert);
  Diagnostics changed;
  privacy.report(Place{options.notify, 0, 0}, changed);
  print_warnings(changed);
  std::string receivers;
  for (const rules::Route* route : rules::routes_for(*notify, alert.labels)) {
    receivers += (receivers.empty() ? "" : ",") + route->receiver;
  }
  std::cout << receivers << "\n";
  return 0;
}

int test_interval(const TestRoutingOptions& options) {
  const auto at = parse_rfc3339(options.time);
  if (!at) {
    return usage(at.error().message + "; write it like 2026-11-24T08:30:00Z");
  }
  const auto notify = load(options.notify);
  if (!notify) {
    return 1;
  }
  const rules::NamedIntervals* named = notify->time_interval(options.name);
  if (named == nullptr) {
    std::vector<std::string_view> names;
    for (const rules::NamedIntervals& one : notify->time_intervals) {
      names.push_back(one.name);
    }
    const std::string guess = nearest(options.name, names);
    return fail("there is no time interval " + seamwatch::quoted(options.name) +
                (guess.empty() ? "" : "; did you mean " + seamwatch::quoted(guess) + "?"));
  }
  std::cout << (rules::active(named->intervals, *at) ? "active" : "inactive") << "\n";
  return 0;
}

asio::awaitable<void> test_all(const ReceiverSinks* sinks,
                               std::vector<rules::SinkRef> refs,
                               ReceiverTest test,
                               Clock* clock,
                               std::vector<SinkTested>* out) {
  auto tested = co_await test_sinks(sinks, std::move(refs), std::move(test), clock);
  *out = std::move(tested);
}

// Prints a line for each: "web webhook[0]: delivered". Whether all were.
bool print_tested(const std::vector<SinkTested>& all) {
  bool good = !all.empty();
  for (const SinkTested& one : all) {
    std::cout << one.sink.receiver << " " << one.sink.sink << ": " << outcome_text(one.delivery)
              << "\n";
    good = good && one.delivery.outcome == DeliveryOutcome::delivered;
  }
  return good;
}

int test_receiver(const TestRoutingOptions& options) {
  ConfigSources sources;
  sources.config_file = options.config;
  sources.notification_file = options.notify;
  const LoadResult result = load_all(sources, process_environment());
  print_warnings(result.warnings);
  std::cerr << result.problems.to_string();
  if (!result.loaded) {
    return 1;
  }
  const Loaded& loaded = *result.loaded;
  if (!loaded.notify) {
    return usage("which notification file? name one with --notify or --config");
  }
  if (loaded.notify->receiver(options.name) == nullptr) {
    return fail("there is no receiver " + seamwatch::quoted(options.name));
  }
  const std::vector<rules::SinkRef> refs = loaded.notify->sinks_of(options.name);
  if (refs.empty()) {
    return fail("receiver " + seamwatch::quoted(options.name) + " tells nobody");
  }
  RealWorld world;
  const ReceiverSinks sinks(
      loaded.notify, loaded.templates, exporters::SinkPorts{world.clock, world.http, world.mail});
  std::vector<SinkTested> tested;
  std::string failure;
  TaskGroup tasks(world.io.get_executor(),
                  [&failure](const std::string&, const std::string& what) { failure = what; });
  const ReceiverTest test{options.name,
                          "`seamwatch test receiver`",
                          loaded.config->global.external_url,
                          loaded.config->notification.timeout};
  tasks.spawn("test", test_all(&sinks, refs, test, &world.clock, &tested));
  while (tasks.size() > 0) {
    world.io.run_one();
  }
  if (!failure.empty()) {
    return fail(failure);
  }
  return print_tested(tested) ? 0 : 1;
}

}  // namespace

void add_test_routing(Command test) {
  auto routes = std::make_shared<TestRoutingOptions>();
  Command command = test.add_subcommand(
      "routes", "Print the receivers of an alert with these labels, comma separated, in order");
  command.add_option("--notify", routes->notify, "Notification file").required();
  command.add_option("--config", routes->config, "seamwatch.yml, for what its privacy allows");
  command.add_option("LABEL=VALUE", routes->labels, "Labels of the alert");
  command.runs([routes] { return test_routes(*routes); });

  auto interval = std::make_shared<TestRoutingOptions>();
  command = test.add_subcommand("interval", "Print whether a time interval is active or inactive");
  command.add_option("--notify", interval->notify, "Notification file").required();
  command.add_option("NAME", interval->name, "Name of the time interval").required();
  command.add_option("TIME", interval->time, "RFC 3339, like 2026-11-24T08:30:00Z").required();
  command.runs([interval] { return test_interval(*interval); });

  auto receiver = std::make_shared<TestRoutingOptions>();
  command = test.add_subcommand(
      "receiver", "Send a test notice to a receiver, once, and print what came of it");
  command.add_option("--config", receiver->config, "seamwatch.yml, which names the file");
  command.add_option("--notify", receiver->notify, "Notification file");
  command.add_option("NAME", receiver->name, "Name of the receiver").required();
  command.runs([receiver] { return test_receiver(*receiver); });
}

}  // namespace seamwatch::agent
