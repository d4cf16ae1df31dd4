// Family: name, type, unit and help of a metric, and the text forms that Exposition and
// AgentMetrics share: headers, label texts and numbers in Prometheus text 0.0.4 and
// OpenMetrics 1.0.0.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "agent/core/labels.h"

namespace seamwatch::exporters {

enum class MetricType { gauge, counter, histogram };

enum class Format {
  text,         // Prometheus text 0.0.4
  openmetrics,  // OpenMetrics 1.0.0
};

struct Family {
  std::string name;  // of a counter: with its _total
  MetricType type = MetricType::gauge;
  std::string help;
  std::string unit = "";  // "seconds"; only where `name` (without _total) ends in it
};

// `text/plain; version=0.0.4; charset=utf-8` and its OpenMetrics counterpart.
std::string_view content_type(Format format);

// Appends the HELP and TYPE (and UNIT) lines. In OpenMetrics a counter's family name has no _total.
void append_header(std::string& out, const Family& family, Format format);

// `a="1",b="x"`, sorted by name, without braces; "" for no labels. Values that are not UTF-8 are
// repaired; names that are not classic get underscores.
std::string label_text(const Labels& labels);

// Appends the shortest text that reads back as `value`: `15`, `0.25`, `1e+300`, `NaN`, `+Inf`,
// `-Inf`.
void append_number(std::string& out, double value);

// The same into memory with room for kNumberBytesMax bytes. Returns the end of the text.
inline constexpr std::size_t kNumberBytesMax = 32;
char* put_number(char* out, double value);

}  // namespace seamwatch::exporters
