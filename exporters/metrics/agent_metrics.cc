#include "exporters/metrics/agent_metrics.h"

#include <algorithm>
#include <cmath>
#include <map>

#include <prometheus/counter.h>
#include <prometheus/gauge.h>
#include <prometheus/histogram.h>
#include <prometheus/registry.h>

#include "agent/core/assert.h"

namespace seamwatch::exporters {
namespace {

std::map<std::string, std::string> label_map(const Labels& labels) {
  std::map<std::string, std::string> out;
  for (const auto& [name, value] : labels) {
    out.emplace(name, value);
  }
  return out;
}

std::string text_of(const prometheus::ClientMetric& metric) {
  std::vector<Labels::Pair> pairs;
  for (const auto& [name, value] : metric.label) {
    pairs.emplace_back(name, value);
  }
  return label_text(Labels(std::move(pairs)));
}

// OpenMetrics wants bucket bounds in their canonical form: `1.0`, not `1`.
std::string bound_text(double bound, Format format) {
  std::string out;
  append_number(out, bound);
  const bool whole = out.find_first_not_of("-0123456789") == std::string::npos;
  return format == Format::openmetrics && whole ? out + ".0" : out;
}

void append_line(std::string& out,
                 const std::string& name,
                 std::string_view suffix,
                 const std::string& labels,
                 double value) {
  out += name;
  out += suffix;
  if (!labels.empty()) {
    out += '{' + labels + '}';
  }
  out += ' ';
  append_number(out, value);
  out += '\n';
}

void append_histogram(std::string& out,
                      const std::string& name,
                      const prometheus::ClientMetric& metric,
                      Format format) {
  const std::string labels = text_of(metric);
  const std::string before = labels.empty() ? "" : labels + ",";
  for (const auto& bucket : metric.histogram.bucket) {
    const std::string le = "le=\"" + bound_text(bucket.upper_bound, format) + "\"";
    append_line(out, name, "_bucket", before + le, static_cast<double>(bucket.cumulative_count));
  }
  append_line(out, name, "_sum", labels, metric.histogram.sample_sum);
  append_line(out, name, "_count", labels, static_cast<double>(metric.histogram.sample_count));
}

}  // namespace

struct AgentMetrics::State {
  prometheus::Registry registry;
  std::map<std::string, Family> families;  // by name, so in the order of rendering

  // Registers the family or checks that it is used as before.
  const Family& known(const Family& family, MetricType type) {
    SW_ASSERT(is_classic_metric_name(family.name));
    SW_ASSERT(type != MetricType::counter || family.name.ends_with("_total"));
    const auto [at, made] = families.emplace(family.name, family);
    if (made) {
      at->second.type = type;
    }
    SW_ASSERT(at->second.type == type);
    return at->second;
  }
};

AgentMetrics::AgentMetrics() : state_(std::make_unique<State>()) {}

AgentMetrics::~AgentMetrics() = default;

CounterHandle AgentMetrics::counter(const Family& family, const Labels& labels) {
  const Family& known = state_->known(family, MetricType::counter);
  auto& counters =
      prometheus::BuildCounter().Name(known.name).Help(known.help).Register(state_->registry);
  return CounterHandle(&counters.Add(label_map(labels)));
}

GaugeHandle AgentMetrics::gauge(const Family& family, const Labels& labels) {
  const Family& known = state_->known(family, MetricType::gauge);
  auto& gauges =
      prometheus::BuildGauge().Name(known.name).Help(known.help).Register(state_->registry);
  return GaugeHandle(&gauges.Add(label_map(labels)));
}

HistogramHandle AgentMetrics::histogram(const Family& family,
                                        const Labels& labels,
                                        const std::vector<double>& buckets) {
  SW_ASSERT(std::is_sorted(buckets.begin(), buckets.end()));
  const Family& known = state_->known(family, MetricType::histogram);
  auto& histograms =
      prometheus::BuildHistogram().Name(known.name).Help(known.help).Register(state_->registry);
  return HistogramHandle(&histograms.Add(label_map(labels), buckets));
}

std::string AgentMetrics::render(Format format) const {
  std::vector<prometheus::MetricFamily> collected = state_->registry.Collect();
  std::sort(collected.begin(), collected.end(), [](const auto& a, const auto& b) {
    return a.name < b.name;
  });
  std::string out;
  for (const prometheus::MetricFamily& family : collected) {
    const Family& known = state_->families.at(family.name);
    append_header(out, known, format);
    for (const prometheus::ClientMetric& metric : family.metric) {
      if (known.type == MetricType::histogram) {
        append_histogram(out, known.name, metric, format);
      } else {
        const bool counts = known.type == MetricType::counter;
        const double value = counts ? metric.counter.value : metric.gauge.value;
        append_line(out, known.name, "", text_of(metric), value);
      }
    }
  }
  return out;
}

std::size_t AgentMetrics::series() const {
  std::size_t count = 0;
  for (const prometheus::MetricFamily& family : state_->registry.Collect()) {
    for (const prometheus::ClientMetric& metric : family.metric) {
      const bool buckets = family.type == prometheus::MetricType::Histogram;
      count += buckets ? metric.histogram.bucket.size() + 2 : 1;
    }
  }
  return count;
}

void CounterHandle::add(double amount) const {
  SW_ASSERT(amount >= 0);
  if (counter_ != nullptr) {
    static_cast<prometheus::Counter*>(counter_)->Increment(amount);
  }
}

double CounterHandle::value() const {
  return counter_ == nullptr ? 0 : static_cast<prometheus::Counter*>(counter_)->Value();
}

void GaugeHandle::set(double value) const {
  if (gauge_ != nullptr) {
    static_cast<prometheus::Gauge*>(gauge_)->Set(value);
  }
}

void GaugeHandle::add(double amount) const {
  if (gauge_ != nullptr) {
    static_cast<prometheus::Gauge*>(gauge_)->Increment(amount);
  }
}

double GaugeHandle::value() const {
  return gauge_ == nullptr ? 0 : static_cast<prometheus::Gauge*>(gauge_)->Value();
}

void HistogramHandle::observe(double value) const {
  if (histogram_ != nullptr) {
    static_cast<prometheus::Histogram*>(histogram_)->Observe(value);
  }
}

}  // namespace seamwatch::exporters
