// From what a peer answered to a delivery outcome: the table that says what a retry can help. Pure.
#pragma once

#include <optional>
#include <string>

#include "agent/core/http_client.h"
#include "agent/core/notification.h"
#include "agent/oauth2/token_cache.h"

namespace seamwatch::exporters {

// Of a webhook request. See webhook.h for the classes. `now` turns a Retry-After date into a span.
Delivery http_outcome(const HttpResponse& response, WallTime now);

// Of a token endpoint that gave none; phase "login". A status and what the network did count as in
// http_outcome; an answer without a token, and a key that cannot sign, are rejected.
Delivery token_outcome(const TokenFailure& failure, WallTime now);

// Of a mail: nothing = delivered.
Delivery mail_outcome(std::optional<Fault> fault);

// Rejected by us before anything was sent: `detail` says what is wrong and what to do.
Delivery unsendable(std::string code, std::string detail);

}  // namespace seamwatch::exporters
