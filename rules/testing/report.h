// Reports of test runs: text for people, JSON and JUnit XML for programs. Pure.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "rules/testing/coverage.h"
#include "rules/testing/test_run.h"

namespace seamwatch::rules::testing {

// One test file. Where it has problems, none of its tests ran.
struct FileOutcome {
  std::string file;
  Diagnostics problems;
  Diagnostics warnings;
  std::vector<TestOutcome> tests;  // those that ran

  bool passed() const;
};

struct Totals {
  std::size_t files_bad = 0;  // with problems
  std::size_t passed = 0;
  std::size_t failed = 0;

  bool good() const { return files_bad == 0 && failed == 0; }
};

Totals totals(const std::vector<FileOutcome>& files);

// "FILE: 3 tests passed", or each failure with its place and a diff.
std::string text_report(const FileOutcome& file);

// The percentage and each gap; one line an item.
std::string text_report(const Coverage& coverage);

// One object with `files`, `passed`, `failed`, and `coverage` where it is not nullptr.
std::string json_report(const std::vector<FileOutcome>& files, const Coverage* coverage);

// One <testsuite> a file, one <testcase> a test. Source: the JUnit schema that CI systems read.
std::string junit_report(const std::vector<FileOutcome>& files);

}  // namespace seamwatch::rules::testing
