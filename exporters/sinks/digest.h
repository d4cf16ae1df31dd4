// Digests that receivers ask for: keys of incidents, signatures of webhooks. Pure.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch::exporters {

// SHA-256 in lower-case hex. Source: FIPS 180-4.
std::string sha256_hex(std::string_view text);

// HMAC-SHA256 in lower-case hex. Source: RFC 2104.
std::string hmac_sha256_hex(std::string_view key, std::string_view text);

}  // namespace seamwatch::exporters
