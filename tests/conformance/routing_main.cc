// routingtest FOLDER: runs the published Alertmanager cases of FOLDER (CONFIG-VERDICTS.tsv,
// ROUTING.tsv, MATCHERS.tsv, TIME-INTERVALS.tsv, TIME-INTERVAL-SYNTAX.tsv, inhibition.yaml,
// acceptance/scenarios.yaml) through rules/routing. Prints a line per failing case and per suite a
// count, then `N passed, N failed, N skipped`; exits 1 if any failed. Scenarios run in simulated
// time.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>

#include <boost/json.hpp>

#include "agent/io/yaml.h"
#include "rules/routing/notify_config.h"
#include "tests/conformance/routing_scenario.h"

namespace {

using namespace seamwatch;
using namespace seamwatch::rules;
using namespace seamwatch::conformance;
namespace json = boost::json;

std::string read_file(const std::string& path) {
  std::ifstream in(path);
  if (!in) {
    std::cerr << path << ": cannot be read\n";
    std::exit(2);
  }
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::vector<std::vector<std::string>> read_tsv(const std::string& path) {
  std::vector<std::vector<std::string>> rows;
  std::istringstream in(read_file(path));
  for (std::string line; std::getline(in, line);) {
    std::vector<std::string> row(1);
    for (const char c : line) {
      if (c == '\t') {
        row.emplace_back();
      } else {
        row.back() += c;
      }
    }
    rows.push_back(std::move(row));
  }
  rows.erase(rows.begin());
  return rows;
}

// Counts of one suite.
class Suite {
 public:
  explicit Suite(std::string name) : name_(std::move(name)) {}

  void check(bool good, const std::string& id, const std::string& detail) {
    ++(good ? passed : failed);
    if (!good) {
      std::cout << name_ << ": " << id << ": " << detail << "\n";
    }
  }

  void skip(const std::string& id, const std::string& why) {
    ++skipped;
    std::cout << "skipped: " << id << ": " << why << "\n";
  }

  void print() const {
    std::cout << name_ << ": " << passed << " passed, " << failed << " failed\n";
  }

  int passed = 0;
  int failed = 0;
  int skipped = 0;

 private:
  std::string name_;
};

// Recorded with 0.33.1, which does not know the key `labels` of a route; 0.34 does, and so do we.
constexpr std::string_view kNewerThanRecorded[] = {
    "config/doc__examples__route_labels.yml",
    "config/inline__TestRouteLabelsInvalidLabelName_19.yml",
};

Suite run_config(const std::string& folder) {
  Suite suite("config");
  for (const auto& row : read_tsv(folder + "/CONFIG-VERDICTS.tsv")) {
    const auto* end = std::end(kNewerThanRecorded);
    if (std::find(std::begin(kNewerThanRecorded), end, row[0]) != end) {
      suite.skip(row[0], "route labels are known from Alertmanager 0.34 on");
      continue;
    }
    const Loaded loaded = load(row[0], read_file(folder + "/" + row[0]));
    const bool ok = loaded.problems.empty();
    suite.check(ok == (row[1] == "ok"),
                row[0],
                "expected " + row[1] + ", got: " + loaded.problems.to_string());
  }
  return suite;
}

Labels json_labels(const json::value& value) {
  std::vector<Labels::Pair> pairs;
  for (const auto& [name, text] : value.as_object()) {
    pairs.emplace_back(name, text.as_string());
  }
  return Labels(std::move(pairs));
}

Suite run_routing(const std::string& folder) {
  Suite suite("routing");
  for (const auto& row : read_tsv(folder + "/ROUTING.tsv")) {
    const Loaded loaded = load(row[0], read_file(folder + "/" + row[0]));
    std::string got = loaded.problems.to_string();
    for (const Route* route : match(loaded.config->route, json_labels(json::parse(row[1])))) {
      got += (got.empty() ? "" : ",") + route->receiver;
    }
    suite.check(got == row[2], row[0] + " " + row[1], "expected " + row[2] + ", got " + got);
  }
  return suite;
}

std::string matchers_json(const Matchers& matchers) {
  json::array out;
  for (const Matcher& matcher : matchers) {
    out.push_back(json::array{matcher.name, to_string(matcher.type), matcher.value});
  }
  return json::serialize(out);
}

Suite run_matchers(const std::string& folder) {
  Suite suite("matchers");
  for (const auto& row : read_tsv(folder + "/MATCHERS.tsv")) {
    const std::string input(json::parse(row[7]).as_string());
    if (row[2] == "fallback" && row[3] == "ok" && row[8] == "[]") {
      // Two rows come from upstream's tests of label names.
      suite.check(is_utf8_name(input), row[0], "is a label name");
      continue;
    }
    const auto parsed = row[2] == "classic" ? parse_matchers_classic(input)
                        : row[2] == "utf8"  ? parse_matchers_utf8(input)
                                            : parse_matchers(input);
    // One row comes from upstream's tests of the parser of exactly one matcher.
    const bool single = row[9].find("expected 1 matcher") != std::string::npos;
    const bool ok = parsed.has_value() && !(single && parsed->size() != 1);
    const std::string got = parsed ? matchers_json(*parsed) : parsed.error().message;
    const bool same = row[3] != "ok" || got == json::serialize(json::parse(row[8]));
    suite.check(ok == (row[3] == "ok") && same, row[0] + " " + row[7], "got " + got);
    const auto filter = parse_matcher(input);
    suite.check(filter.has_value() == (row[4] == "ok"),
                row[0] + " as API filter " + row[7],
                "expected " + row[4]);
  }
  return suite;
}

std::vector<TimeInterval> intervals_of(const std::string& text, Diagnostics& problems) {
  std::vector<TimeInterval> out;
  const Document document = parse_yaml("intervals", text, problems);
  for (const Node& item : document.root.items) {
    out.push_back(read_time_interval(document, item, problems));
  }
  return out;
}

Suite run_time_intervals(const std::string& folder) {
  Suite suite("time intervals");
  for (const auto& row : read_tsv(folder + "/TIME-INTERVALS.tsv")) {
    Diagnostics problems;
    const auto intervals = intervals_of(row[1], problems);
    const auto at = parse_rfc3339(row[2]);
    const bool got = problems.empty() && at && active(intervals, *at);
    suite.check(got == (row[3] == "active"), row[0], "expected " + row[3] + problems.to_string());
  }
  for (const auto& row : read_tsv(folder + "/TIME-INTERVAL-SYNTAX.tsv")) {
    Diagnostics problems;
    intervals_of(row[1], problems);
    suite.check(problems.empty() == (row[2] == "ok"),
                row[0],
                "expected " + row[2] + ", got " + problems.to_string());
  }
  return suite;
}

Suite run_inhibition(const std::string& folder) {
  Suite suite("inhibition");
  Diagnostics problems;
  const Document file =
      parse_yaml("inhibition.yaml", read_file(folder + "/inhibition.yaml"), problems);
  const WallTime now = wall_from_unix_millis(1'700'000'000'000);
  for (const Node& item : items_of(file.root, "cases")) {
    // The rules are read as they would be in a whole file.
    Document document{"case", Node{}};
    document.root.kind = Node::Kind::map;
    for (const NodeEntry& entry : item.entries) {
      if (entry.key.scalar == "inhibit_rules") {
        document.root.entries.push_back(entry);
      }
    }
    Diagnostics ignored;  // there is no route
    Inhibitor inhibitor(load_notify_config(document, ignored).inhibit_rules);
    for (const Node& alert_node : items_of(item, "alerts")) {
      Alert alert;
      alert.labels = labels_of(alert_node.find("labels"));
      alert.starts_at = now - Millis(60'000);
      if (text_of(alert_node, "resolved") == "true") {
        alert.ends_at = now - Millis(1000);
      }
      inhibitor.insert(alert);
    }
    std::string wrong;
    for (const Node& expected : items_of(item, "expect")) {
      const Labels labels = labels_of(expected.find("labels"));
      const auto by = inhibitor.inhibited_by(labels, now);
      bool good = by.has_value() == (text_of(expected, "muted") == "true");
      const auto& sources = items_of(expected, "inhibited_by_one_of");
      good =
          good && (sources.empty() || std::any_of(sources.begin(), sources.end(), [&](auto& node) {
                     return labels_of(&node).fingerprint() == by;
                   }));
      wrong += good ? "" : labels.to_string();
    }
    suite.check(
        wrong.empty() && ignored.size() == 1, text_of(item, "id"), wrong + ignored.to_string());
  }
  return suite;
}

Suite run_scenarios(const std::string& folder) {
  Suite suite("scenarios");
  Diagnostics problems;
  const Document file =
      parse_yaml("scenarios", read_file(folder + "/acceptance/scenarios.yaml"), problems);
  for (const Node& item : items_of(file.root, "scenarios")) {
    if (text_of(item, "kind") == "timed") {
      const std::string wrong = run_scenario(item);
      suite.check(wrong.empty(), text_of(item, "name"), wrong);
    }
  }
  return suite;
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: routingtest FOLDER\n";
    return 2;
  }
  int passed = 0;
  int failed = 0;
  int skipped = 0;
  for (const auto& run :
       {run_config, run_routing, run_matchers, run_time_intervals, run_inhibition, run_scenarios}) {
    const Suite suite = run(argv[1]);
    suite.print();
    passed += suite.passed;
    failed += suite.failed;
    skipped += suite.skipped;
  }
  std::cout << passed << " passed, " << failed << " failed, " << skipped << " skipped\n";
  return failed == 0 ? 0 : 1;
}
