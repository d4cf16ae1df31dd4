// Alerts and groups of alerts as JSON: GET /api/v2/alerts and /api/v2/alerts/groups. Values in,
// replies out. Pure: what is firing, silenced and inhibited is the caller's to say.
// Source: Alertmanager api/v2/openapi.yaml.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "agent/core/labels.h"
#include "agent/core/times.h"
#include "agent/web/alertmanager/alert_query.h"
#include "agent/web/http_call.h"

namespace seamwatch::agent {

// Hands out alerts one by one, by fingerprint; false at the end.
using AlertSource = std::function<bool(GettableAlert& next)>;

// GET /api/v2/alerts: those of `source` that the query wants at `now`. A long list is sent in
// chunks, asking `source` as they leave, so that no turn of the loop takes long.
HttpReply api_v2_alerts(AlertQuery query, AlertSource source, WallTime now);

struct GettableGroup {
  Labels labels;
  Labels receiver;                       // its labels, "name" among them
  std::function<Labels()> route_labels;  // expands them; asked only where the group is shown
  AlertSource alerts;                    // the order of the list
};

// Hands out groups one by one; false at the end.
using GroupSource = std::function<bool(GettableGroup& next)>;

// GET /api/v2/alerts/groups: groups without wanted alerts are left out. A long list is sent in
// chunks as that of alerts.
HttpReply api_v2_groups(AlertQuery query, GroupSource source, WallTime now);

}  // namespace seamwatch::agent
