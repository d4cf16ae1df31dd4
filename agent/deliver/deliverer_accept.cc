// The part of the deliverer that takes notices into the outbox.
#include <algorithm>
#include <utility>

#include "agent/base/log.h"
#include "agent/deliver/deliverer.h"
#include "agent/deliver/deliverer_circuit.h"
#include "rules/routing/late_notice.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

// Parts of a summary that waits for more: to write it anew for each more would take too long.
constexpr std::size_t kPartsMax = 200;

std::vector<KeyValue> as_kept(const std::vector<rules::NotificationLogEntry>& entries) {
  std::vector<KeyValue> out;
  for (const rules::NotificationLogEntry& entry : entries) {
    out.push_back({rules::log_space_key(entry.key), rules::to_json(entry)});
  }
  return out;
}

void add_to(Deliverer::Stale& all, Deliverer::Stale more) {
  for (auto& [key, ended] : more) {
    std::vector<rules::AlertPtr>& known = all[key];
    known.insert(known.end(), ended.begin(), ended.end());
  }
}

}  // namespace

void Deliverer::note_refused(const Status& taken) {
  if (!taken) {
    log(LogLevel::error, "outbox refused a notice", {{"reason", taken.error().message}});
  }
}

void Deliverer::note_accepted(std::vector<rules::NotificationLogEntry> entries) {
  if (!hooks_.accepted) {
    return;
  }
  for (rules::NotificationLogEntry& entry : entries) {
    hooks_.accepted(std::move(entry));
  }
}

std::size_t Deliverer::waiting_for(const std::string& sink) const {
  std::size_t out = 0;
  for (auto line = lines_.lower_bound(sink); line != lines_.end() && line->first.starts_with(sink);
       ++line) {
    out += line->second.size();
  }
  return out;
}

asio::awaitable<std::vector<bool>> Deliverer::accept(std::vector<Item> items) {
  // What takes nothing else in goes in one transaction; the rest one by one.
  std::vector<bool> taken(items.size(), false);
  std::map<std::string, std::size_t> waiting;   // by sink, before this
  std::map<std::string, std::size_t> added_of;  // likewise, by this
  std::size_t added = 0;
  std::string crowded_out;
  const auto takes_up_most = [&](const std::string& sink) {
    const auto [known, fresh_sink] = waiting.try_emplace(sink);
    if (fresh_sink) {
      known->second = waiting_for(sink);
    }
    return (known->second + added_of[sink]) * 2 > pending_.size() + added;
  };
  std::vector<Item> fresh;
  std::vector<Stale> stale(items.size());
  std::vector<std::size_t> places;  // of these in `items`
  std::vector<std::size_t> one_by_one;
  for (std::size_t i = 0; i < items.size(); ++i) {
    stale[i] = std::move(items[i].stale);
    const auto& notification = items[i].notification;
    if (notification && newest_of(line_of(*notification)) != nullptr) {
      one_by_one.push_back(i);
    } else if (notification && outbox_.fills(added + 1) && takes_up_most(sink_of(*notification))) {
      crowded_out = notification->sink + " of " + notification->receiver;
    } else {
      if (notification) {
        ++added;
        ++added_of[sink_of(*notification)];
      }
      fresh.push_back(std::move(items[i]));
      places.push_back(i);
    }
  }
  if (!crowded_out.empty()) {
    note_refused(error("the outbox is nearly full, and most of what waits is for " + crowded_out));
  }
  auto stored = co_await put_turns(std::move(fresh));
  for (std::size_t i = 0; i < places.size(); ++i) {
    taken[places[i]] = stored[i];
  }
  for (const std::size_t i : one_by_one) {
    std::vector<rules::NotificationLogEntry> entries = {std::move(items[i].entry)};
    auto one = co_await accept_one(std::move(*items[i].notification), std::move(entries));
    taken[i] = one;
  }
  Stale known;
  for (std::size_t i = 0; i < stale.size(); ++i) {
    if (taken[i]) {
      add_to(known, std::move(stale[i]));
    }
  }
  co_await bring_up_to_date(std::move(known));
  start_due();
  co_return taken;
}

// All in one transaction; where that is refused, turn by turn, so that what fits is taken.
asio::awaitable<std::vector<bool>> Deliverer::put_turns(std::vector<Item> items) {
  std::vector<Notification> notices;
  std::vector<rules::NotificationLogEntry> entries;
  for (Item& item : items) {
    if (item.notification) {
      notices.push_back(std::move(*item.notification));
    }
    entries.push_back(item.entry);
  }
  auto all = co_await put(notices, std::move(entries));
  std::vector<bool> taken(items.size(), all.has_value());
  if (all || items.front().turn == items.back().turn) {
    note_refused(all);
    co_return taken;
  }
  auto next = notices.begin();
  for (std::size_t first = 0; first < items.size();) {
    std::size_t end = first;
    std::vector<Notification> its_notices;
    std::vector<rules::NotificationLogEntry> its_entries;
    for (; end < items.size() && items[end].turn == items[first].turn; ++end) {
      if (items[end].notification) {
        its_notices.push_back(std::move(*next++));
      }
      its_entries.push_back(std::move(items[end].entry));
    }
    auto turn = co_await put(its_notices, std::move(its_entries));
    note_refused(turn);
    for (; first < end; ++first) {
      taken[first] = turn.has_value();
    }
  }
  co_return taken;
}

// `fresh` is the caller's: it stays as it is where it is refused. Error: why it is.
asio::awaitable<Status> Deliverer::put(std::vector<Notification>& fresh,
                                       std::vector<rules::NotificationLogEntry> entries,
                                       Millis wait) {
  if (fresh.empty() && entries.empty()) {
    co_return Status();
  }
  const WallTime now = ports_.clock.wall_now();
  std::vector<KeyValue> log = as_kept(entries);
  auto put = co_await outbox_.put(fresh, std::move(log), now);
  if (put.durability == Durability::refused) {
    co_return error(put.problem);
  }
  note_accepted(std::move(entries));
  for (Notification& notification : fresh) {
    const bool known =
        std::find(put.known.begin(), put.known.end(), notification.id) != put.known.end();
    if (!known) {
      OutboxEntry entry;
      entry.news_at = notification.created_at;
      entry.next_attempt_at = now + wait;
      entry.notification = std::move(notification);
      add(std::move(entry));
    }
  }
  co_return Status();
}

asio::awaitable<bool> Deliverer::accept_one(Notification notice,
                                            std::vector<rules::NotificationLogEntry> entries,
                                            Millis wait) {
  const PendingPtr older = newest_of(line_of(notice));
  if (!older || older->in_flight || is_full(*older)) {  // delivered or taken up meanwhile
    std::vector<Notification> fresh;
    fresh.push_back(std::move(notice));
    auto put_alone = co_await put(fresh, std::move(entries), wait);
    note_refused(put_alone);
    co_return put_alone.has_value();
  }
  co_return co_await merge(older, std::move(notice), std::move(entries));
}

asio::awaitable<bool> Deliverer::accept_for_many(Notification notice,
                                                 std::vector<rules::NotificationLogEntry> entries) {
  auto taken = co_await accept_one(std::move(notice), std::move(entries));
  start_due();
  co_return taken;
}

bool Deliverer::undelivered(const rules::NotificationKey& key) const {
  return newest_of(key.receiver + "\n" + key.sink + "\n" + key.group_key) != nullptr;
}

// Replaces `older`, which is not under way, with a notice that tells both.
asio::awaitable<bool> Deliverer::merge(PendingPtr older,
                                       Notification newer,
                                       std::vector<rules::NotificationLogEntry> entries) {
  Notification merged = rules::coalesce(older->notification, newer);
  if (waits_for_more(*older)) {
    merged.late = older->notification.late || newer.late;
  }
  older->in_flight = true;  // nobody attempts it while it is being replaced
  // The newer one may stand in the outbox as well already; its row goes for the fuller one of its
  // id.
  std::vector<std::string> replaced = {older->notification.id, newer.id};
  const WallTime now = ports_.clock.wall_now();
  const WallTime news = news_at(*older);
  std::vector<KeyValue> log = as_kept(entries);
  auto put = co_await outbox_.replace(std::move(replaced), merged, news, std::move(log), now);
  older->in_flight = false;
  if (put.durability == Durability::refused) {
    co_await catch_up_with(older);
    co_return false;
  }
  note_accepted(std::move(entries));
  // Where the newer one was told before, the outbox keeps the older one, and so does this.
  if (put.known.empty()) {
    journal(rules::HistoryDecision::merged,
            older->notification,
            "it was not delivered yet: a newer notice tells both",
            merged.id);
    become(older, std::move(merged));
  }
  co_await catch_up_with(older);
  co_return true;
}

asio::awaitable<void> Deliverer::bring_up_to_date(Stale stale) {
  for (auto& [key, ended] : stale) {
    const auto line = lines_.find(key.receiver + "\n" + key.sink + "\n" + key.group_key);
    std::vector<PendingPtr> waiting =
        line == lines_.end() ? std::vector<PendingPtr>() : line->second;
    // Of those that show an alert the newest has the last word. An older one keeps what may have
    // been seen under its id: it goes into the newer one, or is followed by it.
    std::reverse(waiting.begin(), waiting.end());
    for (const PendingPtr& pending : waiting) {
      if (pending->in_flight) {  // it may become one with another that shows more of them
        pending->ended.insert(pending->ended.end(), ended.begin(), ended.end());
        rules::take_shown(pending->notification, ended);
      } else {
        std::vector<rules::AlertPtr> its_own = rules::take_shown(pending->notification, ended);
        co_await show_ended(pending, std::move(its_own));
      }
    }
  }
}

// It is not late: nobody tried to deliver it, so that more can go into it.
bool Deliverer::waits_for_more(const Pending& pending) const {
  return pending.attempts == 0 && pending.next_at > ports_.clock.mono_now();
}

bool Deliverer::is_full(const Pending& pending) const {
  return waits_for_more(pending) && pending.notification.parts.size() >= kPartsMax;
}

bool Deliverer::is_pending(const PendingPtr& pending) const {
  const auto known = pending_.find(pending->notification.id);
  return known != pending_.end() && known->second == pending;
}

asio::awaitable<void> Deliverer::show_ended(PendingPtr pending,
                                            std::vector<rules::AlertPtr> ended) {
  auto updated =
      is_pending(pending) ? rules::brought_up_to_date(pending->notification, ended) : std::nullopt;
  if (!updated) {
    co_return;
  }
  updated->late = pending->notification.late || !waits_for_more(*pending);
  // The id stays, so that a receiver that did get the earlier text knows it as the same.
  pending->notification = *updated;
  if (newest_of(line_of(*updated)) != pending) {
    co_return;  // its row would come behind the newer one, which it soon goes into
  }
  std::vector<std::string> replaced = {updated->id};
  const WallTime now = ports_.clock.wall_now();
  std::vector<KeyValue> no_log;
  const WallTime news = news_at(*pending);
  co_await outbox_.replace(std::move(replaced), std::move(*updated), news, std::move(no_log), now);
}

}  // namespace seamwatch::agent
