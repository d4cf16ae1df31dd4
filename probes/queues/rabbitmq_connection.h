// A connection to a RabbitMQ server over rabbitmq-c, and the store of kept ones. Everything here
// blocks and runs on a worker thread; a connection is used by one worker at a time. Each wait is
// bounded by the deadline.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include <boost/asio/ip/address.hpp>

#include "agent/core/fault.h"
#include "agent/core/secret.h"
#include "agent/core/times.h"
#include "agent/core/tls.h"
#include "probes/queues/rabbitmq_target.h"

namespace seamwatch::probes {

struct RabbitLogin {
  std::string username = "guest";
  Secret password = Secret("guest");
  TlsOptions tls;
};

// What a passive declare showed. A connection whose declare failed with `connection_lost` is
// unusable; a queue that does not exist loses nothing.
struct Declared {
  std::optional<Fault> fault = std::nullopt;
  bool connection_lost = false;
  std::uint32_t ready = 0;
  std::uint32_t consumers = 0;
};

// Time until the deadline; zero or less when it has passed. Called on the worker thread.
using TimeLeft = std::function<Millis()>;

class RabbitConnection {
 public:
  struct Opened {
    std::unique_ptr<RabbitConnection> connection;
    std::optional<Fault> fault = std::nullopt;  // phases connect, tls, login
  };

  // Connects to `address`, does TLS where the target asks for it (verified against its host name),
  // and logs in to its vhost. A refused TCP connection comes back as errno:EIO with phase
  // "connect", since rabbitmq-c does not say why.
  static Opened open(const RabbitTarget& target,
                     const boost::asio::ip::address& address,
                     const RabbitLogin& login,
                     const TimeLeft& time_left);

  // Says goodbye without waiting for the answer.
  ~RabbitConnection();

  RabbitConnection(const RabbitConnection&) = delete;
  RabbitConnection& operator=(const RabbitConnection&) = delete;

  // Depth and consumers of `queue`, by a passive declare: nothing is created or consumed.
  Declared declare(const std::string& queue, const TimeLeft& time_left);

 private:
  struct Library;

  explicit RabbitConnection(std::unique_ptr<Library> library);

  std::unique_ptr<Library> library_;
};

// Kept connections, one a server, address and vhost. Any thread.
class RabbitConnections {
 public:
  // The kept connection for `key`, or nullptr; the caller owns it until keep().
  std::unique_ptr<RabbitConnection> take(const std::string& key);

  // Keeps `connection` for the next take(); closes it where one is kept already.
  void keep(const std::string& key, std::unique_ptr<RabbitConnection> connection);

 private:
  std::mutex mutex_;
  std::map<std::string, std::unique_ptr<RabbitConnection>> kept_;
};

}  // namespace seamwatch::probes
