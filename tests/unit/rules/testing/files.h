// Test files and rule files out of texts, for the tests of rules/testing.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/groups/rule_file.h"
#include "rules/testing/test_file.h"
#include "rules/testing/test_run.h"

namespace seamwatch::rules::testing {

// What is wrong with a test file, one line each.
inline std::string problems_of(const std::string& yaml) {
  Diagnostics problems;
  Diagnostics warnings;
  const Document document = parse_yaml("t.yml", yaml, problems);
  load_test_file(document, problems, warnings);
  return problems.to_string();
}

inline std::string warnings_of(const std::string& yaml) {
  Diagnostics problems;
  Diagnostics warnings;
  const Document document = parse_yaml("t.yml", yaml, problems);
  load_test_file(document, problems, warnings);
  CHECK(problems.to_string() == "");
  return warnings.to_string();
}

inline TestFile test_file(const std::string& yaml) {
  Diagnostics problems;
  Diagnostics warnings;
  const Document document = parse_yaml("t.yml", yaml, problems);
  TestFile file = load_test_file(document, problems, warnings);
  REQUIRE(problems.to_string() == "");
  return file;
}

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

// The failures of a test file's only test: "what" and, indented, diff and notes.
inline std::string failures(const TestOutcome& outcome) {
  std::string out;
  for (const Failure& failure : outcome.failures) {
    out += failure.what + "\n";
    for (const std::string& line : failure.diff) {
      out += "  " + line + "\n";
    }
    for (const std::string& note : failure.notes) {
      out += "  note: " + note + "\n";
    }
  }
  return out;
}

inline std::string run_one(const std::string& rules, const std::string& tests) {
  const TestFile file = test_file(tests);
  REQUIRE(file.tests.size() == 1);
  return failures(run_test(file, file.tests.front(), {rule_files(rules)}, nullptr));
}

}  // namespace seamwatch::rules::testing
