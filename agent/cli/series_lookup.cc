#include "agent/cli/series_lookup.h"

#include <chrono>
#include <utility>

#include <boost/asio/awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "agent/real_world.h"
#include "agent/task_group.h"
#include "probes/queues/rabbitmq_target.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kTimeout{10};

boost::asio::awaitable<void> ask(HttpClient& http,
                                 HttpRequest request,
                                 MonoTime deadline,
                                 HttpResponse& out) {
  auto response = co_await http.send(request, deadline);
  out = std::move(response);
}

HttpResponse get(RealWorld& world, const std::string& url) {
  HttpRequest request;
  request.url = Secret(url);
  // Servers that do not know `limit` send all series.
  request.body_bytes_max = 64 << 20;
  HttpResponse response;
  std::string failure;
  TaskGroup tasks(world.io.get_executor(),
                  [&](const std::string&, const std::string& what) { failure = what; });
  tasks.spawn("series", ask(world.http, request, world.clock.mono_now() + kTimeout, response));
  while (tasks.size() > 0) {
    world.io.run_one();
  }
  if (!failure.empty()) {
    Fault fault;
    fault.detail = failure;
    response.fault = fault;
  }
  return response;
}

// Whether the answer lists a series.
Result<bool> has_series(const HttpResponse& response) {
  if (response.fault) {
    return error(response.fault->detail.empty() ? describe(response.fault->signal)
                                                : response.fault->detail);
  }
  boost::system::error_code bad;
  const json::value body = json::parse(response.body, bad);
  const json::object* object = bad ? nullptr : body.if_object();
  if (object == nullptr || !object->contains("status")) {
    return error("status " + std::to_string(response.status) +
                 " and no answer of the Prometheus API; is it the right URL?");
  }
  const json::value* data = object->if_contains("data");
  if (response.status != 200 || data == nullptr || !data->is_array()) {
    const json::value* what = object->if_contains("error");
    return error("status " + std::to_string(response.status) +
                 (what != nullptr && what->is_string() ? ": " + std::string(what->get_string())
                                                       : std::string()));
  }
  return !data->get_array().empty();
}

}  // namespace

Result<std::set<std::string>> selectors_without_series(const std::string& url,
                                                       const std::set<std::string>& selectors) {
  const std::string base =
      url.substr(0, url.find_last_not_of('/') + 1) + "/api/v1/series?limit=1&match%5B%5D=";
  RealWorld world;
  std::set<std::string> missing;
  for (const std::string& selector : selectors) {
    const auto found = has_series(get(world, base + probes::percent_encoded(selector)));
    if (!found) {
      return error(url + ": " + found.error().message);
    }
    if (!*found) {
      missing.insert(selector);
    }
  }
  return missing;
}

}  // namespace seamwatch::agent
