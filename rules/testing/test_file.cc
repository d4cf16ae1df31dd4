#include "rules/testing/test_file.h"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <set>
#include <unordered_map>

#include "agent/core/ascii.h"
#include "agent/core/map_reader.h"
#include "rules/groups/expr_node.h"
#include "rules/testing/check_reader.h"
#include "rules/testing/routing_check_reader.h"
#include "rules/testing/yaml_number.h"

namespace seamwatch::rules::testing {
namespace {

constexpr std::string_view kBlanks = " \t\r\v\f";

// What one file may ask for, so that a short one takes neither hours nor gigabytes.
constexpr std::size_t kValuesMax = 10'000'000;
constexpr std::int64_t kEvaluationsMax = 10'000'000;

// A time as `start_timestamp` takes it: seconds since the epoch, or RFC 3339.
Result<WallTime> parse_timestamp(const std::string& text) {
  double since_epoch = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), since_epoch);
  const bool whole = read.ec == std::errc() && read.ptr == text.data() + text.size();
  constexpr double kSecondsMax = 1e12;
  if (whole && std::fabs(since_epoch) < kSecondsMax) {
    return wall_from_unix_millis(std::llround(since_epoch * 1000));
  }
  return parse_rfc3339(text);
}

class Loader {
 public:
  Loader(const Document& document,
         Diagnostics& problems,
         Diagnostics& warnings,
         promql::Features features)
      : document_(document), problems_(problems), read_{document, problems, warnings} {
    file_.features = features;
  }

  TestFile run();

 private:
  // A kind of check, that is, of entry below a test.
  struct Kind {
    const char* key;
    void (Loader::*read)(const Node& node, Test& into);
  };

  void rule_files(MapReader& reader);
  void named_file(MapReader& reader, std::string_view key, std::optional<NamedFile>& out);
  void group_order(MapReader& reader);
  void test(const Node& node);
  void start(MapReader& reader, Test& test);
  void series(MapReader& reader, Test& into);
  bool series_lines(const Node& entry, std::string_view text, Test& into);
  void add_series(const Node& entry, std::string_view line, Test& into);
  void alert_check(const Node& node, Test& into);
  ExpectedAlert expected_alert(const Node& node, const std::string& name);
  void expr_check(const Node& node, Test& into);
  ExpectedSample expected_sample(const Node& node);
  void need_notification_file(const Node& node, const std::string& what);
  void route_check(const Node& node, Test& into);
  void notification_check(const Node& node, Test& into);

  const Document& document_;
  Diagnostics& problems_;
  CheckReader read_;
  TestFile file_;
  std::unordered_map<Labels, std::size_t, LabelsHash> series_;  // of one test, by labels
  std::size_t values_ = 0;                                      // of all series
  std::int64_t evaluations_ = 0;                                // of all tests
  static const Kind kKinds[4];
};

const Loader::Kind Loader::kKinds[] = {
    {"alert_rule_test", &Loader::alert_check},
    {"promql_expr_test", &Loader::expr_check},
    {"alert_route_test", &Loader::route_check},
    {"notification_test", &Loader::notification_check},
};

TestFile Loader::run() {
  file_.file = document_.file;
  MapReader reader(document_, document_.root, "test file", problems_);
  rule_files(reader);
  named_file(reader, "notification_file", file_.notification_file);
  named_file(reader, "config_file", file_.config_file);
  read_.duration(reader, "evaluation_interval", file_.evaluation_interval);
  if (file_.evaluation_interval <= Millis(0)) {
    file_.evaluation_interval = Millis(60'000);
  }
  reader.read("fuzzy_compare", file_.fuzzy_compare);
  reader.read("noise_control", file_.noise_control);
  group_order(reader);
  reader.each("tests", [&](const Node& node) { test(node); });
  reader.done();
  return std::move(file_);
}

void Loader::rule_files(MapReader& reader) {
  reader.each("rule_files", [&](const Node& node) {
    if (!node.is_scalar() && !node.is_null()) {
      read_.report(node, "a rule file must be a path", "write `- rules.yml`");
      return;
    }
    const std::size_t bracket = node.scalar.rfind('[');
    if (bracket != std::string::npos && node.scalar.find(']', bracket) == std::string::npos) {
      read_.report(
          node, "syntax error in pattern " + quoted(node.scalar), "close the bracket with ]");
      return;
    }
    file_.rule_files.push_back({node.scalar, document_.place(node)});
  });
}

void Loader::named_file(MapReader& reader, std::string_view key, std::optional<NamedFile>& out) {
  NamedFile named;
  if (reader.read(key, named.path)) {
    named.place = document_.place(*reader.node().find(key));
    out = std::move(named);
  }
}

void Loader::group_order(MapReader& reader) {
  std::set<std::string> seen;
  reader.each("group_eval_order", [&](const Node& node) {
    if (!node.is_scalar() && !node.is_null()) {
      read_.report(node, "a group must be a name", "write `- name`");
    } else if (!seen.insert(node.scalar).second) {
      read_.report(
          node, "group name repeated in evaluation order: " + node.scalar, "name each group once");
    }
    file_.group_eval_order.push_back(node.scalar);
  });
}

void Loader::test(const Node& node) {
  Test made;
  made.place = document_.place(node);
  read_.where.clear();
  MapReader reader(document_, node, "test", problems_);
  reader.read("name", made.name);
  made.title = made.name.empty() ? "test " + std::to_string(file_.tests.size() + 1) : made.name;
  read_.where = "test " + quoted(made.title) + ": ";
  read_.duration(reader, "interval", made.interval);
  if (made.interval <= Millis(0)) {
    made.interval = file_.evaluation_interval;
  }
  start(reader, made);
  series(reader, made);
  for (const Kind& kind : kKinds) {
    reader.each(kind.key, [&](const Node& check) { (this->*kind.read)(check, made); });
  }
  read_routing_inputs(read_, reader, made.routing);
  evaluations_ += made.last_check() / file_.evaluation_interval;
  if (evaluations_ > kEvaluationsMax) {
    read_.report(node,
                 "the tests up to here need more than 10000000 evaluations",
                 "check earlier, or set a longer `evaluation_interval`");
    evaluations_ = 0;
  }
  const LabelTexts external = read_.texts(reader, "external_labels");
  made.external_labels = Labels(std::vector<Labels::Pair>(external.begin(), external.end()));
  reader.read("external_url", made.external_url);
  reader.done();
  read_.where.clear();
  file_.tests.push_back(std::move(made));
}

void Loader::start(MapReader& reader, Test& test) {
  std::string text;
  if (!reader.read("start_timestamp", text)) {
    return;
  }
  const auto at = parse_timestamp(text);
  if (at) {
    test.start = *at;
  } else {
    read_.report(*reader.node().find("start_timestamp"),
                 "start_timestamp: " + quoted(text) + " is no time",
                 "write seconds since 1970, or a time like 2026-01-31T12:00:00Z");
  }
}

// The series of a test are read as promtool reads them: as the lines of one text, in which a blank
// line is the end.
void Loader::series(MapReader& reader, Test& into) {
  bool more = true;
  series_.clear();
  reader.each("input_series", [&](const Node& node) {
    MapReader entry(document_, node, "input series", problems_);
    std::string name;
    std::string values;
    entry.read("series", name);
    entry.read("values", values);
    entry.done();
    if (!more) {
      read_.warn(
          node, "not loaded: a blank line above ends the input series", "remove the blank line");
      return;
    }
    more = series_lines(node, name + " " + values, into);
    if (!more) {
      read_.warn(node,
                 "these values end with, or hold, a blank line: promtool loads no series behind it",
                 "write the values as `values: '1 2 3'` or with `>-`");
    }
  });
}

// False where a blank line ended the series.
bool Loader::series_lines(const Node& entry, std::string_view text, Test& into) {
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    const std::string_view line = trimmed(text.substr(begin, end - begin), kBlanks);
    if (line.empty() || line.front() == '#') {
      return false;
    }
    add_series(entry, line, into);
    begin = end + 1;
  }
  return true;
}

void Loader::add_series(const Node& entry, std::string_view line, Test& into) {
  const Node* values_node = entry.find("values");
  const Node* series_node = entry.find("series");
  if (values_ > kValuesMax) {
    return;  // has been said
  }
  std::string_view rest = line;
  auto labels = promql::take_metric(rest);
  if (!labels) {
    read_.report(series_node != nullptr ? *series_node : entry,
                 labels.error().message,
                 "write a series like up{job=\"shop\"}");
    return;
  }
  auto values = promql::parse_values(rest);
  if (!values) {
    read_.report(values_node != nullptr ? *values_node : entry,
                 values.error().message,
                 "write values like 1 2+1x5 _ stale");
    return;
  }
  values_ += values->size();
  if (values_ > kValuesMax) {
    read_.report(values_node != nullptr ? *values_node : entry,
                 "the series up to here hold more than 10000000 values",
                 "write fewer or shorter series, or split the file");
    return;
  }
  // Of equal label sets the last counts.
  const auto [known, is_new] = series_.emplace(*labels, into.series.size());
  if (!is_new) {
    read_.warn(entry,
               "series " + labels->to_string() + " stands twice, the last one counts",
               "remove one, or tell them apart with a label");
    into.series[known->second].values = std::move(*values);
    return;
  }
  into.series.push_back({std::move(*labels), std::move(*values)});
}

void Loader::alert_check(const Node& node, Test& into) {
  AlertCheck made;
  made.place = document_.place(node);
  MapReader reader(document_, node, "alert_rule_test", problems_);
  read_.duration(reader, "eval_time", made.at);
  reader.read("alertname", made.alert);
  if (made.alert.empty() && (node.is_map() || node.is_null())) {
    read_.report(node,
                 "an item under alert_rule_test misses required attribute alertname",
                 "add `alertname:`");
  }
  reader.each("exp_alerts",
              [&](const Node& item) { made.alerts.push_back(expected_alert(item, made.alert)); });
  made.compare = read_.compare(reader, !made.alerts.empty());
  reader.done();
  into.alert_checks.push_back(std::move(made));
}

ExpectedAlert Loader::expected_alert(const Node& node, const std::string& name) {
  ExpectedAlert made;
  made.place = document_.place(node);
  MapReader reader(document_, node, "expected alert", problems_);
  made.labels = read_.texts(reader, "exp_labels");
  made.annotations = read_.texts(reader, "exp_annotations");
  reader.done();
  std::erase_if(made.labels, [](const auto& label) { return label.first == "alertname"; });
  made.labels.emplace_back("alertname", name);
  std::sort(made.labels.begin(), made.labels.end());
  return made;
}

void Loader::expr_check(const Node& node, Test& into) {
  ExprCheck made;
  made.place = document_.place(node);
  MapReader reader(document_, node, "promql_expr_test", problems_);
  read_.duration(reader, "eval_time", made.at);
  reader.read("expr", made.text);
  const Node* expr = reader.find("expr");
  if (expr != nullptr && expr->is_scalar()) {
    made.expr = parse_expr_node(document_, *expr, read_.where, file_.features, problems_);
  } else if (expr == nullptr && (node.is_map() || node.is_null())) {
    read_.report(node, "promql_expr_test has no expression", "add `expr:`");
  }
  reader.each("exp_samples",
              [&](const Node& item) { made.samples.push_back(expected_sample(item)); });
  made.compare = read_.compare(reader, !made.samples.empty());
  reader.done();
  into.expr_checks.push_back(std::move(made));
}

ExpectedSample Loader::expected_sample(const Node& node) {
  ExpectedSample made;
  made.place = document_.place(node);
  MapReader reader(document_, node, "expected sample", problems_);
  std::string text;
  if (reader.read("labels", text) && !trimmed(text, kBlanks).empty()) {
    auto labels = promql::parse_metric(text);
    if (labels) {
      made.labels = std::move(*labels);
    } else {
      read_.report(*node.find("labels"),
                   labels.error().message,
                   "write labels like up{job=\"shop\"}, or {} where there are none");
    }
  }
  if (const Node* value = reader.find("value")) {
    const auto number = yaml_number(*value);
    if (number) {
      made.value = *number;
    } else {
      read_.report(*value,
                   "value " + quoted(value->scalar) + " is no number",
                   "write 1.5, .inf, -.inf or .nan, without quotes");
    }
  }
  std::string histogram;
  if (reader.read("histogram", histogram) && !histogram.empty()) {
    read_.report(*node.find("histogram"),
                 "native histograms are not supported",
                 "test the classic buckets, or a number made of them");
  }
  reader.done();
  return made;
}

// Without a notification file there is nobody to tell.
void Loader::need_notification_file(const Node& node, const std::string& what) {
  if (!file_.tells()) {
    read_.report(
        node, what + " needs a notification file", "add `notification_file:` beside `rule_files:`");
  }
}

void Loader::route_check(const Node& node, Test& into) {
  need_notification_file(node, "alert_route_test");
  read_route_check(read_, node, into.routing);
}

void Loader::notification_check(const Node& node, Test& into) {
  need_notification_file(node, "notification_test");
  read_notification_check(read_, node, into.routing);
}

}  // namespace

Millis Test::last_check() const {
  Millis last = routing.last_check();
  for (const AlertCheck& check : alert_checks) {
    last = std::max(last, check.at);
  }
  for (const ExprCheck& check : expr_checks) {
    last = std::max(last, check.at);
  }
  return last;
}

TestFile load_test_file(const Document& document,
                        Diagnostics& problems,
                        Diagnostics& warnings,
                        promql::Features features) {
  return Loader(document, problems, warnings, features).run();
}

}  // namespace seamwatch::rules::testing
