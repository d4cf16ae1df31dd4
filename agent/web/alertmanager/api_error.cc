#include "agent/web/alertmanager/api_error.h"

#include <boost/algorithm/string/case_conv.hpp>
#include <boost/algorithm/string/predicate.hpp>
#include <boost/json.hpp>

#include "agent/core/labels.h"
#include "agent/core/utf8.h"

namespace seamwatch::agent {

namespace json = boost::json;

HttpReply api_v2_error(int status, std::string_view text) {
  const json::string message(to_valid_utf8(text));
  return json_reply(status, json::serialize(message) + "\n");
}

HttpReply api_v2_coded_error(int code, std::string_view text) {
  const json::object body{{"code", code}, {"message", to_valid_utf8(text)}};
  return json_reply(code >= 600 ? 422 : code, json::serialize(body));
}

std::optional<HttpReply> refused_type(const HttpCall& call) {
  std::string type(header(call.headers, "content-type"));
  type = type.substr(0, type.find_first_of("; "));
  if (boost::algorithm::iequals(type, "application/json")) {
    return std::nullopt;
  }
  return api_v2_coded_error(415,
                            "unsupported media type " +
                                quoted(type.empty() ? "application/octet-stream" : type) +
                                ", only [application/json] are allowed");
}

std::string api_v2_time(WallTime at) {
  std::string text = to_rfc3339(at);
  text.pop_back();  // the Z
  const std::size_t point = text.find('.');
  if (point == std::string::npos) {
    return text + ".000Z";
  }
  return text.append(3 - (text.size() - point - 1), '0') + "Z";
}

bool api_v2_flag(const HttpCall& call, std::string_view name) {
  std::string text(call.parameter(name, "true"));
  boost::algorithm::to_lower(text);
  if (text.empty()) {  // as if it were not there
    return true;
  }
  for (const std::string_view yes :
       {"true", "1", "yes", "ok", "y", "on", "selected", "checked", "t", "enabled"}) {
    if (text == yes) {
      return true;
    }
  }
  return false;
}

}  // namespace seamwatch::agent
