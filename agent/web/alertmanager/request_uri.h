// Whether a text is what Alertmanager takes for a URI, as the `generatorURL` of a posted alert must
// be. Pure.
#pragma once

#include <string_view>

namespace seamwatch::agent {

// A path, `*`, or a scheme with what follows it; false for a control character, and where // and a
// host follow for a bad escape, user, port or host. What stands after `?` may be anything.
// Source: go-openapi/strfmt takes for a "uri" what Go's url.ParseRequestURI does, here as of
// Go 1.19 (later ones want an IPv6 address in brackets): https://pkg.go.dev/net/url#ParseRequestURI
bool is_request_uri(std::string_view text);

}  // namespace seamwatch::agent
