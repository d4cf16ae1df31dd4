// Words of free text as the classifier compares them: lower case, split at anything that is no
// letter or digit and at camelCase humps. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seamwatch::probes {

// "SessionLockLost: try again" gives session, lock, lost, try, again.
std::vector<std::string> split_words(std::string_view text);

// Lower-case letters and digits of `text` only, with ':' kept: two spellings of one symbol agree.
std::string squeeze(std::string_view text);

// Whether `a` and `b` share a stem: equal, or alike in the first four letters and most of the rest
// ("connect" and "connecting").
bool same_stem(std::string_view a, std::string_view b);

}  // namespace seamwatch::probes
