#include "agent/history_endpoints.h"

#include <boost/json.hpp>

#include "agent/agent.h"
#include "agent/notify/history_query.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

asio::awaitable<HttpReply> history(Agent* agent, HttpCall call) {
  auto query = read_history_query(call, agent->clock().wall_now());
  if (!query) {
    co_return json_error(400, query.error().message);
  }
  query->matchers = agent->notifier().silences().as_asked(std::move(query->matchers));
  // So that nothing is missing that was decided before; where the store fails, what it has is
  // shown.
  auto written = co_await agent->history().flush();
  std::deque<HistorySegment> segments = agent->history().segments();
  auto page = co_await find_history(agent->store(), std::move(segments), std::move(*query));
  if (!page) {
    co_return json_error(503, page.error().message);
  }
  co_return json_reply(200, history_json(*page));
}

}  // namespace

Route history_endpoint(Agent& agent) {
  Agent* const self = &agent;
  return {{"GET"}, "/api/seamwatch/history", [self](HttpCall call) {
            return history(self, std::move(call));
          }};
}

}  // namespace seamwatch::agent
