// HTML text building: escaping that cannot be forgotten, since all text goes through it. Pure.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch::agent {

// `text` for element content and quoted attributes: & < > " ' become references; what is not UTF-8
// and control characters become U+FFFD.
std::string html_escape(std::string_view text);

// `<name class="...">text</name>` with escaped text and class; no class where it is empty.
std::string html_element(std::string_view name, std::string_view text, std::string_view css = "");

}  // namespace seamwatch::agent
