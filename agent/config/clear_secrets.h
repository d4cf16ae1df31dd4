// Finds secrets that stand in a configuration in clear, where a file or a variable should be named.
#pragma once

#include "agent/config/reading.h"

namespace seamwatch::agent {

// Warns of each value of `document` that is a secret by its key (`password`, `bearer_token`) or by
// its own form (a URL with a password or a token), each with its place. Values that name a variable
// are none. Call it before variables are filled in. The words have none of what they warn of.
void warn_of_clear_secrets(const Document& document, Reading& reading);

}  // namespace seamwatch::agent
