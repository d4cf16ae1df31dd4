#include "agent/ack_endpoints.h"

#include <charconv>

#include "agent/agent.h"
#include "agent/web/alertmanager/acks_json.h"
#include "agent/web/alertmanager/api_error.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kPath = "/api/acks/";

asio::awaitable<HttpReply> get_acks(Agent* agent, HttpCall) {
  co_return acks_reply(agent->notifier().silences().acks().all());
}

asio::awaitable<HttpReply> post_ack(Agent* agent, HttpCall call) {
  PostedAck posted = read_posted_ack(call);
  if (posted.refused) {
    co_return std::move(*posted.refused);
  }
  const WallTime now = agent->clock().wall_now();
  std::map<std::uint64_t, rules::Ack> taken;
  for (const rules::AlertPtr& alert : agent->notifier().active_alerts()) {
    if (!rules::match_all(posted.matchers, alert->labels)) {
      continue;
    }
    const rules::Ack ack{alert->labels, posted.owner, posted.comment, now, now + posted.duration};
    rules::Ack stored = ack;
    auto status = co_await agent->notifier().silences().acknowledge(std::move(stored));
    if (!status) {
      co_return api_v2_error(500, "the ack could not be stored: " + status.error().message);
    }
    taken.emplace(ack.labels.fingerprint(), ack);
  }
  if (taken.empty()) {
    co_return api_v2_error(404, "no active alert matches");
  }
  co_return acks_reply(taken);
}

asio::awaitable<HttpReply> delete_ack(Agent* agent, HttpCall call) {
  const std::string id = call.path.substr(kPath.size());
  std::uint64_t fingerprint = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), fingerprint, 16);
  if (read.ec != std::errc() || read.ptr != id.data() + id.size()) {
    co_return api_v2_error(400, "not the fingerprint of an alert");
  }
  auto gone = co_await agent->notifier().silences().take_back(fingerprint);
  if (!gone) {
    co_return api_v2_error(500, gone.error().message);
  }
  co_return *gone ? json_reply(200, "") : api_v2_error(404, "nobody has taken this alert on");
}

}  // namespace

std::vector<Route> ack_endpoints(Agent& agent) {
  Agent* const self = &agent;
  std::vector<Route> routes;
  routes.push_back(
      {{"GET"}, "/api/acks", [self](HttpCall c) { return get_acks(self, std::move(c)); }});
  routes.push_back(
      {{"POST"}, "/api/acks", [self](HttpCall c) { return post_ack(self, std::move(c)); }});
  routes.push_back(
      {{"DELETE"}, "/api/acks/*", [self](HttpCall c) { return delete_ack(self, std::move(c)); }});
  return routes;
}

}  // namespace seamwatch::agent
