// Escapes of plain text for HTML, JavaScript and URLs, shared by the builtin functions and the html
// mode. Source: Go, text/template (HTMLEscapeString, JSEscapeString), net/url (QueryEscape).
#pragma once

#include <string>
#include <string_view>

#include "agent/core/result.h"

namespace seamwatch::rules::templates {

std::string html_escape(std::string_view text);

std::string js_escape(std::string_view text);

// The four digits of JSON and JavaScript, as in `\u00e4`. Requires: not beyond U+FFFF.
std::string unicode_escape(char32_t rune);

// For a query value: space becomes +, everything but letters, digits and -_.~ is percent-encoded.
std::string query_escape(std::string_view text);

// The inverse of query_escape. Error: `invalid URL escape "%zz"`.
[[nodiscard]] Result<std::string> query_unescape(std::string_view text);

}  // namespace seamwatch::rules::templates
