#include "agent/web/request_target.h"

#include <boost/algorithm/string/predicate.hpp>

#include "agent/core/hex.h"

namespace seamwatch::agent {

bool read_target(std::string_view target, HttpCall& call) {
  if (boost::algorithm::istarts_with(target, "http://") ||
      boost::algorithm::istarts_with(target, "https://")) {
    const std::size_t slash = target.find('/', target.find("//") + 2);
    target = slash == std::string_view::npos ? "/" : target.substr(slash);
  }
  if (target.empty() || target.front() != '/') {
    return false;
  }
  const std::size_t question = target.find('?');
  call.path = percent_decoded(target.substr(0, question));
  if (question != std::string_view::npos) {
    call.query = parse_query(target.substr(question + 1));
  }
  return true;
}

std::string path_below(const std::string& prefix, const std::string& path) {
  if (prefix.empty() || !path.starts_with(prefix)) {
    return "";
  }
  const std::string below = path.substr(prefix.size());
  return below.empty() ? "/" : below.front() == '/' ? below : "";
}

}  // namespace seamwatch::agent
