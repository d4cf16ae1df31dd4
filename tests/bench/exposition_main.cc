// Measures Exposition: `exposition_bench [SERIES]` fills that many series (default 100,000; 20 to a
// target) and prints how long a rendering takes and what a series costs. `exposition_bench --print
// text|openmetrics` prints one of each family, for promtool and other readers.
#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <iostream>
#include <string>
#include <vector>

#include "exporters/metrics/agent_metrics.h"
#include "exporters/metrics/exposition.h"
#include "exporters/metrics/gzip.h"
#include "exporters/metrics/probe_families.h"

namespace {

namespace exporters = seamwatch::exporters;
using seamwatch::Labels;
using Clock = std::chrono::steady_clock;

constexpr int kSeriesPerTarget = 20;

double millis_since(Clock::time_point start) {
  return std::chrono::duration<double, std::milli>(Clock::now() - start).count();
}

void fill(exporters::Exposition& exposition, int series) {
  const auto& families = exporters::probe_families();
  for (int i = 0; i < series; i += kSeriesPerTarget) {
    const std::string number = std::to_string(i / kSeriesPerTarget);
    const auto group = exposition.add_group(
        Labels{{"integration", "orders-to-warehouse-" + number},
               {"probe", "http"},
               {"instance", "https://warehouse-" + number + ".example.com/api/orders"},
               {"owner", "team-logistics"}});
    std::vector<exporters::GroupSeries> shown;
    for (std::size_t one = 0; one < kSeriesPerTarget; ++one) {
      const Labels extra = one % 4 == 0 ? Labels{{"phase", "connect"}} : Labels{};
      shown.push_back({exposition.family(families[one]), extra});
    }
    exposition.reshape(group, shown);
    for (std::size_t one = 0; one < kSeriesPerTarget; ++one) {
      const auto place = static_cast<double>(one);
      exposition.values(group)[one] = one % 2 == 0 ? place : 0.001234567 * (i + place + 1);
    }
  }
}

int measure(int series) {
  exporters::Exposition exposition;
  const auto start = Clock::now();
  fill(exposition, series);
  std::cout << "fill           " << millis_since(start) << " ms\n";
  std::vector<double> times;
  double longest_chunk = 0;
  std::size_t bytes = 0;
  std::string chunk;
  for (int round = 0; round < 11; ++round) {
    const auto began = Clock::now();
    const auto rendering = exposition.render(exporters::Format::text);
    bytes = 0;
    for (auto chunk_began = Clock::now(); rendering->next(chunk); chunk_began = Clock::now()) {
      bytes += chunk.size();
      longest_chunk = std::max(longest_chunk, millis_since(chunk_began));
    }
    times.push_back(millis_since(began));
  }
  std::sort(times.begin(), times.end());
  std::cout << "render         " << times[times.size() / 2] << " ms median, " << times.back()
            << " ms most, " << bytes << " bytes, longest chunk " << longest_chunk << " ms\n";
  exporters::Gzip gzip;
  std::string compressed;
  const auto began = Clock::now();
  const auto rendering = exposition.render(exporters::Format::text);
  while (rendering->next(chunk)) {
    gzip.add(chunk, compressed);
  }
  gzip.finish(compressed);
  std::cout << "render + gzip  " << millis_since(began) << " ms, " << compressed.size()
            << " bytes\n"
            << "memory         " << exposition.memory_bytes() / exposition.size()
            << " bytes a series, with the label texts of the groups\n";
  return 0;
}

int print(exporters::Format format) {
  exporters::Exposition exposition;
  exporters::AgentMetrics metrics;
  const auto group = exposition.add_group(Labels{{"integration", "or\"ders\\\n"}});
  std::vector<exporters::GroupSeries> shown;
  for (const auto& family : exporters::probe_families()) {
    shown.push_back({exposition.family(family), {}});
  }
  exposition.reshape(group, shown);
  std::ranges::fill(exposition.values(group), 0.5);
  for (const auto& family : exporters::agent_families()) {
    switch (family.type) {
      case exporters::MetricType::counter:
        metrics.counter(family, Labels{{"receiver", "sales"}}).add(2);
        break;
      case exporters::MetricType::gauge:
        metrics.gauge(family).set(1);
        break;
      case exporters::MetricType::histogram:
        metrics.histogram(family, {}, {0.01, 0.05, 1}).observe(0.02);
        break;
    }
  }
  const auto rendering = exposition.render(format, metrics.render(format));
  for (std::string chunk; rendering->next(chunk);) {
    std::cout << chunk;
  }
  return 0;
}

}  // namespace

int main(int argc, char** argv) {
  const std::vector<std::string> arguments(argv + 1, argv + argc);
  if (arguments.size() == 2 && arguments[0] == "--print") {
    return print(arguments[1] == "openmetrics" ? exporters::Format::openmetrics
                                               : exporters::Format::text);
  }
  return measure(arguments.empty() ? 100'000 : std::atoi(arguments[0].c_str()));
}
