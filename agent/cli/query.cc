#include <array>
#include <cstdio>
#include <iostream>
#include <memory>
#include <string>

#include <boost/json.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/subcommands.h"
#include "agent/core/labels.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct QueryOptions {
  std::string expr;
  std::string time;
  std::string start;
  std::string end;
  std::string step;
  ClientOptions client;

  bool range() const { return !start.empty() || !end.empty() || !step.empty(); }
};

// `up{job="x"}`, `{a="b"}`, `{}`.
std::string series_text(const json::object& metric) {
  std::string name;
  Labels labels;
  for (const auto& entry : metric) {
    const auto value = json::value_to<std::string>(entry.value());
    if (entry.key() == "__name__") {
      name = value;
    } else {
      labels.set(std::string(entry.key()), value);
    }
  }
  const bool classic = name.empty() || is_classic_metric_name(name);
  if (!classic) {
    labels.set("__name__", name);
    name.clear();
  }
  return labels.empty() && !name.empty() ? name : name + labels.to_string();
}

// Seconds with as many decimals as there are, at most three: 1435781451.781.
std::string seconds_text(const json::value& seconds) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), "%.3f", seconds.to_number<double>());
  std::string out(text.data());
  out.erase(out.find_last_not_of('0') + 1);
  return out.ends_with('.') ? out.substr(0, out.size() - 1) : out;
}

std::string point_text(const json::value& point) {
  const json::array& pair = point.as_array();
  return json::value_to<std::string>(pair.at(1)) + " @[" + seconds_text(pair.at(0)) + "]";
}

// As promtool prints results.
void print_result(const json::object& data) {
  const std::string type = json::value_to<std::string>(data.at("resultType"));
  const json::value& result = data.at("result");
  if (type == "scalar" || type == "string") {
    std::cout << type << ": " << point_text(result) << "\n";
    return;
  }
  for (const json::value& series : result.as_array()) {
    const json::object& one = series.as_object();
    std::cout << series_text(one.at("metric").as_object()) << " =>";
    if (const json::value* value = one.if_contains("value")) {
      std::cout << " " << point_text(*value) << "\n";
      continue;
    }
    std::cout << "\n";
    for (const json::value& point : one.at("values").as_array()) {
      std::cout << point_text(point) << "\n";
    }
  }
}

void print_notes(const json::object& answer, const char* kind) {
  if (const json::value* notes = answer.if_contains(kind)) {
    for (const json::value& note : notes->as_array()) {
      std::cerr << json::value_to<std::string>(note) << "\n";
    }
  }
}

ApiRequest request_of(const QueryOptions& options) {
  ApiRequest request;
  request.path = options.range() ? "/api/v1/query_range" : "/api/v1/query";
  request.query.emplace_back("query", options.expr);
  if (options.range()) {
    request.query.emplace_back("start", options.start);
    request.query.emplace_back("end", options.end);
    request.query.emplace_back("step", options.step);
  } else if (!options.time.empty()) {
    request.query.emplace_back("time", options.time);
  }
  return request;
}

// What is wrong with the options, or "".
std::string wrong(const QueryOptions& options) {
  if (!options.range()) {
    return "";
  }
  if (options.start.empty() || options.end.empty() || options.step.empty()) {
    return "a range takes all of --start, --end and --step";
  }
  return options.time.empty() ? "" : "--time does not go with a range";
}

int run_query(const QueryOptions& options) {
  const std::string problem = wrong(options);
  if (!problem.empty()) {
    return usage(problem);
  }
  return with_answer(options.client, request_of(options), [&](const json::value& answer) {
    const json::object& body = answer.as_object();
    const json::object& data = body.at("data").as_object();
    if (options.client.json) {
      std::cout << json::serialize(body) << "\n";
      return 0;
    }
    print_notes(body, "warnings");
    print_notes(body, "infos");
    print_result(data);
    return 0;
  });
}

}  // namespace

void add_query(Command app) {
  auto options = std::make_shared<QueryOptions>();
  Command command =
      app.add_subcommand("query", "Ask a running agent, or any Prometheus, in PromQL");
  command.add_option("EXPR", options->expr, "For instance: probe_success == 0").required();
  command.add_option("--time", options->time, "When: Unix seconds or RFC 3339 (now)");
  command.add_option("--start", options->start, "First time of a range");
  command.add_option("--end", options->end, "Last time of a range");
  command.add_option("--step", options->step, "Between two times of a range: 15s, 1m");
  add_client_options(command, options->client);
  command.footer("Exit codes: 0 good, 1 no answer or a bad expression, 2 usage.");
  command.runs([options] { return run_query(*options); });
}

}  // namespace seamwatch::agent
