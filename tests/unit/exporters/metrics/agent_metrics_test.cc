#include "exporters/metrics/agent_metrics.h"

#include <catch2/catch.hpp>

namespace seamwatch::exporters {

TEST_CASE("agent metrics: both formats") {
  AgentMetrics metrics;
  const Family sent{"seamwatch_notifications_total", MetricType::counter, "Attempts"};
  const Family lag{"seamwatch_loop_lag_seconds", MetricType::gauge, "Lag", "seconds"};
  const Family slip{"seamwatch_probe_slip_seconds", MetricType::histogram, "Slip", "seconds"};
  const CounterHandle sales = metrics.counter(sent, Labels{{"receiver", "sa\"les"}});
  sales.add();
  metrics.counter(sent, Labels{{"receiver", "sa\"les"}}).add(2);
  CHECK(sales.value() == 3);
  const GaugeHandle gauge = metrics.gauge(lag);
  gauge.set(0.5);
  gauge.add(0.25);
  CHECK(gauge.value() == 0.75);
  const HistogramHandle histogram = metrics.histogram(slip, {}, {0.05, 1});
  histogram.observe(0.04);
  histogram.observe(0.5);
  histogram.observe(8);
  CHECK(metrics.series() == 7);

  CHECK(metrics.render(Format::text) ==
        "# HELP seamwatch_loop_lag_seconds Lag\n"
        "# TYPE seamwatch_loop_lag_seconds gauge\n"
        "seamwatch_loop_lag_seconds 0.75\n"
        "# HELP seamwatch_notifications_total Attempts\n"
        "# TYPE seamwatch_notifications_total counter\n"
        "seamwatch_notifications_total{receiver=\"sa\\\"les\"} 3\n"
        "# HELP seamwatch_probe_slip_seconds Slip\n"
        "# TYPE seamwatch_probe_slip_seconds histogram\n"
        "seamwatch_probe_slip_seconds_bucket{le=\"0.05\"} 1\n"
        "seamwatch_probe_slip_seconds_bucket{le=\"1\"} 2\n"
        "seamwatch_probe_slip_seconds_bucket{le=\"+Inf\"} 3\n"
        "seamwatch_probe_slip_seconds_sum 8.54\n"
        "seamwatch_probe_slip_seconds_count 3\n");
  const std::string open = metrics.render(Format::openmetrics);
  CHECK(open.find("# TYPE seamwatch_notifications counter\n") != std::string::npos);
  CHECK(open.find("\nseamwatch_notifications_total{") != std::string::npos);
  CHECK(open.find("# UNIT seamwatch_probe_slip_seconds seconds\n") != std::string::npos);
  CHECK(open.find("le=\"1.0\"") != std::string::npos);
  CHECK(open.find("# EOF") == std::string::npos);
}

TEST_CASE("agent metrics: a handle that was never made counts nowhere") {
  CounterHandle().add();
  GaugeHandle().set(1);
  HistogramHandle().observe(1);
  CHECK(CounterHandle().value() == 0);
}

}  // namespace seamwatch::exporters
