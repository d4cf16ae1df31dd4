// Inhibition: while a source alert fires, target alerts with equal labels are not told. The
// Inhibitor knows the firing source alerts of every rule, indexed by the values that must be equal.
// Owned by the agent's loop; time is a parameter.
// Source: Alertmanager, docs/configuration.md "<inhibit_rule>".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "agent/core/alert.h"
#include "agent/core/diagnostics.h"
#include "rules/routing/matcher_syntax.h"

namespace seamwatch::rules {

struct InhibitRule {
  std::string name;  // for people; may be empty
  Matchers source;
  Matchers target;
  std::vector<std::string> equal;  // a label that both lack is equal
  Place place = {};                // in its file
};

class Inhibitor {
 public:
  explicit Inhibitor(std::vector<InhibitRule> rules);

  // Takes an alert as it now stands, firing or resolved. Call it for every alert that is inserted
  // into the dispatcher, before flushes of the same moment are decided.
  void insert(const Alert& alert);

  // Who inhibits an alert with these labels at `now`: the fingerprint of a source alert of the
  // first rule that does, or nothing. An alert that matches both sides of a rule is not inhibited
  // by alerts that do so too, itself included.
  std::optional<std::uint64_t> inhibited_by(const Labels& target, WallTime now) const;

  // Forgets source alerts that are resolved.
  void forget_resolved(WallTime now);

 private:
  struct Source {
    std::optional<WallTime> ends_at = std::nullopt;
    bool also_target = false;
  };

  struct IndexedRule {
    InhibitRule rule;
    // By the values of `equal`, then by fingerprint (ordered, so that the answer is reproducible).
    std::unordered_map<std::string, std::map<std::uint64_t, Source>> sources;
  };

  std::vector<IndexedRule> rules_;
};

}  // namespace seamwatch::rules
