// The wire form of a message: headers, MIME parts and their encodings. Pure. Whatever text comes
// in, no line end of it can start a header or a part.
// Source: RFC 5322, RFC 2045, RFC 2046 section 5.1.4, RFC 2047.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "agent/core/times.h"

namespace seamwatch::exporters {

struct EmailMessage {
  std::vector<std::pair<std::string, std::string>> headers;  // values encoded, not yet folded
  std::string text;                                          // UTF-8; empty = no such part
  std::string html;
  std::string boundary_seed;  // makes the boundary: same seed, same message
};

// The whole message with CRLF line ends, MIME-Version and Content-Type included: multipart/
// alternative with text first, HTML second, both quoted-printable UTF-8.
std::string compose(const EmailMessage& message);

// "Mon, 23 Nov 2026 20:58:14 +0000". Source: RFC 5322 section 3.3.
std::string email_date(WallTime at);

// Unstructured header text: as it is where it is short printable ASCII, else encoded words of at
// most 75 characters, folded; control characters become spaces. `column` is where on its line the
// text starts.
std::string encode_header(std::string_view text, std::size_t column = 0);

// Lines of at most 76 characters, CRLF. Source: RFC 2045 section 6.7.
std::string quoted_printable(std::string_view text);

// Whether `name` may stand before the colon. Source: RFC 5322 section 2.2.
bool is_header_name(std::string_view name);

}  // namespace seamwatch::exporters
