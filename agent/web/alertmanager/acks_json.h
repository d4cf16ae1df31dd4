// Acks over HTTP: who has taken on which alert. Seamwatch's own API, /api/acks. JSON in, values or
// the refusing reply out; values in, JSON out. Pure.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "agent/core/result.h"
#include "agent/core/times.h"
#include "agent/web/http_call.h"
#include "rules/routing/ack.h"
#include "rules/routing/matcher_syntax.h"

namespace seamwatch::agent {

// Who takes on what, and for how long.
struct PostedAck {
  rules::Matchers matchers;  // of active alerts; never empty
  std::string owner;
  std::string comment;
  Millis duration{4 * 3'600'000};
  std::optional<HttpReply> refused = std::nullopt;
};

// For how long an alert is taken on, as "4h". Error: no duration, or more than 30 days.
[[nodiscard]] Result<Millis> read_ack_duration(const std::string& text);

// {"matchers":["alertname=X"],"owner":"me","comment":"","duration":"4h"}; the last two may be
// missing. Refused with 400: anything else, and durations over 30 days.
PostedAck read_posted_ack(const HttpCall& call);

// [{"fingerprint":..., "labels":{...}, "owner":..., "comment":..., "at":..., "expiresAt":...}].
// `replaced`: acks of the same alerts that these take the place of; an ack then has the member
// "replaces" with its owner, comment, at and expiresAt.
HttpReply acks_reply(const std::map<std::uint64_t, rules::Ack>& acks,
                     const std::map<std::uint64_t, rules::Ack>& replaced = {});

}  // namespace seamwatch::agent
