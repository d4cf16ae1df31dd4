// Reports of explanations: text for people, JSON for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "rules/replay/explain.h"

namespace seamwatch::rules::replay {

// A verdict, the alerts, and a line for each part of the expression, indented by its depth.
std::string text_report(const Explanation& explanation);

// An array of objects; times in RFC 3339, numbers as texts.
std::string json_report(const std::vector<Explanation>& explanations);

}  // namespace seamwatch::rules::replay
