// The answers to /api/v1/query and /api/v1/query_range: reads the parameters, parses, evaluates and
// writes the result. Runs on a worker thread; the loop only makes the context.
// Source: Prometheus web/api/v1/api.go, query and queryRange.
#pragma once

#include <memory>

#include "agent/core/times.h"
#include "agent/web/prometheus/envelope.h"
#include "agent/web/prometheus/parameters.h"
#include "rules/promql/engine.h"
#include "rules/series/storage.h"

namespace seamwatch::agent {

// What a query works with. All that is referred to outlives it.
struct QueryContext {
  const rules::Storage& storage;
  rules::promql::EngineOptions engine;
  WallTime now{};                 // the time of an instant query that names none
  rules::promql::QueryStop stop;  // its clock is always set
  Millis waited{0};               // for a worker; of the timeout, for the statistics
  std::shared_ptr<rules::promql::HeldMemory> held = {};  // its own; none: as much as it takes
};

// How long a query may take, its wait included: what "timeout" says, at most `longest`.
Millis query_timeout(const Form& form, Millis longest);

ApiAnswer instant_answer(const Form& form, const QueryContext& context);

ApiAnswer range_answer(const Form& form, const QueryContext& context);

// Of a query that found no worker in its time.
ApiAnswer queue_timeout_answer();

}  // namespace seamwatch::agent
