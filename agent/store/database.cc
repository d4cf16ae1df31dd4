#include "agent/store/database.h"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "agent/core/assert.h"
#include "agent/store/schema.h"

namespace seamwatch::agent {
namespace {

constexpr std::int64_t kPageBytes = 4096;
constexpr Millis kNoPatience{100};

bool is_corrupt(int code) {
  return code == SQLITE_CORRUPT || code == SQLITE_NOTADB;
}

// Of a call that may succeed later.
bool is_passing_errno(int code) {
  return code == ENOSPC || code == EDQUOT || code == EFBIG || code == EIO || code == EMFILE ||
         code == ENFILE;
}

std::int64_t file_bytes(const std::string& path) {
  std::error_code ignored;
  const auto size = std::filesystem::file_size(path, ignored);
  return ignored ? 0 : static_cast<std::int64_t>(size);
}

// Makes the file where there is none: SQLite would let others read it, and the files beside it get
// the rights of this one. Where that fails, the opening says why.
void make_private(const std::string& path) {
  const int made = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (made >= 0) {
    ::close(made);
  }
}

// Moves the file away, with the WAL that belongs to it. Returns the new name.
Result<std::string> move_away(const std::string& path, WallTime now) {
  const std::string away = path + ".corrupt-" + std::to_string(unix_millis(now) / 1000);
  for (const char* suffix : {"", "-wal"}) {
    std::error_code problem;
    std::filesystem::rename(path + suffix, away + suffix, problem);
    if (problem && problem != std::errc::no_such_file_or_directory) {
      return error(path + suffix + " is corrupt and cannot be renamed: " + problem.message() +
                   "; move it away by hand");
    }
  }
  std::error_code ignored;
  std::filesystem::remove(path + "-shm", ignored);
  return away;
}

}  // namespace

Statement::Statement(Database& database, sqlite3_stmt* statement)
    : database_(database), statement_(statement) {}

Statement::~Statement() {
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
}

Statement& Statement::bind_text(int parameter, std::string_view text, bool copied) {
  if (statement_ == nullptr) {
    return *this;
  }
  const int result = sqlite3_bind_text64(statement_,
                                         parameter,
                                         text.data() == nullptr ? "" : text.data(),
                                         text.size(),
                                         copied ? SQLITE_TRANSIENT : SQLITE_STATIC,
                                         SQLITE_UTF8);
  SW_ASSERT(result == SQLITE_OK || result == SQLITE_NOMEM || result == SQLITE_TOOBIG);
  return *this;
}

Statement& Statement::bind(int parameter, std::string_view text) {
  return bind_text(parameter, text, true);
}

Statement& Statement::bind_held(int parameter, std::string_view text) {
  return bind_text(parameter, text, false);
}

Statement& Statement::bind_blob(int parameter, std::string_view bytes) {
  if (statement_ == nullptr) {
    return *this;
  }
  const int result = sqlite3_bind_blob64(statement_,
                                         parameter,
                                         bytes.data() == nullptr ? "" : bytes.data(),
                                         bytes.size(),
                                         SQLITE_TRANSIENT);
  SW_ASSERT(result == SQLITE_OK || result == SQLITE_NOMEM || result == SQLITE_TOOBIG);
  return *this;
}

Statement& Statement::bind(int parameter, std::int64_t number) {
  SW_ASSERT(statement_ == nullptr ||
            sqlite3_bind_int64(statement_, parameter, number) == SQLITE_OK);
  return *this;
}

Statement& Statement::bind(int parameter, WallTime at) {
  return bind(parameter, unix_millis(at));
}

Statement& Statement::bind_null(int parameter) {
  SW_ASSERT(statement_ == nullptr || sqlite3_bind_null(statement_, parameter) == SQLITE_OK);
  return *this;
}

Result<bool> Statement::step() {
  if (statement_ == nullptr) {
    return error(database_.prepare_problem_);
  }
  const int result = sqlite3_step(statement_);
  if (result == SQLITE_ROW) {
    return true;
  }
  if (result == SQLITE_DONE) {
    return false;
  }
  return database_.failure();
}

Status Statement::run() {
  const Result<bool> stepped = step();
  sqlite3_reset(statement_);
  sqlite3_clear_bindings(statement_);
  if (stepped.has_error()) {
    return stepped.error();
  }
  SW_ASSERT(!*stepped);
  return {};
}

std::string Statement::text(int column) const {
  const auto* bytes = reinterpret_cast<const char*>(sqlite3_column_text(statement_, column));
  const int size = sqlite3_column_bytes(statement_, column);
  return bytes == nullptr ? std::string() : std::string(bytes, static_cast<std::size_t>(size));
}

std::int64_t Statement::integer(int column) const {
  return sqlite3_column_int64(statement_, column);
}

WallTime Statement::time(int column) const {
  return wall_from_unix_millis(integer(column));
}

bool Statement::is_null(int column) const {
  return sqlite3_column_type(statement_, column) == SQLITE_NULL;
}

Database::Database(DatabaseOptions options, sqlite3* connection)
    : options_(std::move(options)), connection_(connection) {}

Database::~Database() {
  for (const auto& [sql, statement] : statements_) {
    sqlite3_finalize(statement);
  }
  sqlite3_close(connection_);
}

Result<std::unique_ptr<Database>> Database::open(const DatabaseOptions& options, WallTime now) {
  return std::move(try_open(options, now).database);
}

Database::Opened Database::try_open(const DatabaseOptions& options, WallTime now) {
  Opened opened = open_once(options);
  if (!opened.corrupt) {
    return opened;
  }
  const std::string problem = opened.database.error().message;
  const Result<std::string> away = move_away(options.path, now);
  if (away.has_error()) {
    return {away.error()};
  }
  opened = open_once(options);
  if (opened.database.has_value()) {
    (*opened.database)->set_aside_ = options.path + " was corrupt (" + problem +
                                     "); it was moved to " + *away + " and a fresh one started";
  }
  return opened;
}

Database::Opened Database::open_once(const DatabaseOptions& options) {
  sqlite3* connection = nullptr;
  const std::string path = options.path.empty() ? ":memory:" : options.path;
  if (!options.path.empty()) {
    make_private(path);
  }
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
  const int result = sqlite3_open_v2(path.c_str(), &connection, flags, nullptr);
  SW_ASSERT(connection != nullptr);
  // The constructor is private, so make_unique cannot reach it.
  std::unique_ptr<Database> database(new Database(options, connection));
  if (result != SQLITE_OK) {
    const Error problem = database->failure();
    return database->failed_opening(error("it cannot be opened: " + problem.message));
  }
  Status status = database->configure();
  if (status.has_value()) {
    status = database->check();
  }
  if (status.has_value()) {
    status = migrate(*database);
  }
  if (status.has_value()) {
    status = database->limit();
  }
  if (status.has_error()) {
    return database->failed_opening(status.error());
  }
  return {std::move(database)};
}

// A file that cannot be opened for want of room or of descriptors can be later.
Database::Opened Database::failed_opening(const Error& problem) const {
  std::string remedy;
  switch (error_code_) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
    case SQLITE_PROTOCOL:
      remedy = "; another process holds it: end that";
      break;
    case SQLITE_FULL:
      remedy = "; make room on the disk";
      break;
    case SQLITE_IOERR:
      remedy = "; the disk is full or broken: make room, or look at it";
      break;
    case SQLITE_CANTOPEN:
      if (is_passing_errno(sqlite3_system_errno(connection_))) {
        remedy = "; make room on the disk, or raise the limit of open files";
      }
      break;
    default:
      break;
  }
  const bool corrupt = check_failed_ || is_corrupt(error_code_);
  return {error("the store " + options_.path + ": " + problem.message + remedy),
          corrupt,
          !corrupt && !remedy.empty()};
}

Status Database::configure() {
  sqlite3_extended_result_codes(connection_, 0);
  be_patient(options_.patient);
  // FULL syncs the WAL at each commit: what was accepted survives a power cut. The journal size
  // limit gives back the room of a WAL that grew in a burst. Debian's SQLite writes zeros over what
  // is deleted: FAST leaves that out where it would take a page more, as of each notice delivered.
  return execute(
      "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=OFF;"
      "PRAGMA journal_size_limit=8388608; PRAGMA cache_size=-1024; PRAGMA temp_store=MEMORY;"
      "PRAGMA secure_delete=FAST;");
}

void Database::be_patient(bool patient) {
  const Millis wait =
      patient ? options_.busy_timeout : std::min(options_.busy_timeout, kNoPatience);
  sqlite3_busy_timeout(connection_, static_cast<int>(wait.count()));
}

Status Database::check() {
  Statement statement = prepare("PRAGMA quick_check(1)");
  const Result<bool> row = statement.step();
  if (row.has_error()) {
    return row.error();
  }
  const std::string answer = statement.text(0);
  if (answer != "ok") {
    check_failed_ = true;
    return error("quick_check says " + answer);
  }
  return {};
}

// Only now, since the page count of an existing file is known only after it was read.
Status Database::limit() {
  const std::int64_t pages = options_.bytes_max / kPageBytes;
  return execute(("PRAGMA max_page_count=" + std::to_string(pages)).c_str());
}

Status Database::execute(const char* sql) {
  if (sqlite3_exec(connection_, sql, nullptr, nullptr, nullptr) != SQLITE_OK) {
    return failure();
  }
  return {};
}

Statement Database::prepare(std::string_view sql) {
  std::string key(sql);
  const auto found = statements_.find(key);
  if (found != statements_.end()) {
    SW_ASSERT(sqlite3_stmt_busy(found->second) == 0);
    return Statement(*this, found->second);
  }
  sqlite3_stmt* statement = nullptr;
  sqlite3_prepare_v3(connection_,
                     sql.data(),
                     static_cast<int>(sql.size()),
                     SQLITE_PREPARE_PERSISTENT,
                     &statement,
                     nullptr);
  if (statement != nullptr) {
    statements_.emplace(std::move(key), statement);
  } else {
    prepare_problem_ = failure().message;
  }
  return Statement(*this, statement);
}

std::int64_t Database::changes() const {
  return sqlite3_changes64(connection_);
}

Error Database::failure() {
  error_code_ = sqlite3_errcode(connection_) & 0xff;
  return error(sqlite3_errmsg(connection_));
}

bool Database::in_transaction() const {
  return sqlite3_get_autocommit(connection_) == 0;
}

std::int64_t Database::bytes() const {
  if (options_.path.empty()) {
    return 0;
  }
  return file_bytes(options_.path) + file_bytes(options_.path + "-wal");
}

}  // namespace seamwatch::agent
