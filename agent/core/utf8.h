// UTF-8 checks that several parsers share.
#pragma once

#include <string>
#include <string_view>

namespace seamwatch {

bool is_ascii(std::string_view text);

// Whether `text` is well-formed UTF-8: no overlong forms, surrogates or values past U+10FFFF.
// Source: RFC 3629 section 4.
bool is_valid_utf8(std::string_view text);

// Reads one code point at `at` and moves `at` behind it; U+FFFD and one byte for a bad sequence.
// Requires: at < text.size().
char32_t next_code_point(std::string_view text, std::size_t& at);

void append_utf8(std::string& out, char32_t code_point);

// `text` with every byte that is not part of well-formed UTF-8 replaced by U+FFFD.
std::string to_valid_utf8(std::string_view text);

}  // namespace seamwatch
