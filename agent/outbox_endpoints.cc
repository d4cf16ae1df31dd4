#include "agent/outbox_endpoints.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "agent/agent.h"
#include "agent/core/utf8.h"
#include "agent/deliver/receiver_test.h"
#include "agent/web/alertmanager/api_error.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t kShown = 1000;
constexpr std::size_t kShownMax = 10'000;

asio::awaitable<HttpReply> sinks(Agent* agent, HttpCall) {
  json::array list;
  for (const Deliverer::SinkStanding& standing : agent->deliverer().standings()) {
    json::object one{{"receiver", to_valid_utf8(standing.receiver)},
                     {"sink", standing.sink},
                     {"pending", standing.pending},
                     {"inFlight", standing.in_flight},
                     {"circuit", standing.paused_for ? "open" : "closed"}};
    if (standing.paused_for) {
      one["nextTrialSeconds"] = seconds(*standing.paused_for);
    }
    list.emplace_back(std::move(one));
  }
  const json::object out{{"pending", agent->deliverer().pending()}, {"sinks", std::move(list)}};
  co_return json_reply(200, json::serialize(out));
}

asio::awaitable<HttpReply> dead(Agent* agent, HttpCall call) {
  std::size_t count = kShown;
  const std::string_view limit = call.parameter("limit");
  if (!limit.empty()) {
    const auto read = std::from_chars(limit.data(), limit.data() + limit.size(), count);
    if (read.ec != std::errc() || read.ptr != limit.data() + limit.size() || count == 0) {
      co_return json_error(400, "limit is no whole number above 0");
    }
  }
  count = std::min(count, kShownMax);
  auto entries = co_await agent->outbox().dead_letters(count);
  if (!entries) {
    co_return json_error(503, entries.error().message);
  }
  const AsItStands as_it_stands = [agent](Notification letter) {
    return agent->notifier().as_it_stands(std::move(letter));
  };
  co_return json_reply(200, dead_letters_json(*entries, as_it_stands));
}

// {"ids": ["..."]}, or {"all": true}: never everything because of a body that was lost.
asio::awaitable<HttpReply> redrive(Agent* agent, HttpCall call) {
  if (auto refused = refused_type(call)) {
    co_return std::move(*refused);
  }
  boost::system::error_code failure;
  const json::value body = json::parse(call.body, failure);
  const json::object* object = failure ? nullptr : body.if_object();
  const json::value* all = object == nullptr ? nullptr : object->if_contains("all");
  const json::value* listed = object == nullptr ? nullptr : object->if_contains("ids");
  std::vector<std::string> ids;
  if (listed != nullptr && listed->is_array()) {
    for (const json::value& id : listed->as_array()) {
      ids.push_back(id.is_string() ? std::string(id.as_string()) : "");
    }
  }
  const bool wants_all = all != nullptr && all->is_bool() && all->as_bool();
  if (wants_all == !ids.empty()) {
    co_return json_error(400, "send {\"ids\": [\"...\"]} or {\"all\": true}");
  }
  const WallTime now = agent->clock().wall_now();
  const WallTime known_at = agent->notifier().knows_from();
  if (now < known_at) {
    const auto left = std::chrono::ceil<std::chrono::seconds>(known_at - now);
    co_return json_error(503,
                         "the agent has just started and does not know yet what of the letters "
                         "still fires; try again in " +
                             format_duration(left));
  }
  auto outcome = co_await agent->deliverer().redrive(std::move(ids));
  co_return outcome ? json_reply(200, redriven_json(*outcome))
                    : json_error(503, outcome.error().message);
}

// {"receiver": "name"}. The answer says of each of its sinks what came of one attempt.
asio::awaitable<HttpReply> test_receiver(Agent* agent, HttpCall call) {
  if (auto refused = refused_type(call)) {
    co_return std::move(*refused);
  }
  boost::system::error_code failure;
  const json::value body = json::parse(call.body, failure);
  const json::object* object = failure ? nullptr : body.if_object();
  const json::value* named = object == nullptr ? nullptr : object->if_contains("receiver");
  if (named == nullptr || !named->is_string() || object->size() != 1) {
    co_return json_error(400, "send {\"receiver\": \"NAME\"}");
  }
  const std::string name(named->as_string());
  const rules::NotifyConfig* config = agent->notifier().config();
  const std::shared_ptr<const ReceiverSinks> sinks = agent->receiver_sinks();
  if (config == nullptr || !sinks || config->receiver(name) == nullptr) {
    co_return json_error(404, "there is no receiver " + quoted(to_valid_utf8(name)));
  }
  std::vector<rules::SinkRef> refs = config->sinks_of(name);
  if (refs.empty()) {
    co_return json_error(400, "receiver " + quoted(to_valid_utf8(name)) + " tells nobody");
  }
  const Config& settings = *agent->loaded().config;
  ReceiverTest test{name,
                    "POST /api/v1/receivers/test",
                    settings.global.external_url,
                    settings.notification.timeout};
  auto tested = co_await test_sinks(sinks.get(), std::move(refs), std::move(test), &agent->clock());
  const Redactor& redactor = agent->loaded().config->privacy.redactor;
  json::array results;
  for (const SinkTested& one : tested) {
    const std::string text = redactor.redact(outcome_text(one.delivery));
    results.emplace_back(json::object{{"sink", one.sink.sink},
                                      {"outcome", to_string(one.delivery.outcome)},
                                      {"text", to_valid_utf8(text)}});
  }
  co_return json_reply(200,
                       json::serialize(json::object{{"receiver", to_valid_utf8(name)},
                                                    {"results", std::move(results)}}));
}

}  // namespace

std::string dead_letters_json(const std::vector<OutboxEntry>& entries,
                              const AsItStands& as_it_stands) {
  json::array out;
  for (const OutboxEntry& entry : entries) {
    const Notification& notification = entry.notification;
    json::object one{{"id", notification.id},
                     {"receiver", to_valid_utf8(notification.receiver)},
                     {"sink", notification.sink},
                     {"groupKey", to_valid_utf8(notification.group_key)},
                     {"alerts", notification.alerts.size()},
                     {"createdAt", to_rfc3339(notification.created_at)},
                     {"givenUpAt", to_rfc3339(entry.changed_at)},
                     {"attempts", entry.attempts},
                     {"error", to_valid_utf8(entry.last_error)}};
    const rules::Redriven now = as_it_stands(notification);
    if (!now.notice) {
      one["superseded"] = now.left_out;
    }
    out.emplace_back(std::move(one));
  }
  return json::serialize(out);
}

std::string redriven_json(const RedriveOutcome& outcome) {
  json::array left_out;
  for (const LeftOutLetter& letter : outcome.left_out) {
    left_out.emplace_back(
        json::object{{"id", letter.id}, {"reason", to_valid_utf8(letter.reason)}});
  }
  return json::serialize(
      json::object{{"redriven", outcome.redriven}, {"leftOut", std::move(left_out)}});
}

std::vector<Route> outbox_endpoints(Agent& agent) {
  Agent* const self = &agent;
  std::vector<Route> routes;
  routes.push_back({{"GET"}, "/api/seamwatch/notify", [self](HttpCall call) {
                      return sinks(self, std::move(call));
                    }});
  routes.push_back({{"GET"}, "/api/seamwatch/notify/dead", [self](HttpCall call) {
                      return dead(self, std::move(call));
                    }});
  routes.push_back({{"POST"}, "/api/seamwatch/notify/redrive", [self](HttpCall call) {
                      return redrive(self, std::move(call));
                    }});
  routes.push_back({{"POST"}, "/api/v1/receivers/test", [self](HttpCall call) {
                      return test_receiver(self, std::move(call));
                    }});
  return routes;
}

}  // namespace seamwatch::agent
