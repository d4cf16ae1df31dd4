// Fault: what went wrong in one attempt, in the words of the protocol that said it. Facts only;
// what it means is decided by probes/classify.
#pragma once

#include <optional>
#include <string>

#include "agent/core/times.h"

namespace seamwatch {

// One documented error signal. `protocol` is a table of probes/classify ("http", "errno", "tls",
// "x509", "dns", "amqp0-9-1", "curl", "smtp", "check", "heartbeat", ...).
struct Signal {
  std::string protocol;
  std::string
      code;  // as the tables spell it: "429", "ECONNREFUSED", "NXDOMAIN(3)", "NOT_FOUND(404)"
  std::string name;  // symbolic name where the code is a number: "Too Many Requests"; may be empty
  std::string when;  // the condition that selects among rows of a code: "Retry-After present"

  friend bool operator==(const Signal&, const Signal&) = default;
};

struct Fault {
  Signal signal;
  std::string phase;   // where: resolve connect tls processing transfer check login declare ...
  std::string detail;  // one plain clause for people; no secret, no payload
  std::optional<Millis> retry_after = std::nullopt;  // what the peer asked for, from now

  friend bool operator==(const Fault&, const Fault&) = default;
};

// "HTTP 429", "CURLE_COULDNT_CONNECT", "amqp0-9-1:NOT_FOUND(404)": protocol and code as people
// write them.
std::string describe(const Signal& signal);

}  // namespace seamwatch
