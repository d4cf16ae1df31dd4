// The configuration files that the tests share, and what the environment says in them.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace seamwatch::agent {

inline const std::string kCases = SEAMWATCH_SOURCE_DIR "/tests/testdata/config/";

inline std::optional<std::string> test_environment(std::string_view name) {
  static const std::map<std::string, std::string, std::less<>> variables = {
      {"TOKEN", "s3cr3t-t0ken"},
      {"ERP_HOST", "erp.example.org"},
      {"INTERVAL", "30s"},
      {"SERIES", "5000"},
      {"EMPTY", ""}};
  const auto found = variables.find(name);
  return found == variables.end() ? std::nullopt : std::optional<std::string>(found->second);
}

}  // namespace seamwatch::agent
