#include "agent/endpoints.h"

#include <algorithm>

#include <boost/algorithm/string/predicate.hpp>

#include "agent/ack_endpoints.h"
#include "agent/agent.h"
#include "agent/alertmanager_endpoints.h"
#include "agent/error_endpoint.h"
#include "agent/history_endpoints.h"
#include "agent/outbox_endpoints.h"
#include "agent/views.h"
#include "agent/web/metrics_page.h"
#include "agent/web/status_page.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kErrorsShown = 50;
// Jobs send their output along. It is not kept, but the ping counts, as with Healthchecks.
constexpr std::size_t kPingBytesKept = 16 << 10;
constexpr std::size_t kPingBytesMax = 64 << 20;

asio::awaitable<HttpReply> healthy(HttpCall) {
  co_return text_reply(200, "OK");
}

asio::awaitable<HttpReply> ready(Agent* agent, HttpCall) {
  const Agent::Readiness readiness = agent->readiness();
  co_return text_reply(readiness.ready ? 200 : 503, "Seamwatch: " + readiness.reason + "\n");
}

asio::awaitable<HttpReply> reload(Agent* agent, HttpCall) {
  auto problems = co_await agent->reload();
  co_return problems.empty() ? text_reply(200, "")
                             : text_reply(500, "nothing was changed:\n" + problems.to_string());
}

asio::awaitable<HttpReply> metrics(Agent* agent, HttpCall call) {
  co_return metrics_page(call, agent->exposition(), [agent](exporters::Format format) {
    return agent->self_metrics().render(format);
  });
}

asio::awaitable<HttpReply> ping(Agent* agent, HttpCall call) {
  const auto parsed = probes::parse_ping(call.method, call.path);
  if (!parsed) {
    co_return text_reply(parsed.error().status, parsed.error().message + "\n");
  }
  co_return agent->ping(*parsed) ? text_reply(200, "OK\n")
                                 : text_reply(404, "no heartbeat has this key\n");
}

// Whether a page of another site made a browser send this. A browser names the site in Origin; ours
// is the host that was asked, or the one that people reach us by.
bool is_foreign(const Agent& agent, const HttpCall& call) {
  const std::string_view origin = header(call.headers, "origin");
  if (origin.empty() || call.method == "GET" || call.method == "HEAD" || call.method == "OPTIONS") {
    return false;
  }
  const std::string_view known = agent.loaded().config->global.external_url;
  const std::size_t scheme = known.find("://");
  const bool own = scheme != std::string_view::npos &&
                   boost::algorithm::iequals(origin, known.substr(0, known.find('/', scheme + 3)));
  const std::size_t at = origin.find("://");
  return !own && (at == std::string_view::npos ||
                  !boost::algorithm::iequals(origin.substr(at + 3), header(call.headers, "host")));
}

asio::awaitable<HttpReply> unless_foreign(Agent* agent, Handler handler, HttpCall call) {
  if (is_foreign(*agent, call)) {
    co_return json_error(403, "a page of another site may not change anything here");
  }
  co_return co_await handler(std::move(call));
}

// Anybody may ping, and the link of an ack carries a token of its own.
bool takes_any_origin(const Route& route) {
  return route.path == "/ping/*" || route.path == "/ack/*";
}

asio::awaitable<HttpReply> status_page(Agent* agent, HttpCall) {
  Result<std::vector<ErrorRow>> errors = error("not asked");
  if (agent->store().stats().healthy) {  // else it may be long in answering, and says so itself
    std::string of_all;
    auto read = co_await agent->store().last_errors(kErrorsShown, std::move(of_all));
    errors = std::move(read);
  }
  co_return html_reply(200, render_status_page(status_view(*agent, errors)));
}

// It is heard, and would be lost if the agent ended before the store opens.
asio::awaitable<HttpReply> early_ping(Agent* agent, HttpCall call) {
  auto reply = co_await ping(agent, std::move(call));
  if (reply.status == 200) {
    reply = text_reply(503, "heard, but not kept yet, see /-/ready; send it again\n");
    reply.headers.emplace_back("Retry-After", "5");
  }
  co_return reply;
}

asio::awaitable<HttpReply> not_yet(HttpCall) {
  HttpReply reply = text_reply(503, "not before the store is open, see /-/ready\n");
  reply.headers.emplace_back("Retry-After", "5");
  co_return reply;
}

// What there is to ask as soon as the agent probes.
std::vector<Route> watching_endpoints(Agent* self) {
  std::vector<Route> routes;
  routes.push_back({{"GET"}, "/-/healthy", healthy});
  routes.push_back({{"GET"}, "/-/ready", [self](HttpCall c) { return ready(self, std::move(c)); }});
  routes.push_back(
      {{"POST", "PUT"}, "/-/reload", [self](HttpCall c) { return reload(self, std::move(c)); }});
  routes.push_back(
      {{"GET"}, "/metrics", [self](HttpCall c) { return metrics(self, std::move(c)); }});
  routes.push_back({{"GET"}, "/", [self](HttpCall c) { return status_page(self, std::move(c)); }});
  return routes;
}

void limit_bodies(const Agent& agent, std::vector<Route>& routes) {
  const auto body_max = static_cast<std::size_t>(agent.loaded().config->web.body_bytes_max);
  for (Route& route : routes) {
    const bool is_ping = route.path == "/ping/*";
    route.body_bytes_max = is_ping ? kPingBytesMax : body_max;
    route.body_bytes_cut = is_ping ? std::min(kPingBytesKept, body_max) : 0;
  }
}

void refuse_foreign_pages(Agent* self, std::vector<Route>& routes) {
  for (Route& route : routes) {
    if (!takes_any_origin(route)) {
      route.handler = [self, handler = std::move(route.handler)](HttpCall call) {
        return unless_foreign(self, handler, std::move(call));
      };
    }
  }
}

}  // namespace

std::vector<Route> early_endpoints(Agent& agent) {
  Agent* const self = &agent;
  std::vector<Route> routes = watching_endpoints(self);
  routes.push_back(
      {{"GET", "POST"}, "/ping/*", [self](HttpCall c) { return early_ping(self, std::move(c)); }});
  routes.push_back({{"GET", "POST", "PUT", "DELETE"}, "/*", not_yet});
  limit_bodies(agent, routes);
  refuse_foreign_pages(self, routes);
  return routes;
}

std::vector<Route> endpoints(Agent& agent) {
  Agent* const self = &agent;
  std::vector<Route> routes = watching_endpoints(self);
  routes.push_back(
      {{"GET", "POST"}, "/ping/*", [self](HttpCall c) { return ping(self, std::move(c)); }});
  routes.push_back(alertmanager_endpoint(agent));
  for (Route& route : ack_endpoints(agent)) {
    routes.push_back(std::move(route));
  }
  for (Route& route : outbox_endpoints(agent)) {
    routes.push_back(std::move(route));
  }
  routes.push_back(history_endpoint(agent));
  routes.push_back(error_endpoint(agent));
  limit_bodies(agent, routes);
  refuse_foreign_pages(self, routes);
  // These have limits of their own.
  for (Route& route : agent.prometheus_api().routes()) {
    routes.push_back(std::move(route));
  }
  routes.push_back(agent.remote_write().route());
  return routes;
}

}  // namespace seamwatch::agent
