#include "agent/web/route_table.h"

#include <algorithm>

namespace seamwatch::agent {
namespace {

// How well the route's path fits: 0 not at all; longer is better, exact is best.
std::size_t fit(const std::string& route, std::string_view path) {
  if (route == path) {
    return std::string::npos;
  }
  if (!route.ends_with("/*")) {
    return 0;
  }
  const std::string_view prefix = std::string_view(route).substr(0, route.size() - 1);
  return path.starts_with(prefix) ? prefix.size() : 0;
}

bool serves(const Route& route, std::string_view method) {
  for (const std::string& own : route.methods) {
    if (own == method || (own == "GET" && method == "HEAD")) {
      return true;
    }
  }
  return false;
}

void add_methods(const Route& route, std::vector<std::string>& methods) {
  for (const std::string& method : route.methods) {
    methods.push_back(method);
    if (method == "GET") {
      methods.push_back("HEAD");
    }
  }
}

std::string joined(std::vector<std::string> methods) {
  std::sort(methods.begin(), methods.end());
  methods.erase(std::unique(methods.begin(), methods.end()), methods.end());
  std::string out;
  for (const std::string& method : methods) {
    out += (out.empty() ? "" : ", ") + method;
  }
  return out;
}

}  // namespace

RouteTable::Match RouteTable::find(std::string_view method, std::string_view path) const {
  std::size_t best = 0;
  for (const Route& route : routes_) {
    best = std::max(best, fit(route.path, path));
  }
  Match match;
  std::vector<std::string> methods;
  for (const Route& route : routes_) {
    if (best == 0 || fit(route.path, path) != best) {
      continue;
    }
    add_methods(route, methods);
    if (match.route == nullptr && serves(route, method)) {
      match.route = &route;
    }
  }
  match.allow = joined(std::move(methods));
  return match;
}

}  // namespace seamwatch::agent
