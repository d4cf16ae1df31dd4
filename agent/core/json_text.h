// JSON text that is appended to a string instead of being built as a tree, for what may be large or
// many: notices, stored alerts, answers of the APIs. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/labels.h"

namespace seamwatch {

// How many bytes at the beginning of `text` JSON has as they are: ASCII that need not be escaped.
std::size_t plain_json_size(std::string_view text);

// Whether all are so.
bool is_plain_json(std::string_view text);

// A quoted string; what is not UTF-8 becomes U+FFFD.
void append_json_string(std::string& out, std::string_view text);

// A fingerprint in quotes, as fingerprint_hex has it.
void append_json_fingerprint(std::string& out, std::uint64_t fingerprint);

// `["a","b"]`.
void append_json_strings(std::string& out, const std::vector<std::string>& texts);

void append_json_number(std::string& out, std::int64_t number);

// `{"__name__":"up","job":"x"}`, in the order of the names.
void append_json_labels(std::string& out, const Labels& labels);

// The same without those whose names `but` has.
void append_json_labels(std::string& out, const Labels& labels, const Labels& but);

}  // namespace seamwatch
