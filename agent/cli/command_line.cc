#include "agent/cli/command_line.h"

#include <iostream>
#include <string_view>
#include <utility>

#include <CLI/CLI.hpp>

namespace seamwatch::agent {
namespace {

// "Did you mean --config?", where an option that the chosen command does not have is near to one
// that it has; else nothing.
std::string nearest_option(CLI::App& app) {
  CLI::App* chosen = &app;
  while (!chosen->get_subcommands().empty()) {
    chosen = chosen->get_subcommands().front();
  }
  std::vector<std::string_view> names;
  for (const CLI::Option* option : chosen->get_options()) {
    names.insert(names.end(), option->get_lnames().begin(), option->get_lnames().end());
  }
  for (const std::string& extra : app.remaining(true)) {
    const std::string_view word = std::string_view(extra).substr(0, extra.find('='));
    const std::string guess = word.starts_with("--") ? nearest(word.substr(2), names) : "";
    if (!guess.empty()) {
      return "Did you mean --" + guess + "?\n";
    }
  }
  return "";
}

}  // namespace

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::repeated() {
  option_->take_all();
  return single_valued();
}

Option Option::single_valued() {
  option_->allow_extra_args(false);
  return *this;
}

Option Option::one_of(std::vector<std::string> values) {
  option_->check(CLI::IsMember(std::move(values)));
  return *this;
}

Option Option::needs(Option other) {
  option_->needs(other.option_);
  return *this;
}

Option Option::excludes(Option other) {
  option_->excludes(other.option_);
  return *this;
}

bool Option::given() const {
  return !option_->empty();
}

Command Command::add_subcommand(const std::string& name, const std::string& help) {
  return Command(app_->add_subcommand(name, help), chosen_);
}

void Command::require_subcommand() {
  app_->require_subcommand(1);
}

Option Command::add_option(const std::string& names, std::string& value, const std::string& help) {
  return Option(app_->add_option(names, value, help));
}

Option Command::add_option(const std::string& names,
                           std::vector<std::string>& values,
                           const std::string& help) {
  return Option(app_->add_option(names, values, help));
}

Option Command::add_flag(const std::string& names, bool& value, const std::string& help) {
  return Option(app_->add_flag(names, value, help));
}

void Command::footer(const std::string& text) {
  app_->footer(text);
}

void Command::runs(std::function<int()> run, std::function<std::string()> missing) {
  app_->callback([chosen = chosen_, run = std::move(run), missing = std::move(missing)] {
    if (const std::string what = missing ? missing() : ""; !what.empty()) {
      throw CLI::RequiredError(what);
    }
    *chosen = run;
  });
}

std::string Command::name() const {
  return app_->get_name();
}

std::vector<Command> Command::subcommands() const {
  std::vector<Command> all;
  for (CLI::App* one : app_->get_subcommands([](CLI::App*) { return true; })) {
    all.push_back(Command(one, chosen_));
  }
  return all;
}

void print_warnings(const Diagnostics& warnings) {
  for (const Diagnostic& warning : warnings.entries()) {
    std::cerr << "warning: " << warning.to_string() << "\n";
  }
}

CommandLine::CommandLine(const std::string& help, const std::string& version)
    : app_(std::make_unique<CLI::App>(help)) {
  app_->set_version_flag("--version", version);
}

CommandLine::~CommandLine() = default;

Command CommandLine::root() {
  return Command(app_.get(), &chosen_);
}

std::optional<int> CommandLine::parse(int argument_count, char** arguments) {
  try {
    app_->parse(argument_count, arguments);
  } catch (const CLI::ExtrasError& error) {
    app_->exit(error);
    std::cerr << nearest_option(*app_);
    return 2;
  } catch (const CLI::ParseError& error) {
    return app_->exit(error) == 0 ? 0 : 2;
  }
  return std::nullopt;
}

}  // namespace seamwatch::agent
