#include "probes/queues/rabbitmq_target.h"

#include <charconv>

#include "agent/core/ascii.h"

namespace seamwatch::probes {
namespace {

constexpr std::uint16_t kPlainPort = 5672;
constexpr std::uint16_t kTlsPort = 5671;

// False where a % is not followed by two hex digits.
bool percent_decode(std::string_view text, std::string& out) {
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '%') {
      out += text[at];
      continue;
    }
    if (at + 2 >= text.size() || hex_value(text[at + 1]) < 0 || hex_value(text[at + 2]) < 0) {
      return false;
    }
    out += static_cast<char>(hex_value(text[at + 1]) * 16 + hex_value(text[at + 2]));
    at += 2;
  }
  return true;
}

bool read_port(std::string_view text, std::uint16_t& port) {
  const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), port);
  return failure == std::errc() && end == text.data() + text.size() && port != 0;
}

// Takes "host", "host:port" or "[::1]:port" apart. False where it is neither.
bool read_authority(std::string_view text, RabbitTarget& target) {
  std::string_view port;
  if (text.starts_with('[')) {
    const auto close = text.find(']');
    if (close == std::string_view::npos) {
      return false;
    }
    target.host = text.substr(1, close - 1);
    port = text.substr(close + 1);
    if (!port.empty() && !port.starts_with(':')) {
      return false;
    }
  } else {
    const auto colon = text.find(':');
    target.host = text.substr(0, colon);
    port = colon == std::string_view::npos ? std::string_view() : text.substr(colon);
  }
  return !target.host.empty() && (port.empty() || read_port(port.substr(1), target.port));
}

}  // namespace

Result<RabbitTarget> parse_rabbit_target(std::string_view text) {
  RabbitTarget target;
  std::string_view rest;
  if (text.starts_with("amqp://")) {
    rest = text.substr(7);
    target.port = kPlainPort;
  } else if (text.starts_with("amqps://")) {
    rest = text.substr(8);
    target.tls = true;
    target.port = kTlsPort;
  } else {
    return error("must begin with amqp:// or amqps://, like amqp://broker.example:5672/vhost");
  }
  const auto slash = rest.find('/');
  const std::string_view authority = rest.substr(0, slash);
  if (authority.find('@') != std::string_view::npos) {
    return error("must not hold credentials; set username and password_file in the module");
  }
  if (!read_authority(authority, target)) {
    return error("needs a host and, after a colon, a port from 1 to 65535");
  }
  if (slash != std::string_view::npos && slash + 1 < rest.size()) {
    std::string vhost;
    const std::string_view path = rest.substr(slash + 1);
    if (path.find_first_of("/?#") != std::string_view::npos || !percent_decode(path, vhost)) {
      return error("the virtual host must be percent-encoded, like amqp://host/%2Forders");
    }
    target.vhost = std::move(vhost);
  }
  return target;
}

}  // namespace seamwatch::probes
