// The status line and headers of a reply as text. Pure.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "agent/core/times.h"
#include "agent/web/http_call.h"

namespace seamwatch::agent {

// How the body follows.
struct ReplyFrame {
  bool http_1_0 = false;
  bool keep_alive = true;
  bool chunked = false;
  std::optional<std::size_t> content_length = std::nullopt;
};

// Ends with the empty line. Line breaks in header values become spaces, so that no value can add a
// header. Source: RFC 9112.
std::string reply_head(const HttpReply& reply, const ReplyFrame& frame, WallTime now);

// "Sun, 06 Nov 1994 08:49:37 GMT". Source: RFC 9110 section 5.6.7.
std::string http_date(WallTime at);

}  // namespace seamwatch::agent
