#include "agent/cli/unknown_subcommand.h"

#include <string_view>
#include <vector>

#include <CLI/CLI.hpp>

#include "agent/core/diagnostics.h"

namespace seamwatch::agent {

std::string unknown_subcommand(const CLI::App& app, int argument_count, char** arguments) {
  const CLI::App* at = &app;
  std::string path;
  for (int i = 1; i < argument_count; ++i) {
    const std::string word = arguments[i];
    const auto known = at->get_subcommands([](const CLI::App*) { return true; });
    if (known.empty() || word.empty() || word.front() == '-') {
      return "";
    }
    const CLI::App* next = nullptr;
    std::vector<std::string_view> names;
    for (const CLI::App* one : known) {
      names.push_back(one->get_name());
      next = one->get_name() == word ? one : next;
    }
    if (next == nullptr) {
      const std::string guess = nearest(word, names);
      return "there is no subcommand " + path + word +
             (guess.empty() ? "" : "; did you mean " + path + guess + "?") + "\nRun `seamwatch " +
             path + "--help` for those there are.";
    }
    path += word + " ";
    at = next;
  }
  return "";
}

}  // namespace seamwatch::agent
