// The store's tables, as numbered migrations. user_version of the file says which it has; a file of
// a newer agent is refused, so that a rollback of the agent cannot damage it.
#pragma once

#include "agent/core/result.h"
#include "agent/store/database.h"

namespace seamwatch::agent {

// Brings the schema up to date, in one transaction. Errors: a newer schema; the database's.
[[nodiscard]] Status migrate(Database& database);

}  // namespace seamwatch::agent
