#include "agent/error_endpoint.h"

#include <charconv>

#include <boost/json.hpp>

#include "agent/agent.h"
#include "agent/core/utf8.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

asio::awaitable<HttpReply> errors(Agent* agent, HttpCall call) {
  const auto count = errors_asked(call.parameter("limit"));
  if (!count) {
    co_return json_error(400, count.error().message);
  }
  std::string integration(call.parameter("integration"));
  const bool known = integration.empty() ||
                     agent->loaded().config->landscape.find_integration(integration) != nullptr;
  auto rows = co_await agent->store().last_errors(*count, integration);
  if (!rows) {
    co_return json_error(503, rows.error().message);
  }
  if (rows->empty() && !known) {
    co_return json_error(404, "there is no integration \"" + integration + "\"");
  }
  co_return json_reply(200, errors_json(*rows));
}

}  // namespace

std::string errors_json(const std::vector<ErrorRow>& rows) {
  json::array out;
  for (const ErrorRow& row : rows) {
    out.push_back(json::object{{"at", to_rfc3339(row.at)},
                               {"integration", row.integration},
                               {"probe", row.probe},
                               {"phase", row.phase},
                               {"signal", to_valid_utf8(row.signal)},
                               {"detail", to_valid_utf8(row.detail)},
                               {"category", to_string(row.category)},
                               {"persistence", to_string(row.persistence)},
                               {"criticality", to_string(row.criticality)}});
  }
  return json::serialize(out);
}

Result<std::size_t> errors_asked(std::string_view text) {
  std::size_t count = kErrorsAsked;
  if (!text.empty()) {
    const auto [end, failure] = std::from_chars(text.data(), text.data() + text.size(), count);
    const bool whole = failure == std::errc() && end == text.data() + text.size();
    if (!whole || count == 0 || count > kErrorsAskedMax) {
      return error("limit is a number from 1 to " + std::to_string(kErrorsAskedMax) + ", not \"" +
                   std::string(text) + "\"");
    }
  }
  return count;
}

Route error_endpoint(Agent& agent) {
  Agent* const self = &agent;
  return {{"GET"}, "/api/seamwatch/errors", [self](HttpCall call) {
            return errors(self, std::move(call));
          }};
}

}  // namespace seamwatch::agent
