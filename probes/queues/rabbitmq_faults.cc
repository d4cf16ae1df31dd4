#include "probes/queues/rabbitmq_faults.h"

#include <cerrno>

#include <amqp.h>

#include "probes/classify/table.h"

namespace seamwatch::probes {
namespace {

constexpr std::size_t kReplyTextBytesMax = 300;

Fault amqp_fault(std::string code, const std::string& phase, std::string detail) {
  Fault fault;
  fault.signal.protocol = "amqp0-9-1";
  fault.signal.code = std::move(code);
  fault.phase = phase;
  fault.detail = std::move(detail);
  return fault;
}

}  // namespace

Fault numbered_fault(const std::string& protocol, int number, const std::string& phase) {
  Fault fault;
  fault.signal.protocol = protocol;
  fault.signal.code = std::to_string(number);
  fault.phase = phase;
  if (const Row* row = find(fault.signal)) {
    fault.signal.code = row->code;
  }
  fault.detail = fault.signal.code + " in phase " + phase;
  return fault;
}

Fault rabbit_timeout(const std::string& phase) {
  Fault fault = numbered_fault("errno", ETIMEDOUT, phase);
  fault.detail = "no answer in time in phase " + phase;
  return fault;
}

Fault rabbit_status_fault(int status, int system_errno, const std::string& phase) {
  const std::string words = amqp_error_string2(status);
  switch (status) {
    case AMQP_STATUS_TIMEOUT:
      return rabbit_timeout(phase);
    case AMQP_STATUS_HEARTBEAT_TIMEOUT:
      return amqp_fault("heartbeat_timeout", phase, words);
    case AMQP_STATUS_NO_MEMORY:
      return numbered_fault("errno", ENOMEM, phase);
    case AMQP_STATUS_CONNECTION_CLOSED:
    case AMQP_STATUS_SOCKET_CLOSED:
      return amqp_fault(
          "connection_closed", phase, "the server closed the connection without a word");
    case AMQP_STATUS_INCOMPATIBLE_AMQP_VERSION:
      return amqp_fault("protocol_mismatch", phase, "the server speaks no AMQP 0-9-1");
    case AMQP_STATUS_BROKER_UNSUPPORTED_SASL_METHOD:
      return amqp_fault("ACCESS_REFUSED(403)", phase, "the server does not offer SASL PLAIN");
    case AMQP_STATUS_SOCKET_ERROR:
    case AMQP_STATUS_TCP_ERROR:
      return numbered_fault("errno", system_errno != 0 ? system_errno : EIO, phase);
    case AMQP_STATUS_SSL_ERROR:
    case AMQP_STATUS_SSL_CONNECTION_FAILED:
    case AMQP_STATUS_SSL_PEER_VERIFY_FAILED:
    case AMQP_STATUS_SSL_HOSTNAME_VERIFY_FAILED: {
      Fault fault = amqp_fault("protocol_error", phase, words);
      fault.signal.protocol = "tls";
      return fault;
    }
    default:
      return amqp_fault("malformed_response", phase, words);
  }
}

Fault rabbit_close_fault(int reply_code, const std::string& reply_text, const std::string& phase) {
  Fault fault = numbered_fault("amqp0-9-1", reply_code, phase);
  fault.detail = reply_text.substr(0, kReplyTextBytesMax);
  if (reply_code == AMQP_ACCESS_REFUSED && phase == "login") {
    fault.signal.when = "login";
  }
  const bool no_vhost = reply_text.find("vhost") != std::string::npos &&
                        reply_text.find("not found") != std::string::npos;
  if (reply_code == AMQP_NOT_ALLOWED && no_vhost) {
    fault.signal.when = "vhost not found";
  }
  return fault;
}

}  // namespace seamwatch::probes
