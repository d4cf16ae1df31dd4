#include "agent/deliver/redrive.h"

#include <map>
#include <utility>

#include "agent/deliver/deliverer_circuit.h"
#include "rules/routing/late_notice.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

RedriveRecord record(rules::HistoryDecision decision, std::string reason, Notification notice) {
  RedriveRecord out;
  out.entry.decision = decision;
  out.entry.reason = std::move(reason);
  out.notice = std::move(notice);
  return out;
}

// What is told of the letters: of one line, one notice.
std::vector<RedriveItem> items_of(std::vector<OutboxEntry> letters,
                                  const AsItStands& as_it_stands,
                                  RedriveOutcome& outcome) {
  std::vector<RedriveItem> out;
  std::map<std::string, std::size_t> of_line;  // places in `out`
  for (OutboxEntry& letter : letters) {
    const Notification before = letter.notification;
    rules::Redriven now = as_it_stands(std::move(letter.notification));
    if (!now.notice) {
      outcome.left_out.push_back({before.id, now.left_out});
      outcome.journal.push_back(record(rules::HistoryDecision::left_out, now.left_out, before));
      out.push_back(RedriveItem{{before.id}});
      continue;
    }
    ++outcome.redriven;
    outcome.journal.push_back(
        record(rules::HistoryDecision::redriven, "it was given up before", *now.notice));
    const auto [line, first] = of_line.try_emplace(line_of(before), out.size());
    if (first) {
      out.push_back(RedriveItem{{before.id}, std::move(now.notice)});
      continue;
    }
    RedriveItem& item = out[line->second];
    RedriveRecord merged = record(rules::HistoryDecision::merged,
                                  "it was redriven together with a newer one that tells both",
                                  *item.notice);
    merged.entry.by = before.id;
    outcome.journal.push_back(std::move(merged));
    item.notice = rules::coalesce(*item.notice, *now.notice);
    item.letters.push_back(before.id);
  }
  return out;
}

}  // namespace

asio::awaitable<Result<RedriveOutcome>> redrive_letters(Outbox& outbox,
                                                        std::vector<std::string> ids,
                                                        AsItStands as_it_stands,
                                                        WallTime now) {
  auto letters = co_await outbox.letters(std::move(ids));
  if (!letters) {
    co_return letters.error();
  }
  RedriveOutcome out;
  std::vector<RedriveItem> items = items_of(std::move(*letters), as_it_stands, out);
  auto pending = co_await outbox.redrive(std::move(items), now);
  if (!pending) {
    co_return pending.error();
  }
  for (RedriveRecord& one : out.journal) {
    one.entry.at = now;
  }
  out.pending = std::move(*pending);
  co_return out;
}

}  // namespace seamwatch::agent
