#include "agent/series_warnings.h"

#include "agent/base/log.h"

namespace seamwatch::agent {

void SeriesWarnings::look(const rules::SeriesStore& series, Millis retention) {
  for (const auto& [integration, count] : series.refused_integrations()) {
    if (refused_said_.insert(integration).second) {
      log(LogLevel::warning,
          "series refused",
          {{"integration", integration},
           {"reason", "it has storage.integration_series_max series"},
           {"remedy", "see which label of its probes has so many values, or raise the limit"}});
    }
  }
  const bool is_short = series.stats().retention < retention;
  if (is_short && !retention_short_) {
    log(LogLevel::warning,
        "series retention shortened",
        {{"reason", "the series take more than storage.series_bytes_max"},
         {"effect", "the oldest points go before storage.retention"},
         {"remedy", "see /api/v1/status/tsdb for what has many series, or raise the limit"}});
  } else if (!is_short && retention_short_) {
    log(LogLevel::info, "series retention is as configured again");
  }
  retention_short_ = is_short;
}

}  // namespace seamwatch::agent
