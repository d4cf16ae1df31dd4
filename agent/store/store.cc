#include "agent/store/store.h"

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <utility>

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kPutSql =
    "INSERT INTO kv(space, key, value) VALUES(?, ?, ?) "
    "ON CONFLICT(space, key) DO UPDATE SET value = excluded.value";
constexpr std::string_view kDeleteSql = "DELETE FROM kv WHERE space = ? AND key = ?";
constexpr std::string_view kLoadSql = "SELECT key, value FROM kv WHERE space = ? ORDER BY key";
constexpr std::string_view kAddErrorSql =
    "INSERT INTO errors(at, integration, probe, phase, signal, category, persistence, criticality, "
    "detail) VALUES(?, ?, ?, ?, ?, ?, ?, ?, ?)";
constexpr std::string_view kTrimErrorsSql =
    "DELETE FROM errors WHERE number <= (SELECT max(number) FROM errors) - ?";
// The oldest come first, so that a look at a few of them is enough.
constexpr std::string_view kForgetErrorsSql =
    "DELETE FROM errors WHERE at < ? AND number IN "
    "(SELECT number FROM errors ORDER BY number LIMIT 1000)";
constexpr std::string_view kErrorColumns =
    "SELECT at, integration, probe, phase, signal, category, persistence, criticality, detail "
    "FROM errors ";

Status put_job(Database& database,
               const std::string& space,
               const std::vector<KeyValue>& upserts,
               const std::vector<std::string>& deletes) {
  Statement put = database.prepare(kPutSql);
  for (const KeyValue& entry : upserts) {
    Status status = put.bind(1, space).bind(2, entry.key).bind_held(3, entry.value).run();
    if (status.has_error()) {
      return status;
    }
  }
  Statement remove = database.prepare(kDeleteSql);
  for (const std::string& key : deletes) {
    Status status = remove.bind(1, space).bind(2, key).run();
    if (status.has_error()) {
      return status;
    }
  }
  return {};
}

Status load_job(Database& database, const std::string& space, std::vector<KeyValue>& out) {
  out.clear();
  Statement load = database.prepare(kLoadSql);
  load.bind(1, space);
  while (true) {
    const Result<bool> row = load.step();
    if (row.has_error()) {
      return row.error();
    }
    if (!*row) {
      return {};
    }
    out.push_back(KeyValue{load.text(0), load.text(1)});
  }
}

Status append_job(Database& database,
                  const std::vector<ErrorRow>& rows,
                  const StoreOptions& options) {
  Statement add = database.prepare(kAddErrorSql);
  for (const ErrorRow& row : rows) {
    Status status = add.bind(1, row.at)
                        .bind(2, row.integration)
                        .bind(3, row.probe)
                        .bind(4, row.phase)
                        .bind(5, row.signal)
                        .bind(6, to_string(row.category))
                        .bind(7, to_string(row.persistence))
                        .bind(8, to_string(row.criticality))
                        .bind(9, row.detail)
                        .run();
    if (status.has_error()) {
      return status;
    }
  }
  if (!rows.empty()) {
    Statement forget = database.prepare(kForgetErrorsSql);
    Status status = forget.bind(1, rows.back().at - options.errors_kept).run();
    if (status.has_error()) {
      return status;
    }
  }
  Statement trim = database.prepare(kTrimErrorsSql);
  return trim.bind(1, options.errors_rows_max).run();
}

ErrorRow error_row(const Statement& statement) {
  ErrorRow row;
  row.at = statement.time(0);
  row.integration = statement.text(1);
  row.probe = statement.text(2);
  row.phase = statement.text(3);
  row.signal = statement.text(4);
  row.category = parse_category(statement.text(5)).value_or(Category::runtime);
  row.persistence = parse_persistence(statement.text(6)).value_or(Persistence::transient);
  row.criticality = parse_criticality(statement.text(7)).value_or(Criticality::non_critical);
  row.detail = statement.text(8);
  return row;
}

Status last_errors_job(Database& database,
                       std::size_t count,
                       const std::string& integration,
                       std::vector<ErrorRow>& out) {
  out.clear();
  std::string sql(kErrorColumns);
  sql += integration.empty() ? "ORDER BY number DESC LIMIT ?"
                             : "WHERE integration = ? ORDER BY number DESC LIMIT ?";
  Statement statement = database.prepare(sql);
  int parameter = 1;
  if (!integration.empty()) {
    statement.bind(parameter++, integration);
  }
  statement.bind(parameter, static_cast<std::int64_t>(count));
  while (true) {
    const Result<bool> row = statement.step();
    if (row.has_error()) {
      return row.error();
    }
    if (!*row) {
      return {};
    }
    out.push_back(error_row(statement));
  }
}

// The lock of a storage folder, or why there is none.
struct Locked {
  Result<int> lock;
  bool may_pass = false;
};

bool no_room(int code) {
  return code == ENOSPC || code == EDQUOT;
}

// Makes the folder and takes its lock, which goes with the descriptor (also when the agent is
// killed). Two agents on one outbox would tell everything twice.
Locked lock_folder(const std::string& folder) {
  namespace fs = std::filesystem;
  std::error_code problem;
  const bool made = fs::create_directories(folder, problem);
  if (problem) {
    const bool full = no_room(problem.value());
    return {error("the storage folder " + folder + " cannot be made: " + problem.message() +
                  (full ? "; make room on the disk" : "; make it, owned by the agent's user")),
            full};
  }
  if (made) {
    fs::permissions(folder, fs::perms::owner_all, problem);
  }
  const std::string path = folder + "/lock";
  const int lock = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (lock < 0) {
    const bool full = no_room(errno);
    return {error("the storage folder " + folder + " cannot be written: " + std::strerror(errno) +
                  (full ? "; make room on the disk" : "; give it to the agent's user")),
            full};
  }
  if (::flock(lock, LOCK_EX | LOCK_NB) != 0) {
    ::close(lock);
    return {error("another seamwatch uses the storage folder " + folder +
                  "; stop it, or give each its own --storage")};
  }
  return {lock};
}

}  // namespace

// Keeps the lock where only the database could not be opened.
Database::Opened Store::open_files(const StoreOptions& options, Files& files, WallTime now) {
  DatabaseOptions database_options;
  database_options.busy_timeout = options.busy_timeout;
  // The first attempts hold up the start; may it be opened later, there will be others.
  database_options.patient = !options.open_later;
  database_options.bytes_max = options.bytes_max;
  if (!options.folder.empty()) {
    if (files.lock < 0) {
      const Locked locked = lock_folder(options.folder);
      if (locked.lock.has_error()) {
        return {locked.lock.error(), false, locked.may_pass};
      }
      files.lock = *locked.lock;
    }
    database_options.path = options.folder + "/seamwatch.db";
  }
  Database::Opened opened = Database::try_open(database_options, now);
  if (opened.database.has_value()) {
    files.notice = (*opened.database)->set_aside();
  }
  return opened;
}

Result<std::unique_ptr<Store>> Store::open(StoreOptions options, const Clock& clock) {
  auto files = std::make_shared<Files>();
  Database::Opened opened = open_files(options, *files, clock.wall_now());
  WriterDatabase database;
  if (opened.database.has_value()) {
    database.open = std::move(*opened.database);
  } else if (options.open_later && opened.may_pass) {
    database.problem = opened.database.error().message;
    database.reopen = [options, files, &clock]() {
      return std::move(open_files(options, *files, clock.wall_now()).database);
    };
  } else {
    if (files->lock >= 0) {
      ::close(files->lock);
    }
    return opened.database.error();
  }
  auto writer =
      std::make_unique<Writer>(std::move(database), clock, options.inline_writer, options.jobs_max);
  // The constructor is private, so make_unique cannot reach it.
  return std::unique_ptr<Store>(new Store(std::move(options), std::move(files), std::move(writer)));
}

Store::Store(StoreOptions options, std::shared_ptr<Files> files, std::unique_ptr<Writer> writer)
    : options_(std::move(options)), files_(std::move(files)), writer_(std::move(writer)) {}

Store::~Store() {
  writer_.reset();  // closes the database before another agent may take the folder
  if (files_->lock >= 0) {
    ::close(files_->lock);
  }
}

void Store::stop() {
  writer_->stop();
}

asio::awaitable<Status> Store::run(Writer::Job job) {
  co_return co_await writer_->run(std::move(job));
}

// The jobs own what they work on: a job may still run when the coroutine that waits for it has been
// destroyed together with its loop.
asio::awaitable<Status> Store::put_all(std::string space,
                                       std::vector<KeyValue> upserts,
                                       std::vector<std::string> deletes,
                                       Writer::Meanwhile meanwhile) {
  Writer::Job job =
      [space = std::move(space), upserts = std::move(upserts), deletes = std::move(deletes)](
          Database& database) { return put_job(database, space, upserts, deletes); };
  co_return co_await writer_->run(std::move(job), std::move(meanwhile));
}

asio::awaitable<Result<std::vector<KeyValue>>> Store::load_all(std::string space) {
  auto entries = std::make_shared<std::vector<KeyValue>>();
  Writer::Job job = [entries, space = std::move(space)](Database& database) {
    return load_job(database, space, *entries);
  };
  const Status status = co_await writer_->run(std::move(job));
  if (status.has_error()) {
    co_return status.error();
  }
  co_return std::move(*entries);
}

asio::awaitable<Status> Store::append_errors(std::vector<ErrorRow> rows) {
  Writer::Job job = [rows = std::move(rows), options = options_](Database& database) {
    return append_job(database, rows, options);
  };
  co_return co_await writer_->run(std::move(job));
}

asio::awaitable<Result<std::vector<ErrorRow>>> Store::last_errors(std::size_t count,
                                                                  std::string integration) {
  auto rows = std::make_shared<std::vector<ErrorRow>>();
  Writer::Job job = [rows, count, integration = std::move(integration)](Database& database) {
    return last_errors_job(database, count, integration, *rows);
  };
  const Status status = co_await writer_->run(std::move(job));
  if (status.has_error()) {
    co_return status.error();
  }
  co_return std::move(*rows);
}

}  // namespace seamwatch::agent
