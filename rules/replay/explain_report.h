// Reports of explanations: text for people, JSON for programs. Pure.
#pragma once

#include <string>
#include <vector>

#include "rules/replay/explain.h"

namespace seamwatch::rules::replay {

// A verdict, the alerts, and a line for each part of the expression, indented by its depth; of many
// alerts or samples the first ones.
std::string text_report(const Explanation& explanation);

// An object; times in RFC 3339, numbers as texts.
std::string json_report(const Explanation& explanation);

}  // namespace seamwatch::rules::replay
