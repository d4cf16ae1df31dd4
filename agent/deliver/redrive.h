// Redrive: dead letters become pending again, in the order in which they came and as far as they
// still have something to tell; one notice for each sink and group. For the deliverer, and for the
// command line on the store of an agent that does not run.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/store/outbox.h"
#include "rules/routing/history_entry.h"
#include "rules/routing/redrive.h"

namespace seamwatch::agent {

// A dead letter that has nothing to tell any more.
struct LeftOutLetter {
  std::string id;
  std::string reason;
};

// One entry of the journal, and the notice it speaks of.
struct RedriveRecord {
  rules::HistoryEntry entry;
  Notification notice;
};

struct RedriveOutcome {
  std::vector<OutboxEntry> pending;  // to be sent now
  std::size_t redriven = 0;          // letters that these tell
  std::vector<LeftOutLetter> left_out;
  std::vector<RedriveRecord> journal;
};

// What a dead letter still has to tell, or why nothing: see rules/routing/redrive.h.
using AsItStands = std::function<rules::Redriven(Notification)>;

// Takes up the letters in `ids`, all where it is empty. Error: the store's; then nothing was
// changed.
boost::asio::awaitable<Result<RedriveOutcome>> redrive_letters(Outbox& outbox,
                                                               std::vector<std::string> ids,
                                                               AsItStands as_it_stands,
                                                               WallTime now);

}  // namespace seamwatch::agent
