// RemoteWrite: POST /api/v1/write, by which another Prometheus hands its samples to the agent, for
// rules over both. Off unless the configuration says so. Owned by the agent; loop thread, the work
// itself on a worker.
// Source: Prometheus Remote-Write 1.0 specification.
#pragma once

#include <cstdint>
#include <string>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/worker_pool.h"
#include "agent/web/http_call.h"
#include "agent/web/prometheus/write_request.h"
#include "agent/web/server.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

struct RemoteWriteOptions {
  bool enabled = false;
  WriteLimits limits;
  Millis retention{};                   // older samples are refused
  Millis future_max = Millis(600'000);  // later ones are too
  // New series are refused where the store has as many: its other room is for the agent's own.
  std::size_t store_series_max = static_cast<std::size_t>(-1);
  std::size_t requests_max = 8;  // at a time; more are answered with 503
};

// All since the start.
struct RemoteWriteStats {
  std::uint64_t requests = 0;
  std::uint64_t refused_requests = 0;  // no sample of them was taken
  std::uint64_t samples = 0;           // taken
  std::uint64_t refused_out_of_order = 0;
  std::uint64_t refused_duplicate = 0;      // another value for a time that has one
  std::uint64_t refused_out_of_bounds = 0;  // too old, or too far ahead
  std::uint64_t refused_invalid = 0;        // labels
  std::uint64_t refused_series_limit = 0;
  std::uint64_t refused_histograms = 0;  // native ones
};

class RemoteWrite {
 public:
  // All outlive this, and this outlives its route's calls.
  RemoteWrite(Clock& clock,
              WorkerPool& workers,
              rules::SeriesStore& store,
              RemoteWriteOptions options);

  Route route();

  const RemoteWriteStats& stats() const { return stats_; }

 private:
  boost::asio::awaitable<HttpReply> take(HttpCall call);

  Clock& clock_;
  WorkerPool& workers_;
  rules::SeriesStore& store_;
  const RemoteWriteOptions options_;
  RemoteWriteStats stats_;
  std::size_t running_ = 0;
};

// Appends what was read to `store`, what can be appended; counts it in `stats`. The reason for the
// first sample that was refused, or "". Any thread.
std::string append_written(const WriteRequest& request,
                           WallTime now,
                           const RemoteWriteOptions& options,
                           rules::SeriesStore& store,
                           RemoteWriteStats& stats);

}  // namespace seamwatch::agent
