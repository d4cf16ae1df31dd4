// Bytes as hexadecimal digits: of digests and keys, and percent-encoded in URLs.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace seamwatch {

// Two lower-case digits a byte.
std::string hex(std::span<const unsigned char> bytes);

// Every byte but letters, digits and `-._~` as %XX, so that `text` is one part of a path, a query
// or a form. Source: RFC 3986 section 2.3.
std::string percent_encoded(std::string_view text);

// What percent_encoded() or another wrote, read. A % that two digits do not follow stays. In a
// query or a form `+` is a space.
std::string percent_decoded(std::string_view text, bool plus_is_space = false);

}  // namespace seamwatch
