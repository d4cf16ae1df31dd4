#include "agent/watch/watched_probe.h"

#include <algorithm>

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

std::shared_ptr<WatchedProbe> probe_of(const std::string& integration, const std::string& name) {
  ProbeConfig config;
  config.integration = integration;
  config.name = name;
  auto out = std::make_shared<WatchedProbe>();
  out->config = std::make_shared<const ProbeConfig>(config);
  return out;
}

}  // namespace

TEST_CASE("watched probes stand in the order of their keys, and are found by them") {
  // '-' and '.' come before '/', so these are not in the order of their integrations.
  WatchedProbes probes = {probe_of("orders", "queue"),
                          probe_of("orders-old", "api"),
                          probe_of("orders", "api"),
                          probe_of("orders.eu", "api"),
                          probe_of("orders", "api-2"),
                          probe_of("order", "s/api"),
                          probe_of("bank", "")};
  sort_by_key(probes);
  std::vector<std::string> keys;
  for (const auto& probe : probes) {
    keys.push_back(probe->key());
  }
  CHECK(std::is_sorted(keys.begin(), keys.end()));
  CHECK(keys.front() == "bank/");
  CHECK(keys.back() == "orders/queue");
  for (std::size_t i = 0; i < keys.size(); ++i) {
    CHECK(find_probe(probes, keys[i]) == probes[i]);
  }
  for (const char* other :
       {"", "bank", "orders", "orders/", "orders/ap", "orders/api-", "orders/z"}) {
    CHECK(find_probe(probes, other) == nullptr);
  }
  CHECK(find_probe(WatchedProbes(), "orders/api") == nullptr);
}
