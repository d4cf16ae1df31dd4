// Asks a running agent, or Prometheus, which selectors it has series for, by /api/v1/series. For
// `check rules --url`; blocks the calling thread.
#pragma once

#include <set>
#include <string>

#include "agent/core/result.h"

namespace seamwatch::agent {

// Those of `selectors` for which the server at `url` ("http://127.0.0.1:9720") has no series now,
// or ever in what it keeps. Error: it cannot be reached, or does not answer as the API does.
// Source: Prometheus HTTP API, "Finding series by label matchers".
[[nodiscard]] Result<std::set<std::string>> selectors_without_series(
    const std::string& url, const std::set<std::string>& selectors);

}  // namespace seamwatch::agent
