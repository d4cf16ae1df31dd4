#include "agent/cli/rule_tests.h"

#include <algorithm>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include <re2/re2.h>

#include "agent/cli/simulated_noise.h"
#include "agent/cli/tested_privacy.h"
#include "agent/config/files.h"
#include "agent/config/load.h"
#include "agent/io/yaml.h"
#include "agent/landscape/enrich.h"
#include "agent/loaded.h"

namespace seamwatch::agent {
namespace {

namespace testing = rules::testing;

using Filters = std::vector<std::unique_ptr<re2::RE2>>;

// A test file that is read, with its rules.
struct Prepared {
  testing::TestFile tests;
  std::vector<rules::RuleFile> rules;
  std::shared_ptr<const rules::NotifyConfig> notify;  // nullptr: it names none
  std::function<Alert(Alert)> as_told;                // empty: nobody is told
  std::shared_ptr<TestedPrivacy> privacy;             // likewise
  std::optional<rules::SimulatedNoise> noise = rules::SimulatedNoise{};
  std::vector<std::size_t> chosen;  // indices of tests
};

// One test to run, and what came of it.
struct Job {
  std::size_t file = 0;
  std::size_t test = 0;
  testing::TestOutcome outcome;
  std::optional<testing::Coverage> coverage;
};

struct LoadedRules {
  rules::RuleFile rules;
  Diagnostics problems;
};

// Each rule file is read once, however many tests use it.
class RuleFiles {
 public:
  explicit RuleFiles(rules::RuleFileOptions options) : options_(options) {}

  const rules::RuleFileOptions& options() const { return options_; }

  const LoadedRules& get(const std::string& path) {
    const auto [at, is_new] = files_.try_emplace(path);
    if (is_new) {
      at->second.rules = load_rules(path, at->second.problems, options_);
    }
    return at->second;
  }

 private:
  rules::RuleFileOptions options_;
  std::map<std::string, LoadedRules> files_;
};

void add_all(const Diagnostics& from, Diagnostics& to) {
  for (const Diagnostic& each : from.entries()) {
    to.add(each.place, each.what, each.remedy);
  }
}

bool is_chosen(const testing::Test& test, const Filters& filters) {
  return filters.empty() || std::any_of(filters.begin(), filters.end(), [&](const auto& filter) {
           return re2::RE2::PartialMatch(test.name, *filter);
         });
}

void load_rule_files(const std::string& file,
                     Prepared& loaded,
                     RuleFiles& rule_files,
                     testing::FileOutcome& outcome,
                     std::vector<std::string>& files_read) {
  std::set<std::string> seen;
  for (const testing::RuleFileName& name : loaded.tests.rule_files) {
    const std::string pattern = join_path(folder_of(file), name.glob);
    const std::vector<std::string> paths =
        name.glob.empty() ? std::vector<std::string>() : glob_files(pattern);
    if (paths.empty()) {
      files_read.push_back(pattern);
      outcome.warnings.add(
          name.place, "no rule file matches " + seamwatch::quoted(name.glob), "check the path");
    }
    for (const std::string& path : paths) {
      if (!seen.insert(path).second) {
        continue;
      }
      files_read.push_back(path);
      const LoadedRules& read = rule_files.get(path);
      add_all(read.problems, outcome.problems);
      loaded.rules.push_back(read.rules);
    }
  }
}

// The configuration that the test file names: its landscape, external labels, notification file.
std::shared_ptr<const Config> load_test_config(const std::string& path,
                                               testing::FileOutcome& outcome,
                                               std::vector<std::string>& files_read) {
  ConfigSources sources;
  sources.config_file = path;
  const LoadedConfig read = load_config(sources, process_environment());
  files_read.push_back(path);
  files_read.insert(files_read.end(), read.files.begin(), read.files.end());
  add_all(read.problems, outcome.problems);
  return read.config;
}

void load_told_files(const std::string& file,
                     Prepared& loaded,
                     testing::FileOutcome& outcome,
                     std::vector<std::string>& files_read) {
  std::string notify;
  std::shared_ptr<const Config> config;
  if (loaded.tests.config_file) {
    const std::string path = join_path(folder_of(file), loaded.tests.config_file->path);
    config = load_test_config(path, outcome, files_read);
    if (!config) {
      return;
    }
    notify = config->notification_file;
    loaded.noise = simulated_noise(config);
  }
  if (loaded.tests.notification_file) {
    notify = join_path(folder_of(file), loaded.tests.notification_file->path);
  } else if (notify.empty() && loaded.tests.config_file) {
    outcome.problems.add(loaded.tests.config_file->place,
                         "this configuration names no notification file",
                         "add `notification_file:` beside `config_file:`");
  }
  if (!notify.empty()) {
    files_read.push_back(notify);
    loaded.notify = load_notify(notify, outcome.problems);
    loaded.privacy = std::make_shared<TestedPrivacy>(config);
    loaded.privacy->redact(loaded.tests);
    loaded.as_told = [config, privacy = loaded.privacy](Alert alert) {
      privacy->redact(alert);
      return config ? as_told(std::move(alert), config->global.external_labels, config->landscape)
                    : alert;
    };
  }
}

Prepared load(const std::string& file,
              const Filters& filters,
              RuleFiles& rule_files,
              testing::FileOutcome& outcome,
              std::vector<std::string>& files_read) {
  outcome.file = file;
  files_read.push_back(file);
  Prepared loaded;
  const auto text = read_file(file);
  if (!text) {
    outcome.problems.add(
        Place{file, 0, 0}, text.error().message, "check the path and its permissions");
    return loaded;
  }
  const Document document = parse_yaml(file, *text, outcome.problems);
  if (!outcome.problems.empty()) {
    return loaded;
  }
  loaded.tests = testing::load_test_file(
      document, outcome.problems, outcome.warnings, rule_files.options().features);
  for (std::size_t i = 0; i < loaded.tests.tests.size(); ++i) {
    if (is_chosen(loaded.tests.tests[i], filters)) {
      loaded.chosen.push_back(i);
    }
  }
  // Like promtool: rules that no test looks at are not read.
  if (!loaded.chosen.empty()) {
    load_rule_files(file, loaded, rule_files, outcome, files_read);
    load_told_files(file, loaded, outcome, files_read);
    if (!loaded.tests.noise_control) {
      loaded.noise.reset();
    }
  }
  return loaded;
}

void run_job(const Prepared& file, bool coverage, Job& job) {
  if (coverage) {
    job.coverage.emplace(file.rules, file.notify.get());
  }
  const testing::TestInputs inputs{file.rules, file.notify, file.as_told, file.noise};
  job.outcome = testing::run_test(
      file.tests, file.tests.tests[job.test], inputs, coverage ? &*job.coverage : nullptr);
}

void run_jobs(const std::vector<Prepared>& files, bool coverage, std::vector<Job>& jobs) {
  std::atomic<std::size_t> next = 0;
  const auto work = [&] {
    for (std::size_t i = next++; i < jobs.size(); i = next++) {
      run_job(files[jobs[i].file], coverage, jobs[i]);
    }
  };
  const std::size_t wanted = std::max<std::size_t>(std::thread::hardware_concurrency(), 1);
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(wanted, jobs.size()); ++i) {
    others.emplace_back(work);
  }
  work();
  for (std::thread& other : others) {
    other.join();
  }
}

Result<Filters> compiled(const std::vector<std::string>& texts) {
  Filters filters;
  for (const std::string& text : texts) {
    re2::RE2::Options options;
    options.set_log_errors(false);
    filters.push_back(std::make_unique<re2::RE2>(text, options));
    if (!filters.back()->ok()) {
      return error("--run " + seamwatch::quoted(text) + ": " + filters.back()->error());
    }
  }
  return filters;
}

}  // namespace

Result<RuleTestRun> run_rule_tests(const RuleTestOptions& options) {
  const auto filters = compiled(options.run);
  if (!filters) {
    return filters.error();
  }
  RuleTestRun run;
  RuleFiles rule_files({options.unknown, options.features});
  std::vector<Prepared> loaded;
  std::vector<Job> jobs;
  for (const std::string& file : options.files) {
    testing::FileOutcome& outcome = run.files.emplace_back();
    loaded.push_back(load(file, *filters, rule_files, outcome, run.files_read));
    if (!options.noise_control) {
      loaded.back().noise.reset();
    }
    for (const std::size_t test : loaded.back().chosen) {
      if (outcome.problems.empty()) {
        jobs.push_back({loaded.size() - 1, test, {}, std::nullopt});
      }
    }
  }
  run_jobs(loaded, options.coverage, jobs);
  for (std::size_t file = 0; file < loaded.size(); ++file) {
    if (loaded[file].privacy) {
      loaded[file].privacy->report(Place{run.files[file].file, 0, 0}, run.files[file].warnings);
    }
  }
  for (Job& job : jobs) {
    run.files[job.file].tests.push_back(std::move(job.outcome));
    if (job.coverage) {
      run.coverage.merge(*job.coverage);
    }
  }
  return run;
}

}  // namespace seamwatch::agent
