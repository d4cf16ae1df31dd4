#include "agent/cli/check_rules.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent/cli/feature_option.h"
#include "agent/cli/series_lookup.h"
#include "agent/config/files.h"
#include "agent/io/yaml.h"
#include "rules/lint/lint.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

// promtool's exit code for lints that --lint-fatal makes count.
constexpr int kLintExit = 3;

const std::string kStandardInput = "standard input";

struct CheckRulesOptions {
  std::vector<std::string> files;
  std::string lint = "all";
  std::string retention = "15d";
  std::string url;
  std::vector<std::string> features;
  bool lint_fatal = false;
  bool json = false;
  bool ignore_unknown = false;
};

struct Checked {
  std::string file;
  std::string text;
  rules::RuleFile rules;
  Diagnostics problems;
  std::vector<rules::Finding> findings;
};

// The codes of --lint. Error: one that does not exist.
Result<std::set<std::string>> chosen_codes(const std::string& list) {
  std::set<std::string> codes;
  std::istringstream in(list);
  for (std::string code; std::getline(in, code, ',');) {
    const auto known = rules::lint_codes();
    if (std::none_of(known.begin(), known.end(), [&](const rules::LintCode& each) {
          return each.code == code;
        })) {
      std::vector<std::string_view> names;
      for (const rules::LintCode& each : known) {
        names.push_back(each.code);
      }
      const std::string guess = nearest(code, names);
      return error("--lint: there is no lint " + seamwatch::quoted(code) +
                   (guess.empty() ? "" : "; did you mean " + guess + "?"));
    }
    codes.insert(code);
  }
  return codes;
}

// Of a file, or as promtool of what is given on the standard input.
Result<std::string> read_rules(const std::string& file) {
  if (file == kStandardInput) {
    return std::string(std::istreambuf_iterator<char>(std::cin), {});
  }
  return read_file(file);
}

Checked check_file(const std::string& file, const rules::RuleFileOptions& options) {
  Checked made;
  made.file = file;
  auto text = read_rules(file);
  if (!text) {
    made.problems.add(
        Place{file, 0, 0}, text.error().message, "check the path and its permissions");
    return made;
  }
  made.text = std::move(*text);
  const Document document = parse_yaml(file, made.text, made.problems);
  if (made.problems.empty()) {
    made.rules = rules::load_rule_file(document, made.problems, options);
  }
  return made;
}

bool is_wanted(const rules::LintOptions& lint, const std::string& code) {
  return lint.codes.empty() || lint.codes.contains(code);
}

// Adds what the server at `url` knows nothing of. Series that one of the files records count as
// there: they come when the rules run.
Status look_up(const std::string& url, std::vector<Checked>& files) {
  std::set<std::string> recorded;
  std::set<std::string> wanted;
  for (const Checked& file : files) {
    for (const rules::RuleGroup& group : file.rules.groups) {
      for (const rules::Rule& rule : group.rules) {
        if (rule.kind == rules::Rule::Kind::recording) {
          recorded.insert(rule.name);
        }
      }
    }
  }
  const auto is_recorded = [&](const std::string& selector) {
    return recorded.contains(selector.substr(0, selector.find('{')));
  };
  for (const Checked& file : files) {
    for (const rules::RuleSelector& selector : rules::selectors_of({file.rules, file.text})) {
      if (!is_recorded(selector.text)) {
        wanted.insert(selector.text);
      }
    }
  }
  const auto missing = selectors_without_series(url, wanted);
  if (!missing) {
    return missing.error();
  }
  for (Checked& file : files) {
    std::set<std::string> told;  // by selector and rule
    for (const rules::RuleSelector& selector : rules::selectors_of({file.rules, file.text})) {
      const rules::Finding finding = rules::no_series(selector);
      if (missing->contains(selector.text) && told.insert(finding.diagnostic.to_string()).second) {
        file.findings.push_back(finding);
      }
    }
  }
  return {};
}

json::object diagnostic_json(const Diagnostic& diagnostic) {
  return json::object{{"file", diagnostic.place.file},
                      {"line", diagnostic.place.line},
                      {"column", diagnostic.place.column},
                      {"what", diagnostic.what},
                      {"remedy", diagnostic.remedy}};
}

void print_json(const std::vector<Checked>& files) {
  json::array all;
  for (const Checked& file : files) {
    json::array problems;
    for (const Diagnostic& problem : file.problems.entries()) {
      problems.push_back(diagnostic_json(problem));
    }
    json::array warnings;
    for (const rules::Finding& finding : file.findings) {
      json::object object = diagnostic_json(finding.diagnostic);
      object["code"] = finding.code;
      object["group"] = finding.group;
      object["rule"] = finding.rule;
      warnings.push_back(std::move(object));
    }
    all.push_back(json::object{{"file", file.file},
                               {"good", file.problems.empty()},
                               {"rules", file.rules.rule_count()},
                               {"problems", std::move(problems)},
                               {"warnings", std::move(warnings)}});
  }
  std::cout << json::serialize(json::object{{"files", std::move(all)}}) << "\n";
}

void print_text(const std::vector<Checked>& files) {
  for (const Checked& file : files) {
    for (const rules::Finding& finding : file.findings) {
      std::cerr << "warning: " << finding.diagnostic.to_string() << " [" << finding.code << "]\n";
    }
    std::cerr << file.problems.to_string();
    if (file.problems.empty()) {
      const std::size_t count = file.rules.rule_count();
      std::cout << file.file << ": good: " << count << (count == 1 ? " rule" : " rules") << "\n";
    }
  }
}

int usage(const std::string& what) {
  std::cerr << "seamwatch: " << what << "\n";
  return 2;
}

int check_rules(const CheckRulesOptions& options) {
  rules::LintOptions lint;
  const auto retention = parse_duration(options.retention);
  if (!retention || *retention <= Millis(0)) {
    return usage("--retention " + options.retention + ": write a duration like 15d");
  }
  lint.retention = *retention;
  const bool none = options.lint == "none";
  if (options.lint != "all" && !none) {
    auto codes = chosen_codes(options.lint);
    if (!codes) {
      return usage(codes.error().message);
    }
    lint.codes = std::move(*codes);
  }
  rules::RuleFileOptions reading;
  reading.unknown =
      options.ignore_unknown ? rules::UnknownKeys::ignored : rules::UnknownKeys::refused;
  reading.features = chosen_features(options.features);
  std::vector<Checked> files;
  for (const std::string& file : options.files) {
    Checked& checked = files.emplace_back(check_file(file, reading));
    if (checked.problems.empty() && !none) {
      checked.findings = rules::lint_rules({checked.rules, checked.text}, lint);
    }
  }
  const bool bad = std::any_of(
      files.begin(), files.end(), [](const Checked& file) { return !file.problems.empty(); });
  std::string unreachable;
  if (!options.url.empty() && !none && !bad && is_wanted(lint, "no-series")) {
    const Status looked = look_up(options.url, files);
    unreachable = looked ? "" : looked.error().message;
  }
  options.json ? print_json(files) : print_text(files);
  if (!unreachable.empty()) {
    std::cerr << "seamwatch: " << unreachable << "\n";
  }
  if (bad || !unreachable.empty()) {
    return 1;
  }
  const bool warned = std::any_of(
      files.begin(), files.end(), [](const Checked& file) { return !file.findings.empty(); });
  return warned && options.lint_fatal ? kLintExit : 0;
}

std::string code_list() {
  std::string text = "Lints, each silenced on a rule or above it by `# seamwatch:ignore CODE`:\n";
  for (const rules::LintCode& code : rules::lint_codes()) {
    text += "  " + std::string(code.code) + std::string(17 - code.code.size(), ' ') +
            std::string(code.what) + "\n";
  }
  return text +
         "Exit codes: 0 good, 1 a file is bad, 2 usage, 3 a lint with --lint-fatal, as promtool.";
}

}  // namespace

void add_check_rules(Command check) {
  auto options = std::make_shared<CheckRulesOptions>();
  Command command =
      check.add_subcommand("rules", "Prometheus rule files: faults, and what is likely a mistake");
  command.add_option("FILE", options->files, "Files to check; none: the standard input");
  command.add_option("--lint", options->lint, "all, none, or codes with commas between (all)");
  command.add_flag("--lint-fatal", options->lint_fatal, "Exit 3 where a lint finds something");
  command.add_option(
      "--retention", options->retention, "How far back series are kept, for lints (15d)");
  command.add_option("--url",
                     options->url,
                     "Ask this agent or Prometheus which selectors have no series: its address, "
                     "such as http://127.0.0.1:9720");
  command.add_flag("--ignore-unknown-fields",
                   options->ignore_unknown,
                   "Take files with keys that Prometheus does not know");
  add_feature_option(command, options->features);
  command.add_flag("--json", options->json, "One JSON object");
  command.footer(code_list());
  command.runs([options] {
    if (options->files.empty()) {
      options->files.push_back(kStandardInput);
    }
    return check_rules(*options);
  });
}

}  // namespace seamwatch::agent
