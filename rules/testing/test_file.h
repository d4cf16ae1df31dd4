// TestFile: unit tests of rules and routes in promtool's format, checked whole. Read from a parsed
// Document (nothing is opened here), run by test_run.h. Kinds of checks are rows of one table in
// test_file.cc: another kind of entry below `tests` is another row.
// Source: Prometheus 3.x documentation, "Unit testing for rules".
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "rules/groups/rule_file.h"
#include "rules/promql/engine.h"
#include "rules/promql/series_notation.h"
#include "rules/testing/routing_checks.h"

namespace seamwatch::rules::testing {

// `alert_rule_test`: which alerts of one name fire.
struct AlertCheck {
  Millis at{};  // since the start of the test
  std::string alert;
  std::vector<ExpectedAlert> alerts;
  Compare compare = Compare::exact;
  Place place;
};

struct ExpectedSample {
  Labels labels;  // with __name__
  double value = 0;
  Place place;
};

// `promql_expr_test`: what an expression gives.
struct ExprCheck {
  Millis at{};  // since the start of the test
  std::string text;
  promql::ExprPtr expr;  // never null in a file that loaded without problems
  std::vector<ExpectedSample> samples;
  Compare compare = Compare::exact;
  Place place;
};

struct Test {
  std::string name;   // may be empty, may stand twice
  Millis interval{};  // between the values of the series
  WallTime start{};   // Unix epoch unless `start_timestamp` says else
  std::vector<promql::SeriesNotation> series;
  std::vector<AlertCheck> alert_checks;
  std::vector<ExprCheck> expr_checks;
  RoutingChecks routing;
  Labels external_labels;
  std::string external_url;
  Place place;

  // The name, or "test 3" for the third one without.
  std::string title;

  // When the last check happens, since the start.
  Millis last_check() const;
};

struct RuleFileName {
  std::string glob;  // as written: relative to the test file
  Place place;
};

// A notification file that a test file names, or a configuration.
struct NamedFile {
  std::string path;  // likewise
  Place place;
};

struct TestFile {
  std::string file;
  promql::Features features;  // that its expressions may use
  std::vector<RuleFileName> rule_files;
  std::optional<NamedFile> notification_file;
  std::optional<NamedFile> config_file;  // it adds to alerts what its landscape knows of them

  bool noise_control = true;  // the agent's; false: each notice goes out on its own

  // Whether there is somebody to tell: the configuration may name the notification file.
  bool tells() const { return notification_file || config_file; }

  Millis evaluation_interval{60'000};
  std::vector<std::string> group_eval_order;
  bool fuzzy_compare = false;  // numbers may differ in the last bit
  std::vector<Test> tests;
};

// Reads `document`. Reports to `problems` every fault with its place and remedy: unknown keys,
// wrong types, series, expressions and expected samples that do not parse, and native histograms,
// which are not supported. `warnings` gets what promtool takes in silence, and does with it other
// than one would think. The result is to be used only where no problem was reported.
TestFile load_test_file(const Document& document,
                        Diagnostics& problems,
                        Diagnostics& warnings,
                        promql::Features features = {});

}  // namespace seamwatch::rules::testing
