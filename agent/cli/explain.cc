#include "rules/replay/explain.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/command.h"
#include "agent/cli/recording_options.h"
#include "agent/config/files.h"
#include "agent/loaded.h"

namespace seamwatch::agent {
namespace {

namespace replay = rules::replay;

constexpr std::int64_t kEvaluationsMax = 100'000;  // of one group

struct Options {
  std::string rule;
  std::vector<std::string> rules;
  std::string at;
  std::string step = "15s";
  RecordingOptions recording;
};

// Whether a rule is there; else says which is near.
bool is_known(const std::vector<rules::RuleFile>& files, const std::string& wanted) {
  std::vector<std::string_view> names;
  for (const rules::RuleFile& file : files) {
    for (const rules::RuleGroup& group : file.groups) {
      for (const rules::Rule& rule : group.rules) {
        names.push_back(rule.name);
      }
    }
  }
  if (std::find(names.begin(), names.end(), wanted) != names.end()) {
    return true;
  }
  const std::string guess = nearest(wanted, names);
  std::cerr << "seamwatch: no rule has the name " << wanted
            << (guess.empty() ? "" : "; did you mean " + guess + "?") << "\n";
  return false;
}

int run_explain(const Options& options) {
  if (const std::string wrong = wrong_source(options.recording); !wrong.empty()) {
    return usage(wrong);
  }
  const auto step = parse_duration(options.step);
  if (!step || *step <= Millis(0)) {
    return usage("--step: write a duration such as 15s or 1m");
  }
  RecordingOptions source = options.recording;
  if (!options.at.empty()) {
    if (!source.from.empty() || !source.to.empty()) {
      return usage("--at does not go with --from and --to");
    }
    source.from = options.at;
    source.to = options.at;
  }
  Diagnostics problems;
  std::vector<rules::RuleFile> files;
  for (const std::string& pattern : options.rules) {
    const std::vector<std::string> names = glob_files(pattern);
    if (names.empty()) {
      problems.add(Place{pattern, 0, 0}, "no rule file is there", "check the path");
    }
    for (const std::string& name : names) {
      files.push_back(load_rules(name, problems));
    }
  }
  if (!problems.empty()) {
    std::cerr << problems.to_string();
    return 1;
  }
  const auto read = read_recording(source);
  if (!read) {
    return fail(read.error().message);
  }
  for (const std::string& note : read->notes) {
    std::cerr << "warning: " << note << "\n";
  }
  if (!is_known(files, options.rule)) {
    return 1;
  }
  replay::ReplayOptions replaying;
  replaying.groups.interval = *step;
  // Alerts have a past: the rules run from the first point on.
  replaying.span = {std::min(read->recording.span()->from, read->span.to), read->span.to};
  if ((replaying.span.to - replaying.span.from) / *step > kEvaluationsMax) {
    return usage("there are too many evaluations from the first point on; choose a longer --step");
  }
  for (const replay::Explanation& each :
       replay::explain(read->recording, files, options.rule, read->span, replaying)) {
    std::cout << replay::text_report(each);
  }
  return 0;
}

}  // namespace

void add_explain(CLI::App& app, Chosen& chosen) {
  auto options = std::make_shared<Options>();
  CLI::App* command = app.add_subcommand(
      "explain",
      "Why a rule fires or does not, over recorded series: the value of each part of its\n"
      "expression, which label sets each operator dropped, and how long an alert is pending.\n"
      "The rules run from the first point on; shown are the evaluations from --from to --to, or\n"
      "the last one until --at.");
  command->add_option("RULE", options->rule, "Name of an alert or of what is recorded")->required();
  command->add_option("--rules", options->rules, "Rule files (globs)")->required();
  command->add_option("--at", options->at, "Unix seconds or RFC 3339");
  command->add_option("--step", options->step, "Interval of groups that name none (15s)");
  add_recording_options(*command, options->recording);
  command->footer("Exit codes: 0 good, 1 a file is bad or there is no such rule, 2 usage.");
  command->callback([options, &chosen] { chosen = [options] { return run_explain(*options); }; });
}

}  // namespace seamwatch::agent
