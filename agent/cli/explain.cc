#include "rules/replay/explain.h"

#include <algorithm>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/cli/agent_client.h"
#include "agent/cli/feature_option.h"
#include "agent/cli/live_explain.h"
#include "agent/cli/recording_options.h"
#include "agent/cli/subcommands.h"
#include "agent/config/files.h"
#include "agent/loaded.h"
#include "rules/replay/explain_report.h"

namespace seamwatch::agent {
namespace {

namespace replay = rules::replay;

constexpr std::int64_t kEvaluationsOfGroupMax = 100'000;  // of one group

struct ExplainOptions {
  std::string rule;
  std::vector<std::string> rules;
  std::string at;
  std::string step = "15s";
  std::vector<std::string> features;
  RecordingOptions recording;
  ClientOptions client;
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

// What is wrong with the options, or "".
std::string wrong(const ExplainOptions& options) {
  const RecordingOptions& recording = options.recording;
  if (!recording.has_source()) {
    if (!options.rules.empty() || !recording.from.empty() || !recording.to.empty()) {
      return "--rules, --from and --to go with one of --storage, --openmetrics and --series; "
             "without, a running agent is asked";
    }
    return "";
  }
  if (options.rules.empty()) {
    return "give the rule files: --rules";
  }
  if (!options.at.empty() && (!recording.from.empty() || !recording.to.empty())) {
    return "--at does not go with --from and --to";
  }
  return wrong_source(recording);
}

// Prints explanations as they come; in JSON, one array of all.
class Printer {
 public:
  explicit Printer(bool as_json) : as_json_(as_json) {}

  void print(const replay::Explanation& each) {
    if (as_json_) {
      std::cout << (any_ ? "," : "[") << replay::json_report(each);
    } else {
      std::cout << replay::text_report(each);
    }
    any_ = true;
  }

  int end() const {
    if (as_json_) {
      std::cout << (any_ ? "]\n" : "[]\n");
    }
    return 0;
  }

 private:
  bool as_json_;
  bool any_ = false;
};

int run_live(const ExplainOptions& options) {
  std::optional<WallTime> at;
  if (!options.at.empty()) {
    const auto parsed = time_option("--at", options.at);
    if (!parsed) {
      return usage(parsed.error().message);
    }
    at = *parsed;
  }
  const auto explanations = explain_live(options.client, options.rule, at);
  if (!explanations) {
    return fail(explanations.error().message);
  }
  Printer printer(options.client.json);
  for (const replay::Explanation& each : *explanations) {
    printer.print(each);
  }
  return printer.end();
}

// The rule files; reports to standard error what is wrong with them.
std::optional<std::vector<rules::RuleFile>> read_rules(const ExplainOptions& options,
                                                       rules::promql::Features features) {
  Diagnostics problems;
  std::vector<rules::RuleFile> files;
  for (const std::string& pattern : options.rules) {
    const std::vector<std::string> names = glob_files(pattern);
    if (names.empty()) {
      problems.add(Place{pattern, 0, 0}, "no rule file is there", "check the path");
    }
    for (const std::string& name : names) {
      files.push_back(load_rules(name, problems, {.features = features}));
    }
  }
  if (!problems.empty()) {
    std::cerr << problems.to_string();
    return std::nullopt;
  }
  return files;
}

int run_recorded(const ExplainOptions& options) {
  const auto step = parse_duration(options.step);
  if (!step || *step <= Millis(0)) {
    return usage("--step: write a duration such as 15s or 1m");
  }
  RecordingOptions source = options.recording;
  if (!options.at.empty()) {
    source.from = options.at;
    source.to = options.at;
  }
  const rules::promql::Features features = chosen_features(options.features);
  const auto files = read_rules(options, features);
  if (!files) {
    return 1;
  }
  const auto read = read_recording(source);
  if (!read) {
    return fail(read.error().message);
  }
  for (const std::string& note : read->notes) {
    std::cerr << "warning: " << note << "\n";
  }
  if (!is_known(*files, options.rule)) {
    return 1;
  }
  replay::ReplayOptions replaying;
  replaying.groups.interval = *step;
  replaying.features = features;
  // Alerts have a past: the rules run from the first point on.
  replaying.span = {std::min(read->recording.span()->from, read->span.to), read->span.to};
  if ((replaying.span.to - replaying.span.from) / *step > kEvaluationsOfGroupMax) {
    return usage("there are too many evaluations from the first point on; choose a longer --step");
  }
  Printer printer(options.client.json);
  replay::explain(read->recording,
                  *files,
                  {options.rule, read->span},
                  replaying,
                  [&](const replay::Explanation& each) { printer.print(each); });
  return printer.end();
}

int run_explain(const ExplainOptions& options) {
  const std::string problem = wrong(options);
  if (!problem.empty()) {
    return usage(problem);
  }
  return options.recording.has_source() ? run_recorded(options) : run_live(options);
}

}  // namespace

void add_explain(Command app) {
  auto options = std::make_shared<ExplainOptions>();
  Command command =
      app.add_subcommand("explain", "Why a rule fires or does not, part by part of its expression");
  command.add_option("RULE", options->rule, "Name of an alert or of what is recorded").required();
  command.add_option("--rules", options->rules, "Rule files (globs); with recorded series");
  command.add_option("--at", options->at, "Unix seconds or RFC 3339");
  command.add_option("--step", options->step, "Interval of groups that name none (15s)");
  add_feature_option(command, options->features);
  add_client_options(command, options->client);
  add_recording_options(command, options->recording);
  command.footer(
      "The value of each part of the rule's expression, which label sets each operator dropped, "
      "and\n"
      "how long an alert is pending. Asks a running agent, or any Prometheus, about its last\n"
      "evaluation or the time of --at; or runs rule files over recorded series from their first\n"
      "point on, and shows the evaluations from --from to --to, or the last one until --at.\n"
      "Exit codes: 0 good, 1 a file is bad, no answer, or there is no such rule, 2 usage.");
  command.runs([options] { return run_explain(*options); });
}

}  // namespace seamwatch::agent
