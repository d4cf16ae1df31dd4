// ReceiverSinks: from the notification file to the sinks that deliver. Secrets that stand in files
// are read at delivery time, so that a rotated one needs no reload. Made anew on reload; immutable.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/config/load.h"
#include "agent/core/fault.h"
#include "agent/core/notification.h"
#include "agent/core/result.h"
#include "agent/oauth2/token_cache.h"
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
                exporters::SinkPorts ports,
                Environment environment = process_environment());

  // The sink that `notification` names. Faults, protocol "notify": "no_such_sink" (the receiver is
  // gone from the file: no retry can help), "secret_unreadable" (may be repaired).
  Made sink_for(const Notification& notification) const;

  // `notification` with its route labels expanded, as sinks send them.
  Notification with_route_labels(Notification notification) const;

  // What the fallback of its receiver is to be told in place of `lost`, which could not be
  // delivered because of `why`: a notice for each of its sinks, of a summary for each of its groups
  // and sinks, due now, whose alerts carry the annotation fallback_for. None where there is no
  // fallback, or it was told the same before. Its ids follow from lost.id.
  std::vector<Notification> fallback_for(const Notification& lost, const std::string& why) const;

 private:
  exporters::Renderer renderer(rules::templates::Mode mode) const;

  std::shared_ptr<const rules::NotifyConfig> config_;
  Templates templates_;
  exporters::SinkPorts ports_;
  Environment environment_;
  std::shared_ptr<TokenCache> tokens_ = std::make_shared<TokenCache>();
};

}  // namespace seamwatch::agent
