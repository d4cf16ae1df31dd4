// How the states of alerts are kept: what privacy takes out of them, and those whose rule is gone.
#include "agent/evaluator.h"

namespace seamwatch::agent {
namespace {

std::string state_key(const std::string& group, const std::string& rule, const Labels& labels) {
  return group + "\n" + rule + "\n" + fingerprint_hex(labels.fingerprint());
}

}  // namespace

// The identity of a rule as it is kept: it has the texts of the rule, and so what they hold.
std::string Evaluator::kept_rule(const std::string& rule) {
  const auto [at, is_new] = kept_rules_.try_emplace(rule, rule);
  if (is_new && clean_) {
    Labels labels{{"rule", rule}};
    Labels none;
    clean_(labels, none);
    at->second = labels.get("rule");
  }
  return at->second;
}

std::string Evaluator::kept_key(const std::string& group, const rules::AlertState& state) {
  return state_key(group, kept_rule(state.rule), state.labels);
}

std::string Evaluator::kept_value(rules::AlertState state) {
  state.rule = kept_rule(state.rule);
  return rules::to_json(state);
}

// What was kept in clear, by an earlier version or under other patterns, is from now on the alert
// that its rule will bring.
void Evaluator::clean_restored(const std::vector<rules::RuleFile>& files) {
  std::map<std::string, std::map<std::string, std::string>> names;  // of a group: as kept, as it is
  for (const rules::RuleFile& file : files) {
    for (const rules::RuleGroup& group : file.groups) {
      for (const std::string& rule : rules::rule_keys(group)) {
        names[key_of(group)].emplace(kept_rule(rule), rule);
      }
    }
  }
  for (auto& [group, states] : restored_) {
    for (rules::AlertState& state : states) {
      const std::string before = state_key(group, state.rule, state.labels);
      const auto known = names[group].find(state.rule);
      state.rule = known == names[group].end() ? state.rule : known->second;
      if (clean_) {
        clean_(state.labels, state.annotations);
      }
      if (kept_key(group, state) != before) {
        kept_.erase(before);
      }
    }
  }
}

void Evaluator::keep_orphan(const std::string& key,
                            const rules::AlertState& state,
                            WallTime until) {
  if (state.phase == rules::AlertPhase::pending) {
    kept_.erase(key);
    return;
  }
  kept_.set(key, kept_value(state));
  orphans_[key] = until;
}

void Evaluator::forget_orphans(WallTime now) {
  for (auto at = orphans_.begin(); at != orphans_.end();) {
    if (at->second + options_.resolved_retention < now) {
      kept_.erase(at->first);
      at = orphans_.erase(at);
    } else {
      ++at;
    }
  }
}

}  // namespace seamwatch::agent
