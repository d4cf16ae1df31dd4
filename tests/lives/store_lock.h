// StoreLock: another process that holds the agent's database, so that nothing can be written.
#pragma once

#include <string>

#include <sqlite3.h>

#include "agent/core/assert.h"

namespace seamwatch::fakes {

class StoreLock {
 public:
  // `folder`: of the store.
  explicit StoreLock(const std::string& folder) {
    SW_ASSERT(sqlite3_open((folder + "/seamwatch.db").c_str(), &database_) == SQLITE_OK);
    SW_ASSERT(sqlite3_exec(database_, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr) == SQLITE_OK);
  }

  StoreLock(const StoreLock&) = delete;
  StoreLock& operator=(const StoreLock&) = delete;

  ~StoreLock() {
    sqlite3_exec(database_, "ROLLBACK", nullptr, nullptr, nullptr);
    sqlite3_close(database_);
  }

 private:
  sqlite3* database_ = nullptr;
};

}  // namespace seamwatch::fakes
