// --enable-feature, as Prometheus and promtool have it.
#pragma once

#include <string>
#include <vector>

#include "agent/cli/command_line.h"
#include "rules/promql/features.h"

namespace seamwatch::agent {

// Adds --enable-feature to `command`: lists of names with commas between, as often as one likes.
void add_feature_option(Command command, std::vector<std::string>& lists);

// What the lists switch on. Names that do nothing are warned of on standard error.
rules::promql::Features chosen_features(const std::vector<std::string>& lists);

}  // namespace seamwatch::agent
