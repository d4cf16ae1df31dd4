// Parts that the modules of several kinds share: TLS options, the choice of address family,
// regular expressions and byte sizes. Reports what is wrong in place.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "agent/core/map_reader.h"
#include "agent/core/resolver.h"
#include "agent/core/tls.h"

namespace re2 {
class RE2;
}

namespace seamwatch::probes {

// Reads `tls_config`. Source: Prometheus <tls_config>; keys given as text instead of files are
// reported as not supported.
void read_tls_config(MapReader& reader, TlsOptions& out);

// Reads `preferred_ip_protocol` (anything but ip6 means ip4, as in blackbox_exporter; default ip6)
// and `ip_protocol_fallback` (default true).
IpPreference read_ip_preference(MapReader& reader);

// The compiled expression, or nullptr and a report. RE2 syntax, as in Go.
std::shared_ptr<const re2::RE2> compile(MapReader& reader, const Node& node);

// Reads "10MB", "1KiB", "5B", "0", also negative ones; K M G T P E are powers of 1024.
// Source: blackbox_exporter, body_size_limit.
void read_bytes(MapReader& reader, std::string_view key, std::int64_t& out);

}  // namespace seamwatch::probes
