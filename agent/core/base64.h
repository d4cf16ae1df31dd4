// Base64 with the standard alphabet and padding, as HTTP and SMTP want it for credentials.
// Source: RFC 4648 section 4.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch {

std::string base64(std::string_view bytes);

}  // namespace seamwatch
