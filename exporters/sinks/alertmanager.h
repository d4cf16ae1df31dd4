// Alertmanager sink: POSTs a batch of alerts to one Alertmanager's API v2, as Prometheus does. Made
// for each batch by the agent's alertmanager_sender, with the secrets as they are then. Runs on the
// loop.
// Source: Alertmanager, api/v2/openapi.yaml "postAlerts"; Prometheus, alert generator
// specification.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "exporters/sinks/http_sink.h"

namespace seamwatch::exporters {

struct AlertmanagerOptions {
  HttpOptions http;
  Secret url;         // with the path: "https://alertmanager:9093/api/v2/alerts"
  Millis timeout{0};  // of one request, in place of the deadline; 0 = the deadline
  // Writes label and annotation names with `_` for what an Alertmanager before 0.27 refuses.
  bool classic_names = false;
};

// The alerts as postableAlerts. Times in UTC; texts made valid UTF-8; a generator's address that is
// no http or https URL is left out, as are alerts without labels. Of two names that classic_names
// makes the same the first one counts.
std::string alertmanager_payload(const std::vector<Alert>& alerts, bool classic_names);

// Whether `alerts` hold a name that classic_names would change.
bool has_other_names(const std::vector<Alert>& alerts);

// Sends the alerts of a notification; nothing else of it is looked at. Outcomes as for webhooks:
// 2xx delivered; 408, 429, 5xx, timeouts and faults of network, DNS and TLS retry; else rejected.
// Requires: `http` and `clock` outlive it.
std::unique_ptr<Sink> make_alertmanager(AlertmanagerOptions options,
                                        HttpClient& http,
                                        Clock& clock);

}  // namespace seamwatch::exporters
