// promqltest FILE...: runs Prometheus `.test` scripts, prints a line per failing case, then
// `N passed, N failed`; exits 1 if any failed. --experimental allows experimental functions.
// promqltest --parse-cases FILE.tsv compares verdicts, messages and canonical texts of the parser.
#include <fstream>
#include <iostream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/parse.hpp>
#include <boost/json/value_to.hpp>

#include "rules/promql/engine.h"
#include "rules/promql/script.h"

namespace {

using seamwatch::rules::promql::ScriptOptions;
using seamwatch::rules::promql::ScriptReport;

bool read_file(const std::string& path, std::string& text) {
  std::ifstream file(path, std::ios::binary);
  text.assign(std::istreambuf_iterator<char>(file), {});
  return file.is_open() && !file.bad();
}

std::string json_text(const std::string& field) {
  return boost::json::value_to<std::string>(boost::json::parse(field));
}

// Columns: id, class, expect, three verdicts, expression, error, upstream errors, canonical text.
ScriptReport run_parse_cases(const std::string& text) {
  ScriptReport report;
  std::istringstream lines(text);
  std::string line;
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    std::vector<std::string> fields;
    std::istringstream row(line);
    for (std::string field; std::getline(row, field, '\t');) {
      fields.push_back(field);
    }
    if (fields.size() < 10 || fields[1] != "stable") {
      continue;
    }
    const std::string source = json_text(fields[6]);
    const auto expr = seamwatch::rules::promql::parse_expr(source);
    const std::string got =
        expr ? seamwatch::rules::promql::to_string(**expr) : expr.error().message;
    const bool verdict = expr.has_value() == (fields[2] == "ok");
    const std::string want = json_text(expr ? fields[9] : fields[7]);
    if (verdict && (got == want || want.empty())) {
      ++report.passed;
    } else {
      report.failures.push_back(fields[0] + ": " + fields[6] + ": got " + got + ", want " + want);
    }
  }
  return report;
}

}  // namespace

int main(int argc, char** argv) {
  ScriptReport total;
  ScriptOptions options;
  bool parse_cases = false;
  std::vector<std::string> files;
  for (int i = 1; i < argc; ++i) {
    const std::string argument = argv[i];
    if (argument == "--parse-cases") {
      parse_cases = true;
    } else if (argument == "--experimental") {
      options.experimental_functions = true;
    } else {
      files.push_back(argument);
    }
  }
  if (files.empty()) {
    std::cerr << "usage: promqltest [--experimental] FILE... | --parse-cases FILE.tsv\n";
    return 2;
  }
  for (const std::string& file : files) {
    std::string text;
    if (!read_file(file, text)) {
      std::cerr << file << ": cannot be read; name a readable file\n";
      return 2;
    }
    const ScriptReport report = parse_cases
                                    ? run_parse_cases(text)
                                    : seamwatch::rules::promql::run_script(file, text, options);
    for (const std::string& failure : report.failures) {
      std::cout << failure << '\n';
    }
    total.passed += report.passed;
    total.failures.insert(total.failures.end(), report.failures.begin(), report.failures.end());
  }
  std::cout << total.passed << " passed, " << total.failures.size() << " failed\n";
  return total.failures.empty() ? 0 : 1;
}
