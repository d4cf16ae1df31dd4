// What failed, in words for people who know none of our protocols: what the first line of a notice
// says. The signal itself stays beside it, as evidence. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "agent/core/fault.h"

namespace seamwatch::probes {

// "the certificate has expired", "connection refused", "HTTP 503 Service Unavailable": a clause
// without a full stop, at most 120 bytes, without symbols of any protocol. From the table of
// words; where that has no row, from the words that the signal's own symbol or name is made of,
// after what its category means. A timeout says what was waited for, by the phase.
std::string fault_words(const Fault& fault);

// The table: words for rows of the signal tables, and for no other codes.
struct FaultWords {
  std::string_view protocol;
  std::string_view code;  // as its row in the table of the protocol has it
  std::string_view when;  // as that row; empty where the words do for every row of the code
  std::string_view words;
};

std::span<const FaultWords> all_fault_words();

}  // namespace seamwatch::probes
