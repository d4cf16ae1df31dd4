#include "rules/promql/features.h"

#include <algorithm>
#include <array>

namespace seamwatch::rules::promql {
namespace {

struct Named {
  std::string_view name;
  bool Features::*feature;
};

constexpr std::array kFeatures = {
    Named{"promql-binop-fill-modifiers", &Features::fill_modifiers},
    Named{"promql-delayed-name-removal", &Features::delayed_name_removal},
    Named{"promql-duration-expr", &Features::duration_expressions},
    Named{"promql-experimental-functions", &Features::experimental_functions},
    Named{"promql-extended-range-selectors", &Features::extended_range_selectors},
    Named{"type-and-unit-labels", &Features::type_and_unit_labels},
};

// Always on, in Prometheus 3.x too.
constexpr std::array<std::string_view, 2> kPermanent = {"promql-at-modifier",
                                                        "promql-negative-offset"};

// Prometheus's, of parts that Seamwatch does not have.
constexpr std::array<std::string_view, 18> kOfPrometheus = {"auto-reload-config",
                                                            "concurrent-rule-eval",
                                                            "created-timestamp-zero-ingestion",
                                                            "delayed-compaction",
                                                            "exemplar-storage",
                                                            "expand-external-labels",
                                                            "extra-scrape-metrics",
                                                            "memory-snapshot-on-shutdown",
                                                            "metadata-wal-records",
                                                            "native-histograms",
                                                            "old-ui",
                                                            "otlp-deltatocumulative",
                                                            "otlp-native-delta-ingestion",
                                                            "promql-per-step-stats",
                                                            "st-storage",
                                                            "use-start-timestamps",
                                                            "use-uncached-io",
                                                            "xor2-encoding"};

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

Features all_features() {
  Features all;
  for (const Named& named : kFeatures) {
    all.*named.feature = true;
  }
  return all;
}

std::string enable_feature(std::string_view name, Features& features) {
  for (const Named& named : kFeatures) {
    if (named.name == name) {
      features.*named.feature = true;
      return "";
    }
  }
  if (contains(kPermanent, name)) {
    return "this option for --enable-feature is now permanently enabled and therefore a no-op: " +
           std::string(name);
  }
  if (contains(kOfPrometheus, name)) {
    return "Prometheus's option for --enable-feature that Seamwatch does not have: " +
           std::string(name);
  }
  return "unknown option for --enable-feature: " + std::string(name);
}

std::string known_features() {
  std::string names;
  for (const Named& named : kFeatures) {
    names += (names.empty() ? "" : ", ") + std::string(named.name);
  }
  return "there are " + names;
}

std::vector<std::string> enable_features(std::string_view names, Features& features) {
  std::vector<std::string> warnings;
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    if (end != begin) {
      std::string warning = enable_feature(names.substr(begin, end - begin), features);
      if (!warning.empty()) {
        warnings.push_back(std::move(warning));
      }
    }
    begin = end + 1;
  }
  return warnings;
}

}  // namespace seamwatch::rules::promql
