// The part of the deliverer that delivers dead letters after all.
#include <utility>

#include "agent/base/log.h"
#include "agent/deliver/deliverer.h"
#include "agent/deliver/deliverer_circuit.h"
#include "rules/routing/late_notice.h"

namespace seamwatch::agent {

namespace asio = boost::asio;

asio::awaitable<Result<RedriveOutcome>> Deliverer::redrive(std::vector<std::string> ids) {
  AsItStands as_it_stands = [this](Notification letter) {
    return hooks_.as_it_stands ? hooks_.as_it_stands(std::move(letter))
                               : rules::as_it_stands(std::move(letter), rules::RedriveFacts{});
  };
  const WallTime now = ports_.clock.wall_now();
  auto outcome = co_await redrive_letters(outbox_, std::move(ids), std::move(as_it_stands), now);
  if (!outcome) {
    co_return outcome;
  }
  for (const RedriveRecord& one : outcome->journal) {
    journal(one.entry.decision, one.notice, one.entry.reason, one.entry.by);
  }
  for (OutboxEntry& entry : outcome->pending) {
    co_await take_up(std::move(entry));
  }
  outcome->pending.clear();
  start_due();
  co_return outcome;
}

// A letter that is pending again goes into the notice that waits in its line, which is newer.
asio::awaitable<void> Deliverer::take_up(OutboxEntry letter) {
  const PendingPtr waiting = newest_of(line_of(letter.notification));
  if (!waiting || waiting->in_flight) {
    add(std::move(letter));
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
  std::vector<rules::AlertPtr> ended = std::exchange(waiting->ended, {});
  if (put.durability == Durability::refused || !put.known.empty()) {
    add(std::move(letter));
    co_await show_ended(waiting, std::move(ended));
    co_return;
  }
  journal(rules::HistoryDecision::merged,
          letter.notification,
          "a newer notice waits to be delivered and tells both",
          merged.id);
  become(waiting, std::move(merged));
  co_await show_ended(waiting, std::move(ended));
}

}  // namespace seamwatch::agent
