#include <fstream>
#include <iostream>
#include <memory>
#include <string>

#include "agent/cli/feature_option.h"
#include "agent/cli/file_watch.h"
#include "agent/cli/rule_tests.h"
#include "agent/cli/subcommands.h"
#include "agent/cli/test_routing.h"

namespace seamwatch::agent {
namespace {

namespace testing = rules::testing;

struct TestRulesOptions {
  RuleTestOptions tests;
  std::vector<std::string> features;
  std::string junit;
  bool json = false;
  bool watch = false;
  bool diff = false;
  bool ignore_unknown = false;
  bool no_noise = false;
};

void print_problems(const std::vector<testing::FileOutcome>& files) {
  for (const testing::FileOutcome& file : files) {
    print_warnings(file.warnings);
    std::cerr << file.problems.to_string();
  }
}

void print_text(const TestRulesOptions& options, const RuleTestRun& run) {
  for (const testing::FileOutcome& file : run.files) {
    std::cout << testing::text_report(file);
  }
  const testing::Totals sum = testing::totals(run.files);
  if (run.files.size() > 1) {
    std::cout << sum.passed << " passed, " << sum.failed << " failed in " << run.files.size()
              << " files\n";
  }
  if (!options.tests.run.empty() && sum.good() && sum.passed == 0) {
    std::cerr << "warning: no test has a name that --run matches\n";
  }
  if (options.tests.coverage) {
    std::cout << testing::text_report(run.coverage);
  }
}

bool write_junit(const std::string& path, const RuleTestRun& run) {
  std::ofstream out(path, std::ios::binary);
  out << testing::junit_report(run.files);
  out.close();
  if (!out) {
    std::cerr << "seamwatch: cannot write " << path << "; check the path and its permissions\n";
    return false;
  }
  return true;
}

// One run of all tests: 0 where they pass.
int test_once(const TestRulesOptions& options, std::vector<std::string>& files_read) {
  auto run = run_rule_tests(options.tests);
  if (!run) {
    std::cerr << "seamwatch: " << run.error().message << "\n";
    return 2;
  }
  files_read = std::move(run->files_read);
  print_problems(run->files);
  if (options.json) {
    std::cout << testing::json_report(run->files,
                                      options.tests.coverage ? &run->coverage : nullptr);
  } else {
    print_text(options, *run);
  }
  std::cout.flush();
  const bool written = options.junit.empty() || write_junit(options.junit, *run);
  return testing::totals(run->files).good() && written ? 0 : 1;
}

int test_rules(const TestRulesOptions& options) {
  std::vector<std::string> files_read = options.tests.files;
  if (!options.watch) {
    return test_once(options, files_read);
  }
  for (;;) {
    // Watched from before the files are read, so that no change is missed; what a run adds to the
    // files is watched from the next one on.
    auto watch = std::make_unique<FileWatch>(files_read);
    const std::vector<std::string> watched = files_read;
    if (const int code = test_once(options, files_read); code == 2) {
      return code;
    }
    if (files_read != watched) {
      watch = std::make_unique<FileWatch>(files_read);
    }
    std::cerr << "waiting for a change of " << files_read.size() << " files\n";
    const Status changed = watch->wait();
    if (!changed) {
      std::cerr << "seamwatch: " << changed.error().message << "\n";
      return 1;
    }
  }
}

void add_test_rules(Command test) {
  auto options = std::make_shared<TestRulesOptions>();
  Command command = test.add_subcommand(
      "rules",
      "Unit tests of rule files in promtool's format: input series, then which alerts fire and "
      "what\n"
      "expressions give, in simulated time. `match: subset` on a check asks only that what is\n"
      "expected is there, with at least the labels that are named.\n"
      "With `notification_file: FILE` beside `rule_files:` (or `config_file:`, a seamwatch.yml) a\n"
      "test may also ask who is told, of what its rules fire or of `input_alerts`:\n"
      "  alert_route_test:\n"
      "    - eval_time: 5m\n"
      "      labels: {alertname: Down, owner: shop}  # or `alertname:`, of what fires then\n"
      "      exp_receivers: [shop, duty]             # in order\n"
      "      exp_groups: [{alertname: Down}, {}]     # their group labels\n"
      "      exp_inhibited_by: [{alertname: SiteDown}]\n"
      "      exp_silenced_by: [move]                 # of `input_silences`, by id\n"
      "      exp_muted_by: [nights]                  # time intervals\n"
      "  notification_test:\n"
      "    - eval_time: 1h                           # all since the start, or `since: 30m`\n"
      "      exp_notifications:\n"
      "        - {receiver: shop, sent_at: 5m30s, status: firing, reason: first,\n"
      "           exp_alerts: [{exp_labels: {alertname: Down, owner: shop}}]}\n"
      "  input_alerts: [{labels: {...}, annotations: {...}, starts_at: 0s, ends_at: 2h}]\n"
      "  input_silences: [{id: move, matchers: ['a=\"b\"'], starts_at: 0s, ends_at: 1h}]\n"
      "  input_acks: [{matchers: ['a=\"b\"'], starts_at: 10m}]\n"
      "What is left out of a check is not compared; an empty list expects nothing.\n"
      "Noise control (systems that are down, flapping, storms) works as in the agent, with the\n"
      "settings of `config_file:`; which systems are down is told by input series\n"
      "seamwatch_integration_state{integration=...,state=\"down\"}. `noise_control: false` beside\n"
      "`rule_files:` switches it off.");
  command.add_option("FILE", options->tests.files, "Test files").required();
  command.add_option("--run", options->tests.run, "Only tests whose name matches this regexp")
      .repeated();
  command.add_flag("--coverage",
                   options->tests.coverage,
                   "Say which rules never fired, which operands never gave a sample, and to which "
                   "routes no alert came");
  command.add_option("--junit", options->junit, "Also write the results to this file as JUnit XML");
  add_feature_option(command, options->features);
  command.add_flag("--json", options->json, "One JSON object");
  command.add_flag(
      "--watch", options->watch, "Run again whenever a test file changes, or one that it names");
  command.add_flag("--ignore-unknown-fields",
                   options->ignore_unknown,
                   "Take rule files with keys that Prometheus does not know");
  command.add_flag("--no-noise-control",
                   options->no_noise,
                   "Without noise control: every notice goes out on its own");
  command.add_flag("--diff", options->diff, "Taken for promtool's sake: failures are always diffs");
  command.footer("Exit codes: 0 all pass, 1 a test fails or a file is bad, 2 usage.");
  command.runs([options] {
    options->tests.unknown =
        options->ignore_unknown ? rules::UnknownKeys::ignored : rules::UnknownKeys::refused;
    options->tests.noise_control = !options->no_noise;
    options->tests.features = chosen_features(options->features);
    return test_rules(*options);
  });
}

}  // namespace

void add_test(Command app) {
  Command test = app.add_subcommand("test", "Test rules, routes, time intervals and receivers");
  test.require_subcommand();
  add_test_rules(test);
  add_test_routing(test);
}

}  // namespace seamwatch::agent
