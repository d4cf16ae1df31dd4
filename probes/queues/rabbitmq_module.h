// The options of a rabbitmq module; see rabbitmq.h for their keys. Shared by all probes that use
// the module, and with it their kept connections: one a server and virtual host.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/core/resolver.h"
#include "probes/probe.h"
#include "probes/queues/queue.h"
#include "probes/queues/rabbitmq_connection.h"

namespace seamwatch::probes {

struct RabbitModule final : Module {
  RabbitLogin login;
  std::vector<std::string> queues;
  std::string dead_letter_queue;  // empty = not looked at
  QueueBounds bounds;
  std::string management_url;  // empty = not asked
  std::string management_username;
  Secret management_password;
  Millis timeout = std::chrono::seconds(10);
  IpPreference preference = IpPreference::ip6_then_ip4;
  std::shared_ptr<RabbitConnections> connections = std::make_shared<RabbitConnections>();
};

// Reports every problem; the result is used only where none was reported.
std::shared_ptr<const Module> read_rabbit_module(const Document& document,
                                                 const Node& options,
                                                 Diagnostics& problems);

}  // namespace seamwatch::probes
