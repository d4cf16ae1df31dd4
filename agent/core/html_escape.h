// Text for HTML and XML, so that nothing in it can be taken for markup. Pure.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch {

// `text` for element content and quoted attributes: & < > " ' become references; what is not UTF-8
// and control characters other than line ends and tabs become U+FFFD, as XML has none of them.
// Templates escape as Go does, which differs: rules/templates.
std::string html_escape(std::string_view text);

}  // namespace seamwatch
