#include "rules/replay/explain_report.h"

#include <algorithm>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace seamwatch::rules::replay {
namespace {

namespace json = boost::json;

using Samples = std::vector<promql::VectorSample>;

constexpr std::size_t kShownMax = 20;  // samples and label sets a part

std::string series_text(const Labels& labels) {
  Labels rest = labels;
  rest.erase("__name__");
  const std::string name(labels.get("__name__"));
  if (!name.empty() && !is_classic_metric_name(name)) {
    return "{" + quoted(name) + (rest.empty() ? "}" : ", " + rest.to_string().substr(1));
  }
  return rest.empty() && !name.empty() ? name : name + rest.to_string();
}

std::string value_text(const promql::Value& value, const std::string& indent) {
  if (const auto* scalar = std::get_if<promql::ScalarValue>(&value)) {
    return " = " + explained_number(scalar->value) + "\n";
  }
  if (const auto* text = std::get_if<promql::StringValue>(&value)) {
    return " = " + quoted(text->value) + "\n";
  }
  if (const auto* matrix = std::get_if<promql::MatrixValue>(&value)) {
    std::size_t points = 0;
    for (const SeriesData& series : matrix->series) {
      points += series.points.size();
    }
    return ": " + std::to_string(matrix->series.size()) + " series, " + std::to_string(points) +
           " points\n";
  }
  const Samples& samples = std::get<promql::VectorValue>(value).samples;
  std::string out = samples.empty() ? ": nothing\n" : "\n";
  for (std::size_t i = 0; i < std::min(samples.size(), kShownMax); ++i) {
    out += indent + "  " + series_text(samples[i].labels) + " = " +
           explained_number(samples[i].value) + "\n";
  }
  if (samples.size() > kShownMax) {
    out += indent + "  and " + std::to_string(samples.size() - kShownMax) + " more\n";
  }
  return out;
}

json::object labels_json(const Labels& labels) {
  json::object out;
  for (const auto& [name, value] : labels) {
    out[name] = value;
  }
  return out;
}

// Numbers are texts, as in Prometheus's API: JSON has no NaN.
json::value value_json(const promql::Value& value) {
  if (const auto* scalar = std::get_if<promql::ScalarValue>(&value)) {
    return json::value(explained_number(scalar->value));
  }
  if (const auto* text = std::get_if<promql::StringValue>(&value)) {
    return json::value(text->value);
  }
  json::array out;
  if (const auto* matrix = std::get_if<promql::MatrixValue>(&value)) {
    for (const SeriesData& series : matrix->series) {
      out.push_back(
          json::object{{"labels", labels_json(series.labels)}, {"points", series.points.size()}});
    }
    return out;
  }
  for (const promql::VectorSample& sample : std::get<promql::VectorValue>(value).samples) {
    out.push_back(json::object{{"labels", labels_json(sample.labels)},
                               {"value", explained_number(sample.value)}});
  }
  return out;
}

json::object part_json(const ExplainedPart& part) {
  json::object out{{"depth", part.depth}, {"expr", part.text}};
  if (part.value) {
    out["value"] = value_json(*part.value);
  } else {
    out["error"] = part.error;
  }
  if (!part.note.empty()) {
    out["note"] = part.note;
  }
  json::array dropped;
  for (const Dropped& each : part.dropped) {
    dropped.push_back(json::object{{"labels", labels_json(each.labels)}, {"why", each.why}});
  }
  out["dropped"] = std::move(dropped);
  return out;
}

json::object to_json(const Explanation& explanation) {
  json::array alerts;
  for (const ExplainedAlert& alert : explanation.alerts) {
    alerts.push_back(json::object{{"labels", labels_json(alert.labels)},
                                  {"state", to_string(alert.phase)},
                                  {"why", alert.why}});
  }
  json::array parts;
  for (const ExplainedPart& part : explanation.parts) {
    parts.push_back(part_json(part));
  }
  return {{"at", to_rfc3339(explanation.at)},
          {"verdict", explanation.verdict},
          {"alerts", std::move(alerts)},
          {"parts", std::move(parts)}};
}

}  // namespace

std::string text_report(const Explanation& explanation) {
  std::string out = to_rfc3339(explanation.at) + " " + explanation.verdict + "\n";
  for (std::size_t i = 0; i < std::min(explanation.alerts.size(), kShownMax); ++i) {
    const ExplainedAlert& alert = explanation.alerts[i];
    out += "  " + std::string(to_string(alert.phase)) + " " + alert.labels.to_string() + ": " +
           alert.why + "\n";
  }
  if (explanation.alerts.size() > kShownMax) {
    out += "  and " + std::to_string(explanation.alerts.size() - kShownMax) + " more alerts\n";
  }
  for (const ExplainedPart& part : explanation.parts) {
    const std::string indent(static_cast<std::size_t>(part.depth + 1) * 2, ' ');
    out += indent + part.text;
    out += part.value ? value_text(*part.value, indent) : ": " + part.error + "\n";
    if (!part.note.empty()) {
      out += indent + "  (" + part.note + ")\n";
    }
    for (std::size_t i = 0; i < std::min(part.dropped.size(), kShownMax); ++i) {
      out += indent + "  dropped " + series_text(part.dropped[i].labels) + ": " +
             part.dropped[i].why + "\n";
    }
    if (part.dropped.size() > kShownMax) {
      out +=
          indent + "  and " + std::to_string(part.dropped.size() - kShownMax) + " more dropped\n";
    }
  }
  return out;
}

std::string json_report(const Explanation& explanation) {
  return json::serialize(to_json(explanation));
}

}  // namespace seamwatch::rules::replay
