// The part of the deliverer that delivers dead letters after all.
#include <utility>

#include "agent/base/log.h"
#include "agent/deliver/deliverer.h"
#include "agent/deliver/deliverer_circuit.h"
#include "rules/routing/late_notice.h"

namespace seamwatch::agent {

namespace asio = boost::asio;

rules::Redriven Deliverer::as_it_stands(Notification letter) const {
  return hooks_.as_it_stands ? hooks_.as_it_stands(std::move(letter))
                             : rules::as_it_stands(std::move(letter), rules::RedriveFacts{});
}

asio::awaitable<Result<RedriveOutcome>> Deliverer::redrive(std::vector<std::string> ids) {
  AsItStands now_of = [this](Notification letter) { return as_it_stands(std::move(letter)); };
  const WallTime now = ports_.clock.wall_now();
  auto outcome = co_await redrive_letters(outbox_, std::move(ids), std::move(now_of), now);
  if (!outcome) {
    co_return outcome;
  }
  for (const RedriveRecord& one : outcome->journal) {
    journal(one.entry.decision, one.notice, one.entry.reason, one.entry.by);
  }
  for (OutboxEntry& entry : outcome->pending) {
    co_await take_up_again(std::move(entry));  // others were taken up and told meanwhile
  }
  outcome->pending.clear();
  start_due();
  co_return outcome;
}

// A letter that is pending again goes into the notice that waits in its line, which is newer; where
// that one is being attempted, once it is known what comes of it.
asio::awaitable<void> Deliverer::take_up(OutboxEntry letter) {
  const PendingPtr waiting = newest_of(line_of(letter.notification));
  if (!waiting) {
    add(std::move(letter));
    co_return;
  }
  if (waiting->in_flight) {
    waiting->letters.push_back(std::move(letter));
    co_return;
  }
  const std::string id = letter.notification.id;
  Notification merged = rules::coalesce(letter.notification, waiting->notification);
  waiting->in_flight = true;  // nobody attempts it while it is being replaced
  std::vector<std::string> replaced = {id, merged.id};
  const WallTime news = news_at(*waiting);
  std::vector<KeyValue> no_log;
  const WallTime now = ports_.clock.wall_now();
  auto put = co_await outbox_.replace(std::move(replaced), merged, news, std::move(no_log), now);
  waiting->in_flight = false;
  if (put.durability == Durability::refused || !put.known.empty()) {
    add(std::move(letter), waiting);
  } else {
    journal(rules::HistoryDecision::merged,
            letter.notification,
            "a newer notice waits to be delivered and tells both",
            merged.id);
    become(waiting, std::move(merged));
  }
  co_await catch_up_with(waiting);
}

// What the newer notice told of it meanwhile is left out.
asio::awaitable<void> Deliverer::take_up_again(OutboxEntry letter) {
  rules::Redriven left = as_it_stands(letter.notification);
  if (left.notice) {
    letter.notification = std::move(*left.notice);
    co_await take_up(std::move(letter));
    co_return;
  }
  journal(rules::HistoryDecision::left_out, letter.notification, left.left_out);
  const WallTime now = ports_.clock.wall_now();
  std::string id = letter.notification.id;
  co_await outbox_.delivered(std::move(id), now);
}

// Does what was put off while `pending` was under way.
asio::awaitable<void> Deliverer::catch_up_with(PendingPtr pending) {
  std::vector<rules::AlertPtr> ended = std::exchange(pending->ended, {});
  co_await show_ended(pending, std::move(ended));
  std::vector<OutboxEntry> letters = std::exchange(pending->letters, {});
  for (OutboxEntry& letter : letters) {
    co_await take_up_again(std::move(letter));
  }
}

}  // namespace seamwatch::agent
