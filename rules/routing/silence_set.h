// SilenceSet: all silences, and the rules by which they are made, changed and ended. A change is
// planned first (pure), made durable by the caller, then applied, so that nothing is silenced that
// a crash would forget. Owned by the agent's loop; time and new ids are parameters.
// Source: Alertmanager, silence/silence.go (Set, Expire, canUpdate, GC).
#pragma once

#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "rules/routing/silence.h"

namespace seamwatch::rules {

inline constexpr std::string_view kSilenceNotFound = "silence not found";

// A version 4 UUID from 128 random bits.
std::string silence_uuid(std::uint64_t high, std::uint64_t low);

// What a request comes to: silences to be stored, all or none.
struct SilenceChange {
  std::string id;            // of the silence that was asked for
  std::vector<Silence> put;  // replace those of the same id
};

class SilenceSet {
 public:
  // Sets `wanted`: a new silence where its id is empty. An edit keeps the id where the silence has
  // not expired, the matchers (and recurrence) stay and its start stays, or for one that has not
  // begun moves within the future; else the old one ends and `fresh_id` names a new one. A new one
  // does not start before `now`, a recurring one keeps its start. Errors: check_silence()'s,
  // kSilenceNotFound, too many.
  [[nodiscard]] Result<SilenceChange> plan_set(Silence wanted,
                                               std::string fresh_id,
                                               WallTime now,
                                               const SilencePolicy& policy) const;

  // Ends a silence now; one that has ended stays as it is. Error: kSilenceNotFound.
  [[nodiscard]] Result<SilenceChange> plan_expire(const std::string& id, WallTime now) const;

  void apply(const SilenceChange& change);

  // Other texts by which a matcher may know a label value, where what it names was replaced by a
  // digest: `#` and ten hex digits. A matcher then names a value where it names any of its
  // texts.
  using OtherTexts = std::function<std::vector<std::string>(std::string_view value)>;

  void set_other_texts(OtherTexts other_texts) { other_texts_ = std::move(other_texts); }

  // The ids of the active silences that match, sorted.
  std::vector<std::string> silenced_by(const Labels& labels, WallTime now) const;

  // nullptr where there is none.
  const Silence* find(const std::string& id) const;

  // Active ones first (the first to end first), then pending (the first to start first), then
  // expired (the last to end first).
  std::vector<const Silence*> all(WallTime now) const;

  std::size_t size() const { return entries_.size(); }

  // Drops those that ended before `ended_before`; returns their ids.
  std::vector<std::string> forget(WallTime ended_before);

 private:
  struct Entry {
    Silence silence;
    // The window of a recurring one, as last looked at: it holds from looked_at to window.until.
    mutable WallTime looked_at = WallTime::max();
    mutable SilenceWindow window = {};
    bool digested = false;  // a matcher of it names a digest
  };

  class TextsOf;

  static bool matches(const Entry& entry, const Labels& labels, TextsOf& texts);

  static bool holds(const Entry& entry, WallTime now);
  void index();

  std::map<std::string, Entry> entries_;
  // Entries by the name and value of their first equality matcher with a value, so that an alert
  // meets only those it can match; the others stand in unindexed_.
  std::unordered_map<std::string, std::vector<const Entry*>> by_label_;
  std::vector<const Entry*> unindexed_;
  std::set<std::string, std::less<>> digested_;  // names of labels of matchers that name digests
  OtherTexts other_texts_;
};

}  // namespace seamwatch::rules
