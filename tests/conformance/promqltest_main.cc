// promqltest FILE...: runs Prometheus `.test` scripts, prints a line per failing case, then
// `N passed, N failed`; exits 1 if any failed. --experimental switches all experimental features on
// and leaves native histograms out of loads; --skipped TABLE.tsv names cases that need what is not
// built (file, line, feature), which are run, counted by feature, and must fail.
// promqltest --parse-cases FILE.tsv compares verdicts, messages and canonical texts of the parser.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include "rules/promql/engine.h"
#include "rules/promql/script.h"

namespace {

namespace promql = seamwatch::rules::promql;

using promql::ScriptOptions;
using promql::ScriptReport;

// What is not built, by script and line.
using Skipped = std::map<std::string, std::map<std::size_t, std::string>>;

struct Arguments {
  bool parse_cases = false;
  bool experimental = false;
  Skipped skipped;
  std::vector<std::string> files;
};

bool read_file(const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(file), {});
  return file.is_open() && !file.bad();
}

std::vector<std::string> fields_of(const std::string& line) {
  std::vector<std::string> fields;
  std::istringstream row(line);
  for (std::string field; std::getline(row, field, '\t');) {
    fields.push_back(field);
  }
  return fields;
}

std::string json_text(const std::string& field) {
  return boost::json::value_to<std::string>(boost::json::parse(field));
}

bool read_skipped(const std::string& path, Skipped& skipped) {
  std::string text;
  if (!read_file(path, text)) {
    return false;
  }
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);) {
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() == 3 && line[0] != '#') {
      skipped[fields[0]][std::stoul(fields[1])] = fields[2];
    }
  }
  return true;
}

// Columns: id, class, expect, three verdicts, expression, error, upstream errors, canonical text.
// Those that are not stable are only judged, with all features.
ScriptReport run_parse_cases(const std::string& text) {
  ScriptReport report;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    const std::vector<std::string> fields = fields_of(line);
    if (fields.size() < 10) {
      continue;
    }
    const bool stable = fields[1] == "stable";
    const std::string source = json_text(fields[6]);
    const auto expr =
        promql::parse_expr(source, stable ? promql::Features{} : promql::all_features());
    const std::string got = expr ? promql::to_string(**expr) : expr.error().message;
    const bool verdict = expr.has_value() == (fields[2] == "ok");
    const std::string want = stable ? json_text(expr ? fields[9] : fields[7]) : "";
    if (verdict && (got == want || want.empty())) {
      ++report.passed;
    } else {
      report.failures.push_back(fields[0] + ": " + fields[6] + ": got " + got + ", want " +
                                (want.empty() ? fields[2] + " " + fields[8] : want));
    }
  }
  return report;
}

// False where the command line is not as it should be.
bool read_arguments(const std::vector<std::string>& given, Arguments& out) {
  for (std::size_t i = 0; i < given.size(); ++i) {
    if (given[i] == "--parse-cases") {
      out.parse_cases = true;
    } else if (given[i] == "--experimental") {
      out.experimental = true;
    } else if (given[i] == "--skipped") {
      if (++i == given.size() || !read_skipped(given[i], out.skipped)) {
        return false;
      }
    } else {
      out.files.push_back(given[i]);
    }
  }
  return !out.files.empty();
}

ScriptReport run_file(const Arguments& arguments,
                      const std::string& file,
                      const std::string& text) {
  if (arguments.parse_cases) {
    return run_parse_cases(text);
  }
  ScriptOptions options;
  if (arguments.experimental) {
    options.features = promql::all_features();
    options.floats_only = true;
  }
  const auto missing = arguments.skipped.find(std::filesystem::path(file).filename().string());
  if (missing != arguments.skipped.end()) {
    options.missing = missing->second;
  }
  return promql::run_script(file, text, options);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!read_arguments({argv + 1, argv + argc}, arguments)) {
    std::cerr << "usage: promqltest [--experimental] [--skipped TABLE.tsv] FILE... | "
                 "--parse-cases FILE.tsv\n";
    return 2;
  }
  ScriptReport total;
  std::size_t skipped = 0;
  for (const std::string& file : arguments.files) {
    std::string text;
    if (!read_file(file, text)) {
      std::cerr << file << ": cannot be read; name a readable file\n";
      return 2;
    }
    const ScriptReport report = run_file(arguments, file, text);
    for (const std::string& failure : report.failures) {
      std::cout << failure << '\n';
    }
    total.passed += report.passed;
    total.failures.insert(total.failures.end(), report.failures.begin(), report.failures.end());
    for (const auto& [feature, count] : report.skipped) {
      total.skipped[feature] += count;
      skipped += count;
    }
  }
  for (const auto& [feature, count] : total.skipped) {
    std::cout << "skipped: " << feature << ": " << count << '\n';
  }
  std::cout << total.passed << " passed, " << total.failures.size() << " failed";
  std::cout << (arguments.skipped.empty() ? "" : ", " + std::to_string(skipped) + " skipped")
            << '\n';
  return total.failures.empty() ? 0 : 1;
}
