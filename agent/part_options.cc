#include "agent/part_options.h"

#include <algorithm>

#include <boost/asio/ip/host_name.hpp>

#include "agent/base/log.h"
#include "agent/core/hex.h"
#include "agent/watch/schedule.h"

namespace seamwatch::agent {

rules::SeriesStoreOptions series_options(const Config& config) {
  rules::SeriesStoreOptions options;
  options.retention = config.storage.retention;
  options.series_max = static_cast<std::size_t>(config.storage.series_max);
  options.bytes_max = static_cast<std::size_t>(config.storage.series_bytes_max);
  options.integration_series_max = static_cast<std::size_t>(config.storage.integration_series_max);
  return options;
}

OutboxOptions outbox_options(const Config& config) {
  OutboxOptions options;
  options.pending_max = config.notification.outbox_max;
  options.dead_letters_max = config.notification.dead_letters_max;
  options.bytes_max = config.notification.outbox_bytes_max;
  return options;
}

rules::promql::EngineOptions query_engine(const Config& config) {
  rules::promql::EngineOptions options;
  options.lookback = config.query.lookback_delta;
  options.samples_max = config.query.max_samples;
  options.features = config.query.features;
  return options;
}

ServerOptions server_options(const Config& config) {
  ServerOptions options;
  options.connections_max = static_cast<std::size_t>(config.web.connections_max);
  options.header_bytes_max = static_cast<std::size_t>(config.web.header_bytes_max);
  options.header_timeout = config.web.read_timeout;
  options.body_timeout = config.web.read_timeout;
  options.idle_timeout = config.web.idle_timeout;
  options.write_timeout = config.web.write_timeout;
  return options;
}

void warn_of_restart(const Config& before, const Config& after) {
  const auto warn = [](const char* key) {
    log(LogLevel::warning, "not reloaded", {{"key", key}, {"remedy", "restart to change it"}});
  };
  if (before.web != after.web) {
    warn("web");
  }
  if (before.storage != after.storage) {
    warn("storage");
  }
  if (before.query.max_concurrency != after.query.max_concurrency) {
    warn("query.max_concurrency");
  }
  const OutboxOptions was = outbox_options(before);
  const OutboxOptions is = outbox_options(after);
  if (was.pending_max != is.pending_max) {
    warn("notification.outbox_max");
  }
  if (was.bytes_max != is.bytes_max) {
    warn("notification.outbox_bytes_max");
  }
  if (was.dead_letters_max != is.dead_letters_max) {
    warn("notification.dead_letters_max");
  }
}

Millis warm_up(const Config& config) {
  Millis longest{0};
  for (const auto& [name, integration] : config.landscape.integrations) {
    for (const ProbeConfig& probe : integration.probes) {
      longest = std::max(longest, std::min(probe.interval, kFirstStartWithin) + probe.timeout);
    }
  }
  return longest;
}

std::string own_url(const boost::asio::ip::tcp::endpoint& address) {
  const bool anywhere = address.address().is_unspecified();
  const std::string shown = address.address().to_string();
  const std::string host = anywhere                    ? boost::asio::ip::host_name()
                           : address.address().is_v6() ? "[" + shown + "]"
                                                       : shown;
  return "http://" + host + ":" + std::to_string(address.port());
}

std::string path_of(std::string_view url) {
  const std::size_t scheme = url.find("://");
  const std::size_t slash = scheme == std::string_view::npos ? scheme : url.find('/', scheme + 3);
  return slash == std::string_view::npos
             ? ""
             : percent_decoded(url.substr(slash, url.find_first_of("?#", slash) - slash));
}

}  // namespace seamwatch::agent
