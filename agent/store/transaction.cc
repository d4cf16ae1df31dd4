#include "agent/store/transaction.h"

#include <string_view>

namespace seamwatch::agent {
namespace {

constexpr int kSqliteFull = 13;

// What the database itself suffers from, as against a job that refused: the primary result codes
// PERM, BUSY, LOCKED, NOMEM, READONLY, IOERR, CORRUPT, FULL, CANTOPEN, NOLFS, NOTADB.
// Source: https://www.sqlite.org/rescode.html
bool is_database_trouble(int code) {
  switch (code) {
    case 3:
    case 5:
    case 6:
    case 7:
    case 8:
    case 10:
    case 11:
    case kSqliteFull:
    case 14:
    case 22:
    case 26:
      return true;
    default:
      return false;
  }
}

// What runs for each job is prepared once.
Status run(Database& database, std::string_view sql) {
  return database.prepare(sql).run();
}

Status commit(Database& database, const Clock& clock, TransactionReport& report) {
  const MonoTime start = clock.mono_now();
  Status status = run(database, "COMMIT");
  report.commit_duration = clock.mono_now() - start;
  return status;
}

void roll_back(Database& database) {
  if (database.in_transaction()) {
    // A rollback cannot fail in a way that leaves the transaction open.
    (void)database.execute("ROLLBACK");
  }
}

// The outcome of one try at one transaction.
struct Try {
  std::vector<Status> results;
  Status whole;  // an error: nothing was committed
  int code = 0;  // SQLite's, of that error or of the last trouble of a job
  std::string trouble;
};

void note_trouble(const Database& database, const Status& status, Try& attempt) {
  const int code = database.error_code();
  if (is_database_trouble(code)) {
    attempt.code = code;
    attempt.trouble = status.error().message;
  }
}

// Runs one job of several inside a savepoint. Where SQLite has rolled back everything, says so in
// `whole`.
void run_job(Database& database, const Writer::Job& job, Try& attempt) {
  Status status = run(database, "SAVEPOINT job");
  if (status.has_value()) {
    status = job(database);
  }
  if (status.has_error()) {
    note_trouble(database, status, attempt);
    if (!database.in_transaction()) {
      attempt.whole = status.error();
      return;
    }
    const Status undone = run(database, "ROLLBACK TO job");
    if (undone.has_error()) {
      attempt.whole = undone.error();
      return;
    }
  }
  const Status released = run(database, "RELEASE job");
  if (released.has_error()) {
    attempt.code = database.error_code();
    attempt.whole = released.error();
    return;
  }
  attempt.results.push_back(std::move(status));
}

// Runs the only job of a transaction: it needs no savepoint, for which SQLite would copy each page.
// Its error is also `whole` where SQLite has rolled back by itself.
void run_only_job(Database& database, const Writer::Job& job, Try& attempt) {
  Status status = job(database);
  if (status.has_error()) {
    note_trouble(database, status, attempt);
    if (!database.in_transaction()) {
      attempt.whole = status.error();
      return;
    }
    roll_back(database);
  }
  attempt.results.push_back(std::move(status));
}

Try try_jobs(Database& database,
             const Clock& clock,
             const std::vector<const Writer::Job*>& jobs,
             TransactionReport& report) {
  Try attempt;
  database.clear_error();
  attempt.whole = run(database, "BEGIN IMMEDIATE");
  if (attempt.whole.has_value() && jobs.size() == 1) {
    run_only_job(database, *jobs.front(), attempt);
    if (attempt.whole.has_value() && attempt.results.front().has_error()) {
      return attempt;
    }
  }
  for (std::size_t i = 0; jobs.size() > 1 && i < jobs.size() && attempt.whole.has_value(); ++i) {
    database.clear_error();
    run_job(database, *jobs[i], attempt);
  }
  if (attempt.whole.has_value()) {
    attempt.whole = commit(database, clock, report);
  }
  if (attempt.whole.has_error()) {
    if (attempt.code == 0) {
      attempt.code = database.error_code();
    }
    attempt.trouble = attempt.whole.error().message;
    roll_back(database);
    ++report.failures;
    attempt.results.assign(jobs.size(), Status(error(attempt.trouble)));
  } else {
    ++report.commits;
  }
  return attempt;
}

}  // namespace

TransactionReport run_transaction(Database& database,
                                  const Clock& clock,
                                  const std::vector<const Writer::Job*>& jobs) {
  TransactionReport report;
  Try attempt = try_jobs(database, clock, jobs, report);
  const bool retry_alone =
      attempt.whole.has_error() && attempt.code == kSqliteFull && jobs.size() > 1;
  if (!retry_alone) {
    report.results = std::move(attempt.results);
    report.problem = attempt.trouble;
    return report;
  }
  for (const Writer::Job* job : jobs) {
    Try alone = try_jobs(database, clock, {job}, report);
    report.results.push_back(std::move(alone.results.front()));
    if (!alone.trouble.empty()) {
      report.problem = alone.trouble;
    }
  }
  return report;
}

OutboxCounts count_outbox(Database& database) {
  OutboxCounts counts;
  Statement statement = database.prepare("SELECT state, rows, bytes FROM outbox_count");
  while (true) {
    const Result<bool> row = statement.step();
    if (row.has_error() || !*row) {
      counts.known = row.has_value();
      return counts;
    }
    const bool dead = statement.text(0) == "dead";
    (dead ? counts.dead : counts.pending) = statement.integer(1);
    (dead ? counts.dead_bytes : counts.pending_bytes) = statement.integer(2);
  }
}

}  // namespace seamwatch::agent
