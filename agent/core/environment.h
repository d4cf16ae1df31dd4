// The environment of this process, or one that a test makes up.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace seamwatch {

// The value of an environment variable, or nothing where it is not set.
using Environment = std::function<std::optional<std::string>(std::string_view name)>;

// That of this process.
Environment process_environment();

}  // namespace seamwatch
