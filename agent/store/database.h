// Database: one SQLite connection with our settings, schema and error texts. Owned by the store's
// writer; used on one thread at a time.
// Source: https://www.sqlite.org/wal.html, https://www.sqlite.org/pragma.html
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>

#include "agent/core/result.h"
#include "agent/core/times.h"

struct sqlite3;
struct sqlite3_stmt;

namespace seamwatch::agent {

class Database;

// A prepared statement in use. Parameters count from 1, columns from 0. One that could not be
// prepared (disk trouble) gives its error on the first step.
class Statement {
 public:
  Statement(Database& database, sqlite3_stmt* statement);
  ~Statement();  // resets, so that the database can hand it out again
  Statement(const Statement&) = delete;
  Statement& operator=(const Statement&) = delete;

  Statement& bind(int parameter, std::string_view text);
  Statement& bind(int parameter, std::int64_t number);
  Statement& bind(int parameter, WallTime at);
  Statement& bind_blob(int parameter, std::string_view bytes);

  // A long text without a copy: it must stay as it is until run() has returned.
  Statement& bind_held(int parameter, std::string_view text);

  Statement& bind_null(int parameter);

  // Moves to the next row: true while there is one. Errors: what SQLite says.
  [[nodiscard]] Result<bool> step();

  // Runs a statement that gives no rows, and makes it ready for other parameters.
  [[nodiscard]] Status run();

  std::string text(int column) const;  // of a blob its bytes
  std::int64_t integer(int column) const;
  WallTime time(int column) const;
  bool is_null(int column) const;

 private:
  Statement& bind_text(int parameter, std::string_view text, bool copied);

  Database& database_;
  sqlite3_stmt* statement_;
};

struct DatabaseOptions {
  std::string path;                    // empty = in memory
  Millis busy_timeout = Millis(5000);  // how long a lock of another process is waited for
  bool patient = true;                 // at first, see be_patient()
  std::int64_t bytes_max = 1LL << 30;  // of the file; beyond it writes fail as on a full disk
};

class Database {
 public:
  // Opens or makes the file, checks it (quick_check) and brings its schema up to date. A file that
  // is corrupt is renamed to `<path>.corrupt-<time>` and a fresh one started; set_aside() then says
  // so. Errors: a folder that cannot be written, a schema newer than this program, a full disk.
  // `now` names the file that is set aside.
  [[nodiscard]] static Result<std::unique_ptr<Database>> open(const DatabaseOptions& options,
                                                              WallTime now);

  // What came of an opening.
  struct Opened {
    Result<std::unique_ptr<Database>> database;
    bool corrupt = false;
    bool may_pass = false;  // a full disk, a lock of another process: to be tried again later
  };

  // Like open(), and says of an error whether time may mend it.
  [[nodiscard]] static Opened try_open(const DatabaseOptions& options, WallTime now);

  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  // Runs statements without parameters and results.
  [[nodiscard]] Status execute(const char* sql);

  // The statement for `sql`, prepared once and kept. Requires: valid SQL; not in use already.
  Statement prepare(std::string_view sql);

  // Rows that the last statement changed.
  std::int64_t changes() const;

  // SQLite's primary result code of the last failed call: 13 is SQLITE_FULL, 5 SQLITE_BUSY.
  int error_code() const { return error_code_; }

  void clear_error() { error_code_ = 0; }

  // Whether it waits for locks as long as it may from now on, or for 100 ms at most.
  void be_patient(bool patient);

  // Whether a transaction is open. SQLite rolls back by itself on some errors.
  bool in_transaction() const;

  // Bytes of the main file and its WAL.
  std::int64_t bytes() const;

  // Where a corrupt file was moved to when this was opened, with what was wrong; "" normally.
  const std::string& set_aside() const { return set_aside_; }

 private:
  friend class Statement;

  Database(DatabaseOptions options, sqlite3* connection);

  static Opened open_once(const DatabaseOptions& options);

  [[nodiscard]] Status configure();
  [[nodiscard]] Status check();
  [[nodiscard]] Status limit();

  // How the opening failed, with what to do about it.
  Opened failed_opening(const Error& problem) const;

  // The error of the call that has just failed; remembers its code.
  Error failure();

  DatabaseOptions options_;
  sqlite3* connection_;
  int error_code_ = 0;
  bool check_failed_ = false;
  std::string set_aside_;
  std::string prepare_problem_;
  std::unordered_map<std::string, sqlite3_stmt*> statements_;
};

}  // namespace seamwatch::agent
