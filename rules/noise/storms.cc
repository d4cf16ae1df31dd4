#include "rules/noise/storms.h"

#include <algorithm>
#include <iterator>

#include "rules/noise/storm_summary.h"

namespace seamwatch::rules {
namespace {

constexpr Millis kRetryAfter{10'000};  // of a summary that the outbox refused
constexpr Millis kRestoredFor{2 * 60'000};

}  // namespace

void Storms::restore(const Sink& sink, WallTime since, WallTime now) {
  Storm& storm = storms_[sink];
  storm.brake.restore(since);
  storm.restored_at = now;
  engaged_[sink] = since;
}

void Storms::apply(const BrakePolicy& policy) {
  policy_ = policy;
  for (auto& [sink, storm] : storms_) {
    storm.waiting.clear();
    storm.waited.clear();
    storm.brake.nothing_waits();
  }
}

void Storms::begin_turn(const std::string& group_key) {
  for (auto& [sink, storm] : storms_) {
    storm.waited.erase(group_key);
    if (storm.waiting.erase(group_key) > 0) {
      storm.waited.insert(group_key);
    }
  }
}

bool Storms::holds(SinkDecision& decision, WallTime now) {
  if (!decision.notification || !decision.entry || !policy_.covers(decision.key.sink)) {
    return false;
  }
  const std::string& group = decision.key.group_key;
  // One that takes in another that is not delivered yet adds none.
  if (is_undelivered(decision.key)) {
    return false;
  }
  const Sink sink{decision.key.receiver, decision.key.sink};
  Storm& storm = storms_[sink];
  const bool urgent = rules::urgent(*decision.notification);
  const bool waited = storm.waited.erase(group) > 0 || storm.waiting.erase(group) > 0;
  if (waited ? urgent : storm.brake.passes(urgent, policy_, now)) {
    note_engaged(sink, storm);
    return false;
  }
  note_engaged(sink, storm);
  totals_.held += waited ? 0 : 1;
  storm.waiting.insert_or_assign(
      group, Waiting{std::move(*decision.notification), std::move(*decision.entry)});
  decision.notification.reset();
  decision.entry.reset();
  return true;
}

bool Storms::brakes(const Notification& notice, WallTime now) {
  if (!policy_.covers(notice.sink)) {
    return false;
  }
  const Sink sink{notice.receiver, notice.sink};
  Storm& storm = storms_[sink];
  const bool passes = storm.brake.passes(rules::urgent(notice), policy_, now);
  note_engaged(sink, storm);
  totals_.held += passes ? 0 : 1;
  return !passes;
}

Storms::Summary Storms::summary_of(Held held, WallTime now) {
  const Notification& first = held.notices.front();
  const auto storm = storms_.find({first.receiver, first.sink});
  const auto since = storm == storms_.end() ? std::nullopt : storm->second.brake.engaged_since();
  Summary out{storm_summary(held.notices, since.value_or(now), now), std::move(held.entries)};
  for (std::size_t i = 0; i < out.entries.size(); ++i) {
    // One that goes on as before still speaks of the notice it spoke of.
    if (out.entries[i].notice == held.notices[i].id) {
      out.entries[i].notice = out.notice.id;
    }
  }
  ++totals_.summaries;
  return out;
}

void Storms::note_engaged(const Sink& sink, const Storm& storm) {
  const auto since = storm.brake.engaged_since();
  const auto known = engaged_.find(sink);
  if (since && known == engaged_.end()) {
    engaged_[sink] = *since;
    turns_.push_back({sink, since});
  } else if (!since && known != engaged_.end()) {
    engaged_.erase(known);
    turns_.push_back({sink, std::nullopt});
  }
}

bool Storms::is_undelivered(const NotificationKey& key) const {
  return undelivered_ && undelivered_(key);
}

std::optional<NotificationKey> Storms::undelivered_summary(const NotificationKey& key) const {
  const auto storm = storms_.find({key.receiver, key.sink});
  const auto since = storm == storms_.end() ? std::nullopt : storm->second.brake.engaged_since();
  if (!since) {
    return std::nullopt;
  }
  NotificationKey out{storm_group(*since), key.receiver, key.sink};
  return is_undelivered(out) ? std::optional(std::move(out)) : std::nullopt;
}

bool Storms::summary_undelivered(const Sink& sink) const {
  return undelivered_summary({"", sink.first, sink.second}).has_value();
}

std::vector<Storms::Summary> Storms::due(WallTime now) {
  std::vector<Summary> out;
  for (auto at = storms_.begin(); at != storms_.end();) {
    auto& [sink, storm] = *at;
    storm.waited.clear();
    if (storm.waiting.empty()) {
      storm.brake.nothing_waits();
    } else if (storm.brake.summary_due(policy_, now) && now >= storm.not_before) {
      std::vector<Notification> held;
      Summary summary;
      for (const auto& [group, waiting] : storm.waiting) {
        held.push_back(waiting.notice);
        summary.entries.push_back(waiting.entry);
      }
      // One alone is told as it is, but for what goes into a summary that is on its way.
      const bool alone = held.size() == 1 && !summary_undelivered(sink);
      const WallTime since = storm.brake.engaged_since().value_or(now);
      summary.notice = alone ? held.front() : storm_summary(held, since, now);
      out.push_back(std::move(summary));
    }
    // While a summary is on its way, what comes after it must not overtake it.
    const bool fresh = now >= storm.restored_at && now < storm.restored_at + kRestoredFor;
    if (!fresh && !summary_undelivered(sink)) {
      storm.brake.release(policy_, now);
    }
    note_engaged(sink, storm);
    const bool over = storm.waiting.empty() && storm.brake.idle(now);
    at = over ? storms_.erase(at) : std::next(at);
  }
  return out;
}

std::optional<WallTime> Storms::next_due() const {
  std::optional<WallTime> out;
  for (const auto& [sink, storm] : storms_) {
    if (const auto turn = storm.brake.next_turn(policy_)) {
      const WallTime at = std::max(*turn, storm.not_before);
      out = std::min(out.value_or(at), at);
    }
  }
  return out;
}

void Storms::told(const Summary& summary) {
  const auto storm = storms_.find({summary.notice.receiver, summary.notice.sink});
  totals_.summaries += summary.entries.size() > 1 ? 1 : 0;
  if (storm == storms_.end()) {
    return;
  }
  for (const NotificationLogEntry& entry : summary.entries) {
    storm->second.waiting.erase(entry.key.group_key);
  }
  storm->second.brake.nothing_waits();
}

void Storms::refused(const Summary& summary, WallTime now) {
  const auto storm = storms_.find({summary.notice.receiver, summary.notice.sink});
  if (storm != storms_.end()) {
    storm->second.not_before = now + kRetryAfter;
  }
}

std::vector<Storms::Standing> Storms::standings() const {
  std::vector<Standing> out;
  for (const auto& [sink, storm] : storms_) {
    if (const auto since = storm.brake.engaged_since()) {
      out.push_back({sink.first, sink.second, *since, storm.waiting.size()});
    }
  }
  return out;
}

}  // namespace seamwatch::rules
