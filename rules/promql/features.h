// What of PromQL is experimental and switched on by name, as by Prometheus's --enable-feature.
// Source: Prometheus, docs/feature_flags.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace seamwatch::rules::promql {

struct Features {
  bool experimental_functions = false;    // info(), mad_over_time(), limitk, ...
  bool duration_expressions = false;      // `[5m * 2]`, `offset (1h / 2)`, step(), range()
  bool extended_range_selectors = false;  // `[5m] anchored`, `[5m] smoothed`
  bool fill_modifiers = false;            // `a + fill(0) b`
  bool delayed_name_removal = false;      // __name__ goes at the end of a query
  bool type_and_unit_labels = false;      // __type__ and __unit__ go where __name__ goes

  friend bool operator==(const Features&, const Features&) = default;
};

// All of them, for tests.
Features all_features();

// Switches on what `name` names. Result: "" where that was done or nothing was to be done, else
// what is wrong with the name, for a warning: as in Prometheus an unknown one ends nothing.
std::string enable_feature(std::string_view name, Features& features);

// What to do about such a name: which ones there are.
std::string known_features();

// The same for each name of a list: "a,b".
std::vector<std::string> enable_features(std::string_view names, Features& features);

}  // namespace seamwatch::rules::promql
