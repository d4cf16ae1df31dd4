#include "agent/web/prometheus/value_json.h"

#include <string>

#include "agent/web/prometheus/json_text.h"

namespace seamwatch::agent {
namespace {

namespace promql = rules::promql;

void append_point(std::string& out, WallTime at, double value) {
  out += '[';
  append_json_time(out, at);
  out += ',';
  append_json_value(out, value);
  out += ']';
}

struct Writer {
  ReplyText& text;
  WallTime at;
  promql::HeldMemory* held;
  std::string& out = text.tail();

  bool operator()(const promql::ScalarValue& scalar) const {
    append_point(out, at, scalar.value);
    return text.settle();
  }

  bool operator()(const promql::StringValue& string) const {
    out += '[';
    append_json_time(out, at);
    out += ',';
    append_json_string(out, string.value);
    out += ']';
    return text.settle();
  }

  bool operator()(promql::VectorValue& vector) const {
    const char* before = "[";
    for (promql::VectorSample& sample : vector.samples) {
      out.append(before).append("{\"metric\":");
      before = ",";
      append_json_labels(out, sample.labels);
      out += ",\"value\":";
      append_point(out, at, sample.value);
      out += '}';
      let_go(promql::held_bytes(sample));
      sample.labels = Labels();
      if (!text.settle()) {
        return false;
      }
    }
    out += vector.samples.empty() ? "[]" : "]";
    return true;
  }

  bool operator()(promql::MatrixValue& matrix) const {
    const char* before = "[";
    for (rules::SeriesData& series : matrix.series) {
      out.append(before);
      before = ",";
      if (!append_series(series)) {
        return false;
      }
      let_go(promql::held_bytes(series));
      series = {};
    }
    out += matrix.series.empty() ? "[]" : "]";
    return true;
  }

  void let_go(std::size_t bytes) const {
    if (held != nullptr) {
      held->give(bytes);
    }
  }

  bool append_series(const rules::SeriesData& series) const {
    out += "{\"metric\":";
    append_json_labels(out, series.labels);
    out += ",\"values\":";
    const char* before = "[";
    for (const rules::Point& point : series.points) {
      out.append(before);
      before = ",";
      append_point(out, point.at, point.value);
      if (!text.settle()) {
        return false;
      }
    }
    out += series.points.empty() ? "[]}" : "]}";
    return true;
  }
};

}  // namespace

std::string_view result_type(const promql::Value& value) {
  constexpr std::string_view kNames[] = {"scalar", "string", "vector", "matrix"};
  return kNames[value.index()];
}

bool append_json(ReplyText& text, promql::Value value, WallTime at, promql::HeldMemory* held) {
  return std::visit(Writer{text, at, held}, value);
}

}  // namespace seamwatch::agent
