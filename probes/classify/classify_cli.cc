#include "probes/classify/classify_cli.h"

#include <array>

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

#include "agent/core/ascii.h"
#include "probes/classify/classify.h"
#include "probes/classify/fault_words.h"
#include "probes/classify/table.h"

namespace seamwatch::probes {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";  // of editors on Windows
constexpr std::string_view kBlanks = " \t\r";

std::string_view take_until(std::string_view& rest, char end) {
  const auto at = rest.find(end);
  const std::string_view part = rest.substr(0, at);
  rest = at == std::string_view::npos ? std::string_view() : rest.substr(at + 1);
  return part;
}

std::string_view confidence(const Match& match) {
  return match.reason == "table" ? "documented" : "low";
}

std::string advice(const TableVerdict& verdict) {
  switch (verdict.persistence) {
    case Persistence::transient:
      return verdict.honours_retry_after ? "waits as long as the peer asked, then looks again"
                                         : "waits; persistent if it outlives the retry budget";
    case Persistence::persistent:
      return "someone must act";
    case Persistence::depends:
      return "confirm retries settle it: persistent if all of them fail alike";
  }
  return "";
}

// One line of the table form, without its end.
std::string tsv_line(std::string_view line) {
  const std::string_view protocol = take_until(line, '\t');
  const std::string_view code = take_until(line, '\t');
  const std::string_view context = take_until(line, '\t');
  const TableVerdict verdict = table_verdict(signal_from_columns(protocol, code, context));
  std::string out(protocol);
  out.append("\t").append(code);
  out.append("\t").append(to_string(verdict.persistence));
  out.append("\t").append(to_string(verdict.category));
  return out;
}

bool is_header(std::string_view line) {
  const std::string_view protocol = take_until(line, '\t');
  return protocol == "protocol" && trimmed(take_until(line, '\t'), kBlanks) == "signal";
}

}  // namespace

Signal signal_from_columns(std::string_view protocol,
                           std::string_view code,
                           std::string_view context) {
  Signal signal;
  signal.protocol = trimmed(protocol, kBlanks);
  signal.code = trimmed(code, kBlanks);
  while (!context.empty()) {
    const std::string_view part = trimmed(take_until(context, ';'), kBlanks);
    if (part.starts_with("name=")) {
      signal.name = trimmed(part.substr(5), kBlanks);
    } else if (part.starts_with("when=")) {
      signal.when = trimmed(part.substr(5), kBlanks);
    }
  }
  return signal;
}

std::string unused_context(std::string_view context) {
  while (!context.empty()) {
    const std::string_view part = trimmed(take_until(context, ';'), kBlanks);
    if (!part.empty() && !part.starts_with("name=") && !part.starts_with("when=")) {
      return std::string(part);
    }
  }
  return "";
}

bool is_known(const Signal& signal) {
  return match(signal).reason == "table";
}

std::string explain_signal(const Signal& signal) {
  const TableVerdict verdict = table_verdict(signal);
  const std::string retry_after = verdict.honours_retry_after ? "obeyed" : "not defined for it";
  const std::array<std::pair<std::string_view, std::string>, 10> lines = {{
      {"signal", describe(signal)},
      {"in words", fault_words(Fault{signal, "", ""})},
      {"persistence", std::string(to_string(verdict.persistence))},
      {"category", std::string(to_string(verdict.category))},
      {"retry-after", retry_after},
      {"what follows", advice(verdict)},
      {"row", describe_row(signal.protocol, *verdict.match.row)},
      {"reason", std::string(verdict.match.reason)},
      {"confidence", std::string(confidence(verdict.match))},
      {"source", std::string(verdict.match.source)},
  }};
  std::string out;
  for (const auto& [key, value] : lines) {
    out.append(key).append(": ").append(value).append("\n");
  }
  return out;
}

std::string explain_signal_json(const Signal& signal) {
  const TableVerdict verdict = table_verdict(signal);
  boost::json::object object;
  object["protocol"] = signal.protocol;
  object["signal"] = signal.code;
  object["words"] = fault_words(Fault{signal, "", ""});
  object["persistence"] = to_string(verdict.persistence);
  object["category"] = to_string(verdict.category);
  object["honours_retry_after"] = verdict.honours_retry_after;
  object["row"] = describe_row(signal.protocol, *verdict.match.row);
  object["reason"] = verdict.match.reason;
  object["confidence"] = confidence(verdict.match);
  object["source"] = verdict.match.source;
  return boost::json::serialize(object);
}

std::vector<std::size_t> rows_without_signal(std::string_view text) {
  std::vector<std::size_t> out;
  for (std::size_t number = 1; !text.empty(); ++number) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    std::string_view rest = line;
    take_until(rest, '\t');
    if (!line.empty() && trimmed(take_until(rest, '\t'), kBlanks).empty()) {
      out.push_back(number);
    }
  }
  return out;
}

std::string classify_tsv(std::string_view text) {
  std::string out;
  bool first = true;
  text.remove_prefix(text.starts_with(kByteOrderMark) ? kByteOrderMark.size() : 0);
  while (!text.empty()) {
    std::string_view line = take_until(text, '\n');
    if (line.ends_with('\r')) {
      line.remove_suffix(1);
    }
    const bool skip = line.empty() || (first && is_header(line));
    first = false;
    if (!skip) {
      out.append(tsv_line(line)).append("\n");
    }
  }
  return out;
}

}  // namespace seamwatch::probes
