// RouteTable: which handler serves a path and method. Pure; used by the server for each request.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "agent/web/server.h"

namespace seamwatch::agent {

class RouteTable {
 public:
  RouteTable() = default;

  explicit RouteTable(std::vector<Route> routes) : routes_(std::move(routes)) {}

  struct Match {
    const Route* route = nullptr;  // nullptr: nothing there (404), or `allow` says otherwise (405)
    std::string allow;             // the methods of the path: "GET, HEAD, POST"; "" where unknown
  };

  // Exact paths win over "/*" ones, longer ones of these over shorter ones. HEAD is served by GET.
  Match find(std::string_view method, std::string_view path) const;

 private:
  std::vector<Route> routes_;
};

}  // namespace seamwatch::agent
