#include "agent/cli/series_lookup.h"

#include <chrono>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/value.hpp>

#include "agent/base/task_group.h"
#include "agent/core/hex.h"
#include "agent/real_world.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::chrono::seconds kTimeout{10};

HttpRequest request_for(const std::string& url) {
  HttpRequest request;
  request.url = Secret(url);
  // Servers that do not know `limit` send all series.
  request.body_bytes_max = 64 << 20;
  return request;
}

// Asks one after the other; the first that cannot be asked is the last of `out`.
boost::asio::awaitable<void> ask_all(HttpClient& http,
                                     Clock& clock,
                                     std::vector<std::string> urls,
                                     std::vector<HttpResponse>& out) {
  for (const std::string& url : urls) {
    HttpRequest request = request_for(url);
    const MonoTime deadline = clock.mono_now() + kTimeout;
    auto response = co_await http.send(request, deadline);
    const bool failed = response.fault.has_value();
    out.push_back(std::move(response));
    if (failed) {
      co_return;
    }
  }
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
  std::vector<std::string> urls;
  for (const std::string& selector : selectors) {
    urls.push_back(base + percent_encoded(selector));
  }
  RealWorld world;
  std::vector<HttpResponse> responses;
  std::string failure;
  TaskGroup tasks(world.io.get_executor(),
                  [&](const std::string&, const std::string& what) { failure = what; });
  tasks.spawn("series", ask_all(world.http, world.clock, urls, responses));
  while (tasks.size() > 0) {
    world.io.run_one();
  }
  if (!failure.empty()) {
    return error(url + ": " + failure);
  }
  std::set<std::string> missing;
  std::size_t i = 0;
  for (const std::string& selector : selectors) {
    const auto found = has_series(responses.at(i++));
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
