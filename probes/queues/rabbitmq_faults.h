// What rabbitmq-c reports as Faults. Pure; plain numbers, so that tests need no broker.
#pragma once

#include <string>

#include "agent/core/fault.h"

namespace seamwatch::probes {

// A library status (AMQP_STATUS_*, below zero) with the errno that stood when it came; `phase` is
// connect, tls, login or declare.
Fault rabbit_status_fault(int status, int system_errno, const std::string& phase);

// A channel.close or connection.close of the server: "NOT_FOUND(404)" with the reply text as
// detail. A 403 during login carries when "login", a 530 over a missing virtual host "vhost not
// found".
Fault rabbit_close_fault(int reply_code, const std::string& reply_text, const std::string& phase);

// errno:NAME, tls alert or x509 result by number, spelled as in the tables of probes/classify.
Fault numbered_fault(const std::string& protocol, int number, const std::string& phase);

// A deadline that passed: errno:ETIMEDOUT.
Fault rabbit_timeout(const std::string& phase);

}  // namespace seamwatch::probes
