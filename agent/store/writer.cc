#include "agent/store/writer.h"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/core/assert.h"
#include "agent/store/transaction.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kBatchMax = 256;

using Handler = asio::any_completion_handler<void(Status)>;
using Guard = asio::executor_work_guard<asio::any_io_executor>;

// A job with the coroutine that waits for it. The guard keeps the loop running meanwhile.
struct Waiting {
  Writer::Job job;
  Handler handler;
  Guard guard;
};

void complete(Waiting waiting, Status status) {
  const auto executor = waiting.guard.get_executor();
  asio::post(executor,
             [handler = std::move(waiting.handler), status = std::move(status)]() mutable {
               std::move(handler)(std::move(status));
             });
}

}  // namespace

struct Writer::State : std::enable_shared_from_this<Writer::State> {
  State(WriterDatabase its, const Clock& time, bool runs_in_place, std::size_t max)
      : database(std::move(its.open)),
        reopen(std::move(its.reopen)),
        clock(time),
        in_place(runs_in_place),
        jobs_max(max) {
    stats.healthy = database != nullptr;
    stats.reason = std::move(its.problem);
  }

  std::unique_ptr<Database> database;  // of the writer thread, or of the caller's where in place
  std::function<Result<std::unique_ptr<Database>>()> reopen;  // likewise
  const Clock& clock;
  const bool in_place;
  const std::size_t jobs_max;

  mutable std::mutex mutex;  // guards what follows
  std::condition_variable wake;
  std::deque<Waiting> queue;
  bool stopping = false;
  bool opened = false;  // the database is there, and stays
  WriterStats stats;
  std::thread thread;

  void enqueue(Waiting waiting);
  void loop();
  void work_off();
  void run_batch();
  void note(const TransactionReport& report);
  TransactionReport run_jobs(const std::vector<const Writer::Job*>& jobs);
};

void Writer::State::enqueue(Waiting waiting) {
  const char* refused = nullptr;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    if (stopping) {
      refused = "the store is closed";
    } else if (queue.size() >= jobs_max) {
      refused = "the store is too far behind: its queue of jobs is full";
    } else {
      if (in_place) {
        asio::post(waiting.guard.get_executor(), [self = shared_from_this()] { self->work_off(); });
      }
      queue.push_back(std::move(waiting));
      wake.notify_one();
      return;
    }
  }
  complete(std::move(waiting), error(refused));
}

void Writer::State::loop() {
  while (true) {
    {
      std::unique_lock<std::mutex> lock(mutex);
      wake.wait(lock, [this] { return stopping || !queue.empty(); });
      if (queue.empty()) {
        return;
      }
    }
    run_batch();
  }
}

// All that is queued, on the caller's thread.
void Writer::State::work_off() {
  while (!queue.empty()) {
    run_batch();
  }
}

// The first of what is queued, at most kBatchMax.
void Writer::State::run_batch() {
  std::vector<Waiting> batch;
  {
    const std::lock_guard<std::mutex> lock(mutex);
    while (!queue.empty() && batch.size() < kBatchMax) {
      batch.push_back(std::move(queue.front()));
      queue.pop_front();
    }
  }
  std::vector<const Writer::Job*> jobs;
  jobs.reserve(batch.size());
  for (const Waiting& waiting : batch) {
    jobs.push_back(&waiting.job);
  }
  TransactionReport report = run_jobs(jobs);
  for (std::size_t i = 0; i < batch.size(); ++i) {
    complete(std::move(batch[i]), std::move(report.results[i]));
  }
}

// Runs them in a transaction; opens the database first where that could not be done yet.
TransactionReport Writer::State::run_jobs(const std::vector<const Writer::Job*>& jobs) {
  TransactionReport report;
  if (database == nullptr) {
    Result<std::unique_ptr<Database>> again = reopen();
    if (again.has_error()) {
      report.problem = again.error().message;
      report.failures = 1;
      report.results.assign(jobs.size(), Status(again.error()));
    } else {
      database = std::move(*again);
    }
  }
  if (database != nullptr) {
    report = run_transaction(*database, clock, jobs);
    // What is locked for long is waited for once: behind each job stands somebody to be told.
    database->be_patient(report.problem.empty());
  }
  note(report);
  return report;
}

void Writer::State::note(const TransactionReport& report) {
  const OutboxCounts counts = database != nullptr ? count_outbox(*database) : OutboxCounts{};
  const std::lock_guard<std::mutex> lock(mutex);
  opened = database != nullptr;
  stats.jobs += static_cast<std::int64_t>(report.results.size());
  stats.commits += report.commits;
  stats.failed_transactions += report.failures;
  stats.healthy = report.problem.empty();
  stats.reason = report.problem;
  if (report.commits > 0) {
    stats.last_commit_duration = report.commit_duration;
  }
  if (counts.known) {
    stats.outbox_pending = counts.pending;
    stats.outbox_dead = counts.dead;
    stats.outbox_pending_bytes = counts.pending_bytes;
    stats.outbox_dead_bytes = counts.dead_bytes;
  }
}

Writer::Writer(WriterDatabase database, const Clock& clock, bool in_place, std::size_t jobs_max)
    : state_(std::make_shared<State>(std::move(database), clock, in_place, jobs_max)) {
  SW_ASSERT(state_->database != nullptr || state_->reopen);
  if (state_->database != nullptr) {
    state_->note(TransactionReport{});
  }
  if (!in_place) {
    state_->thread = std::thread([state = state_.get()] { state->loop(); });
  }
}

Writer::~Writer() {
  stop();
}

asio::awaitable<Status> Writer::run(Job job, Meanwhile meanwhile) {
  State* state = state_.get();
  const asio::any_io_executor executor = co_await asio::this_coro::executor;
  auto initiate = [state, executor](auto handler, Job moved, Meanwhile then) {
    Waiting waiting{std::move(moved), Handler(std::move(handler)), Guard(executor)};
    state->enqueue(std::move(waiting));
    if (then) {  // the job's end is posted to this thread, so it comes later
      then();
    }
  };
  auto operation = asio::async_initiate<const asio::use_awaitable_t<>, void(Status)>(
      std::move(initiate), asio::use_awaitable, std::move(job), std::move(meanwhile));
  co_return co_await std::move(operation);
}

void Writer::stop() {
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    state_->stopping = true;
  }
  state_->wake.notify_all();
  if (state_->thread.joinable()) {
    state_->thread.join();
  } else {
    state_->work_off();
  }
}

bool Writer::opened() const {
  const std::lock_guard<std::mutex> lock(state_->mutex);
  return state_->opened;
}

// The files are looked at only here. A look after each commit cost more than most of a commit: it
// makes the kernel give the next write a time of its own, which the next sync then has to write too
// (300 us instead of 150 on ext4).
WriterStats Writer::stats() const {
  WriterStats stats;
  bool opened = false;
  {
    const std::lock_guard<std::mutex> lock(state_->mutex);
    stats = state_->stats;
    stats.waiting = state_->queue.size();
    opened = state_->opened;
  }
  if (opened) {
    stats.bytes = state_->database->bytes();
  }
  return stats;
}

}  // namespace seamwatch::agent
