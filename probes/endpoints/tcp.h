// Kind "tcp": a connection, TLS where asked for, and a scripted dialogue of lines and bytes, with
// blackbox_exporter's module options and metric names.
// Source: blackbox_exporter CONFIGURATION.md, tcp_probe.
#pragma once

#include "probes/probe.h"

namespace seamwatch::probes {

// Target: host:port ([::1]:25 for IPv6). Options: blackbox_exporter's `tcp:` and
//   cert_expiry_min: 3d    fail where a certificate of the chain expires sooner
// Faults, beside those of Resolver and Dialer (phases resolve, connect, tls, transfer):
//   check  "query_response" (a line or bytes that do not fit, or the peer closed before them),
//          "certificate_expiry"
//   errno  ETIMEDOUT in phase "transfer" where the awaited line did not come by the deadline
extern const ProbeKind kTcpKind;

}  // namespace seamwatch::probes
