#include "rules/replay/replay.h"

#include <iostream>
#include <memory>
#include <string>
#include <vector>

#include "agent/cli/agent_client.h"
#include "agent/cli/feature_option.h"
#include "agent/cli/recording_options.h"
#include "agent/cli/replay_holds.h"
#include "agent/cli/simulated_noise.h"
#include "agent/cli/subcommands.h"
#include "agent/config/files.h"
#include "agent/config/load.h"
#include "agent/io/yaml.h"
#include "agent/landscape/enrich.h"
#include "agent/loaded.h"
#include "agent/notify/label_digest.h"
#include "agent/notify/silence_privacy.h"
#include "agent/store/kept_reader.h"
#include "rules/packs/default_pack.h"
#include "rules/replay/compare.h"
#include "rules/replay/report.h"

namespace seamwatch::agent {
namespace {

namespace replay = rules::replay;

// Of all groups together: some days of computing; more is a mistake in the times.
constexpr std::int64_t kEvaluationsOfAllMax = 10'000'000;

struct ReplayArguments {
  std::string config;
  std::vector<std::string> rules;
  std::vector<std::string> before;
  std::string notify;
  std::string step;
  std::string silences;
  std::vector<std::string> features;
  RecordingOptions recording;
  bool json = false;
  bool no_noise = false;
};

struct Inputs {
  std::shared_ptr<const Config> config;  // all defaults where no --config is given
  std::vector<rules::RuleFile> before;
  std::vector<rules::RuleFile> after;
  std::shared_ptr<const rules::NotifyConfig> notify;
};

std::vector<rules::RuleFile> load_all_rules(const std::vector<std::string>& patterns,
                                            rules::promql::Features features,
                                            Diagnostics& problems) {
  std::vector<rules::RuleFile> out;
  for (const std::string& pattern : patterns) {
    const std::vector<std::string> files = glob_files(pattern);
    if (files.empty()) {
      problems.add(Place{pattern, 0, 0}, "no rule file is there", "check the path");
    }
    for (const std::string& file : files) {
      out.push_back(load_rules(file, problems, {.features = features}));
    }
  }
  return out;
}

Inputs load_inputs(const ReplayArguments& options, Diagnostics& problems) {
  Inputs out;
  ConfigSources sources;
  sources.config_file = options.config;
  sources.features = options.features;
  chosen_features(options.features);  // says which names do nothing
  LoadedConfig config = load_config(sources, process_environment());
  for (const Diagnostic& problem : config.problems.entries()) {
    problems.add(problem.place, problem.what, problem.remedy);
  }
  out.config = config.config;
  if (!out.config) {
    return out;
  }
  const rules::promql::Features features = out.config->query.features;
  out.before = load_all_rules(options.before, features, problems);
  if (!options.rules.empty()) {
    out.after = load_all_rules(options.rules, features, problems);
  } else {
    out.after = load_all_rules(out.config->rule_files, features, problems);
    if (out.config->default_rules) {
      const Document pack = parse_yaml(rules::kDefaultPackName, rules::default_pack(), problems);
      out.after.push_back(rules::load_rule_file(pack, problems));
    }
  }
  const std::string& notify =
      options.notify.empty() ? out.config->notification_file : options.notify;
  if (!notify.empty()) {
    out.notify = load_notify(notify, problems);
  }
  return out;
}

// How many evaluations of groups there will be.
std::int64_t evaluations(const std::vector<rules::RuleFile>& files,
                         const replay::Span& span,
                         Millis interval) {
  std::int64_t out = 0;
  for (const rules::RuleFile& file : files) {
    for (const rules::RuleGroup& group : file.groups) {
      const Millis own = group.interval.value_or(Millis(0));
      out += (span.to - span.from) / (own > Millis(0) ? own : interval) + 1;
    }
  }
  return out;
}

// Takes secrets and personal data out of what is routed and shown, as the agent does.
class Redaction {
 public:
  Redaction(std::shared_ptr<const Config> config, Secret key)
      : config_(std::move(config)), key_(std::move(key)) {}

  void redact(Alert& alert) const {
    const PrivacyClass& its = config_->privacy_class(alert.labels.get("integration"));
    redact_alert(alert, config_->privacy.redactor, Privacy::scope(its), digest());
  }

  void redact(Labels& labels, Labels& annotations) const {
    const PrivacyClass& its = config_->privacy_class(labels.get("integration"));
    redact_texts(labels, annotations, config_->privacy.redactor, Privacy::scope(its), digest());
  }

  Status redact(rules::Matchers& matchers) const {
    return redact_matchers(matchers, config_->privacy.redactor, digest());
  }

  std::vector<std::string> other_texts(std::string_view value) const {
    return redacted_values(value, config_->privacy.redactor, digest());
  }

  void redact(replay::ReplayResult& result) const {
    for (replay::AlertEpisode& episode : result.alerts) {
      redact(episode.labels, episode.annotations);
    }
    for (replay::RuleFailure& failure : result.failures) {
      failure.what = config_->privacy.redactor.redact(failure.what);
    }
  }

 private:
  LabelDigest digest() const {
    return [this](std::string_view value) { return label_digest(value, key_); };
  }

  std::shared_ptr<const Config> config_;
  Secret key_;  // of what stands for redacted labels
};

Result<Redaction> make_redaction(const ReplayArguments& options,
                                 std::shared_ptr<const Config> config) {
  std::vector<KeyValue> kept;
  if (!options.recording.storage.empty()) {
    auto read = read_kept(options.recording.storage, kLabelDigestSpace);
    if (!read) {
      return read.error();
    }
    kept = std::move(*read);
  }
  return Redaction(std::move(config), label_digest_key(kept));
}

// What both of two replays have. `redaction` outlives them.
replay::ReplayOptions replay_options(const ReplayArguments& options,
                                     const Inputs& inputs,
                                     const Redaction& redaction) {
  const GlobalConfig& global = inputs.config->global;
  replay::ReplayOptions out;
  out.notify = inputs.notify;
  out.groups.interval = global.evaluation_interval;
  out.groups.external_labels = global.external_labels;
  out.groups.external_url = global.external_url;
  out.features = inputs.config->query.features;
  out.as_told = [config = inputs.config, &redaction](Alert alert) {
    redaction.redact(alert);
    return as_told(std::move(alert), config->global.external_labels, config->landscape);
  };
  out.clean = [&redaction](Labels& labels, Labels& annotations) {
    redaction.redact(labels, annotations);
  };
  if (!options.no_noise) {
    out.noise = simulated_noise(inputs.config);
  }
  // The agent's offsets are those of the files that it reads itself.
  out.own_offsets =
      !options.recording.storage.empty() && options.rules.empty() && options.before.empty();
  return out;
}

bool is_good(const replay::ReplayResult& result) {
  return result.failures.empty() && !result.stopped_at;
}

int replay_one(const ReplayArguments& options,
               const Inputs& inputs,
               const ReadRecording& read,
               const replay::ReplayOptions& replaying,
               const Redaction& redaction) {
  replay::ReplayResult result = replay::replay(read.recording, inputs.after, replaying);
  redaction.redact(result);
  std::cout << (options.json ? replay::json_report(result) : replay::text_report(result));
  return is_good(result) ? 0 : 1;
}

int replay_two(const ReplayArguments& options,
               const Inputs& inputs,
               const ReadRecording& read,
               replay::ReplayOptions replaying,
               const Redaction& redaction) {
  // Both see the same recording: what one of them writes is not taken from it for the other.
  replaying.names_written = replay::names_written(inputs.before);
  const std::vector<std::string> more = replay::names_written(inputs.after);
  replaying.names_written.insert(replaying.names_written.end(), more.begin(), more.end());
  replay::ReplayResult before = replay::replay(read.recording, inputs.before, replaying);
  replay::ReplayResult after = replay::replay(read.recording, inputs.after, replaying);
  redaction.redact(before);
  redaction.redact(after);
  const replay::Comparison comparison = replay::compare(before, after);
  std::cout << (options.json ? replay::json_report(before, after, comparison)
                             : replay::text_report(before, after, comparison));
  return is_good(before) && is_good(after) ? 0 : 1;
}

int replay_all(const ReplayArguments& options, const Inputs& inputs, const ReadRecording& read) {
  const auto redaction = make_redaction(options, inputs.config);
  if (!redaction) {
    return fail(redaction.error().message);
  }
  auto holds = read_holds(options.silences,
                          options.recording.storage,
                          [&](rules::Matchers& matchers) { return redaction->redact(matchers); });
  if (!holds) {
    return fail(holds.error().message);
  }
  holds->silences.set_other_texts(
      [&](std::string_view value) { return redaction->other_texts(value); });
  replay::ReplayOptions replaying = replay_options(options, inputs, *redaction);
  replaying.span = read.span;
  apply_holds(*holds, replaying);
  if (!options.step.empty()) {
    const auto step = parse_duration(options.step);
    if (!step || *step <= Millis(0)) {
      return usage("--step: write a duration such as 15s or 1m");
    }
    replaying.groups.interval = *step;
  }
  for (const auto* files : {&inputs.before, &inputs.after}) {
    const std::int64_t count = evaluations(*files, read.span, replaying.groups.interval);
    if (count > kEvaluationsOfAllMax) {
      return usage("from " + to_rfc3339(read.span.from) + " to " + to_rfc3339(read.span.to) +
                   " there are " + std::to_string(count) +
                   " evaluations; choose a shorter span by --from and --to, or a longer --step");
    }
  }
  return options.before.empty()
             ? replay_one(options, inputs, read, replaying, *redaction)
             : replay_two(options, inputs, read, std::move(replaying), *redaction);
}

int run_replay(const ReplayArguments& options) {
  if (options.rules.empty() && options.config.empty()) {
    return usage("give --rules, or --config for the rules that it names");
  }
  if (const std::string wrong = wrong_source(options.recording); !wrong.empty()) {
    return usage(wrong);
  }
  Diagnostics problems;
  const Inputs inputs = load_inputs(options, problems);
  if (!problems.empty()) {
    std::cerr << problems.to_string();
    return 1;
  }
  const auto read = read_recording(options.recording);
  if (!read) {
    return fail(read.error().message);
  }
  for (const std::string& note : read->notes) {
    std::cerr << "warning: " << note << "\n";
  }
  return replay_all(options, inputs, *read);
}

}  // namespace

void add_replay(Command app) {
  auto options = std::make_shared<ReplayArguments>();
  Command command = app.add_subcommand(
      "replay",
      "Which alerts and notices rules would have given over recorded series, in simulated time");
  command.add_option("--rules", options->rules, "Rule files (globs); else those of --config");
  command.add_option("--before", options->before, "Rule files (globs) to compare --rules with");
  command.add_option("--notify", options->notify, "Notification file; else that of --config");
  command.add_option(
      "--config", options->config, "seamwatch.yml: external labels, owners, intervals");
  command.add_option(
      "--step", options->step, "Interval of groups that name none: 15s, 1m (the config's, or 15s)");
  command.add_option("--silences",
                     options->silences,
                     "Silences out of a file, in the JSON of `amtool silence query -o json` or "
                     "/api/v2/silences, in place of those of --storage");
  add_feature_option(command, options->features);
  add_recording_options(command, options->recording);
  command.add_flag("--no-noise-control",
                   options->no_noise,
                   "Without noise control: every notice goes out on its own");
  command.add_flag("--json", options->json, "One JSON object");
  command.footer(
      "With --before, what differs between two sets of rules. Nothing is sent. Each group is\n"
      "evaluated at --from and then once an interval; the rules of --config over --storage at the\n"
      "times at which the agent does. Silences and acks of --storage hold notices back, as they\n"
      "now stand. Noise control works as in the agent, as notification.noise of --config says:\n"
      "systems are down where the recording has seamwatch_integration_state of integrations of\n"
      "--config. What is shown is redacted as in the agent. An agent's storage looks back as far\n"
      "as its storage.retention, 2h unless its configuration says more.\n"
      "Exit codes: 0 good, 1 a rule failed, a file is bad or there was too much to do, 2 usage.");
  command.runs([options] { return run_replay(*options); });
}

}  // namespace seamwatch::agent
