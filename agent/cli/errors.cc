#include <algorithm>
#include <iostream>
#include <memory>

#include <boost/json.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/stopped_store.h"
#include "agent/cli/subcommands.h"
#include "agent/error_endpoint.h"
#include "agent/watch/pipeline.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct ErrorsOptions {
  ClientOptions client;
  std::string integration;
  std::string limit;
  std::string storage;
};

boost::asio::awaitable<void> read_errors(Store* store,
                                         std::size_t count,
                                         std::string integration,
                                         Result<std::vector<ErrorRow>>* out) {
  auto rows = co_await store->last_errors(count, integration);
  *out = std::move(rows);
  if (integration.empty() || !*out || !(*out)->empty()) {
    co_return;
  }
  std::string space(kIntegrationStateSpace);
  auto kept = co_await store->load_all(std::move(space));
  if (!kept) {
    *out = kept.error();
  } else if (!any_state_of(*kept, integration)) {
    *out = error("the store knows nothing of an integration \"" + integration + "\"");
  }
}

// Of an agent that does not run.
Result<std::vector<ErrorRow>> errors_in(const ErrorsOptions& options, std::size_t count) {
  Result<std::vector<ErrorRow>> out = error("not done");
  const Status done = in_stopped_store(options.storage, [&](Store* store, Clock*) {
    return read_errors(store, count, options.integration, &out);
  });
  return done ? std::move(out) : done.error();
}

// The newest last, next to the prompt.
int print_errors(const json::value& errors, bool as_json) {
  if (as_json) {
    std::cout << json::serialize(errors) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"Time", "Integration", "Probe", "Phase", "Persistence", "Signal", "Detail"}};
  for (const json::value& value : errors.as_array()) {
    const json::object& row = value.as_object();
    rows.push_back({shown_time(text_of(row, "at")),
                    text_of(row, "integration"),
                    text_of(row, "probe"),
                    text_of(row, "phase"),
                    text_of(row, "persistence"),
                    text_of(row, "signal"),
                    text_of(row, "detail")});
  }
  if (rows.size() == 1) {
    std::cout << "No errors.\n";
    return 0;
  }
  std::reverse(rows.begin() + 1, rows.end());
  print_table(rows);
  return 0;
}

int run_errors(const ErrorsOptions& options) {
  const auto count = errors_asked(options.limit);
  if (!count) {
    return usage("--" + count.error().message);
  }
  if (!options.storage.empty()) {
    const auto rows = errors_in(options, *count);
    return rows ? print_errors(json::parse(errors_json(*rows)), options.client.json)
                : fail(rows.error().message);
  }
  ApiRequest request;
  request.path = "/api/seamwatch/errors";
  if (!options.integration.empty()) {
    request.query.emplace_back("integration", options.integration);
  }
  if (!options.limit.empty()) {
    request.query.emplace_back("limit", options.limit);
  }
  return with_answer(options.client, std::move(request), [&](const json::value& answer) {
    return print_errors(answer, options.client.json);
  });
}

}  // namespace

void add_errors(Command app) {
  auto options = std::make_shared<ErrorsOptions>();
  Command command = app.add_subcommand(
      "errors", "What probes saw go wrong last: each error once, until another comes or none");
  command.add_option("INTEGRATION", options->integration, "Only of this one");
  command.add_option("--limit", options->limit, "The last so many (50)");
  command.add_option(
      "--storage", options->storage, "Folder of an agent that does not run, in place of --url");
  add_client_options(command, options->client);
  command.footer("Exit codes: 0 good, 1 no answer, 2 usage.");
  command.runs([options] { return run_errors(*options); });
}

}  // namespace seamwatch::agent
