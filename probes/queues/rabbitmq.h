// RabbitMQ queues: passive declares over AMQP 0-9-1 (rabbitmq-c, on the worker pool, one kept
// connection a server, virtual host and module), and the management API where configured. Never
// consumes, never publishes.
// Source: AMQP 0-9-1 section 1.7.2.1 (queue.declare passive); RabbitMQ management HTTP API.
#pragma once

#include "probes/probe.h"

namespace seamwatch::probes {

// Kind "rabbitmq". Target: amqp://host[:port][/vhost] or amqps://..., vhost percent-encoded,
// without credentials; the default vhost is "/". Options:
//   username, password                    default guest / guest (config fills X from X_file)
//   queue | queues                        at least one name
//   dead_letter_queue                     its depth is a fact of the first queue
//   backlog_max, consumers_min, oldest_age_max, dead_letters_max    bounds, none by default
//   management_url, management_username, management_password   default: the credentials above
//   tls_config                            as everywhere: ca_file cert_file key_file server_name ...
//   preferred_ip_protocol, ip_protocol_fallback    as everywhere: ip6, true
//   timeout                               of one run, within the deadline; default 10s
extern const ProbeKind kRabbitmqKind;

}  // namespace seamwatch::probes
