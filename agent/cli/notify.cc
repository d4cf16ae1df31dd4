// `notify dead` and `notify redrive`: the notices that were given up, on a running agent, or with
// --storage in the store of one that does not run.
#include <functional>
#include <iostream>
#include <limits>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <boost/json.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/stopped_store.h"
#include "agent/cli/subcommands.h"
#include "agent/deliver/redrive.h"
#include "agent/notify/history.h"
#include "agent/outbox_endpoints.h"
#include "agent/store/outbox.h"
#include "rules/routing/notification_log.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t kShown = 1000;

// The agent that runs next keeps to its own bounds: this trims nothing.
NotificationConfig unbounded_history() {
  NotificationConfig out;
  out.history_keep = Millis(100LL * 365 * 24 * 3'600'000);
  out.history_rows_max = std::numeric_limits<std::int64_t>::max();
  out.history_bytes_max = std::numeric_limits<std::int64_t>::max();
  return out;
}

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
  Result<std::string> answer = error("not done");  // as a running agent would give it
};

// What the last agent knew that receivers were told.
asio::awaitable<Result<rules::NotificationLog>> told(Store* store) {
  std::string space(kNotificationLogSpace);
  auto kept = co_await store->load_all(std::move(space));
  if (!kept) {
    co_return kept.error();
  }
  rules::NotificationLog out;
  for (const KeyValue& one : *kept) {
    if (auto entry = rules::log_entry_from_json(one.value)) {
      out.put(std::move(*entry));
    }
  }
  co_return out;
}

// The sinks and groups to which something waits to be delivered.
asio::awaitable<Result<std::set<rules::NotificationKey>>> waiting(Outbox* outbox, WallTime now) {
  auto pending = co_await outbox->pending(now);
  if (!pending) {
    co_return pending.error();
  }
  std::set<rules::NotificationKey> out;
  for (const OutboxEntry& entry : *pending) {
    const Notification& notice = entry.notification;
    out.insert({notice.group_key, notice.receiver, notice.sink});
  }
  co_return out;
}

asio::awaitable<Status> keep(Store* store, Clock* clock, std::vector<RedriveRecord> journal) {
  History history(*clock, *store);
  history.apply(unbounded_history(), Redactor());
  auto known = co_await history.restore();
  if (!known) {
    co_return known;
  }
  for (RedriveRecord& one : journal) {
    history.record(std::move(one.entry), one.notice);
  }
  co_return co_await history.flush();
}

asio::awaitable<void> work(Store* store, Clock* clock, StoreWork* task) {
  Outbox outbox(*store, OutboxOptions{});
  auto log = co_await told(store);
  if (!log) {
    task->answer = log.error();
    co_return;
  }
  const WallTime now = clock->wall_now();
  auto waits = co_await waiting(&outbox, now);
  if (!waits) {
    task->answer = waits.error();
    co_return;
  }
  AsItStands as_it_stands = [known = &*log, waits = &*waits, now](Notification letter) {
    rules::RedriveFacts facts{now};
    facts.told = [known, waits](const rules::NotificationKey& key) {
      // What the log says of these nobody has heard yet.
      return waits->contains(key) ? nullptr : known->find(key);
    };
    return rules::as_it_stands(std::move(letter), facts);
  };
  if (!task->redrive) {
    auto dead = co_await outbox.dead_letters(kShown);
    task->answer =
        dead ? Result<std::string>(dead_letters_json(*dead, as_it_stands)) : dead.error();
    co_return;
  }
  auto outcome = co_await redrive_letters(outbox, task->ids, std::move(as_it_stands), now);
  if (!outcome) {
    task->answer = outcome.error();
    co_return;
  }
  auto kept = co_await keep(store, clock, outcome->journal);
  if (!kept) {
    std::cerr << "warning: the history does not tell of it: " << kept.error().message << "\n";
  }
  task->answer = redriven_json(*outcome);
}

Result<json::value> in_store(const std::string& folder, StoreWork task) {
  const Status done = in_stopped_store(
      folder, [&](Store* store, Clock* clock) { return work(store, clock, &task); });
  if (!done) {
    return done.error();
  }
  return task.answer ? Result<json::value>(json::parse(*task.answer)) : task.answer.error();
}

int print_dead(const json::array& letters, bool as_json) {
  if (as_json) {
    std::cout << json::serialize(letters) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"Id", "Receiver", "Sink", "Given up", "Error", "Superseded"}};
  for (const json::value& value : letters) {
    const json::object& letter = value.as_object();
    rows.push_back({text_of(letter, "id"),
                    text_of(letter, "receiver"),
                    text_of(letter, "sink"),
                    shown_time(text_of(letter, "givenUpAt")),
                    text_of(letter, "error"),
                    text_of(letter, "superseded")});
  }
  print_table(rows);
  return 0;
}

int dead(const NotifyOptions& options) {
  if (!options.storage.empty()) {
    const auto letters = in_store(options.storage, StoreWork{});
    return letters ? print_dead(letters->as_array(), options.client.json)
                   : fail(letters.error().message);
  }
  ApiRequest request;
  request.path = "/api/seamwatch/notify/dead";
  return with_answer(options.client, std::move(request), [&](const json::value& letters) {
    return print_dead(letters.as_array(), options.client.json);
  });
}

int print_redriven(const json::value& answer, const NotifyOptions& options) {
  const json::object& outcome = answer.as_object();
  const json::array& left_out = outcome.at("leftOut").as_array();
  const auto count = outcome.at("redriven").to_number<std::size_t>();
  if (options.client.json) {
    std::cout << json::serialize(answer) << "\n";
  } else {
    std::cout << count << (count == 1 ? " notice is" : " notices are")
              << " to be delivered again\n";
    for (const json::value& letter : left_out) {
      std::cout << text_of(letter.as_object(), "id")
                << " is left out: " << text_of(letter.as_object(), "reason") << "\n";
    }
  }
  if (count + left_out.size() < options.ids.size()) {
    return fail(count + left_out.size() == 0 ? "no dead letter has such an id"
                                             : "no dead letter has the other ids");
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
    const auto answer = in_store(options.storage, std::move(task));
    return answer ? print_redriven(*answer, options) : fail(answer.error().message);
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
    return print_redriven(answer, options);
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
