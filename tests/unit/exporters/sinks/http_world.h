// What the tests of all sinks that speak HTTP share: a scripted client and a clock.
#pragma once

#include <cstddef>

#include "tests/fakes/fake_http_client.h"
#include "tests/fakes/sim_clock.h"
#include "tests/unit/exporters/sinks/deliver.h"

namespace seamwatch::exporters {

struct HttpWorld {
  fakes::FakeHttpClient http;
  fakes::SimClock clock{kNow};

  const HttpRequest& request(std::size_t index = 0) const {
    return http.requests().at(index).request;
  }
};

}  // namespace seamwatch::exporters
