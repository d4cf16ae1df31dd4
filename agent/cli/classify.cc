#include "probes/classify/classify.h"

#include <algorithm>
#include <iostream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "agent/cli/subcommands.h"
#include "agent/config/files.h"
#include "agent/core/diagnostics.h"
#include "agent/core/labels.h"
#include "probes/classify/classify_cli.h"
#include "probes/classify/table.h"

namespace seamwatch::agent {
namespace {

struct ClassifyOptions {
  std::string protocol;
  std::string signal;
  std::string context;
  std::string tsv;
  bool json = false;
};

int classify_rows(const std::string& file) {
  std::string text;
  if (file == "-") {
    text.assign(std::istreambuf_iterator<char>(std::cin), {});
  } else {
    auto read = read_file(file);
    if (!read) {
      std::cerr << file << ": " << read.error().message << "; check the path\n";
      return 1;
    }
    text = std::move(*read);
  }
  std::cout << probes::classify_tsv(text);
  const std::vector<std::size_t> empty = probes::rows_without_signal(text);
  for (const std::size_t line : empty) {
    std::cerr
        << (file == "-" ? "standard input" : file) << ":" << line
        << ":1: the row has no signal; write protocol, signal and context, with tabs between\n";
  }
  return empty.empty() ? 0 : 1;
}

// A protocol without a table, which the verdict can only guess about.
void say_where_unknown(const std::string& protocol) {
  if (probes::find_table(protocol) != nullptr) {
    return;
  }
  std::vector<std::string_view> names;
  for (const probes::Table& table : probes::tables()) {
    names.push_back(table.protocol);
  }
  std::sort(names.begin(), names.end());
  const std::string guess = nearest(protocol, names);
  std::cerr << "seamwatch: there is no table for protocol " << quoted(protocol) << "; ";
  if (!guess.empty()) {
    std::cerr << "did you mean " << quoted(guess) << "?\n";
    return;
  }
  std::cerr << "write one of";
  for (const std::string_view name : names) {
    std::cerr << (name == names.front() ? " " : ", ") << name;
  }
  std::cerr << "\n";
}

int classify_one(const ClassifyOptions& options) {
  const std::string unused = probes::unused_context(options.context);
  if (!unused.empty()) {
    std::cerr << "seamwatch: CONTEXT: " << quoted(unused)
              << " says nothing; write name=... or when=..., with ; between them\n";
    return 2;
  }
  const Signal signal =
      probes::signal_from_columns(options.protocol, options.signal, options.context);
  std::cout << (options.json ? probes::explain_signal_json(signal)
                             : probes::explain_signal(signal));
  std::cout << (options.json ? "\n" : "");
  say_where_unknown(options.protocol);
  return probes::is_known(signal) ? 0 : 1;
}

}  // namespace

void add_classify(Command app) {
  auto options = std::make_shared<ClassifyOptions>();
  Command command =
      app.add_subcommand("classify", "Say what an error signal means, and on what evidence");
  Option protocol =
      command.add_option("PROTOCOL", options->protocol, "http, curl, dns, tls, x509, errno, ...");
  const Option signal = command.add_option("SIGNAL", options->signal, "503, ECONNREFUSED, ...");
  command.add_option("CONTEXT", options->context, "name=...; when=... where the code needs it");
  const Option tsv = command.add_option(
      "--tsv", options->tsv, "Classify rows of protocol, signal, context; - is standard input");
  Option as_json = command.add_flag("--json", options->json, "One JSON object; of one signal");
  command.footer("Exit codes: 0 good, 1 no row knows the signal, 2 usage.");
  protocol.excludes(tsv);
  as_json.excludes(tsv);
  protocol.needs(signal);
  command.runs(
      [options] {
        return options->tsv.empty() ? classify_one(*options) : classify_rows(options->tsv);
      },
      [tsv, signal] {
        return tsv.given() || signal.given() ? "" : "PROTOCOL SIGNAL, or --tsv FILE";
      });
}

}  // namespace seamwatch::agent
