#include "agent/config/redacted_target.h"

#include "agent/core/secret.h"

namespace seamwatch::agent {

std::string redacted_target(std::string_view target) {
  if (target.find("://") != std::string_view::npos) {
    return redact_url(target);
  }
  // One may lie behind any text that is no URL, but not without these.
  if (target.find_first_of("@?") == std::string_view::npos) {
    return std::string(target);
  }
  constexpr std::size_t kScheme = 4;
  return redact_url("x://" + std::string(target)).substr(kScheme);
}

}  // namespace seamwatch::agent
