#include "probes/classify/fault_words.h"

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <regex>
#include <sstream>
#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "probes/classify/classify_cli.h"
#include "probes/classify/table.h"

namespace seamwatch::probes {
namespace {

std::vector<std::vector<std::string>> rows_of_file(const std::string& path) {
  std::ifstream in(path);
  std::vector<std::vector<std::string>> rows;
  std::string line;
  std::getline(in, line);  // the header
  while (std::getline(in, line)) {
    std::vector<std::string> columns;
    std::istringstream cells(line);
    for (std::string cell; std::getline(cells, cell, '\t');) {
      columns.push_back(cell);
    }
    rows.push_back(std::move(columns));
  }
  return rows;
}

std::string errors_file(const std::string& name) {
  return std::string(SEAMWATCH_SOURCE_DIR) + "/tests/testdata/errors/" + name;
}

// "" where `words` are a clause that anybody can read, else what is wrong with them.
std::string complaint(const std::string& words) {
  static const std::vector<std::pair<std::string, std::string>> kNever = {
      {"_", "a symbol"},
      {"0x", "a number in hexadecimal"},
      {"\\([-0-9]+\\)", "a number in parentheses"},
      {"\\bE[A-Z]{3,}", "an error number's name"},
      {"[A-Z]+[0-9]{2,}", "a code"},
      {"[a-z][A-Z]", "a camel"},
      {"\\.$|\\n|\\t", "an end of a sentence or a line"},
      {"  |^ | $|: *$", "a gap"},
  };
  for (const auto& [pattern, what] : kNever) {
    if (std::regex_search(words, std::regex(pattern))) {
      return what;
    }
  }
  return words.size() < 8 || words.size() > 120 ? "its length" : "";
}

}  // namespace

TEST_CASE("what failed is said in words") {
  const auto rows = rows_of_file(errors_file("words.tsv"));
  REQUIRE(rows.size() > 50);
  for (const auto& row : rows) {
    INFO(row.at(0) << " " << row.at(1) << " in " << row.at(3));
    const Signal signal = signal_from_columns(row.at(0), row.at(1), row.at(2));
    CHECK(fault_words(Fault{signal, row.at(3), "x"}) == row.at(4));
  }
}

TEST_CASE("every row of the signal tables has words without symbols") {
  for (const Table& table : tables()) {
    for (const Row& row : table.rows) {
      const Signal signal{
          std::string(table.protocol), std::string(row.code), "", std::string(row.when)};
      const std::string words = fault_words(Fault{signal, "processing", ""});
      INFO(describe_row(table.protocol, row) << ": " << words);
      CHECK(complaint(words) == "");
    }
  }
}

// Two files: the one that is always there, and a fuller one in the same format where it is named.
TEST_CASE("every labelled signal has words without symbols") {
  std::vector<std::string> files = {errors_file("published_subset.tsv")};
  if (const char* more = std::getenv("SEAMWATCH_SIGNALS")) {
    files.push_back(more);
  }
  for (const std::string& file : files) {
    for (const auto& row : rows_of_file(file)) {
      const Signal signal = signal_from_columns(row.at(0), row.at(1), row.at(2));
      const std::string words = fault_words(Fault{signal, "", ""});
      INFO(row[0] << " " << row[1] << ": " << words);
      CHECK(complaint(words) == "");
    }
  }
}

TEST_CASE("every row of the words is that of a signal, and nothing has two") {
  for (const FaultWords& one : all_fault_words()) {
    INFO(one.protocol << " " << one.code << " (" << one.when << ")");
    const Table* table = find_table(one.protocol);
    REQUIRE(table != nullptr);
    const auto is_its = [&](const Row& row) {
      return row.code == one.code && (one.when.empty() || row.when == one.when);
    };
    CHECK(std::any_of(table->rows.begin(), table->rows.end(), is_its));
    const auto all = all_fault_words();
    CHECK(std::count_if(all.begin(), all.end(), [&](const FaultWords& other) {
            return other.protocol == one.protocol && other.code == one.code &&
                   other.when == one.when;
          }) == 1);
  }
}

TEST_CASE("no peer can put its own text into the words") {
  const Fault hostile{
      {"oauth2", "<b>x\r\nSubject: pwned</b>" + std::string(500, 'y'), "", ""}, "token", ""};
  const std::string words = fault_words(hostile);
  CHECK(words.size() <= 120);
  CHECK(words.find_first_of("<>\r\n") == std::string::npos);
}

}  // namespace seamwatch::probes
