#include "exporters/metrics/negotiate.h"

#include <catch2/catch.hpp>

namespace seamwatch::exporters {

TEST_CASE("negotiate: format") {
  struct Case {
    const char* name;
    const char* accept;
    Format want;
  };

  const Case cases[] = {
      {"nothing", "", Format::text},
      {"anything", "*/*", Format::text},
      {"a browser", "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8", Format::text},
      {"Prometheus 2",
       "application/openmetrics-text;version=1.0.0,application/openmetrics-text;version=0.0.1;"
       "q=0.75,text/plain;version=0.0.4;q=0.5,*/*;q=0.1",
       Format::openmetrics},
      {"Prometheus 3",
       "application/openmetrics-text;version=1.0.0;escaping=allow-utf-8;q=0.6,"
       "application/openmetrics-text;version=0.0.1;q=0.5,text/plain;version=1.0.0;"
       "escaping=allow-utf-8;q=0.4,text/plain;version=0.0.4;q=0.3,*/*;q=0.2",
       Format::openmetrics},
      {"text preferred", "application/openmetrics-text;q=0.5,text/plain;q=0.9", Format::text},
      {"OpenMetrics preferred",
       "text/plain;q=0.5, application/openmetrics-text",
       Format::openmetrics},
      {"a tie goes to the first", "application/openmetrics-text,text/plain", Format::openmetrics},
      {"a tie goes to the first, text", "text/plain,application/openmetrics-text", Format::text},
      {"OpenMetrics refused", "application/openmetrics-text;q=0,text/plain;q=0.1", Format::text},
      {"another version", "application/openmetrics-text;version=2.0.0", Format::text},
      {"quoted version", "application/openmetrics-text; version=\"1.0.0\"", Format::openmetrics},
      {"case", "Application/OpenMetrics-Text;VERSION=1.0.0", Format::openmetrics},
      {"broken weight", "application/openmetrics-text;q=high,text/plain;q=0.1", Format::text},
      {"only protobuf", "application/vnd.google.protobuf", Format::text},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(negotiate_format(c.accept) == c.want);
    }
  }
}

TEST_CASE("negotiate: gzip") {
  struct Case {
    const char* accept_encoding;
    bool want;
  };

  const Case cases[] = {
      {"", false},
      {"gzip", true},
      {"GZIP", true},
      {"x-gzip", true},
      {"deflate, gzip;q=0.5", true},
      {"gzip;q=0", false},
      {"gzip; q=0.0", false},
      {"*", true},
      {"*;q=0", false},
      {"gzip;q=0, *", false},
      {"identity, br", false},
      {"gzip;q=2", false},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION('"' << c.accept_encoding << '"') {
      CHECK(accepts_gzip(c.accept_encoding) == c.want);
    }
  }
}

}  // namespace seamwatch::exporters
