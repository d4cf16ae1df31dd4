// Writer: the thread that does all SQLite work, with group commit: jobs that wait while one
// transaction commits share the next one. Owned by the Store.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/store/database.h"

namespace seamwatch::agent {

// What the writer has done, and how it fares.
struct WriterStats {
  bool healthy = true;
  std::string reason;  // why not healthy: the last error
  std::int64_t commits = 0;
  std::int64_t failed_transactions = 0;
  std::int64_t jobs = 0;
  Nanos last_commit_duration{};
  std::size_t waiting = 0;  // jobs that have not been taken up
  std::int64_t bytes = 0;   // on disk
  std::int64_t outbox_pending = 0;
  std::int64_t outbox_dead = 0;
  std::int64_t outbox_pending_bytes = 0;
  std::int64_t outbox_dead_bytes = 0;
};

// The database of a writer.
struct WriterDatabase {
  std::unique_ptr<Database> open;  // none: it could not be opened yet,
  std::string problem;             // for this reason,
  // and this tries again, on the writer's thread.
  std::function<Result<std::unique_ptr<Database>>()> reopen;
};

class Writer {
 public:
  // A piece of work inside a transaction. An error rolls back this job only. May be run a second
  // time when the transaction as a whole failed, so it must first reset whatever it hands out.
  using Job = std::function<Status(Database&)>;

  // What the caller does while the job waits and runs. Throws nothing.
  using Meanwhile = std::function<void()>;

  // `in_place` runs what is queued on the caller's thread, as soon as its executor comes to it: for
  // simulation, where the same run interleaves the same way each time.
  // Requires: `clock` outlives this and, unless in place, may be read from any thread.
  Writer(WriterDatabase database, const Clock& clock, bool in_place, std::size_t jobs_max);

  ~Writer();  // stop()

  // Runs `job` and returns, on the caller's executor, when its transaction has committed. The
  // context of that executor stays until stop() has returned. Errors: the job's own; a transaction
  // that could not be committed; a queue that is full; a writer that was stopped; a database that
  // cannot be opened yet, which each run tries. Cancellation does not interrupt a job: what it
  // refers to may be the caller's. `meanwhile`, if given, is called once, on the caller's thread,
  // as soon as the job is queued.
  boost::asio::awaitable<Status> run(Job job, Meanwhile meanwhile = {});

  // Finishes what is queued and joins the thread. Idempotent. Blocks.
  void stop();

  WriterStats stats() const;

  // Whether there is a database; from then on there is.
  bool opened() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace seamwatch::agent
