#include "agent/web/alertmanager/api_routes.h"

#include <array>
#include <cctype>
#include <string_view>

#include "agent/core/labels.h"
#include "agent/core/utf8.h"
#include "agent/web/alertmanager/api_error.h"

namespace seamwatch::agent {
namespace {

constexpr std::string_view kSilence = "/api/v2/silence/";

struct Operation {
  std::string_view method;
  std::string_view path;  // one that ends in a slash takes one more segment
  ApiV2Operation operation;
};

// Of one path in the order in which a wrong method is told of them.
constexpr std::array<Operation, 9> kOperations = {{
    {"GET", "/api/v2/status", ApiV2Operation::get_status},
    {"GET", "/api/v2/receivers", ApiV2Operation::get_receivers},
    {"POST", "/api/v2/silences", ApiV2Operation::post_silence},
    {"GET", "/api/v2/silences", ApiV2Operation::get_silences},
    {"DELETE", kSilence, ApiV2Operation::delete_silence},
    {"GET", kSilence, ApiV2Operation::get_silence},
    {"POST", "/api/v2/alerts", ApiV2Operation::post_alerts},
    {"GET", "/api/v2/alerts", ApiV2Operation::get_alerts},
    {"GET", "/api/v2/alerts/groups", ApiV2Operation::get_groups},
}};

bool fits(const Operation& operation, std::string_view path) {
  if (!operation.path.ends_with('/')) {
    return operation.path == path;
  }
  return path.starts_with(operation.path) && path.size() > operation.path.size() &&
         path.find('/', operation.path.size()) == std::string_view::npos;
}

bool is_uuid(std::string_view text) {
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool dash = i == 8 || i == 13 || i == 18 || i == 23;
    const auto c = static_cast<unsigned char>(text[i]);
    if (dash ? c != '-' : std::isxdigit(c) == 0) {
      return false;
    }
  }
  return text.size() == 36;
}

}  // namespace

ApiV2Request match_api_v2(const HttpCall& call) {
  ApiV2Request out;
  std::string allowed;
  const std::string_view method = call.method == "HEAD" ? "GET" : std::string_view(call.method);
  std::string_view path = call.path;
  if (path.ends_with('/')) {
    path.remove_suffix(1);
  }
  for (const Operation& operation : kOperations) {
    if (!fits(operation, path)) {
      continue;
    }
    allowed += (allowed.empty() ? "" : ",") + std::string(operation.method);
    if (operation.method == method) {
      out.operation = operation.operation;
    }
  }
  if (allowed.empty()) {
    out.refused = api_v2_coded_error(404, "path " + to_valid_utf8(call.path) + " was not found");
  } else if (out.operation == ApiV2Operation::none) {
    out.refused = api_v2_coded_error(
        405, "method " + call.method + " is not allowed, but [" + allowed + "] are");
    out.refused->headers.emplace_back("Allow", allowed);
  } else if (path.starts_with(kSilence)) {
    out.id = path.substr(kSilence.size());
    if (!is_uuid(out.id)) {
      out.refused = api_v2_coded_error(
          601, "silenceID in path must be of type uuid: " + quoted(to_valid_utf8(out.id)));
    }
  }
  return out;
}

}  // namespace seamwatch::agent
