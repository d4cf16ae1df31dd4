// Addresses of http and https as Go's net/url reads them, and as it puts them on the wire. What a
// configuration file names and what templates give goes through here. Pure.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch {

// Whether `text` is an http or https address with a host. Its path and query may hold what has to
// be escaped, such as a blank; a control character stands nowhere. Source: Go, url.Parse.
bool is_http_url(std::string_view text);

// The address `text` as it is sent: a path that holds what may not stand in one is escaped anew, as
// a whole, and a blank in the query is. Every other text stays as it is.
// Source: Go, URL.EscapedPath; it leaves the query alone, and no server takes one with a blank.
std::string escaped_url(std::string_view text);

}  // namespace seamwatch
