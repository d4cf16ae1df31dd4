// The part of HttpModule that every HTTP client of the Prometheus world has: headers, credentials,
// TLS and proxy.
// Source: prometheus/common HTTPClientConfig.
#pragma once

#include "agent/core/map_reader.h"
#include "agent/core/proxy.h"

namespace seamwatch::probes {

struct HttpModule;

// Reads headers, http_headers, basic_auth, authorization, bearer_token(_file), oauth2, tls_config
// and the proxy's keys. Reports two ways of authorization at once.
void read_http_client_options(MapReader& reader, HttpModule& module);

// Reads proxy_url, no_proxy, proxy_from_environment and proxy_connect_header.
void read_proxy_options(MapReader& reader, ProxyOptions& out);

}  // namespace seamwatch::probes
