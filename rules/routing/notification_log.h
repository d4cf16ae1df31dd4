// NotificationLog: what each sink was last told about each group. It decides whether there is news,
// and it is written in the same transaction as the outbox, so a crash neither loses nor repeats a
// notice. Owned by the agent's loop; the durable copy is agent/store's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "agent/core/result.h"
#include "agent/core/times.h"

namespace seamwatch::rules {

// Entries are kept for as long as an agent may have been away and still owes a "resolved".
inline constexpr Millis kNotificationLogRetention{120 * 3'600'000LL};

struct NotificationKey {
  std::string group_key;
  std::string receiver;
  std::string sink;  // "webhook[0]"

  friend auto operator<=>(const NotificationKey&, const NotificationKey&) = default;
};

// Whether it is one of these fingerprints, which are sorted.
bool contains(const std::vector<std::uint64_t>& sorted, std::uint64_t fingerprint);

// The key of its entry where the log is kept.
std::string log_space_key(const NotificationKey& key);

// That a sink was told that an alert is resolved, and since when.
struct ToldEnd {
  std::uint64_t fingerprint = 0;
  WallTime at{};

  friend auto operator<=>(const ToldEnd&, const ToldEnd&) = default;
};

// Whether the notice of an entry was lost.
enum class Loss {
  none,      // it was delivered, or it waits to be
  rejected,  // no retry can help: told again with news, at a repeat, or after a reload
  given_up,  // the retry budget was over: told again at the group's next turn
};

struct NotificationLogEntry {
  NotificationKey key;
  std::vector<std::uint64_t> firing;    // fingerprints, sorted
  std::vector<std::uint64_t> resolved;  // likewise
  WallTime at{};
  WallTime expires_at{};
  // Fingerprints, sorted: told as firing, silenced since, and their end not told yet.
  std::vector<std::uint64_t> held = {};
  WallTime since{};                 // the first notice of this incident: see open()
  bool escalated = false;           // told by a step of the route, not as its receiver
  std::vector<ToldEnd> ended = {};  // by fingerprint, one of each: ends it was told of late
  std::string notice = {};          // the id of the notice that says all this; "": none had to
  Loss loss = Loss::none;           // of that notice
  std::optional<WallTime> news_at = std::nullopt;  // from where a repeat counts, unless from `at`
  bool first = false;     // whoever reads that notice has heard nothing of the group before
  bool fallback = false;  // told in place of another: it hears no more but the end. See owed_ends.h

  // Whether the sink was told of something that fires, and not yet that all of it is resolved.
  bool open() const { return !firing.empty() || !held.empty(); }

  // Whether all that was to be told of the group was lost.
  bool unheard() const { return first && loss != Loss::none; }

  // Whether nobody can have read of it: of what was given up, only the answer may have been lost.
  bool unread() const { return first && loss == Loss::rejected; }

  WallTime repeat_from() const { return news_at.value_or(at); }

  // Whether it is among `ended` with this end or a later one.
  bool told_end(std::uint64_t fingerprint, WallTime ended_at) const;

  friend bool operator==(const NotificationLogEntry&, const NotificationLogEntry&) = default;
};

std::string to_json(const NotificationLogEntry& entry);
[[nodiscard]] Result<NotificationLogEntry> log_entry_from_json(std::string_view text);

class NotificationLog {
 public:
  // nullptr where nothing was told yet.
  const NotificationLogEntry* find(const NotificationKey& key) const;

  // Of all sinks that were told of this group.
  std::vector<const NotificationLogEntry*> of_group(const std::string& group_key) const;

  // Whether some sink was told that this alert is resolved, by this end or a later one.
  bool told_resolved(std::uint64_t fingerprint, WallTime ended_at) const;

  template <class Take>
  void each(const Take& take) const {
    for (const auto& [key, entry] : entries_) {
      take(entry);
    }
  }

  // What was rejected is told again at the next turn: a reload may have mended it.
  void retry_rejected();

  // Replaces the entry of the same key.
  void put(NotificationLogEntry entry);

  // Drops entries that expired by `now` and returns their keys, for the durable copy.
  std::vector<NotificationKey> forget_expired(WallTime now);

  std::size_t size() const { return entries_.size(); }

 private:
  std::map<NotificationKey, NotificationLogEntry> entries_;
};

}  // namespace seamwatch::rules
