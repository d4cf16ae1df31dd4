// Relabelling, as Prometheus's relabel_config: rules that change the labels of an alert, or drop
// it, before it is sent to Alertmanagers. Read from the configuration, applied by the sender. Pure.
// Source: Prometheus, docs/configuration "<relabel_config>", and its model/relabel tests.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/labels.h"

namespace re2 {
class RE2;
}

namespace seamwatch::rules {

enum class RelabelAction {
  replace,    // target_label becomes replacement, where regex matches the source labels
  keep,       // only what regex matches goes on
  drop,       // what regex matches does not
  keepequal,  // only where the source labels equal target_label
  dropequal,
  hashmod,   // target_label becomes the MD5 sum of the source labels modulo modulus
  labelmap,  // each label whose name regex matches is copied to replacement
  labeldrop,
  labelkeep,
  lowercase,  // target_label becomes the source labels in small letters
  uppercase,
};

std::string_view to_string(RelabelAction action);

struct RelabelRule {
  RelabelAction action = RelabelAction::replace;
  std::vector<std::string> source_labels;
  std::string separator = ";";
  std::string regex = "(.*)";
  std::uint64_t modulus = 0;
  std::string target_label;
  std::string replacement = "$1";
  std::shared_ptr<const re2::RE2> pattern;  // regex, anchored; never nullptr once read

  friend bool operator==(const RelabelRule& a, const RelabelRule& b);
};

using RelabelRules = std::vector<RelabelRule>;

// Reads a list of rules. Reports to `problems`, in Prometheus's words, what it would not take.
RelabelRules read_relabel_rules(const Document& document, const Node& list, Diagnostics& problems);

// `labels` after all rules, in order; nothing where they are dropped.
std::optional<Labels> relabel(Labels labels, const RelabelRules& rules);

}  // namespace seamwatch::rules
