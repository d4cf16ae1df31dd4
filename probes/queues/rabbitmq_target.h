// The target of a rabbitmq probe, taken apart. Pure.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace seamwatch::probes {

struct RabbitTarget {
  bool tls = false;
  std::string host;  // a name, or an address without brackets
  std::uint16_t port = 5672;
  std::string vhost = "/";
};

// amqp://host[:port][/vhost] or amqps://. The vhost is percent-encoded ("%2F" is "/"); an absent or
// empty one is the default "/". Errors: any other shape, and credentials, which belong in the
// module. Source: RabbitMQ URI specification.
[[nodiscard]] Result<RabbitTarget> parse_rabbit_target(std::string_view target);

}  // namespace seamwatch::probes
