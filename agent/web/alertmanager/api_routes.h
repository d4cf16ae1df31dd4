// Which operation of Alertmanager's API v2 a request asks for. Pure.
// Source: Alertmanager api/v2/openapi.yaml; go-openapi errors for what is not there.
#pragma once

#include <optional>
#include <string>

#include "agent/web/http_call.h"

namespace seamwatch::agent {

enum class ApiV2Operation {
  none,
  get_status,
  get_receivers,
  get_silences,
  post_silence,
  get_silence,
  delete_silence,
  get_alerts,
  post_alerts,
  get_groups,
};

struct ApiV2Request {
  ApiV2Operation operation = ApiV2Operation::none;
  std::string id;                                   // of a silence
  std::optional<HttpReply> refused = std::nullopt;  // where there is no such operation
};

// By method and path. HEAD is GET.
ApiV2Request match_api_v2(const HttpCall& call);

}  // namespace seamwatch::agent
