#include "rules/routing/redrive.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "rules/routing/notice_parts.h"
#include "rules/routing/utc_text.h"

namespace seamwatch::rules {
namespace {

// What its sink was told of an alert after the letter was written; of that of a storm, in each of
// the groups that the letter stands for.
struct ToldSince {
  std::vector<const NotificationLogEntry*> entries;
  std::vector<const NotificationLogEntry*> lost = {};

  bool end_of(std::uint64_t fingerprint) const {
    return std::any_of(entries.begin(), entries.end(), [fingerprint](const auto* entry) {
      return contains(entry->resolved, fingerprint);
    });
  }

  // Whether the group itself tells it once more, as the notice that did was lost.
  bool owed(std::uint64_t fingerprint) const {
    return std::any_of(lost.begin(), lost.end(), [fingerprint](const auto* entry) {
      return contains(entry->firing, fingerprint) || contains(entry->held, fingerprint);
    });
  }

  bool firing(std::uint64_t fingerprint) const {
    return std::any_of(entries.begin(), entries.end(), [fingerprint](const auto* entry) {
      return contains(entry->firing, fingerprint);
    });
  }
};

enum class Standing { untold, told, fires_again, owed };

// What is to be done with one alert of the letter, which becomes what it is now.
Standing stand(Alert& alert, const ToldSince& told, const RedriveFacts& facts) {
  const std::uint64_t fingerprint = alert.labels.fingerprint();
  AlertPtr current = facts.current ? facts.current(fingerprint) : nullptr;
  if (current != nullptr && is_earlier(*current, alert)) {
    current = nullptr;
  }
  const bool fires = current != nullptr && !current->resolved(facts.now);
  if (alert.ends_at) {
    // Where it fires anew, that is told after its end, in order.
    return told.end_of(fingerprint) || told.firing(fingerprint) ? Standing::told
           : told.owed(fingerprint)                             ? Standing::owed
                                                                : Standing::untold;
  }
  const bool same = fires && current->starts_at <= alert.starts_at;
  if (!facts.current || same) {
    return told.end_of(fingerprint) || told.firing(fingerprint) ? Standing::told : Standing::untold;
  }
  if (fires) {
    return Standing::fires_again;
  }
  if (told.owed(fingerprint)) {
    return Standing::owed;
  }
  if (told.end_of(fingerprint) || told.firing(fingerprint)) {
    return Standing::told;  // or its end comes with its group
  }
  const bool anew = current != nullptr && began_anew(alert, *current);
  alert.ends_at = anew                 ? current->starts_at  // it was over by then
                  : current != nullptr ? current->ends_at
                                       : facts.now;
  return Standing::untold;
}

}  // namespace

Redriven as_it_stands(Notification letter, const RedriveFacts& facts) {
  const std::vector<LogPlace> places = log_places(letter);
  std::vector<const NotificationLogEntry*> later;  // by place; nullptr = nothing
  std::optional<WallTime> told_at;
  for (const LogPlace& place : places) {
    const NotificationLogEntry* entry = facts.told ? facts.told(place.key) : nullptr;
    const bool since = entry != nullptr && entry->at > letter.created_at;
    later.push_back(since ? entry : nullptr);
    told_at = since && entry->loss == Loss::none ? std::max(told_at.value_or(entry->at), entry->at)
                                                 : told_at;
  }
  bool is_owed = false;
  std::vector<Alert> left;
  for (Alert& alert : letter.alerts) {
    const std::uint64_t fingerprint = alert.labels.fingerprint();
    ToldSince told;
    for (std::size_t i = 0; i < places.size(); ++i) {
      if (later[i] != nullptr && places[i].holds(fingerprint)) {
        (later[i]->loss == Loss::none ? told.entries : told.lost).push_back(later[i]);
      }
    }
    const Standing now = stand(alert, told, facts);
    is_owed = is_owed || now == Standing::owed;
    if (now == Standing::untold) {
      left.push_back(std::move(alert));
    }
  }
  Redriven out;
  if (left.empty()) {
    out.left_out = told_at   ? "what it says was told by a newer notice at " + utc(*told_at)
                   : is_owed ? "its group tells it again: a newer notice of it was lost too"
                             : "what it says is over, and it fires anew: newer notices tell that";
    return out;
  }
  letter.alerts = std::move(left);
  forget_absent(letter);
  letter.late = true;
  out.notice = std::move(letter);
  return out;
}

}  // namespace seamwatch::rules
