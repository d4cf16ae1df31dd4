// The literal list of tables: each is defined in the file named after it. A new protocol is a new
// file, a line here and a line in table.cc.
#pragma once

#include "probes/classify/table.h"

namespace seamwatch::probes {

extern const Table kHttpTable;
extern const Table kHttp2Table;
extern const Table kCurlTable;
extern const Table kCurlProxyTable;
extern const Table kOAuth2Table;
extern const Table kSocks5Table;
extern const Table kDnsTable;
extern const Table kTlsTable;
extern const Table kX509Table;
extern const Table kErrnoTable;
extern const Table kAmqp091Table;
extern const Table kSmtpTable;
extern const Table kSmtpEnhancedTable;
extern const Table kCheckTable;
extern const Table kHeartbeatTable;
extern const Table kQueueTable;

// The rule for a protocol without a table: a row chosen by the words of code and name, else by an
// SMTP-like three-digit class, else `depends runtime`. Never nullptr.
const Row* generic_rule(const Signal& signal);

}  // namespace seamwatch::probes
