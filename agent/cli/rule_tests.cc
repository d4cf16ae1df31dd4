#include "agent/cli/rule_tests.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <thread>

#include <re2/re2.h>

#include "agent/config/files.h"
#include "agent/io/yaml.h"
#include "agent/loaded.h"

namespace seamwatch::agent {
namespace {

namespace testing = rules::testing;

using Filters = std::vector<std::unique_ptr<re2::RE2>>;

// A test file that is read, with its rules.
struct Prepared {
  testing::TestFile tests;
  std::vector<rules::RuleFile> rules;
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
  const LoadedRules& get(const std::string& path) {
    const auto [at, is_new] = files_.try_emplace(path);
    if (is_new) {
      at->second.rules = load_rules(path, at->second.problems);
    }
    return at->second;
  }

 private:
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
  loaded.tests = testing::load_test_file(document, outcome.problems, outcome.warnings);
  for (std::size_t i = 0; i < loaded.tests.tests.size(); ++i) {
    if (is_chosen(loaded.tests.tests[i], filters)) {
      loaded.chosen.push_back(i);
    }
  }
  // Like promtool: rules that no test looks at are not read.
  if (!loaded.chosen.empty()) {
    load_rule_files(file, loaded, rule_files, outcome, files_read);
  }
  return loaded;
}

void run_job(const Prepared& file, bool coverage, Job& job) {
  if (coverage) {
    job.coverage.emplace(file.rules);
  }
  job.outcome = testing::run_test(
      file.tests, file.tests.tests[job.test], file.rules, coverage ? &*job.coverage : nullptr);
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
  RuleFiles rule_files;
  std::vector<Prepared> loaded;
  std::vector<Job> jobs;
  for (const std::string& file : options.files) {
    testing::FileOutcome& outcome = run.files.emplace_back();
    loaded.push_back(load(file, *filters, rule_files, outcome, run.files_read));
    for (const std::size_t test : loaded.back().chosen) {
      if (outcome.problems.empty()) {
        jobs.push_back({loaded.size() - 1, test, {}, std::nullopt});
      }
    }
  }
  run_jobs(loaded, options.coverage, jobs);
  for (Job& job : jobs) {
    run.files[job.file].tests.push_back(std::move(job.outcome));
    if (job.coverage) {
      run.coverage.merge(*job.coverage);
    }
  }
  return run;
}

}  // namespace seamwatch::agent
