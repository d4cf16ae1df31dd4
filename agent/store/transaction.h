// One transaction of the writer: many jobs, one commit. Separate from the thread, so that it can be
// tested and run in place.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "agent/core/clock.h"
#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/store/database.h"
#include "agent/store/writer.h"

namespace seamwatch::agent {

struct TransactionReport {
  std::vector<Status> results;  // one a job, in order
  int commits = 0;
  int failures = 0;     // transactions that could not be committed
  std::string problem;  // why the database cannot write at present; "" = it can
  Nanos commit_duration{};
};

// Runs `jobs` in one transaction. A job that fails is rolled back alone and the others commit.
// Where the transaction as a whole fails for lack of room, each job is tried once more alone, so
// that a large one does not take the small ones with it; where it fails otherwise (locked, I/O
// error, read only), all jobs get that error.
TransactionReport run_transaction(Database& database,
                                  const Clock& clock,
                                  const std::vector<const Writer::Job*>& jobs);

struct OutboxCounts {
  bool known = false;
  std::int64_t pending = 0;
  std::int64_t dead = 0;
  std::int64_t pending_bytes = 0;
  std::int64_t dead_bytes = 0;
};

OutboxCounts count_outbox(Database& database);

}  // namespace seamwatch::agent
