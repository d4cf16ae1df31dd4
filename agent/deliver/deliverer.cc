#include "agent/deliver/deliverer.h"

#include <algorithm>
#include <utility>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "agent/base/log.h"
#include "agent/core/mail_client.h"
#include "agent/deliver/deliverer_circuit.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr Nanos kDelivererTick = std::chrono::milliseconds(200);
constexpr Nanos kSweepEvery = std::chrono::seconds(5);

// For how long a recipient who is put off keeps a mail from the others: greylisting takes minutes,
// a mailbox that is full days.
Millis patience_with_some(Millis retry_budget) {
  return std::min<Millis>(std::chrono::minutes(10), retry_budget / 2);
}

bool ended_so(const Delivery& delivery, std::string_view when) {
  return delivery.fault && delivery.fault->signal.when == when;
}

// What is lost with a dead letter. What some recipients have was told.
rules::Loss loss_of(const Delivery& delivery) {
  if (ended_so(delivery, kOthersHaveTheMail)) {
    return rules::Loss::none;
  }
  return delivery.outcome == DeliveryOutcome::rejected ? rules::Loss::rejected
                                                       : rules::Loss::given_up;
}

}  // namespace

Deliverer::Deliverer(AgentPorts ports, TaskGroup& tasks, Outbox& outbox, Hooks hooks)
    : ports_(ports), tasks_(tasks), outbox_(outbox), hooks_(std::move(hooks)) {}

asio::awaitable<Status> Deliverer::restore() {
  const WallTime now = ports_.clock.wall_now();
  auto entries = co_await outbox_.pending(now);
  if (!entries) {
    co_return entries.error();
  }
  for (OutboxEntry& entry : *entries) {
    add(std::move(entry));
  }
  std::vector<std::string> unmerged;
  for (auto& [line, waiting] : lines_) {
    if (waiting.size() > 1) {  // a letter that was redriven has the newer row
      std::stable_sort(waiting.begin(), waiting.end(), [](const auto& a, const auto& b) {
        return a->notification.created_at < b->notification.created_at;
      });
      unmerged.push_back(line);
    }
  }
  for (std::string& line : unmerged) {
    co_await catch_up(std::move(line));
  }
  co_return Status();
}

void Deliverer::add(OutboxEntry entry, const PendingPtr& before) {
  // What was kept over a restart is due within the budget, whatever the clock did meanwhile.
  const WallTime now = ports_.clock.wall_now();
  const Millis wait = std::clamp(entry.next_attempt_at - now, Millis(0), limits_.retry_budget);
  auto pending = std::make_shared<Pending>();
  pending->attempts = entry.attempts;
  pending->next_at = ports_.clock.mono_now() + wait;
  pending->born_at = ports_.clock.mono_now() - std::max(Millis(0), now - entry.news_at);
  pending->notification = std::move(entry.notification);
  std::vector<PendingPtr>& line = lines_[line_of(pending->notification)];
  line.insert(std::find(line.begin(), line.end(), before), pending);
  pending_[pending->notification.id] = std::move(pending);
}

WallTime Deliverer::news_at(const Pending& pending) const {
  const Nanos age = ports_.clock.mono_now() - pending.born_at;
  return ports_.clock.wall_now() - std::chrono::duration_cast<Millis>(age);
}

// Puts `notification` in the place of what `pending` was, so that its line keeps its order. It
// still holds the news that `pending` held: its budget goes on.
void Deliverer::become(const PendingPtr& pending, Notification notification) {
  pending_.erase(pending->notification.id);
  pending->notification = std::move(notification);
  pending_[pending->notification.id] = pending;
}

void Deliverer::remove(const Pending& gone) {
  const std::string line = line_of(gone.notification);
  auto& waiting = lines_[line];
  waiting.erase(std::remove_if(waiting.begin(),
                               waiting.end(),
                               [&](const PendingPtr& one) { return one.get() == &gone; }),
                waiting.end());
  if (waiting.empty()) {
    lines_.erase(line);
  }
  pending_.erase(gone.notification.id);
}

Deliverer::PendingPtr Deliverer::newest_of(const std::string& line) const {
  const auto found = lines_.find(line);
  return found == lines_.end() ? nullptr : found->second.back();
}

asio::awaitable<void> Deliverer::run() {
  for (;;) {
    start_due();
    if (outbox_.held() > 0) {
      auto flushed = co_await outbox_.flush();
      if (!flushed) {
        log(LogLevel::error,
            "outbox held in memory",
            {{"changes", std::to_string(outbox_.held())}, {"reason", flushed.error().message}});
      }
    }
    const MonoTime next =
        ports_.clock.mono_now() + (outbox_.held() > 0 ? 10 * kDelivererTick : kDelivererTick);
    co_await ports_.clock.sleep_until(next);
  }
}

// What to attempt now, at most as many as there is room for. Each attempt under way puts a
// receiver's next one a turn later; of one turn, what is overdue for longest goes first.
std::vector<Deliverer::PendingPtr> Deliverer::due() {
  struct Candidate {
    std::size_t turn = 0;
    PendingPtr pending;
  };

  const auto limit = static_cast<std::size_t>(limits_.concurrency);
  const std::size_t room = limit - std::min(limit, in_flight_);
  const MonoTime now = ports_.clock.mono_now();
  // A notice whose budget is over has its last attempt whatever the circuit says, or it would never
  // end. Looking for these takes all lines, so it is not done each time.
  const bool sweep = now >= swept_at_ + kSweepEvery;
  if (sweep) {
    swept_at_ = now;
  }
  std::vector<Candidate> candidates;
  std::string sink;
  std::size_t turn = 0;
  std::size_t left = 0;
  for (auto line = lines_.begin(); room > 0 && line != lines_.end();) {
    // Only the first of a line may go; a later one waits until it is delivered or merged into.
    const PendingPtr& first = line->second.front();
    std::string its_sink = sink_of(first->notification);
    if (its_sink != sink) {
      const auto busy = in_flight_of_.find(its_sink);
      turn = busy == in_flight_of_.end() ? 0 : busy->second;
      left = room_of(its_sink, turn);
      sink = std::move(its_sink);
    }
    const bool over = sweep && now >= first->born_at + Nanos(limits_.retry_budget);
    if (!first->in_flight && first->next_at <= now && (left > 0 || (over && turn < limit))) {
      left -= left > 0 ? 1 : 0;
      candidates.push_back(Candidate{turn++, first});
    }
    if (left > 0 || sweep) {
      ++line;
    } else {  // more of this sink than may run at a time: on to the next one
      const std::string behind = sink.substr(0, sink.size() - 1) + static_cast<char>('\n' + 1);
      line = lines_.lower_bound(behind);
    }
  }
  std::stable_sort(
      candidates.begin(), candidates.end(), [](const Candidate& a, const Candidate& b) {
        return a.turn != b.turn ? a.turn < b.turn : a.pending->next_at < b.pending->next_at;
      });
  std::vector<PendingPtr> out;
  for (const Candidate& candidate : candidates) {
    if (out.size() < room) {
      out.push_back(candidate.pending);
    }
  }
  return out;
}

void Deliverer::start_due() {
  for (const PendingPtr& next : due()) {
    next->in_flight = true;
    ++in_flight_;
    const std::string sink = sink_of(next->notification);
    ++in_flight_of_[sink];
    next->trial = breaker_of(sink).begin(ports_.clock.mono_now());
    tasks_.spawn("deliver " + next->notification.id, attempt(next));
  }
}

asio::awaitable<void> Deliverer::attempt(PendingPtr pending) {
  struct Ended {
    Deliverer& deliverer;
    Pending& pending;

    ~Ended() {
      pending.in_flight = false;
      if (pending.trial) {  // cut short: it says nothing
        pending.trial = false;
        deliverer.breaker_of(sink_of(pending.notification)).abandon(true);
      }
      --deliverer.in_flight_;
      const auto busy = deliverer.in_flight_of_.find(sink_of(pending.notification));
      if (--busy->second == 0) {
        deliverer.in_flight_of_.erase(busy);
      }
    }
  };

  const std::string line = line_of(pending->notification);
  {
    Ended ended{*this, *pending};
    // Whoever hands in a notice journals that it was taken before what came of it is, also where it
    // cannot be sent at all and so comes back without a wait.
    const asio::any_io_executor executor = co_await asio::this_coro::executor;
    co_await asio::post(executor, asio::use_awaitable);
    Notification told = pending->notification;
    const MonoTime began = ports_.clock.mono_now();
    told.some_will_do = began - pending->put_off_at.value_or(began) >=
                        Nanos(patience_with_some(limits_.retry_budget));
    auto delivery = co_await deliver(std::move(told));
    // What came of it is recorded even where a stop was asked for meanwhile.
    co_await asio::this_coro::throw_if_cancelled(false);
    note_outcome(*pending, delivery);
    if (ended_so(delivery, kRecipientPutOff)) {
      pending->put_off_at = pending->put_off_at.value_or(began);
    }
    co_await conclude(pending, std::move(delivery));
  }
  co_await catch_up_with(pending);
  co_await catch_up(line);
  start_due();
}

asio::awaitable<Delivery> Deliverer::deliver(Notification notification) {
  auto sink = hooks_.make_sink(notification);
  if (!sink) {
    Delivery failed;
    failed.fault = sink.error();
    const bool gone = sink.error().signal.code == "no_such_sink";
    failed.outcome = gone ? DeliveryOutcome::rejected : DeliveryOutcome::retry;
    co_return failed;
  }
  const WallTime now = ports_.clock.wall_now();
  const MonoTime deadline = ports_.clock.mono_now() + limits_.timeout;
  if (hooks_.for_receivers) {
    notification = hooks_.for_receivers(std::move(notification));
  }
  auto delivery = co_await (*sink)->deliver(std::move(notification), now, deadline);
  if (delivery.fault && hooks_.clean) {
    delivery.fault->detail = hooks_.clean(delivery.fault->detail);
  }
  co_return delivery;
}

// The fallback's notices are durable before the lost one is buried: a crash in between tells them
// again under the same ids, which the outbox knows.
asio::awaitable<void> Deliverer::fall_back(Notification lost, std::string why) {
  if (!hooks_.fallback_for) {
    co_return;
  }
  std::vector<Notification> at_once;
  std::vector<rules::NotificationLogEntry> entries;
  std::vector<Substitute> waiting;
  for (Substitute& one : hooks_.fallback_for(lost, why)) {
    log(LogLevel::warning,
        "fallback",
        {{"receiver", lost.receiver}, {"id", lost.id}, {"to", one.notice.receiver}});
    if (one.wait > Millis(0)) {
      waiting.push_back(std::move(one));
    } else {
      at_once.push_back(std::move(one.notice));
      entries.insert(entries.end(), one.entries.begin(), one.entries.end());
    }
  }
  std::vector<Notification> fresh = at_once;
  auto taken = co_await put(fresh, std::move(entries));
  note_refused(taken);
  for (std::size_t i = 0; taken && i < at_once.size(); ++i) {
    journal(rules::HistoryDecision::fallback, at_once[i], why, lost.receiver);
  }
  for (Substitute& one : waiting) {
    const Notification told = one.notice;
    auto kept = co_await accept_one(std::move(one.notice), std::move(one.entries), one.wait);
    if (kept) {
      journal(rules::HistoryDecision::fallback, told, why, lost.receiver);
    }
    co_await catch_up(line_of(told));
  }
}

std::vector<KeyValue> Deliverer::log_of(const Notification& notice, rules::Loss loss) const {
  return hooks_.concluded ? hooks_.concluded(notice, loss) : std::vector<KeyValue>();
}

asio::awaitable<void> Deliverer::conclude(PendingPtr pending, Delivery delivery) {
  const WallTime now = ports_.clock.wall_now();
  const Notification& notification = pending->notification;
  ++pending->attempts;
  rules::RetryPolicy policy;
  policy.first_delay = limits_.retry_delay;
  policy.delay_max = limits_.retry_delay_max;
  policy.budget = limits_.retry_budget;
  const rules::AttemptHistory history{pending->attempts, news_at(*pending)};
  const double chance = uniform(ports_.random);
  const rules::RetryPlan plan = rules::plan_retry(delivery, history, now, chance, policy);
  log(plan.step == rules::NextStep::done ? LogLevel::info : LogLevel::warning,
      "notification",
      {{"receiver", notification.receiver},
       {"sink", notification.sink},
       {"id", notification.id},
       {"outcome", std::string(to_string(delivery.outcome))},
       {"attempts", std::to_string(pending->attempts)},
       {"reason", plan.reason},
       {"error", problem_of(delivery)}});
  hooks_.on_attempt(notification, delivery, plan.step);
  journal_outcome(*pending, plan);
  const std::string id = notification.id;
  std::vector<KeyValue> told;
  switch (plan.step) {
    case rules::NextStep::done:
      remove(*pending);
      told = log_of(pending->notification, rules::Loss::none);
      co_await outbox_.delivered(id, now, std::move(told));
      break;
    case rules::NextStep::dead:
      remove(*pending);
      co_await fall_back(pending->notification, plan.reason);
      if (hooks_.giving_up && loss_of(delivery) == rules::Loss::given_up) {
        co_await hooks_.giving_up(pending->notification);
      }
      told = log_of(pending->notification, loss_of(delivery));
      co_await outbox_.bury(id, now, problem_of(delivery), std::move(told));
      break;
    case rules::NextStep::retry:
      pending->next_at = ports_.clock.mono_now() + (plan.at - now);
      co_await outbox_.record_attempt(id, now, plan.at, problem_of(delivery));
      break;
  }
}

// A newer notice of a line came in while an attempt of the one before it failed, or while that one
// waits for it: they become one.
asio::awaitable<void> Deliverer::catch_up(std::string line) {
  for (;;) {
    const auto found = lines_.find(line);
    if (found == lines_.end() || found->second.size() < 2) {
      co_return;
    }
    const PendingPtr older = found->second[0];
    const PendingPtr newer = found->second[1];
    const bool about_to_go = older->attempts == 0 && older->next_at <= ports_.clock.mono_now();
    if (older->in_flight || newer->in_flight || about_to_go || is_full(*older)) {
      co_return;
    }
    // The newer one leaves memory first, so that its row is replaced by the fuller notice of its
    // id.
    OutboxEntry later;
    later.notification = newer->notification;
    later.news_at = news_at(*newer);
    remove(*newer);
    std::vector<rules::NotificationLogEntry> no_entries;
    auto merged = co_await merge(older, later.notification, std::move(no_entries));
    if (!merged) {
      add(std::move(later));
      co_return;
    }
  }
}

}  // namespace seamwatch::agent
