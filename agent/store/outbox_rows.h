// Rows of the outbox as they are read. Runs on the writer thread.
#pragma once

#include <vector>

#include "agent/store/outbox.h"

namespace seamwatch::agent {

struct ReadRow {
  OutboxEntry entry;
  bool readable = true;
};

// Of a statement that selects id, receiver, sink, group_key, body, created_at, attempts,
// next_attempt_at, first_attempt_at, last_error and changed_at. A body that cannot be read leaves
// what the columns know, and says so. Errors: the database's.
[[nodiscard]] Status read_rows(Statement& statement, std::vector<ReadRow>& out);

}  // namespace seamwatch::agent
