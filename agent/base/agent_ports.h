// AgentPorts: everything the agent takes from outside. `run` and `demo` hand in the real ones, the
// scenario tests simulated ones; the agent cannot tell.
#pragma once

#include <boost/asio/any_io_executor.hpp>

#include "agent/core/clock.h"
#include "agent/core/dialer.h"
#include "agent/core/http_client.h"
#include "agent/core/mail_client.h"
#include "agent/core/random.h"
#include "agent/core/resolver.h"
#include "agent/core/worker_pool.h"

namespace seamwatch::agent {

// All outlive the agent.
struct AgentPorts {
  boost::asio::any_io_executor executor;  // of the loop thread
  Clock& clock;
  Random& random;
  Resolver& resolver;
  Dialer& dialer;
  HttpClient& http;
  MailClient& mail;
  WorkerPool& workers;    // for client libraries that block
  WorkerPool& evaluator;  // one thread: rules
  WorkerPool& queries;    // PromQL of the HTTP API: no slow query holds up a rule
  WorkerPool& lookups;    // what else the HTTP API answers, and remote write: no query holds it up
};

}  // namespace seamwatch::agent
