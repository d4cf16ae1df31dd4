#include "probes/queues/rabbitmq_management.h"

#include <algorithm>

#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "agent/core/hex.h"
#include "probes/queues/rabbitmq_target.h"

namespace seamwatch::probes {
namespace {

namespace json = boost::json;

const json::value* member(const json::value* value, std::string_view key) {
  const json::object* object = value == nullptr ? nullptr : value->if_object();
  return object == nullptr ? nullptr : object->if_contains(key);
}

std::optional<double> number(const json::value* value) {
  if (value == nullptr || !value->is_number()) {
    return std::nullopt;
  }
  return value->to_number<double>();
}

void fill(std::optional<double>& fact, const std::optional<double>& value) {
  if (!fact && value) {
    fact = value;
  }
}

std::optional<double> rate(const json::value* stats, std::string_view details) {
  return number(member(member(stats, details), "rate"));
}

}  // namespace

std::string management_queue_url(const std::string& base,
                                 const std::string& vhost,
                                 const std::string& queue) {
  std::string url = base;
  while (url.ends_with('/')) {
    url.pop_back();
  }
  return url + "/api/queues/" + percent_encoded(vhost) + "/" + percent_encoded(queue);
}

std::optional<Fault> read_management_answer(std::string_view body,
                                            WallTime now,
                                            QueueFacts& facts) {
  boost::system::error_code failure;
  const json::value root = json::parse(json::string_view(body.data(), body.size()), failure);
  if (failure || !root.is_object()) {
    Fault fault;
    fault.signal.protocol = "http";
    fault.signal.code = "malformed_response";
    fault.phase = "management";
    fault.detail = "the management API did not answer with a JSON object";
    return fault;
  }
  fill(facts.ready, number(member(&root, "messages_ready")));
  fill(facts.unacked, number(member(&root, "messages_unacknowledged")));
  fill(facts.consumers, number(member(&root, "consumers")));
  const json::value* stats = member(&root, "message_stats");
  fill(facts.publish_rate, rate(stats, "publish_details"));
  fill(facts.deliver_rate, rate(stats, "deliver_get_details"));
  const auto head = number(member(&root, "head_message_timestamp"));
  if (head && *head > 0) {
    facts.oldest_age_seconds = std::max(unix_seconds(now) - *head, 0.0);
    facts.oldest_age_method = "head_message_timestamp";
  }
  return std::nullopt;
}

}  // namespace seamwatch::probes
