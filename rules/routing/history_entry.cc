#include "rules/routing/history_entry.h"

#include <array>

namespace seamwatch::rules {
namespace {

// In the order of the enumerators.
constexpr std::array<std::string_view, 20> kWords = {
    "grouped",      "silenced", "inhibited", "muted",   "queued", "escalated", "resolved",
    "deduplicated", "ended",    "refused",   "sent",    "failed", "merged",    "dead_lettered",
    "fallback",     "redriven", "acked",     "unacked", "held",   "left_out"};

}  // namespace

std::string_view to_string(HistoryDecision decision) {
  return kWords.at(static_cast<std::size_t>(decision));
}

std::optional<HistoryDecision> parse_history_decision(std::string_view word) {
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    if (kWords.at(i) == word) {
      return static_cast<HistoryDecision>(i);
    }
  }
  return std::nullopt;
}

std::string history_decisions_text() {
  std::string out;
  for (const std::string_view word : kWords) {
    out += out.empty() ? "" : ", ";
    out += word;
  }
  return out;
}

}  // namespace seamwatch::rules
