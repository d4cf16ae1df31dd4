// templatetest FILE.jsonl...: runs recorded template cases of Prometheus and Alertmanager, one JSON
// object a line, with a data.json of shared data beside each file. Prints a line per failing case,
// then `N passed, N failed`; exits 1 if any failed.
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <boost/json.hpp>

#include "rules/templates/go_format.h"
#include "rules/templates/humanize.h"
#include "rules/templates/notification_template.h"
#include "rules/templates/prometheus_template.h"

namespace json = boost::json;

namespace {

using namespace seamwatch;
using namespace seamwatch::rules::templates;

constexpr std::int64_t kNowMillis = 1'730'000'000'000;  // for cases that name no time

std::string read_file(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

std::string text_at(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  return value != nullptr && value->is_string() ? std::string(value->get_string()) : "";
}

// A case's data as the Go type that it names.
Result<Value> data_of(const json::object& test, const json::object& shared, WallTime now) {
  json::value data = test.at("data");
  if (data.is_object() && data.get_object().contains("$ref")) {
    data = shared.at(data.get_object().at("$ref").as_string());
  }
  const std::string type = text_at(test, "data_type");
  if (type == "Data") {
    return notification_data_from_json(json::serialize(data));
  }
  if (type == "time") {
    const std::string text(data.as_string());
    if (text == "now-1h") {
      return Value(go_time(now - std::chrono::hours(1)));
    }
    auto at = parse_time("2006-01-02T15:04:05Z07:00", text);
    return at ? Result<Value>(Value(*at)) : at.error();
  }
  auto value = value_from_json(json::serialize(data));
  if (!value) {
    return value;
  }
  if (type == "list<string>") {
    return Value(value->as_list(), strings_type());
  }
  if (type == "list<float>" || type == "list<number>") {
    List numbers;
    for (const Value& item : value->as_list()) {
      numbers.emplace_back(*to_number(item));
    }
    return Value(std::move(numbers));
  }
  return value;
}

QueryFunction query_of(const json::object& test) {
  const json::value* recorded = test.if_contains("query_result");
  if (recorded == nullptr || !recorded->is_array()) {
    return {};
  }
  std::vector<QuerySample> samples;
  for (const json::value& item : recorded->get_array()) {
    QuerySample sample;
    for (const auto& [name, value] : item.at("labels").as_object()) {
      sample.labels.set(std::string_view(name), std::string_view(value.as_string()));
    }
    sample.value = item.at("value").to_number<double>();
    samples.push_back(std::move(sample));
  }
  return [samples](const std::string&, WallTime) -> Result<std::vector<QuerySample>> {
    return samples;
  };
}

Result<std::string> run_prometheus(const json::object& test, const Value& data, Mode mode) {
  ExpandContext context;
  context.now = wall_from_unix_millis(test.at("now_ms").to_number<std::int64_t>());
  context.external_url = text_at(test, "external_url");
  context.query = query_of(test);
  ExecuteOptions options;
  options.mode = mode;
  options.missing_key = MissingKey::zero;
  for (const json::value& option : test.at("options").as_array()) {
    if (option.as_string() == "missingkey=error") {
      options.missing_key = MissingKey::error;
    }
  }
  return render_prometheus("test", text_at(test, "template"), data, context, options);
}

// "" where the case passes, otherwise what is wrong.
std::string run_case(const json::object& test, const json::object& shared) {
  const WallTime now = wall_from_unix_millis(kNowMillis);
  const auto data = data_of(test, shared, now);
  if (!data) {
    return "data: " + data.error().message;
  }
  const Mode mode = text_at(test, "mode") == "html" ? Mode::html : Mode::text;
  static const NotificationTemplates templates;
  const auto result = text_at(test, "engine") == "prometheus"
                          ? run_prometheus(test, *data, mode)
                          : templates.render(text_at(test, "template"), *data, now, mode);
  if (test.at("fail").as_bool()) {
    return result ? "should fail, gave " + go_quote(*result) : "";
  }
  if (!result) {
    return "failed: " + result.error().message;
  }
  const std::string want = text_at(test, "expect");
  return *result == want ? "" : "gave " + go_quote(*result) + ", want " + go_quote(want);
}

struct Counts {
  int passed = 0;
  int failed = 0;
};

void run_file(const std::filesystem::path& path, Counts& counts) {
  json::object shared;
  if (const auto beside = path.parent_path() / "data.json"; std::filesystem::exists(beside)) {
    shared = json::parse(read_file(beside)).as_object();
  }
  std::istringstream lines(read_file(path));
  for (std::string line; std::getline(lines, line);) {
    if (line.empty()) {
      continue;
    }
    const json::object test = json::parse(line).as_object();
    const std::string problem = run_case(test, shared);
    (problem.empty() ? counts.passed : counts.failed)++;
    if (!problem.empty()) {
      std::cout << path.filename().string() << " " << text_at(test, "id") << ": "
                << go_quote(text_at(test, "template")) << " " << problem << "\n";
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) {
    std::cerr << "usage: templatetest FILE.jsonl...\n";
    return 2;
  }
  Counts counts;
  for (int i = 1; i < argc; ++i) {
    if (!std::filesystem::exists(argv[i])) {
      std::cerr << argv[i] << ": no such file\n";
      return 2;
    }
    run_file(argv[i], counts);
  }
  std::cout << counts.passed << " passed, " << counts.failed << " failed\n";
  return counts.failed == 0 ? 0 : 1;
}
