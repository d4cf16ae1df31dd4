// Fills secrets into a parsed document before any value is read, and keeps them out of messages
// afterwards.
#pragma once

#include <string>

#include "agent/config/reading.h"

namespace seamwatch::agent {

// Replaces ${NAME} in every scalar value (not in keys) by that variable, and $$ by $; any other $
// stays. Reports variables that are not set, and a ${ without its }.
void substitute_environment(Document& document, Reading& reading);

// In `options`: `X_file: PATH` becomes `X: TEXT OF THE FILE` (without the white space around it,
// but a `body` as it is), `files` of http_headers join their `secrets`, and the certificate paths
// of a tls_config are joined with `folder`. Reports files that cannot be read, and X beside X_file.
void substitute_files(const Document& document,
                      const std::string& folder,
                      Node& options,
                      Reading& reading);

// SHA-256, in hex, of `options` as they stand now and of the certificate files that they name.
std::string digest(const std::string& prefix, const Node& options, const Reading& reading);

// `problems` with every substituted text of four bytes or more replaced by its name.
Diagnostics without_secrets(const Diagnostics& problems, const Reading& reading);

}  // namespace seamwatch::agent
