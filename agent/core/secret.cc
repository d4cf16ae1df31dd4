#include "agent/core/secret.h"

#include <algorithm>
#include <string_view>

namespace seamwatch {

std::string redact_url(std::string_view url) {
  constexpr std::string_view kRedacted = "<redacted>";
  const std::size_t scheme_end = url.find("://");
  if (scheme_end == std::string_view::npos) {
    return std::string(kRedacted);
  }
  const std::size_t authority = scheme_end + 3;
  const std::size_t authority_end = std::min(url.find_first_of("/?#", authority), url.size());
  std::string out(url.substr(0, authority));
  const std::string_view host = url.substr(authority, authority_end - authority);
  const std::size_t user_end = host.rfind('@');
  if (user_end != std::string_view::npos) {
    out += kRedacted;
    out += host.substr(user_end);
  } else {
    out += host;
  }
  const std::size_t query = std::min(url.find('?', authority_end), url.size());
  out += url.substr(authority_end, query - authority_end);
  std::size_t at = query;
  while (at < url.size()) {  // at a '?' or '&': copy the name, hide the value
    const std::size_t end = std::min(url.find('&', at + 1), url.size());
    const std::string_view pair = url.substr(at, end - at);
    const std::size_t equals = pair.find('=');
    out += pair.substr(0, equals == std::string_view::npos ? pair.size() : equals + 1);
    if (equals != std::string_view::npos) {
      out += kRedacted;
    }
    at = end;
  }
  return out;
}

}  // namespace seamwatch
