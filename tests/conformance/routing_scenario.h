// Parts of routingtest: loading notification files, reading case files, and one acceptance scenario
// in simulated time.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/document.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::conformance {

struct Loaded {
  std::shared_ptr<rules::NotifyConfig> config = std::make_shared<rules::NotifyConfig>();
  Diagnostics problems;
};

Loaded load(const std::string& name, const std::string& text);

// The map, list and text below `node`; empty where there is none.
Labels labels_of(const Node* node);
const std::vector<Node>& items_of(const Node& node, std::string_view key);
std::string text_of(const Node& node, std::string_view key);

// Runs a scenario of kind `timed`. What differs from its expectations; "" = nothing.
std::string run_scenario(const Node& scenario);

}  // namespace seamwatch::conformance
