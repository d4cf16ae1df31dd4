// How Alertmanager's API v2 says what is wrong, and how it writes times and reads flags. Its own
// handlers answer with a JSON string; what go-openapi refuses before them has a code and a message.
// Source: Alertmanager api/v2/api.go; go-openapi/errors.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "agent/core/times.h"
#include "agent/web/http_call.h"

namespace seamwatch::agent {

// 400 "bad matcher format: ..."
HttpReply api_v2_error(int status, std::string_view text);

// {"code":602,"message":"comment in body is required"}; codes from 600 on go with status 422.
HttpReply api_v2_coded_error(int code, std::string_view text);

// The refusal (415) of a body that does not say that it is JSON; nothing where it does. A page of
// another site can make a browser send other types without asking first.
std::optional<HttpReply> refused_type(const HttpCall& call);

// Always three digits of milliseconds, as go-openapi's date-time: "2026-11-23T20:58:14.000Z".
std::string api_v2_time(WallTime at);

// Whether a query parameter says yes; absent is yes. Words that mean nothing are no.
// Source: go-openapi swag.ConvertBool.
bool api_v2_flag(const HttpCall& call, std::string_view name);

}  // namespace seamwatch::agent
