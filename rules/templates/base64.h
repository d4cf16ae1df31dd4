// Base64 with the URL-safe alphabet and padding. Source: RFC 4648 section 5.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace seamwatch::rules::templates {

std::string base64_url_encode(std::string_view bytes);

// Error: `illegal base64 data at input byte N`.
[[nodiscard]] Result<std::string> base64_url_decode(std::string_view text);

}  // namespace seamwatch::rules::templates
