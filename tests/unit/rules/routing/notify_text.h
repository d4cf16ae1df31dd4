// What the tests of notification files share: from a text to the configuration, and what is wrong.
#pragma once

#include <string>

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/routing/notify_config.h"

namespace seamwatch::rules {

inline NotifyConfig load(const std::string& text, Diagnostics& problems) {
  return load_notify_config(parse_yaml("dir/n.yml", text, problems), problems);
}

// What is wrong with a file of the given route and receivers, without the file name.
inline std::string wrong(const std::string& text) {
  Diagnostics problems;
  load(text, problems);
  std::string out;
  for (const Diagnostic& problem : problems.entries()) {
    out += std::to_string(problem.place.line) + ":" + std::to_string(problem.place.column) + " " +
           problem.what + "\n";
    CHECK_FALSE(problem.remedy.empty());
    CHECK(problem.place.file == "dir/n.yml");
  }
  return out;
}

}  // namespace seamwatch::rules
