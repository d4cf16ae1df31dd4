// Small files that options name: credentials and request bodies. They are read when they are used,
// so that a token that is renewed on disk is the one sent.
#pragma once

#include <string>

#include "agent/core/result.h"

namespace seamwatch::probes {

// The whole content. Errors: cannot be read; larger than 1 MiB.
[[nodiscard]] Result<std::string> read_text_file(const std::string& path);

// Likewise, without blanks and line ends around it, as credentials are kept.
[[nodiscard]] Result<std::string> read_credential_file(const std::string& path);

}  // namespace seamwatch::probes
