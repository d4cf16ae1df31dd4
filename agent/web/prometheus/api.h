// PrometheusApi: Prometheus's HTTP API over the agent's series, rules and probes, so that Grafana,
// promtool and scripts that speak to a Prometheus speak to the agent. Reads what it needs of the
// agent on the loop; everything that can take time (parsing, evaluation, JSON, gzip) runs on the
// query workers. Owned by the agent; loop thread.
// Source: https://prometheus.io/docs/prometheus/latest/querying/api/, Prometheus 3.5.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/core/clock.h"
#include "agent/core/worker_pool.h"
#include "agent/web/prometheus/queries.h"
#include "agent/web/prometheus/rules_answers.h"
#include "agent/web/prometheus/status_answers.h"
#include "agent/web/server.h"
#include "rules/series/series_store.h"

namespace seamwatch::agent {

struct ApiOptions {
  Millis retention{};  // of the series
};

// Reads the agent. Called on the loop, and only while a call is answered.
struct ApiSources {
  std::function<std::vector<ApiRuleGroup>()> rules;  // by file and name
  std::function<std::vector<ApiTarget>()> targets;
  std::function<ApiStatus()> status;
  // Gives what writes the configuration as YAML without secrets, on any thread.
  std::function<std::function<std::string()>()> config;
  std::function<rules::promql::EngineOptions()> engine;
  std::function<Millis()> query_timeout;         // a query's own `timeout` can only shorten it
  std::function<std::size_t()> query_bytes_max;  // of all queries and their answers together
};

struct ApiStats {
  std::uint64_t queries = 0;         // instant and range, all since start
  std::uint64_t failed_queries = 0;  // with an error of any kind
  std::uint64_t timeouts = 0;        // of these, those that took too long or found no worker
  std::size_t running = 0;           // calls of any kind, those that wait included
  std::size_t query_bytes = 0;       // that queries hold now, and answers until they are sent
};

// Both outlive the API.
struct ApiWorkers {
  WorkerPool& queries;  // PromQL, as many at a time as it has threads
  WorkerPool& lookups;  // all else: no query that runs long holds it up
};

class PrometheusApi {
 public:
  // All outlive this, and this outlives the calls of its routes.
  PrometheusApi(Clock& clock,
                ApiWorkers workers,
                const rules::SeriesStore& store,
                ApiOptions options,
                ApiSources sources);
  PrometheusApi(const PrometheusApi&) = delete;
  PrometheusApi& operator=(const PrometheusApi&) = delete;

  // All paths below /api/v1/ but /api/v1/write.
  std::vector<Route> routes();

  // Ends the queries that run; they are answered as canceled.
  void cancel() { cancelled_ = true; }

  ApiStats stats() const;

 private:
  using Work = std::function<ApiAnswer()>;
  struct Outcome;

  // One endpoint: makes on the loop what a worker then does.
  using Prepare = Work (PrometheusApi::*)(const HttpCall& call, Form form);

  struct Endpoint {
    const char* path;
    bool post;
    Prepare prepare;
  };

  static const std::vector<Endpoint>& endpoints();

  boost::asio::awaitable<HttpReply> serve(Prepare prepare, HttpCall call);
  boost::asio::awaitable<HttpReply> query(bool range, HttpCall call);
  boost::asio::awaitable<std::shared_ptr<Outcome>> answer(ReplyForm form,
                                                          WorkerPool& workers,
                                                          MonoTime deadline,
                                                          std::function<Work()> prepare);
  boost::asio::awaitable<void> run(std::shared_ptr<Outcome> out,
                                   WorkerPool& workers,
                                   MonoTime deadline,
                                   Work work);
  Work query_work(bool range, const Form& form, MonoTime deadline);
  boost::asio::awaitable<bool> room_before(MonoTime deadline, std::size_t bytes);

  // For one answer.
  std::shared_ptr<rules::promql::HeldMemory> own_memory() const {
    return std::make_shared<rules::promql::HeldMemory>(memory_);
  }

  Work labels(const HttpCall& call, Form form);
  Work label_values(const HttpCall& call, Form form);
  Work series(const HttpCall& call, Form form);
  Work format_query(const HttpCall& call, Form form);
  Work parse_query(const HttpCall& call, Form form);
  Work exemplars(const HttpCall& call, Form form);
  Work rules(const HttpCall& call, Form form);
  Work alerts(const HttpCall& call, Form form);
  Work targets(const HttpCall& call, Form form);
  Work target_metadata(const HttpCall& call, Form form);
  Work metadata(const HttpCall& call, Form form);
  Work alertmanagers(const HttpCall& call, Form form);
  Work build(const HttpCall& call, Form form);
  Work runtime(const HttpCall& call, Form form);
  Work config(const HttpCall& call, Form form);
  Work flags(const HttpCall& call, Form form);
  Work tsdb(const HttpCall& call, Form form);
  Work replay(const HttpCall& call, Form form);

  Clock& clock_;
  ApiWorkers workers_;
  const rules::SeriesStore& store_;
  const ApiOptions options_;
  const ApiSources sources_;
  const std::shared_ptr<rules::promql::QueryMemory> memory_;
  ApiStats stats_;
  std::atomic<bool> cancelled_ = false;
};

}  // namespace seamwatch::agent
