// ReceiverSinks: from the notification file to the sinks that deliver. Secrets that stand in files
// are read at delivery time, so that a rotated one needs no reload. Made anew on reload; immutable.
#pragma once

#include <memory>

#include "agent/core/fault.h"
#include "agent/core/notification.h"
#include "agent/core/result.h"
#include "exporters/sinks/registry.h"
#include "rules/routing/notify_config.h"
#include "rules/templates/notification_template.h"

namespace seamwatch::agent {

class ReceiverSinks {
 public:
  using Made = boost::system::result<std::unique_ptr<exporters::Sink>, Fault>;
  using Templates = std::shared_ptr<const rules::templates::NotificationTemplates>;

  // `ports` outlive this and every sink it makes.
  ReceiverSinks(std::shared_ptr<const rules::NotifyConfig> config,
                Templates templates,
                exporters::SinkPorts ports);

  // The sink that `notification` names. Faults, protocol "notify": "no_such_sink" (the receiver is
  // gone from the file: no retry can help), "secret_unreadable" (may be repaired).
  Made sink_for(const Notification& notification) const;

 private:
  exporters::Renderer renderer(rules::templates::Mode mode) const;

  std::shared_ptr<const rules::NotifyConfig> config_;
  Templates templates_;
  exporters::SinkPorts ports_;
};

}  // namespace seamwatch::agent
