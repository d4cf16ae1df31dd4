#include "tests/bench/landscape.h"

#include <array>
#include <cmath>
#include <cstdio>
#include <string>

namespace seamwatch::bench {
namespace {

std::uint64_t mixed(std::uint64_t a, std::uint64_t b) {
  std::uint64_t hash = (a + 1) * 0x9e3779b97f4a7c15ULL ^ (b + 0x51ed27) * 0xbf58476d1ce4e5b9ULL;
  hash = (hash ^ (hash >> 30U)) * 0x94d049bb133111ebULL;
  return hash ^ (hash >> 31U);
}

// A number in [0, 1) of a flow and a step.
double noise(std::uint64_t flow, std::int64_t step) {
  return static_cast<double>(mixed(flow, static_cast<std::uint64_t>(step)) >> 40U) / 16777216.0;
}

std::string numbered(const char* format, std::uint32_t number) {
  char text[32];
  std::snprintf(text, sizeof text, format, number);
  return text;
}

struct Kind {
  const char* metric;
  const char* label;  // of its own, or nullptr
  const char* value;
};

constexpr std::array<Kind, kSeriesOfFlow> kKinds = {{
    {"probe_success", nullptr, ""},
    {"probe_duration_seconds", nullptr, ""},
    {"probe_http_status_code", nullptr, ""},
    {"probe_ssl_earliest_cert_expiry", nullptr, ""},
    {"integration_requests_total", "code", "2xx"},
    {"integration_requests_total", "code", "5xx"},
    {"integration_latency_seconds_bucket", "le", "0.1"},
    {"integration_latency_seconds_bucket", "le", "0.5"},
    {"integration_latency_seconds_bucket", "le", "2"},
    {"integration_latency_seconds_bucket", "le", "+Inf"},
    {"integration_queue_messages", nullptr, ""},
    {"integration_state", nullptr, ""},
}};

// A counter of whole numbers that grows by about `rate` a step and starts anew after a while.
double counter(const SeriesPlan& series, std::int64_t step, double rate) {
  const auto period = static_cast<std::int64_t>(400 + mixed(series.flow, 7) % 2000);
  const std::int64_t age =
      (step + static_cast<std::int64_t>(mixed(series.flow, 8) % 2000)) % period;
  const double wobble = noise(series.flow * 16 + series.place, step) * rate * 0.9;
  return std::floor(static_cast<double>(age) * rate + wobble);
}

// Whether the flow is in trouble at this step: one in forty is, for twenty minutes of the hour.
bool troubled(std::uint32_t flow, std::int64_t step) {
  return flow % 40 == 3 && (step / 80 + flow / 40) % 3 == 0;
}

}  // namespace

void each_series(std::uint32_t flows,
                 std::uint32_t systems,
                 const std::function<void(SeriesPlan)>& visit) {
  for (std::uint32_t flow = 0; flow < flows; ++flow) {
    const Labels shared{{"system", numbered("sys-%02u", flow % systems)},
                        {"integration", numbered("orders-to-warehouse-%05u", flow)},
                        {"instance", numbered("warehouse-%u.example.com:443", flow % 977)},
                        {"env", flow % 5 == 0 ? "test" : "production"},
                        {"job", "seamwatch"}};
    for (std::uint32_t place = 0; place < kSeriesOfFlow; ++place) {
      const Kind& kind = kKinds[place];
      Labels labels = shared;
      labels.set("__name__", kind.metric);
      if (kind.label != nullptr) {
        labels.set(kind.label, kind.value);
      }
      visit({std::move(labels), flow, place});
    }
  }
  for (std::uint32_t system = 0; system < systems; ++system) {
    visit({Labels{{"__name__", "integration_owner_info"},
                  {"system", numbered("sys-%02u", system)},
                  {"owner", numbered("team-%u", system % 7)},
                  {"contact", numbered("team-%u@example.com", system % 7)}},
           system,
           kOwnerPlace});
  }
}

std::optional<double> value_at(const SeriesPlan& series, std::int64_t step) {
  const std::uint32_t flow = series.flow;
  const bool trouble = troubled(flow, step);
  const double share = noise(flow, step);
  // Some flows are not seen for a while.
  if (series.place != kOwnerPlace && flow % 97 == 5 && (step / 30 + flow) % 4 == 0) {
    return std::nullopt;
  }
  switch (series.place) {
    case 0:
      return trouble ? 0 : 1;
    case 1:
      // To the microsecond, as the agent's recorder writes durations.
      return std::round((trouble ? 2.5 + share : 0.02 + share / 4) * 1e6) / 1e6;
    case 2:
      return trouble ? 503 : 200;
    case 3:
      return 1.8e9 + static_cast<double>(flow % 900) * 86'400;
    case 4:
      return counter(series, step, 40);
    case 5:
      return counter(series, step, flow % 40 == 3 ? 4 : 0.2);
    case 6:
      return counter(series, step, 20);
    case 7:
      return counter(series, step, flow % 40 == 3 ? 22 : 38) + 20;
    case 8:
      return counter(series, step, 39.5) + 40;
    case 9:
      return counter(series, step, 40) + 60;
    case 10:
      return std::floor(trouble ? 900 + static_cast<double>(step % 80) * 30 + share * 20
                                : share * 40);
    case 11:
      return trouble ? 3 : (share > 0.97 ? 1 : 0);
    default:
      return 1;
  }
}

std::int64_t jitter_millis(const SeriesPlan& series) {
  return static_cast<std::int64_t>(mixed(series.flow, 99) %
                                   static_cast<std::uint64_t>(kStepMillis));
}

}  // namespace seamwatch::bench
