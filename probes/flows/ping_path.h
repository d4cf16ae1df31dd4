// The ping URL of heartbeats: /ping/<key>[/start|/fail|/log|/<exit code>]. Pure: agent/web hands in
// method and path.
// Source: Healthchecks, pinging API (path shapes).
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"
#include "agent/core/secret.h"

namespace seamwatch::probes {

enum class PingKind {
  success,  // the bare URL, or exit code 0
  start,
  fail,  // /fail, or an exit code other than 0
  log,   // keeps a note, changes nothing
};

struct Ping {
  Secret key;
  PingKind kind = PingKind::success;
  int exit_code = -1;  // 0..255 where the path names one, else -1
};

struct PingError {
  int status = 404;  // what to answer: 404 or 405
  std::string message;
};

using PingResult = boost::system::result<Ping, PingError>;

[[noreturn]] void throw_exception_from_error(const PingError& error,
                                             const boost::source_location& location);

inline constexpr std::size_t kPingKeyBytesMax = 100;

// Reads a request. Query strings are ignored. Methods GET, HEAD and POST; others are 405. A key is
// 1 to 100 of [A-Za-z0-9_-], and may be preceded by one project part ("/ping/shop/orders" is the
// key "shop/orders"), unless the last part is one of the words above. Errors: 404 with the reason,
// never with the key.
PingResult parse_ping(std::string_view method, std::string_view target);

}  // namespace seamwatch::probes
