// `notify dead` and `notify redrive`: the notices that were given up, on a running agent, or with
// --storage in the store of one that does not run.
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "agent/base/task_group.h"
#include "agent/cli/agent_client.h"
#include "agent/cli/subcommands.h"
#include "agent/outbox_endpoints.h"
#include "agent/real_world.h"
#include "agent/store/outbox.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t kShown = 1000;

struct NotifyOptions {
  ClientOptions client;
  std::string storage;
  std::vector<std::string> ids;
  bool all = false;
};

// What is done in the store of an agent that does not run.
struct StoreWork {
  bool redrive = false;
  std::vector<std::string> ids;
  Result<std::vector<OutboxEntry>> entries = error("not done");
};

asio::awaitable<void> work(Outbox* outbox, StoreWork* task, WallTime now) {
  if (task->redrive) {
    auto redriven = co_await outbox->redrive(task->ids, now);
    task->entries = std::move(redriven);
    co_return;
  }
  auto dead = co_await outbox->dead_letters(kShown);
  task->entries = std::move(dead);
}

Result<std::vector<OutboxEntry>> in_store(const std::string& folder, StoreWork task) {
  RealWorld world;
  StoreOptions options;
  options.folder = folder;
  auto store = Store::open(options, world.clock);
  if (!store) {
    return error(store.error().message + "; an agent that runs is asked with --url");
  }
  Outbox outbox(**store, OutboxOptions{});
  {
    TaskGroup tasks(world.io.get_executor(), [&task](const std::string&, const std::string& what) {
      task.entries = error(what);
    });
    tasks.spawn("outbox", work(&outbox, &task, world.clock.wall_now()));
    while (tasks.size() > 0) {
      world.io.run_one();
    }
  }
  (*store)->stop();
  return std::move(task.entries);
}

int print_dead(const json::array& letters, bool as_json) {
  if (as_json) {
    std::cout << json::serialize(letters) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"Id", "Receiver", "Sink", "Given up", "Error"}};
  for (const json::value& value : letters) {
    const json::object& letter = value.as_object();
    rows.push_back({text_of(letter, "id"),
                    text_of(letter, "receiver"),
                    text_of(letter, "sink"),
                    shown_time(text_of(letter, "givenUpAt")),
                    text_of(letter, "error")});
  }
  print_table(rows);
  return 0;
}

int dead(const NotifyOptions& options) {
  if (!options.storage.empty()) {
    const auto entries = in_store(options.storage, StoreWork{});
    return entries ? print_dead(json::parse(dead_letters_json(*entries)).as_array(),
                                options.client.json)
                   : fail(entries.error().message);
  }
  ApiRequest request;
  request.path = "/api/seamwatch/notify/dead";
  return with_answer(options.client, std::move(request), [&](const json::value& letters) {
    return print_dead(letters.as_array(), options.client.json);
  });
}

int print_redriven(std::size_t count, std::size_t wanted) {
  std::cout << count << (count == 1 ? " notice is" : " notices are") << " to be delivered again\n";
  if (count < wanted) {
    return fail("no dead letter has the other ids");
  }
  return 0;
}

int redrive(const NotifyOptions& options) {
  if (options.all == !options.ids.empty()) {
    return usage("name the ids that `seamwatch notify dead` prints, or ask for --all");
  }
  if (!options.storage.empty()) {
    StoreWork task;
    task.redrive = true;
    task.ids = options.ids;
    const auto entries = in_store(options.storage, std::move(task));
    return entries ? print_redriven(entries->size(), options.ids.size())
                   : fail(entries.error().message);
  }
  json::object body;
  if (options.all) {
    body["all"] = true;
  } else {
    body["ids"] = json::value_from(options.ids);
  }
  ApiRequest request;
  request.method = "POST";
  request.path = "/api/seamwatch/notify/redrive";
  request.body = json::serialize(body);
  return with_answer(options.client, std::move(request), [&](const json::value& answer) {
    return print_redriven(answer.as_object().at("redriven").to_number<std::size_t>(),
                          options.ids.size());
  });
}

Command add_one(Command group,
                NotifyOptions& options,
                const std::string& name,
                const std::string& what) {
  Command command = group.add_subcommand(name, what);
  command.add_option(
      "--storage", options.storage, "Folder of an agent that does not run, in place of --url");
  add_client_options(command, options.client);
  return command;
}

}  // namespace

void add_notify(Command app) {
  Command group = app.add_subcommand("notify", "Notices that could not be delivered");
  group.require_subcommand();
  auto shown = std::make_shared<NotifyOptions>();
  Command command = add_one(group, *shown, "dead", "Print what was given up, newest first");
  command.runs([shown] { return dead(*shown); });
  auto again = std::make_shared<NotifyOptions>();
  command = add_one(group, *again, "redrive", "Deliver what was given up once more");
  command.add_option("ID", again->ids, "As `notify dead` prints them");
  command.add_flag("--all", again->all, "All of them");
  command.runs([again] { return redrive(*again); });
}

}  // namespace seamwatch::agent
