#include "rules/testing/report.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent/core/html_escape.h"
#include "rules/testing/words.h"

namespace seamwatch::rules::testing {
namespace {

namespace json = boost::json;

void add_failure(std::string& out, const Failure& failure, const std::string& indent) {
  out += indent + place_text(failure.place) + ": " + failure.what + "\n";
  for (const std::string& line : failure.diff) {
    out += indent + "    " + line + "\n";
  }
  for (const std::string& note : failure.notes) {
    out += indent + "    note: " + note + "\n";
  }
}

json::object place_json(const Place& place) {
  return json::object{{"file", place.file}, {"line", place.line}, {"column", place.column}};
}

json::array lines_json(const std::vector<std::string>& lines) {
  json::array out;
  for (const std::string& line : lines) {
    out.emplace_back(line);
  }
  return out;
}

json::array diagnostics_json(const std::vector<Diagnostic>& all) {
  json::array out;
  for (const Diagnostic& each : all) {
    json::object object = place_json(each.place);
    object["what"] = each.what;
    object["remedy"] = each.remedy;
    out.push_back(std::move(object));
  }
  return out;
}

json::object test_json(const TestOutcome& test) {
  json::object out = place_json(test.place);
  out["name"] = test.title;
  out["passed"] = test.passed();
  out["checks"] = test.checks;
  json::array failures;
  for (const Failure& failure : test.failures) {
    json::object object = place_json(failure.place);
    object["what"] = failure.what;
    object["diff"] = lines_json(failure.diff);
    object["notes"] = lines_json(failure.notes);
    failures.push_back(std::move(object));
  }
  out["failures"] = std::move(failures);
  return out;
}

json::object coverage_json(const Coverage& coverage) {
  return json::object{{"percent", coverage.percent()},
                      {"items", coverage.item_count()},
                      {"seen", coverage.seen_count()},
                      {"gaps", diagnostics_json(coverage.gaps())}};
}

// Text inside XML; a line end in an attribute stays one only as a reference.
std::string xml(std::string_view text) {
  std::string out;
  for (const char c : html_escape(text)) {
    out += c == '\n' ? std::string("&#10;") : std::string(1, c);
  }
  return out;
}

std::string testcase(const TestOutcome& test, const std::string& file) {
  std::string out = "    <testcase name=\"" + xml(test.title) + "\" classname=\"" + xml(file) +
                    "\" file=\"" + xml(file) + "\" line=\"" + std::to_string(test.place.line) +
                    "\"";
  if (test.passed()) {
    return out + "/>\n";
  }
  out += ">\n";
  for (const Failure& failure : test.failures) {
    std::string body;
    add_failure(body, failure, "");
    out += "      <failure message=\"" + xml(failure.what) + "\">" + xml(body) + "</failure>\n";
  }
  return out + "    </testcase>\n";
}

}  // namespace

bool FileOutcome::passed() const {
  return problems.empty() && std::all_of(tests.begin(), tests.end(), [](const TestOutcome& test) {
           return test.passed();
         });
}

Totals totals(const std::vector<FileOutcome>& files) {
  Totals sum;
  for (const FileOutcome& file : files) {
    sum.files_bad += file.problems.empty() ? 0 : 1;
    for (const TestOutcome& test : file.tests) {
      ++(test.passed() ? sum.passed : sum.failed);
    }
  }
  return sum;
}

std::string text_report(const FileOutcome& file) {
  if (!file.problems.empty()) {
    return file.file + ": not run, " + counted(file.problems.size(), "problem") + "\n";
  }
  const auto failed = static_cast<std::size_t>(
      std::count_if(file.tests.begin(), file.tests.end(), [](const TestOutcome& test) {
        return !test.passed();
      }));
  std::string out = file.file + ": " + counted(file.tests.size() - failed, "test") + " passed" +
                    (failed == 0 ? "" : ", " + std::to_string(failed) + " failed") + "\n";
  for (const TestOutcome& test : file.tests) {
    if (test.passed()) {
      continue;
    }
    out += "  FAILED: " + test.title + " (" + place_text(test.place) + ")\n";
    for (const Failure& failure : test.failures) {
      add_failure(out, failure, "    ");
    }
  }
  return out;
}

std::string text_report(const Coverage& coverage) {
  if (coverage.item_count() == 0) {
    return "coverage: there was nothing to cover\n";
  }
  char percent[32];
  // Rounded down: 100 is for all of them.
  std::snprintf(percent, sizeof(percent), "%.1f", std::floor(coverage.percent() * 10) / 10);
  std::string out =
      "coverage: " + std::string(percent) + " % (" + std::to_string(coverage.seen_count()) +
      " of " + std::to_string(coverage.item_count()) +
      (coverage.routes().empty() ? " rules and branches)\n" : " rules, branches and routes)\n");
  for (const Diagnostic& gap : coverage.gaps()) {
    out += "  " + gap.to_string() + "\n";
  }
  return out;
}

std::string json_report(const std::vector<FileOutcome>& files, const Coverage* coverage) {
  const Totals sum = totals(files);
  json::object out{{"passed", sum.passed}, {"failed", sum.failed}, {"files_bad", sum.files_bad}};
  json::array all;
  for (const FileOutcome& file : files) {
    json::array tests;
    for (const TestOutcome& test : file.tests) {
      tests.push_back(test_json(test));
    }
    all.push_back(json::object{{"file", file.file},
                               {"passed", file.passed()},
                               {"problems", diagnostics_json(file.problems.entries())},
                               {"warnings", diagnostics_json(file.warnings.entries())},
                               {"tests", std::move(tests)}});
  }
  out["files"] = std::move(all);
  if (coverage != nullptr) {
    out["coverage"] = coverage_json(*coverage);
  }
  return json::serialize(out) + "\n";
}

std::string junit_report(const std::vector<FileOutcome>& files) {
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites>\n";
  for (const FileOutcome& file : files) {
    const auto failed = std::count_if(
        file.tests.begin(), file.tests.end(), [](const auto& test) { return !test.passed(); });
    const bool bad = !file.problems.empty();
    out += "  <testsuite name=\"" + xml(file.file) + "\" tests=\"" +
           std::to_string(file.tests.size() + (bad ? 1 : 0)) + "\" failures=\"" +
           std::to_string(failed) + "\" errors=\"" + (bad ? "1" : "0") + "\">\n";
    if (bad) {
      out += "    <testcase name=\"load\" classname=\"" + xml(file.file) +
             "\">\n      <error message=\"the test file cannot be used\">" +
             xml(file.problems.to_string()) + "</error>\n    </testcase>\n";
    }
    for (const TestOutcome& test : file.tests) {
      out += testcase(test, file.file);
    }
    out += "  </testsuite>\n";
  }
  return out + "</testsuites>\n";
}

}  // namespace seamwatch::rules::testing
