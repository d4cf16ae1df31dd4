// The part of the notifier that journals what it decides.
#include <algorithm>

#include "agent/notify/notifier.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kJournalRead = 5000;  // the last entries; a start repeats none of these

}  // namespace

asio::awaitable<Status> Notifier::restore_history() {
  auto known = co_await history_.restore();
  if (!known) {
    co_return known;
  }
  auto journalled = co_await history_.latest(kJournalRead);
  if (!journalled) {
    co_return journalled.error();
  }
  for (const rules::HistoryEntry& entry : *journalled) {
    changes_.restore(entry);
  }
  co_return Status();
}

// Alerts come in one by one, and join their groups so: one entry tells of all of a moment.
void Notifier::journal_joins() {
  if (!dispatcher_) {
    return;
  }
  for (rules::HistoryEntry& entry :
       changes_.joined(dispatcher_->take_joins(), ports_.clock.wall_now())) {
    history_.record(std::move(entry));
  }
}

std::vector<rules::HistoryEntry> Notifier::entries_of(const rules::GroupFlush& due,
                                                      const rules::Decision& decision,
                                                      const rules::DecisionInputs& inputs,
                                                      Look look) {
  rules::HistorySources sources;
  sources.silence = [this](const std::string& id) { return silences_.silences().find(id); };
  sources.alert = [this](std::uint64_t fingerprint) { return alerts_.find(fingerprint); };
  sources.ack = [this, at = due.at](const Alert& alert) {
    return silences_.acks().find(alert, at);
  };
  const rules::DecidedTurn turn{due, decision, inputs, sources};
  return look == Look::turn ? changes_.decided(turn) : changes_.escalated(turn);
}

void Notifier::journal(std::vector<rules::HistoryEntry> entries,
                       const std::vector<std::string>& refused,
                       const std::vector<std::string>& waiting) {
  const auto is_in = [](const std::vector<std::string>& ids, const std::string& id) {
    return !id.empty() && std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  for (rules::HistoryEntry& entry : entries) {
    const bool fresh = is_in(waiting, entry.notice)   ? changes_.hold(entry)
                       : is_in(refused, entry.notice) ? changes_.refuse(entry)
                                                      : true;
    if (fresh) {
      history_.record(std::move(entry));
    }
  }
}

}  // namespace seamwatch::agent
