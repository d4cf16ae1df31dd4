#include "rules/promql/script.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <utility>

#include <re2/re2.h>

#include "agent/core/ascii.h"
#include "rules/promql/engine.h"
#include "rules/promql/literals.h"
#include "rules/promql/script_case.h"
#include "rules/promql/series_notation.h"
#include "rules/series/series_store.h"

namespace seamwatch::rules::promql {
namespace {

constexpr std::string_view kBlanks = " \t\r";

class Runner {
 public:
  Runner(std::string_view file, std::string_view text, ScriptOptions options)
      : file_(file), options_(std::move(options)) {
    for (std::size_t begin = 0; begin <= text.size();) {
      const std::size_t end = std::min(text.find('\n', begin), text.size());
      const std::string_view line = trimmed(text.substr(begin, end - begin), kBlanks);
      lines_.push_back(line.starts_with("#") ? std::string_view() : line);
      begin = end + 1;
    }
    reset();
  }

  ScriptReport run() {
    while (at_ < lines_.size()) {
      const std::string_view line = lines_[at_];
      if (line.empty()) {
        ++at_;
      } else if (line == "clear") {
        reset();
        ++at_;
      } else if (line.starts_with("load")) {
        load();
      } else if (line.starts_with("eval")) {
        eval();
      } else {
        report(at_ + 1, "unknown command " + std::string(line));
        ++at_;
      }
    }
    for (const auto& [line, feature] : options_.missing) {
      report(line, "no case begins here, but the table of skipped ones has it: " + feature);
    }
    return std::move(report_);
  }

 private:
  void reset() {
    SeriesStoreOptions options;
    options.series_max = 100'000;
    store_ = std::make_unique<SeriesStore>(options);
  }

  void report(std::size_t line, const std::string& what) {
    report_.failures.push_back(file_ + ":" + std::to_string(line) + ": " + what);
  }

  void load() {
    const std::size_t first = at_ + 1;
    const std::string_view command = lines_[at_++];
    const std::size_t blank = command.find_first_of(" \t");
    const auto gap = parse_duration(
        blank == std::string_view::npos ? "" : trimmed(command.substr(blank), kBlanks));
    // Within one load the last of equal label sets counts.
    std::map<Labels, Values> series;
    for (; at_ < lines_.size() && !lines_[at_].empty(); ++at_) {
      if (options_.floats_only && has_no_floats(lines_[at_])) {
        continue;
      }
      auto parsed = parse_series(lines_[at_]);
      if (parsed) {
        series[parsed->labels] = std::move(parsed->values);
      } else {
        report(at_ + 1, parsed.error().message);
      }
    }
    // What load_with_nhcb adds to the classic histograms are native ones.
    const std::string_view word = command.substr(0, blank);
    const bool known = word == "load" || (word == "load_with_nhcb" && options_.floats_only);
    if (!known || !gap) {
      report(first, "bad load command");
      return;
    }
    for (const auto& [labels, values] : series) {
      for (std::size_t i = 0; i < values.size(); ++i) {
        const WallTime time(*gap * static_cast<std::int64_t>(i));
        if (values[i] && !store_->append(Sample{labels, time, *values[i]})) {
          report(first, "a sample of " + labels.to_string() + " was refused");
        }
      }
    }
  }

  // `m {{...}}` and `m@st -1m`.
  static bool has_no_floats(std::string_view line) {
    static const re2::RE2 kStart(R"([^\s{]*(\{[^}]*\})?@st\s.*)");
    return line.find("{{") != std::string_view::npos || re2::RE2::FullMatch(line, kStart);
  }

  void eval() {
    Case test;
    test.line = static_cast<int>(at_) + 1;
    std::string problem = read_command(std::string(lines_[at_++]), test);
    for (; at_ < lines_.size() && !lines_[at_].empty(); ++at_) {
      if (problem.empty()) {
        problem = read_expectation(lines_[at_], test);
      }
      if (test.want.scalar) {
        ++at_;
        break;
      }
    }
    if (problem.empty()) {
      problem = check(test);
    }
    const auto missing = options_.missing.find(static_cast<std::size_t>(test.line));
    if (missing != options_.missing.end()) {
      if (problem.empty()) {
        report(missing->first, test.expr + ": passes without " + missing->second);
      }
      ++report_.skipped[missing->second];
      options_.missing.erase(missing);
    } else if (problem.empty()) {
      ++report_.passed;
    } else {
      report(static_cast<std::size_t>(test.line), test.expr + ": " + problem);
    }
  }

  static std::string read_command(const std::string& line, Case& test) {
    static const re2::RE2 kInstant(
        R"(eval(?:_(fail|warn|ordered|info))?\s+instant\s+(?:at\s+(\S+)\s+)?(.+))");
    static const re2::RE2 kRange(
        R"(eval(?:_(fail|warn|ordered|info))?\s+range\s+from\s+(\S+)\s+to\s+)"
        R"((\S+)\s+step\s+(\S+)\s+(.+))");
    std::string mode;
    std::string start = "0";
    std::string end;
    std::string step;
    if (re2::RE2::FullMatch(line, kRange, &mode, &start, &end, &step, &test.expr)) {
      test.range = true;
    } else if (re2::RE2::FullMatch(line, kInstant, &mode, &start, &test.expr)) {
      start = start.empty() ? "0" : start;
      end = start;
      step = "1m";
    } else {
      return "bad eval command";
    }
    test.want.fail = mode == "fail";
    test.want.warn = mode == "warn";
    test.want.info = mode == "info";
    test.want.ordered = mode == "ordered";
    return read_steps(start, end, step, test.steps) ? "" : "bad times";
  }

  static bool read_steps(const std::string& start,
                         const std::string& end,
                         const std::string& step,
                         Steps& steps) {
    const auto from = parse_duration(start);
    const auto to = parse_duration(end);
    const auto by = parse_duration(step);
    if (!from || !to || !by) {
      return false;
    }
    steps = {WallTime(*from), WallTime(*to), *by};
    return true;
  }

  static std::string read_expectation(std::string_view line, Case& test) {
    Expectation& want = test.want;
    if (line.starts_with("expected_fail_message")) {
      want.patterns["fail"].push_back("=" + std::string(trimmed(line.substr(21), kBlanks)));
      return "";
    }
    if (line.starts_with("expected_fail_regexp")) {
      want.patterns["fail"].push_back("~" + std::string(trimmed(line.substr(20), kBlanks)));
      return "";
    }
    if (line.starts_with("expect ")) {
      return read_expect(std::string(trimmed(line.substr(7), kBlanks)), want);
    }
    std::string_view number = line;
    const bool minus = number.starts_with("-");
    number.remove_prefix(minus || number.starts_with("+") ? 1 : 0);
    if (const auto value = parse_number(number)) {
      want.scalar = minus ? -*value : *value;
      return "";
    }
    auto series = parse_series(line);
    if (!series) {
      return series.error().message;
    }
    want.series.emplace_back(std::move(series->labels), std::move(series->values));
    return "";
  }

  static std::string read_expect(const std::string& line, Expectation& want) {
    static const re2::RE2 kMessage(
        R"((fail|warn|info|no_warn|no_info|ordered)(?:\s+(msg|regex):\s*(.*))?)");
    static const re2::RE2 kRangeVector(
        R"(range\s+vector\s+from\s+(\S+)\s+to\s+(\S+)\s+step\s+(\S+))");
    std::string kind;
    std::string how;
    std::string text;
    std::string end;
    if (re2::RE2::FullMatch(line, kMessage, &kind, &how, &text)) {
      want.fail = want.fail || kind == "fail";
      want.warn = want.warn || kind == "warn";
      want.info = want.info || kind == "info";
      want.no_warn = want.no_warn || kind == "no_warn";
      want.no_info = want.no_info || kind == "no_info";
      want.ordered = want.ordered || kind == "ordered";
      if (!how.empty()) {
        want.patterns[kind].push_back((how == "msg" ? "=" : "~") + text);
      }
      return "";
    }
    if (re2::RE2::FullMatch(line, kRangeVector, &kind, &end, &text)) {
      want.range_vector.emplace();
      return read_steps(kind, end, text, *want.range_vector) ? "" : "bad range vector";
    }
    if (line.starts_with("string ") && line.size() > 8) {
      want.string = unquote(trimmed(std::string_view(line).substr(7), kBlanks));
      return "";
    }
    return "unknown expectation " + line;
  }

  Engine make_engine() const {
    EngineOptions options;
    options.features = options_.features;
    return Engine(options);
  }

  // Whether the expression asks for the steps of its query, of which a range has others.
  static bool asks_for_steps(const std::string& expr) {
    static const re2::RE2 kAsks(
        R"((?i)(\b(step|range)\s*\(\s*\))|((^|[^@\s])\s*\b(start|end)\s*\(\s*\)))");
    return re2::RE2::PartialMatch(expr, kAsks);
  }

  Result<QueryResult> evaluate(const Case& test, const ExprPtr& expr) const {
    const Engine engine = make_engine();
    const Steps& steps = test.steps;
    return test.range ? engine.range(*expr, steps.start, steps.end, steps.step, *store_)
                      : engine.instant(*expr, steps.start, *store_);
  }

  // "" where the case passes, else why not.
  std::string check(const Case& test) const {
    const auto expr = parse_expr(test.expr, options_.features);
    const auto result = expr ? evaluate(test, *expr) : Result<QueryResult>(expr.error());
    const Expectation& want = test.want;
    const auto patterns = [&](const char* kind) {
      const auto at = want.patterns.find(kind);
      return at == want.patterns.end() ? std::vector<std::string>() : at->second;
    };
    if (!result) {
      const bool good = want.fail && matches_one(patterns("fail"), result.error().message);
      return good ? "" : "failed: " + result.error().message;
    }
    if (want.fail) {
      return "did not fail";
    }
    std::string problem =
        check_annotations(result->warnings, want.warn, want.no_warn, patterns("warn"), "warning");
    if (problem.empty()) {
      problem = check_annotations(result->infos, want.info, want.no_info, patterns("info"), "info");
    }
    if (problem.empty()) {
      problem = compare(test, *result);
    }
    if (problem.empty() && !test.range && options_.ranges_too && !asks_for_steps(test.expr)) {
      problem = check_as_range(test, *expr);
    }
    return problem;
  }

  static std::string compare(const Case& test, const QueryResult& result) {
    const Expectation& want = test.want;
    if (const auto* scalar = std::get_if<ScalarValue>(&result.value)) {
      const bool good = want.scalar && same(*want.scalar, scalar->value);
      return good ? "" : "got scalar " + format_general(scalar->value);
    }
    if (const auto* string = std::get_if<StringValue>(&result.value)) {
      return want.string == string->value ? "" : "got string " + go_quoted(string->value);
    }
    if (const auto* vector = std::get_if<VectorValue>(&result.value)) {
      return want.scalar || want.string ? "got a vector" : compare_vector(*vector, want);
    }
    const auto& matrix = std::get<MatrixValue>(result.value);
    if (!test.range && !want.range_vector) {
      return "got a range vector";
    }
    return compare_matrix(matrix, want, test.range ? test.steps : *want.range_vector);
  }

  // The same expression as the middle of three steps; errors at the others are no failure.
  std::string check_as_range(const Case& test, const ExprPtr& expr) const {
    const WallTime at = test.steps.start;
    const Millis minute(60'000);
    const auto result = make_engine().range(*expr, at - minute, at + minute, minute, *store_);
    if (!result || test.want.range_vector || test.want.string) {
      return "";
    }
    VectorValue middle;
    for (const SeriesData& series : std::get<MatrixValue>(result->value).series) {
      for (const Point& point : series.points) {
        if (point.at == at) {
          middle.samples.push_back({series.labels, point.value});
        }
      }
    }
    Expectation want = test.want;
    want.ordered = false;
    if (want.scalar) {
      want.series.emplace_back(Labels(), Values{want.scalar});
    }
    const std::string problem = compare_vector(middle, want);
    return problem.empty() ? "" : "as a range: " + problem;
  }

  std::string file_;
  ScriptOptions options_;
  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  std::unique_ptr<SeriesStore> store_;
  ScriptReport report_;
};

}  // namespace

ScriptReport run_script(std::string_view file, std::string_view text, ScriptOptions options) {
  return Runner(file, text, std::move(options)).run();
}

}  // namespace seamwatch::rules::promql
