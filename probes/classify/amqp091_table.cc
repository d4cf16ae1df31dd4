// AMQP 0-9-1: every reply code of the specification, and what a client sees instead of one.

#include <array>

#include "probes/classify/table_list.h"

namespace seamwatch::probes {
namespace {

using enum Category;

constexpr auto kTransient = Persistence::transient;
constexpr auto kPersistent = Persistence::persistent;

constexpr std::string_view kSource1 = "https://www.rabbitmq.com/docs/access-control";
constexpr std::string_view kSource2 = "https://www.rabbitmq.com/docs/connections";

// clang-format off
constexpr std::array kRows = {
    Row{"CONTENT_TOO_LARGE(311)", 311, "", "", kTransient, platform_limit, false},
    Row{"NO_ROUTE(312)", 312, "", "", kPersistent, configuration, false},
    Row{"NO_CONSUMERS(313)", 313, "", "", kTransient, unavailable, false},
    Row{"CONNECTION_FORCED(320)", 320, "", "", kTransient, unavailable, false},
    Row{"INVALID_PATH(402)", 402, "", "", kPersistent, configuration, false},
    Row{"ACCESS_REFUSED(403)", 403, "", "", kPersistent, authorization, false},
    Row{"ACCESS_REFUSED(403)", 403, "", "login", kPersistent, authentication, false, kSource1},
    Row{"NOT_FOUND(404)", 404, "", "", kPersistent, not_found, false},
    Row{"RESOURCE_LOCKED(405)", 405, "", "", kTransient, process, false},
    Row{"PRECONDITION_FAILED(406)", 406, "", "", kPersistent, process, false},
    Row{"FRAME_ERROR(501)", 501, "", "", kPersistent, data, false},
    Row{"SYNTAX_ERROR(502)", 502, "", "", kPersistent, data, false},
    Row{"COMMAND_INVALID(503)", 503, "", "", kPersistent, runtime, false},
    Row{"CHANNEL_ERROR(504)", 504, "", "", kPersistent, runtime, false},
    Row{"UNEXPECTED_FRAME(505)", 505, "", "", kPersistent, runtime, false},
    Row{"RESOURCE_ERROR(506)", 506, "", "", kPersistent, platform_limit, false},
    Row{"NOT_ALLOWED(530)", 530, "", "", kPersistent, authorization, false},
    Row{"NOT_ALLOWED(530)", 530, "", "vhost not found", kPersistent, configuration, false, kSource1},
    Row{"NOT_IMPLEMENTED(540)", 540, "", "", kPersistent, configuration, false},
    Row{"INTERNAL_ERROR(541)", 541, "", "", kPersistent, runtime, false},
    Row{"malformed_response", Row::kNoNumber, "BAD_AMQP_DATA", "", kPersistent, data, false},
    Row{"protocol_mismatch", Row::kNoNumber, "INCOMPATIBLE_AMQP_VERSION", "", kPersistent, configuration, false},
    Row{"connection_closed", Row::kNoNumber, "", "", kTransient, network, false, kSource2},
    Row{"heartbeat_timeout", Row::kNoNumber, "", "", kTransient, timeout, false, kSource2},
    Row{"timeout", Row::kNoNumber, "", "", kTransient, timeout, false, kSource2},
};
// clang-format on

constexpr Row kSoft = {"3xx", Row::kNoNumber, "", "", kTransient, unavailable, false};
constexpr Row kClient = {"4xx", Row::kNoNumber, "", "", kPersistent, configuration, false};
constexpr Row kHard = {"5xx", Row::kNoNumber, "", "", kPersistent, runtime, false};

// Unassigned codes keep the meaning of their hundreds: 3 reports the peer's
// situation, 4 a refused operation, 5 a broken conversation.
const Row* class_default(const Signal& signal) {
  const auto digit = signal.code.find_first_of("0123456789");
  const char hundreds = digit == std::string::npos ? '5' : signal.code[digit];
  return hundreds == '3' ? &kSoft : hundreds == '4' ? &kClient : &kHard;
}

}  // namespace

constinit const Table kAmqp091Table = {
    "amqp0-9-1", "https://www.rabbitmq.com/resources/specs/amqp0-9-1.xml", kRows, class_default};

}  // namespace seamwatch::probes
