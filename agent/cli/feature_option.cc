#include "agent/cli/feature_option.h"

#include <iostream>

namespace seamwatch::agent {

void add_feature_option(Command command, std::vector<std::string>& lists) {
  command
      .add_option("--enable-feature",
                  lists,
                  "Experimental features of PromQL, with commas between: "
                  "promql-experimental-functions, promql-duration-expr, ...")
      .repeated();
}

rules::promql::Features chosen_features(const std::vector<std::string>& lists) {
  rules::promql::Features features;
  for (const std::string& names : lists) {
    for (const std::string& warning : rules::promql::enable_features(names, features)) {
      std::cerr << "warning: " << warning << "; " << rules::promql::known_features() << "\n";
    }
  }
  return features;
}

}  // namespace seamwatch::agent
