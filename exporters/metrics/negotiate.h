// Negotiation: which exposition format, and whether gzip, a scraper asked for. Pure.
// Source: RFC 9110 sections 12.4.2, 12.5.1 and 12.5.3; Prometheus content negotiation.
#pragma once

#include <string_view>

#include "exporters/metrics/family.h"

namespace seamwatch::exporters {

// The format that `accept` (the value of the Accept header) ranks highest. OpenMetrics only where
// it is asked for by name, with version 1.0.0 or none; a tie goes to what stands first; text where
// nothing fits, so that a person with curl always gets an answer. Unknown parameters (such as
// escaping=allow-utf-8) are ignored.
Format negotiate_format(std::string_view accept);

// Whether `accept_encoding` takes gzip: named with q > 0, or by `*` and not refused by name.
bool accepts_gzip(std::string_view accept_encoding);

}  // namespace seamwatch::exporters
