// What the tests of the outbox share: an outbox over a store in memory, and one whose store can be
// made to fail.
#pragma once

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "agent/store/outbox.h"
#include "tests/unit/agent/store/store_fixture.h"

namespace seamwatch::agent {

namespace asio = boost::asio;

inline Notification notification(const std::string& id, const std::string& receiver = "sales") {
  Notification one;
  one.id = id;
  one.receiver = receiver;
  one.sink = "webhook[0]";
  one.group_key = "{}:{alertname=\"Late\"}";
  one.created_at = kNow;
  Alert alert;
  alert.labels = Labels{{"alertname", "Late"}, {"integration", "orders"}};
  alert.starts_at = kNow;
  one.alerts.push_back(alert);
  return one;
}

inline std::vector<std::string> ids_of(const std::vector<OutboxEntry>& entries) {
  std::vector<std::string> ids;
  for (const OutboxEntry& entry : entries) {
    ids.push_back(entry.notification.id);
  }
  return ids;
}

using Ids = std::vector<std::string>;

struct World {
  explicit World(OutboxOptions outbox_options = {}, StoreOptions options = in_memory())
      : store(open_store(options)), outbox(*store, outbox_options) {}

  static StoreOptions in_memory() {
    StoreOptions options = store_options("");
    options.inline_writer = true;
    return options;
  }

  PutResult put(const std::string& id, std::vector<KeyValue> log = {}, WallTime at = kNow) {
    return run_on(io, outbox.put({notification(id)}, std::move(log), at));
  }

  std::vector<OutboxEntry> pending() { return *run_on(io, outbox.pending(kNow)); }

  std::vector<OutboxEntry> dead() { return *run_on(io, outbox.dead_letters(100)); }

  asio::io_context io;
  std::unique_ptr<Store> store;
  Outbox outbox;
};

// A world on disk whose store can be made to fail, as when another process holds the lock.
struct FailingWorld : World {
  explicit FailingWorld(OutboxOptions options = {}) : FailingWorld(options, new TempFolder) {}

  FailingWorld(OutboxOptions options, TempFolder* made)
      : World(options, impatient_options(made->path())), folder(made) {}

  void fail(bool on) { held = on ? std::make_unique<HeldDatabase>(*folder) : nullptr; }

  std::unique_ptr<TempFolder> folder;
  std::unique_ptr<HeldDatabase> held;
};

}  // namespace seamwatch::agent
