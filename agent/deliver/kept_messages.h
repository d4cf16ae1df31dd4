// KeptMessages: what chat services call the messages that they show, kept over a restart. Bounded:
// one that nobody changed for 14 days is forgotten at a start, and beyond 10,000 the one that was
// changed longest ago goes for a new one. Owned by the agent; loop thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include <boost/asio/awaitable.hpp>

#include "agent/base/kept_state.h"
#include "agent/core/clock.h"
#include "exporters/sinks/sent_messages.h"

namespace seamwatch::agent {

class KeptMessages final : public exporters::SentMessages {
 public:
  // Both outlive this.
  KeptMessages(Store& store, const Clock& clock);

  // Puts back what was kept; what cannot be read is said and dropped.
  void restore(const std::vector<KeyValue>& kept);

  // Writes what changed. Error: the store's; it is tried again with the next call.
  boost::asio::awaitable<Status> flush() { return changes_.flush(); }

  std::optional<exporters::SentMessage> find(const Notification& notification) const override;
  void set(const Notification& notification, exporters::SentMessage message) override;
  void erase(const Notification& notification) override;

 private:
  struct Kept {
    exporters::SentMessage message;
    WallTime changed_at{};
  };

  using Lines = std::map<std::string, Kept>;

  void put(const std::string& line, Kept kept);
  void drop(Lines::iterator at);

  const Clock& clock_;
  KeptState changes_;
  Lines lines_;
  std::set<std::pair<WallTime, std::string>> by_age_;  // the same, oldest first
};

}  // namespace seamwatch::agent
