// HTML text building: all text goes through html_escape. Pure.
#pragma once

#include <string>
#include <string_view>

#include "agent/core/html_escape.h"

namespace seamwatch::agent {

// `<name class="...">text</name>` with escaped text and class; no class where it is empty.
std::string html_element(std::string_view name, std::string_view text, std::string_view css = "");

}  // namespace seamwatch::agent
