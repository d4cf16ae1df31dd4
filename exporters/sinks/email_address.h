// Mail addresses: reading lists as people write them, for the envelope and for headers. Pure.
// Source: RFC 5322 section 3.4.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"

namespace seamwatch::exporters {

struct EmailAddress {
  std::string name;     // display name, unquoted; may be empty
  std::string address;  // local@domain

  friend bool operator==(const EmailAddress&, const EmailAddress&) = default;
};

// Reads `a@x.org, "Last, First" <b@y.org>`. Errors: anything that is no address, control characters
// (so that no header can be smuggled in), an empty list.
[[nodiscard]] Result<std::vector<EmailAddress>> parse_addresses(std::string_view text);

// As it stands in a header: `=?utf-8?q?J=C3=BCrgen?= <j@x.org>`.
std::string header_text(const EmailAddress& address);

}  // namespace seamwatch::exporters
