// The tables against the labelled corpus in tests/testdata/errors.

#include <fstream>
#include <iterator>
#include <map>
#include <sstream>

#include <catch2/catch.hpp>

#include "probes/classify/classify_cli.h"
#include "probes/classify/table.h"

namespace seamwatch::probes {
namespace {

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) {
    lines.push_back(line);
  }
  return lines;
}

std::vector<std::string> columns_of(const std::string& line) {
  std::vector<std::string> columns;
  std::istringstream in(line);
  for (std::string column; std::getline(in, column, '\t');) {
    columns.push_back(column);
  }
  return columns;
}

std::string corpus() {
  std::ifstream in(std::string(SEAMWATCH_SOURCE_DIR) +
                   "/tests/testdata/errors/published_subset.tsv");
  return std::string(std::istreambuf_iterator<char>(in), {});
}

}  // namespace

// No miss is argued away here: all rows of the published corpus agree, and must go on to.
TEST_CASE("the tables agree with the labelled corpus") {
  const std::string text = corpus();
  auto rows = lines_of(text);
  REQUIRE(rows.size() > 200);
  rows.erase(rows.begin());  // the header
  const auto answers = lines_of(classify_tsv(text));
  REQUIRE(answers.size() == rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto row = columns_of(rows[i]);
    INFO(rows[i]);
    CHECK(columns_of(answers[i]) == std::vector<std::string>{row[0], row[1], row[3], row[4]});
  }
}

TEST_CASE("every corpus row is documented, and Retry-After is honoured where it says so") {
  auto rows = lines_of(corpus());
  rows.erase(rows.begin());
  for (const std::string& line : rows) {
    const auto row = columns_of(line);
    INFO(line);
    const Row* found = find(signal_from_columns(row[0], row[1], row[2]));
    REQUIRE(found != nullptr);
    CHECK(found->honours_retry_after == (row[5] == "yes"));
  }
}

}  // namespace seamwatch::probes
