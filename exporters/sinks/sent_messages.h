// SentMessages: what a chat service calls the messages it shows, so that a later notice of the same
// group can take the place of an earlier one instead of standing below it. The agent keeps them
// over a restart; one that is lost costs a message more.
#pragma once

#include <optional>
#include <string>

#include "agent/core/notification.h"

namespace seamwatch::exporters {

struct SentMessage {
  std::string channel;  // as the service names it in its answer
  std::string id;       // Slack's `ts`
};

// One message for each receiver, sink and group of a notice.
class SentMessages {
 public:
  virtual ~SentMessages() = default;

  virtual std::optional<SentMessage> find(const Notification& notification) const = 0;
  virtual void set(const Notification& notification, SentMessage message) = 0;
  virtual void erase(const Notification& notification) = 0;
};

}  // namespace seamwatch::exporters
