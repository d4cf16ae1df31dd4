#include "probes/classify/table.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <optional>
#include <unordered_map>
#include <vector>

#include "agent/core/ascii.h"
#include "probes/classify/table_list.h"
#include "probes/classify/words.h"

namespace seamwatch::probes {
namespace {

constexpr std::string_view kBlanks = " \t\r\n";

constexpr double kWhenEnough = 0.5;

const std::array kTables = {
    kHttpTable,
    kHttp2Table,
    kCurlTable,
    kCurlProxyTable,
    kOAuth2Table,
    kSocks5Table,
    kDnsTable,
    kTlsTable,
    kX509Table,
    kErrnoTable,
    kAmqp091Table,
    kSmtpTable,
    kSmtpEnhancedTable,
    kCheckTable,
    kHeartbeatTable,
    kQueueTable,
};

// A code as written, taken apart: "EDE:DNSSEC Bogus(6)" is prefix "ede:", symbol "ede:dnssecbogus",
// number 6.
struct Code {
  std::string prefix;
  std::string symbol;
  std::optional<int> number;
};

std::optional<int> to_number(std::string_view text) {
  const bool hex = text.starts_with("0x") || text.starts_with("0X");
  const std::string_view digits = hex ? text.substr(2) : text;
  int value = 0;
  const auto [end, failure] =
      std::from_chars(digits.data(), digits.data() + digits.size(), value, hex ? 16 : 10);
  if (digits.empty() || failure != std::errc() || end != digits.data() + digits.size()) {
    return std::nullopt;
  }
  return value;
}

Code take_apart(std::string_view text) {
  text = trimmed(text, kBlanks);
  Code code;
  if (text.size() >= 3 && text.back() == ')') {
    const auto open = text.rfind('(');
    if (open != std::string_view::npos) {
      code.number = to_number(text.substr(open + 1, text.size() - open - 2));
      if (code.number) {
        text = trimmed(text.substr(0, open), kBlanks);
      }
    }
  }
  const auto colon = text.rfind(':');
  if (colon != std::string_view::npos) {
    code.prefix = squeeze(text.substr(0, colon + 1));
    if (const auto number = to_number(trimmed(text.substr(colon + 1), kBlanks))) {
      code.number = number;
      return code;
    }
  } else if (const auto number = to_number(text)) {
    code.number = number;
    return code;
  }
  code.symbol = squeeze(text);
  return code;
}

std::string number_key(const std::string& prefix, int number) {
  return prefix + "#" + std::to_string(number);
}

using Index = std::unordered_map<std::string, std::vector<const Row*>>;

// Symbols without the prefix that all codes of a protocol share are accepted too.
constexpr std::array<std::string_view, 4> kOptionalPrefixes = {
    "x509verr", "curlpx", "curle", "sslalert"};

void add(Index& index, const std::string& key, const Row& row) {
  std::vector<const Row*>& rows = index[key];
  if (std::find(rows.begin(), rows.end(), &row) == rows.end()) {
    rows.push_back(&row);
  }
}

Index make_index(const Table& table) {
  Index index;
  for (const Row& row : table.rows) {
    const Code code = take_apart(row.code);
    if (!code.symbol.empty()) {
      add(index, code.symbol, row);
      for (const std::string_view prefix : kOptionalPrefixes) {
        if (code.symbol.starts_with(prefix)) {
          add(index, code.symbol.substr(prefix.size()), row);
        }
      }
    }
    if (row.number != Row::kNoNumber) {
      add(index, number_key(code.prefix, row.number), row);
    }
  }
  for (const Row& row : table.rows) {
    const std::string name = squeeze(row.name);
    if (!name.empty()) {
      add(index, name, row);
    }
  }
  return index;
}

const Index& index_of(const Table& table) {
  static const std::map<std::string_view, Index> indexes = [] {
    std::map<std::string_view, Index> all;
    for (const Table& each : kTables) {
      all.emplace(each.protocol, make_index(each));
    }
    return all;
  }();
  return indexes.at(table.protocol);
}

const std::vector<const Row*>* rows_of(const Table& table, const Signal& signal) {
  const Index& index = index_of(table);
  const auto look = [&](const std::string& key) {
    const auto found = index.find(key);
    return found == index.end() ? nullptr : &found->second;
  };
  const Code code = take_apart(signal.code);
  const std::vector<const Row*>* rows = nullptr;
  if (!code.symbol.empty()) {
    rows = look(code.symbol);
  }
  if (rows == nullptr && code.number) {
    rows = look(number_key(code.prefix, *code.number));
  }
  if (rows == nullptr && !signal.name.empty()) {
    rows = look(squeeze(signal.name));
  }
  return rows;
}

// How well `name` fits: of rows that share a number (BADVERS and BADSIG), the one that is named.
bool name_fits(const Row& row, const Signal& signal) {
  return !signal.name.empty() && (squeeze(row.name) == squeeze(signal.name) ||
                                  take_apart(row.code).symbol == squeeze(signal.name));
}

const Row* choose(const std::vector<const Row*>& rows, const Signal& signal) {
  const Row* best = nullptr;
  double best_fit = kWhenEnough;
  if (!signal.when.empty()) {
    for (const Row* row : rows) {
      const double fit = row->when.empty() ? 0 : when_similarity(signal.when, row->when);
      if (fit > best_fit || (fit == best_fit && best == nullptr)) {
        best = row;
        best_fit = fit;
      }
    }
  }
  if (best != nullptr) {
    return best;
  }
  for (const Row* row : rows) {
    if (name_fits(*row, signal) && row->when.empty()) {
      return row;
    }
  }
  for (const Row* row : rows) {
    if (row->when.empty()) {
      return row;
    }
  }
  return rows.front();
}

// The words of a condition, each with whether it is denied: "no Retry-After" is {retryafter, true}.
std::vector<std::pair<std::string, bool>> condition_words(std::string_view text) {
  static constexpr std::array<std::string_view, 22> kEmpty = {
      "a",    "an",  "the",     "is",   "was",  "were",  "be",    "of",  "at",   "in",  "on",
      "with", "and", "present", "when", "sent", "given", "there", "has", "have", "any", "header"};
  static constexpr std::array<std::string_view, 8> kDenying = {
      "no", "not", "without", "none", "missing", "absent", "lacks", "lacking"};
  static constexpr std::array<std::pair<std::string_view, std::string_view>, 6> kSynonyms = {{
      {"again", "repeated"},
      {"twice", "repeated"},
      {"first", "single"},
      {"once", "single"},
      {"fresh", "repeated"},
      {"one", "single"},
  }};
  std::vector<std::string> words = split_words(text);
  std::vector<std::pair<std::string, bool>> out;
  bool deny_next = false;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string word = words[i];
    if (word == "retry" && i + 1 < words.size() && words[i + 1] == "after") {
      word = "retryafter";
      ++i;
    }
    if (std::find(kDenying.begin(), kDenying.end(), word) != kDenying.end()) {
      // "Retry-After absent" denies what stands before it, "no Retry-After" what follows.
      if ((word == "missing" || word == "absent") && !out.empty()) {
        out.back().second = true;
      } else {
        deny_next = true;
      }
      continue;
    }
    if (std::find(kEmpty.begin(), kEmpty.end(), word) != kEmpty.end()) {
      continue;
    }
    for (const auto& [said, meant] : kSynonyms) {
      word = word == said ? std::string(meant) : word;
    }
    out.emplace_back(std::move(word), deny_next);
    deny_next = false;
  }
  return out;
}

}  // namespace

double when_similarity(std::string_view said, std::string_view when) {
  const auto have = condition_words(said);
  const auto want = condition_words(when);
  if (have.empty() || want.empty()) {
    return 0;
  }
  double met = 0;
  for (const auto& [word, denied] : want) {
    for (const auto& [other, other_denied] : have) {
      if (!same_stem(word, other)) {
        continue;
      }
      if (denied != other_denied) {
        return 0;
      }
      met += 1;
      break;
    }
  }
  // Retry-After decides alone: the rest of such a condition explains it.
  for (const auto& [word, denied] : want) {
    for (const auto& [other, other_denied] : have) {
      if (word == "retryafter" && other == word && denied == other_denied) {
        return 1;
      }
    }
  }
  const auto shorter = static_cast<double>(std::min(have.size(), want.size()));
  return met / shorter;
}

std::span<const Table> tables() {
  return kTables;
}

const Table* find_table(std::string_view protocol) {
  const std::string wanted = squeeze(protocol);
  for (const Table& table : kTables) {
    if (squeeze(table.protocol) == wanted) {
      return &table;
    }
  }
  return nullptr;
}

const Row* find(const Signal& signal) {
  const Table* table = find_table(signal.protocol);
  const auto* rows = table == nullptr ? nullptr : rows_of(*table, signal);
  return rows == nullptr ? nullptr : choose(*rows, signal);
}

Match match(const Signal& signal) {
  const Table* table = find_table(signal.protocol);
  if (table == nullptr) {
    return Match{generic_rule(signal), "unknown_signal", "a rule by the words of the signal"};
  }
  if (const Row* row = find(signal)) {
    return Match{row, "table", row->source.empty() ? table->source : row->source};
  }
  return Match{table->class_default(signal), "class_default", table->source};
}

std::string describe_row(std::string_view protocol, const Row& row) {
  std::string text = std::string(protocol) + " " + std::string(row.code);
  if (!row.when.empty()) {
    text += " (" + std::string(row.when) + ")";
  }
  return text;
}

}  // namespace seamwatch::probes
