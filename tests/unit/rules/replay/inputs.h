// Rules, notification files and recordings out of texts, for the tests of rules/replay.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/groups/rule_file.h"
#include "rules/replay/replay.h"

namespace seamwatch::rules::replay {

inline std::vector<RuleFile> rule_files(const std::string& yaml) {
  Diagnostics problems;
  const Document document = parse_yaml("r.yml", yaml, problems);
  std::vector<RuleFile> files;
  files.push_back(load_rule_file(document, problems));
  REQUIRE(problems.to_string() == "");
  return files;
}

inline std::shared_ptr<const NotifyConfig> notify_config(const std::string& yaml) {
  Diagnostics problems;
  const Document document = parse_yaml("n.yml", yaml, problems);
  auto config = std::make_shared<const NotifyConfig>(load_notify_config(document, problems));
  REQUIRE(problems.to_string() == "");
  return config;
}

inline Recording recording(const std::string& yaml) {
  Diagnostics problems;
  const Document document = parse_yaml("s.yml", yaml, problems);
  Recording out = load_series_file(document, problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

// Minutes since 1970, where recordings begin.
inline WallTime minute(std::int64_t minutes) {
  return wall_from_unix_millis(minutes * 60'000);
}

// All of the recording, an evaluation a minute.
inline ReplayOptions options_for(const Recording& recorded) {
  ReplayOptions options;
  options.span = recorded.span().value();
  return options;
}

}  // namespace seamwatch::rules::replay
