// Signal tables: what each documented error signal of each protocol means, as data. One file a
// protocol (http_table.cc, dns_table.cc, ...), each row with the document behind it. classify.h
// turns a row and the evidence into a Verdict. Pure; read-only after the first call, so any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/core/fault.h"
#include "agent/core/taxonomy.h"

namespace seamwatch::probes {

// One row. Texts have static lifetime. The first row of a code is its default: it is taken where
// the signal says nothing that selects another.
struct Row {
  static constexpr int kNoNumber = -1000000;

  std::string_view code;   // "429", "NXDOMAIN(3)", "CURLE_COULDNT_CONNECT", "EDE:DNSSEC Bogus(6)"
  int number = kNoNumber;  // the code as a number, where the protocol has one
  std::string_view name;   // a second name: "Too Many Requests", an older symbol; may be empty
  std::string_view when;   // selects among rows of one code; empty = always
  Persistence persistence = Persistence::depends;
  Category category = Category::runtime;
  bool honours_retry_after = false;
  std::string_view source = {};  // the document; empty = the table's own
};

struct Table {
  std::string_view protocol;  // as in Signal::protocol
  std::string_view source;    // the document behind rows that name none
  std::span<const Row> rows;
  // The rule for codes of this protocol that no row knows, by the class of the code (HTTP 5xx,
  // SMTP 4yz). Never nullptr.
  const Row* (*class_default)(const Signal& signal);
};

// All tables, in no particular order.
std::span<const Table> tables();

// The table of `protocol` (case and "-"/"."/"_" do not matter), or nullptr.
const Table* find_table(std::string_view protocol);

// The row that documents `signal`, or nullptr. The order of match is code + when, code + name,
// code. A code is accepted as number, as symbol, as "SYMBOL(number)", in any case; where it is
// neither, the signal's name is looked up. `when` is compared by its words, so phrasing is free; a
// signal without `when` takes the row without one, or the first.
const Row* find(const Signal& signal);

struct Match {
  const Row* row = nullptr;  // never nullptr
  std::string_view reason;   // "table", "class_default" (protocol known, code not),
                             // "unknown_signal" (no table for the protocol: low confidence)
  std::string_view source;   // the document, or the rule, behind the row
};

// The row for `signal`, with the class default of its protocol, or a rule by the words of the
// signal, where no row documents it.
Match match(const Signal& signal);

// "http 429 (Retry-After present)": the row as evidence.
std::string describe_row(std::string_view protocol, const Row& row);

// How well the free text `said` meets the condition `when` of a row: 0 (not, or the opposite) to 1
// (all words of `when` said). Both are compared by normalised words, with negation.
double when_similarity(std::string_view said, std::string_view when);

}  // namespace seamwatch::probes
