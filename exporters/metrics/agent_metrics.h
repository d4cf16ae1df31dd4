// AgentMetrics: the agent's own counters, gauges and histograms, kept by prometheus-cpp and written
// by our exposition. Handles are cheap to copy and live as long as the AgentMetrics. Setting values
// is safe from any thread; making handles and rendering is for the loop thread.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "agent/core/labels.h"
#include "exporters/metrics/family.h"

namespace seamwatch::exporters {

class CounterHandle {
 public:
  CounterHandle() = default;  // counts nowhere

  explicit CounterHandle(void* counter) : counter_(counter) {}

  void add(double amount = 1) const;  // Requires: amount >= 0

  double value() const;

 private:
  void* counter_ = nullptr;
};

class GaugeHandle {
 public:
  GaugeHandle() = default;

  explicit GaugeHandle(void* gauge) : gauge_(gauge) {}

  void set(double value) const;

  void add(double amount) const;

  double value() const;

 private:
  void* gauge_ = nullptr;
};

class HistogramHandle {
 public:
  HistogramHandle() = default;

  explicit HistogramHandle(void* histogram) : histogram_(histogram) {}

  void observe(double value) const;

 private:
  void* histogram_ = nullptr;
};

class AgentMetrics {
 public:
  AgentMetrics();
  ~AgentMetrics();

  // The metric `family.name{labels}`, made where it is not there yet (then with value 0). The
  // family's type is that of the function called; one name must keep to one type.
  // Requires: classic names; not a name that the Exposition has too.
  CounterHandle counter(const Family& family, const Labels& labels = {});
  GaugeHandle gauge(const Family& family, const Labels& labels = {});

  // `buckets` are upper bounds, ascending, without +Inf.
  HistogramHandle histogram(const Family& family,
                            const Labels& labels,
                            const std::vector<double>& buckets);

  // All of it as text, families by name; the `tail` of Exposition::render.
  std::string render(Format format) const;

  // How many series render() gives: a counter or gauge is one, a histogram its buckets plus two.
  std::size_t series() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace seamwatch::exporters
