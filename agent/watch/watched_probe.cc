#include "agent/watch/watched_probe.h"

#include <algorithm>
#include <compare>

namespace seamwatch::agent {
namespace {

// How the probe's key compares with `key`.
std::strong_ordering compare_key(const WatchedProbe& probe, std::string_view key) {
  const std::string_view integration = probe.config->integration;
  for (const std::string_view part :
       {integration, std::string_view("/"), std::string_view(probe.config->name)}) {
    const auto order = part <=> key.substr(0, part.size());
    if (order != 0) {
      return order;
    }
    key.remove_prefix(part.size());
  }
  return key.empty() ? std::strong_ordering::equal : std::strong_ordering::less;
}

}  // namespace

std::string WatchedProbe::key() const {
  return config->integration.str() + "/" + config->name;
}

void sort_by_key(WatchedProbes& probes) {
  std::sort(probes.begin(), probes.end(), [](const auto& a, const auto& b) {
    return a->key() < b->key();
  });
}

std::shared_ptr<WatchedProbe> find_probe(const WatchedProbes& probes, std::string_view key) {
  const auto place = std::lower_bound(
      probes.begin(), probes.end(), key, [](const auto& probe, std::string_view wanted) {
        return compare_key(*probe, wanted) < 0;
      });
  const bool found = place != probes.end() && compare_key(**place, key) == 0;
  return found ? *place : nullptr;
}

}  // namespace seamwatch::agent
