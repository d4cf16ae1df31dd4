#include "agent/cli/unknown_subcommand.h"

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "agent/core/diagnostics.h"

namespace seamwatch::agent {

std::string unknown_subcommand(Command app, int argument_count, char** arguments) {
  std::string path;
  for (int i = 1; i < argument_count; ++i) {
    const std::string word = arguments[i];
    const std::vector<Command> known = app.subcommands();
    if (known.empty() || word.empty() || word.front() == '-') {
      return "";
    }
    std::vector<std::string> names;
    for (const Command one : known) {
      names.push_back(one.name());
    }
    const auto next = std::find(names.begin(), names.end(), word);
    if (next == names.end()) {
      const std::string guess = nearest(word, {names.begin(), names.end()});
      return "there is no subcommand " + path + word +
             (guess.empty() ? "" : "; did you mean " + path + guess + "?") + "\nRun `seamwatch " +
             path + "--help` for those there are.";
    }
    path += word + " ";
    app = known[static_cast<std::size_t>(next - names.begin())];
  }
  return "";
}

}  // namespace seamwatch::agent
