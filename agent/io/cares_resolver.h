// CaresResolver: the real Resolver. c-ares on the agent's loop, a cache that keeps to the records'
// TTL within bounds, one query for all who ask for the same name at once. /etc/hosts and
// /etc/nsswitch.conf are honoured, /etc/resolv.conf is read again when it changes. Owned by the
// agent; loop thread only.
#pragma once

#include <memory>

#include <boost/asio/any_io_executor.hpp>

#include "agent/core/resolver.h"

namespace seamwatch {

struct ResolverOptions {
  Millis ttl_min{1000};  // also of records that forbid caching, so that a burst asks once
  Millis ttl_max{3600 * 1000};
  Millis negative_ttl{5000};              // of NXDOMAIN and of a name without addresses
  Millis query_timeout{2000};             // of the first try with one server
  int tries = 2;                          // with each server
  std::size_t cache_entries_max = 20000;  // the longest unused goes first
  std::size_t queries_max = 1000;         // under way; more are refused with errno:ENOBUFS
  std::string servers;                    // "10.0.0.2,[::1]:5353"; empty = as /etc/resolv.conf says
};

// Faults, phase "resolve": dns with "NXDOMAIN(3)", "NOERROR:NODATA", "SERVFAIL(2)", "REFUSED(5)",
// "FORMERR(1)", "NOTIMP(4)", "query-timeout" (no answer by then or by the deadline), "bad-name",
// "malformed_response"; errno where no server could be reached at all.
// A cancelled resolve throws system_error(operation_aborted); the query goes on for the cache.
class CaresResolver final : public Resolver {
 public:
  explicit CaresResolver(boost::asio::any_io_executor executor, ResolverOptions options = {});
  ~CaresResolver() override;  // Requires: no resolve is under way

  boost::asio::awaitable<Resolution> resolve(std::string host,
                                             IpPreference preference,
                                             MonoTime deadline) override;

  struct State;

 private:
  boost::asio::awaitable<Resolution> look_up(std::string host,
                                             IpPreference preference,
                                             MonoTime deadline);

  std::shared_ptr<State> state_;
};

}  // namespace seamwatch
