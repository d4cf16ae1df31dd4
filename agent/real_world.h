// RealWorld: the loop and the real ports, as `run`, `demo` and `probe` use them. Destroyed in
// reverse order; whatever runs on it must have ended before.
#pragma once

#include <boost/asio/io_context.hpp>

#include "agent/base/agent_ports.h"
#include "agent/io/cares_resolver.h"
#include "agent/io/curl_http_client.h"
#include "agent/io/curl_loop.h"
#include "agent/io/smtp_mail_client.h"
#include "agent/io/system_clock.h"
#include "agent/io/system_random.h"
#include "agent/io/tcp_dialer.h"
#include "agent/io/thread_worker_pool.h"

namespace seamwatch::agent {

struct RealWorld {
  // `queries_max` of the HTTP API run at a time; a thread each, started when it is needed.
  explicit RealWorld(std::size_t queries_max = 2) : queries(queries_max) {}

  boost::asio::io_context io{1};
  SystemClock clock{io.get_executor()};
  SystemRandom random;
  CaresResolver resolver{io.get_executor()};
  TcpDialer dialer{io.get_executor()};
  CurlLoop curl{io.get_executor()};
  CurlHttpClient http{curl, resolver};
  SmtpMailClient mail{dialer, resolver};
  ThreadWorkerPool workers{4};
  ThreadWorkerPool evaluator{1};
  ThreadWorkerPool queries;
  ThreadWorkerPool lookups{2};

  AgentPorts ports() {
    return AgentPorts{io.get_executor(),
                      clock,
                      random,
                      resolver,
                      dialer,
                      http,
                      mail,
                      workers,
                      evaluator,
                      queries,
                      lookups};
  }
};

}  // namespace seamwatch::agent
