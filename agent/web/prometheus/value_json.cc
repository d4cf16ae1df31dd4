#include "agent/web/prometheus/value_json.h"

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
  std::string& out;
  WallTime at;

  void operator()(const promql::ScalarValue& scalar) const { append_point(out, at, scalar.value); }

  void operator()(const promql::StringValue& text) const {
    out += '[';
    append_json_time(out, at);
    out += ',';
    append_json_string(out, text.value);
    out += ']';
  }

  void operator()(const promql::VectorValue& vector) const {
    out += '[';
    for (const promql::VectorSample& sample : vector.samples) {
      out += out.back() == '[' ? "{\"metric\":" : ",{\"metric\":";
      append_json_labels(out, sample.labels);
      out += ",\"value\":";
      append_point(out, at, sample.value);
      out += '}';
    }
    out += ']';
  }

  void operator()(const promql::MatrixValue& matrix) const {
    out += '[';
    for (const rules::SeriesData& series : matrix.series) {
      out += out.back() == '[' ? "{\"metric\":" : ",{\"metric\":";
      append_json_labels(out, series.labels);
      out += ",\"values\":[";
      for (const rules::Point& point : series.points) {
        out += out.back() == '[' ? "" : ",";
        append_point(out, point.at, point.value);
      }
      out += "]}";
    }
    out += ']';
  }
};

}  // namespace

std::string_view result_type(const promql::Value& value) {
  constexpr std::string_view kNames[] = {"scalar", "string", "vector", "matrix"};
  return kNames[value.index()];
}

void append_json(std::string& out, const promql::Value& value, WallTime at) {
  std::visit(Writer{out, at}, value);
}

}  // namespace seamwatch::agent
