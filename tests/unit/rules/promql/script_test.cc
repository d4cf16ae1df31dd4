#include "rules/promql/script.h"

#include <fstream>
#include <iterator>
#include <string>

#include <catch2/catch.hpp>

namespace seamwatch::rules::promql {
namespace {

std::string read(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  REQUIRE(file.is_open());
  return {std::istreambuf_iterator<char>(file), {}};
}

TEST_CASE("our own scripts pass") {
  for (const char* name : {"functions",
                           "operators",
                           "aggregations",
                           "selectors",
                           "experimental",
                           "experimental_selectors",
                           "experimental_operators",
                           "experimental_info"}) {
    DYNAMIC_SECTION(name) {
      const std::string path =
          std::string(SEAMWATCH_SOURCE_DIR) + "/tests/testdata/promql/" + name + ".test";
      ScriptOptions options;
      if (std::string_view(name).starts_with("experimental")) {
        options.features = all_features();
      }
      const ScriptReport report = run_script(path, read(path), options);
      std::string failures;
      for (const std::string& failure : report.failures) {
        failures += failure + "\n";
      }
      CHECK(failures == "");
      CHECK(report.passed > 0);
    }
  }
}

TEST_CASE("cases that need what is not built are counted, and must fail") {
  const std::string script =
      "load 1m\n  m{a=\"1\"} 1 2 3\n  h{a=\"1\"} {{schema:0 count:1}}\n  m{a=\"1\"}@st -1m -1m\n\n"
      "eval instant at 1m m\n  m{a=\"1\"} 2\n\n"
      "eval instant at 1m histogram_count(h)\n  {a=\"1\"} 1\n";
  ScriptOptions options;
  options.floats_only = true;
  options.missing = {{9, "native histograms"}};
  const ScriptReport report = run_script("s", script, options);
  CHECK(report.passed == 1);
  CHECK(report.failures.empty());
  CHECK(report.skipped == std::map<std::string, std::size_t>{{"native histograms", 1}});
  options.missing = {{6, "something"}, {9, "native histograms"}, {10, "something"}};
  CHECK(run_script("s", script, options).failures ==
        std::vector<std::string>{
            "s:6: m: passes without something",
            "s:10: no case begins here, but the table of skipped ones has it: something"});
}

TEST_CASE("a script that expects something else fails") {
  const std::string load = "load 1m\n  m{a=\"1\"} 1 2 3\n  m{a=\"2\"} 4 5 6\n\n";
  for (const char* text : {
           "eval instant at 1m m{a=\"1\"}\n  m{a=\"1\"} 3",
           "eval instant at 1m m{a=\"1\"}\n  {a=\"1\"} 2",
           "eval instant at 1m m\n  m{a=\"1\"} 2",
           "eval instant at 1m m{a=\"1\"}",
           "eval instant at 1m 1\n  2",
           "eval instant at 1m m{a=\"1\"}\n  expect fail",
           "eval instant at 1m m +",
           "eval instant at 1m -m\n  expect warn\n  {a=\"1\"} -2\n  {a=\"2\"} -5",
           "eval instant at 1m sort(m)\n  expect ordered\n  m{a=\"2\"} 5\n  m{a=\"1\"} 2",
           "eval range from 0 to 1m step 1m m{a=\"1\"}\n  m{a=\"1\"} 1",
           "eval range from 0 to 1m step 1m m{a=\"1\"}\n  m{a=\"1\"} 1 _",
           "eval instant at 1m quantile(2, m)\n  expect no_warn\n  {} Inf",
           "eval instant at 1m x +\n  expect fail msg: other",
           "frobnicate",
           "load x\n  m 1",
           "load 1m\n  m{ 1",
       }) {
    DYNAMIC_SECTION(text) {
      CHECK(run_script("s", load + text).failures.size() == 1);
    }
  }
}

}  // namespace
}  // namespace seamwatch::rules::promql
