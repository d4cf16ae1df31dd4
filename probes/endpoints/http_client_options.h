// The part of HttpModule that every HTTP client of the Prometheus world has: headers, credentials,
// TLS and proxy.
// Source: prometheus/common HTTPClientConfig.
#pragma once

#include "agent/core/map_reader.h"

namespace seamwatch::probes {

struct HttpModule;

// Reads headers, http_headers, basic_auth, authorization, bearer_token(_file), tls_config and the
// proxy's keys. Reports two ways of authorization at once, and what is not done here: oauth2
// and proxies other than http://.
void read_http_client_options(MapReader& reader, HttpModule& module);

}  // namespace seamwatch::probes
