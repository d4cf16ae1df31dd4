// VendorConfig: the configuration of a receiver type that speaks the API of one service (Slack,
// PagerDuty, ...). One schema table knows the keys of all of them, so that each file gets the
// verdict that Alertmanager's own check gives, also for the types that Seamwatch does not send.
// Source: Alertmanager, docs/configuration.md "Receiver integration settings".
#pragma once

#include <map>
#include <string>
#include <string_view>

#include "agent/core/diagnostics.h"
#include "agent/core/document.h"
#include "agent/core/times.h"
#include "rules/routing/notify_http_config.h"

namespace seamwatch::rules {

struct VendorConfig {
  std::string type;   // "slack" of slack_configs
  bool sent = false;  // whether there is a sink of that type
  bool send_resolved = true;
  HttpConfig http;
  Millis timeout{0};  // of one request; 0 = the agent's delivery timeout
  std::map<std::string, SecretSource, std::less<>> secrets;  // by key, those of `global` filled in
  // A map of all other keys, the defaults filled in; texts may hold templates. What stands in it is
  // of the type that the schema says: flags are "true" or "false".
  Node fields;
  Place place;
};

}  // namespace seamwatch::rules
