#include "agent/config/redacted_target.h"

#include "agent/core/secret.h"

namespace seamwatch::agent {

std::string redacted_target(const std::string& target) {
  if (target.find("://") != std::string::npos) {
    return redact_url(target);
  }
  // One may lie behind any text that is no URL, but not without these.
  if (target.find_first_of("@?") == std::string::npos) {
    return target;
  }
  constexpr std::size_t kScheme = 4;
  return redact_url("x://" + target).substr(kScheme);
}

}  // namespace seamwatch::agent
