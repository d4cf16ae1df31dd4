// Kind "http": one HTTP/1.1 exchange over the agent's own Dialer, with blackbox_exporter's module
// options and metric names, and checks of ours. Each phase is timed from socket events: resolve,
// connect, tls, processing, transfer, summed over redirects.
// Source: blackbox_exporter CONFIGURATION.md, http_probe; RFC 9110, RFC 9112.
#pragma once

#include "probes/probe.h"

namespace seamwatch::probes {

// Target: a URL with http or https; without a scheme, http is assumed. Options (`http:` of a
// module) beside blackbox_exporter's:
//   json: [{pointer: /status, equals: ok}, {pointer: /n, min: 1, max: 5}, {pointer: /v, matches:
//   RE}]
//                          conditions on the body as JSON; pointers are RFC 6901
//   cert_expiry_min: 3d    fail where a certificate of the chain expires sooner
// Not done here: HTTP/3. Without body_size_limit, reading stops at 10 MiB and the
// probe goes on with what it has. With oauth2 the token is kept for all probes of the module until
// it expires, or is refused with 401; getting one is a part of the probe: phase "token".
//
// Faults, beside those of Resolver and Dialer (phases token, resolve, connect, tls, processing,
// transfer):
//   oauth2 what the token endpoint says ("invalid_client"); "no_token" "unusable_key"
//   http   the status as code ("503"), when = "Retry-After present" where it is, for 429 else
//          "no Retry-After (own backoff)"; also of a proxy that refuses (phase connect);
//          "malformed_response", "header_too_large" (64 KiB), "incomplete_response"
//   check  "body_regexp" "header" "cel" "json" "http_version" "certificate_expiry" "body_size"
//   "ssl"
//          "redirect_loop" (more than 10) "redirect" (Location leads nowhere) "compression"
//          "local_file" (a file of the module cannot be read)
extern const ProbeKind kHttpKind;

}  // namespace seamwatch::probes
