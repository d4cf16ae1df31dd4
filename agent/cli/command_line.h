// CommandLine: what the subcommands see of the command line, and all of agent/cli that knows the
// parser (CLI11, in command_line.cc: its headers cost 5 s and more in each file that includes
// them). Command and Option are handles: cheap to copy, good as long as the CommandLine.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace seamwatch::agent {

class Option {
 public:
  Option required();
  // Adds up where it is given more than once, and takes one value each time.
  Option repeated();
  // Takes one value each time it is given.
  Option single_valued();
  Option one_of(std::vector<std::string> values);
  Option needs(Option other);
  Option excludes(Option other);

  bool given() const;  // after parsing

 private:
  friend class Command;

  explicit Option(CLI::Option* option) : option_(option) {}

  CLI::Option* option_;
};

class Command {
 public:
  Command add_subcommand(const std::string& name, const std::string& help);
  // One of the subcommands has to follow.
  void require_subcommand();

  // `names`: "-a,--author", or "FILE" for what stands without a name. What is given is written to
  // `value`, which has to outlive the parsing.
  Option add_option(const std::string& names, std::string& value, const std::string& help);
  Option add_option(const std::string& names,
                    std::vector<std::string>& values,
                    const std::string& help);
  Option add_flag(const std::string& names, bool& value, const std::string& help);
  void footer(const std::string& text);

  // What main() does where this is the command that was chosen: gives the exit code. `missing` is
  // asked at the end of the parsing, names what else had to be given ("FILE"), or gives "".
  void runs(std::function<int()> run, std::function<std::string()> missing = nullptr);

  std::string name() const;
  std::vector<Command> subcommands() const;

 private:
  friend class CommandLine;

  Command(CLI::App* app, std::function<int()>* chosen) : app_(app), chosen_(chosen) {}

  CLI::App* app_;
  std::function<int()>* chosen_;
};

// On stderr, each as "warning: ...".
void print_warnings(const Diagnostics& warnings);

class CommandLine {
 public:
  CommandLine(const std::string& help, const std::string& version);
  ~CommandLine();

  CommandLine(const CommandLine&) = delete;
  CommandLine& operator=(const CommandLine&) = delete;

  // `seamwatch` itself, which the subcommands are added to.
  Command root();

  // Nothing where a command was chosen; else what was to be said is printed (help, or what is wrong
  // with the arguments), and this is the exit code.
  std::optional<int> parse(int argument_count, char** arguments);

  // Requires: parse() gave nothing.
  int run() const { return chosen_(); }

 private:
  std::unique_ptr<CLI::App> app_;
  std::function<int()> chosen_;
};

}  // namespace seamwatch::agent
