// Pure parts of SMTP: replies, enhanced codes, addresses and the message's dots.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace seamwatch {

struct SmtpReply {
  int code = 0;
  std::string text;  // all lines without their codes, LF between
};

// Takes the first complete reply (of one or more lines) off `input`; empty where it is not complete
// yet; code 0 where it is none. Source: RFC 5321 section 4.2.
std::optional<SmtpReply> take_reply(std::string& input);

// The "4.7.1" that `text` starts with, or "". Source: RFC 2034 section 4.
std::string enhanced_code(std::string_view text);

// Whether the EHLO reply `text` offers `keyword` with `parameter` ("" = any), ignoring case.
bool offers(std::string_view text, std::string_view keyword, std::string_view parameter);

// What base64 `text` means; empty where it is none. Source: RFC 4648 section 4.
std::optional<std::string> from_base64(std::string_view text);

// An address that can stand between < and > without breaking out.
bool is_bare_address(std::string_view address);

// `message` with CRLF line ends, a dot doubled where it starts a line, and the final dot.
// Source: RFC 5321 section 4.5.2.
std::string dot_stuffed(std::string_view message);

}  // namespace seamwatch
