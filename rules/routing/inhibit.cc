#include "rules/routing/inhibit.h"

#include <iterator>

namespace seamwatch::rules {
namespace {

std::string index_key(const std::vector<std::string>& equal, const Labels& labels) {
  std::string key;
  for (const std::string& name : equal) {
    key += labels.get(name);
    key += '\xff';  // never part of UTF-8 text
  }
  return key;
}

}  // namespace

Inhibitor::Inhibitor(std::vector<InhibitRule> rules) {
  for (InhibitRule& rule : rules) {
    rules_.push_back(IndexedRule{std::move(rule), {}});
  }
}

void Inhibitor::insert(const Alert& alert) {
  for (IndexedRule& indexed : rules_) {
    if (match_all(indexed.rule.source, alert.labels)) {
      const bool also_target = match_all(indexed.rule.target, alert.labels);
      indexed.sources[index_key(indexed.rule.equal, alert.labels)][alert.labels.fingerprint()] =
          Source{alert.ends_at, also_target};
    }
  }
}

std::optional<std::uint64_t> Inhibitor::inhibited_by(const Labels& target, WallTime now) const {
  for (const IndexedRule& indexed : rules_) {
    if (indexed.sources.empty() || !match_all(indexed.rule.target, target)) {
      continue;
    }
    const auto found = indexed.sources.find(index_key(indexed.rule.equal, target));
    if (found == indexed.sources.end()) {
      continue;
    }
    const bool two_sided = match_all(indexed.rule.source, target);
    std::optional<std::uint64_t> best;
    for (const auto& [fingerprint, source] : found->second) {
      const bool firing = !source.ends_at || *source.ends_at > now;
      if (firing && !source.also_target) {
        return fingerprint;
      }
      if (firing && !two_sided && !best) {
        best = fingerprint;
      }
    }
    if (best) {
      return best;
    }
  }
  return std::nullopt;
}

void Inhibitor::forget_resolved(WallTime now) {
  for (IndexedRule& indexed : rules_) {
    for (auto entry = indexed.sources.begin(); entry != indexed.sources.end();) {
      std::erase_if(entry->second, [&](const auto& source) {
        return source.second.ends_at && *source.second.ends_at <= now;
      });
      entry = entry->second.empty() ? indexed.sources.erase(entry) : std::next(entry);
    }
  }
}

}  // namespace seamwatch::rules
