// alerting.alertmanagers: the Alertmanagers that are told of the alerts of our own rules, as
// Prometheus's configuration names them. Part of the Config; read by the loader.
// Source: Prometheus, docs/configuration "<alertmanager_config>".
#pragma once

#include <string>
#include <vector>

#include "agent/config/reading.h"
#include "agent/config/section_reader.h"

namespace seamwatch::agent {

// The HTTP keys of an entry, besides its own; all are of `http_config` in a notification file.
inline constexpr std::string_view kAlertmanagerHttpKeys[] = {"basic_auth",
                                                             "authorization",
                                                             "oauth2",
                                                             "tls_config",
                                                             "http_headers",
                                                             "proxy_url",
                                                             "no_proxy",
                                                             "proxy_from_environment",
                                                             "proxy_connect_header",
                                                             "follow_redirects",
                                                             "enable_http2"};

// Reads the list in `alerting` into reading.config. Reports an entry without targets, a target that
// is no host with an optional port, and an address that is there twice.
void read_alertmanagers(SectionReader& alerting, Reading& reading);

}  // namespace seamwatch::agent
