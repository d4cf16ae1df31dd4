// prometheus_apitest FILE.jsonl: asks our Prometheus API what a Prometheus was asked, and compares
// status and body. The first line of the file holds a `load`, the others {path, query, status,
// body}. Prints a line per difference, then `N passed, N failed`; exits 1 if any failed.
#include <algorithm>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/json.hpp>

#include "agent/io/system_clock.h"
#include "agent/web/prometheus/api.h"
#include "agent/web/route_table.h"
#include "rules/promql/series_notation.h"
#include "tests/fakes/inline_worker_pool.h"

namespace {

namespace json = boost::json;
using namespace seamwatch;
using namespace seamwatch::agent;

// `0x30` as 48: who made the records read it so, unlike test scripts, in which it is 0 repeated.
std::string without_hex(const std::string& text) {
  std::istringstream words(text);
  std::string out;
  for (std::string word; words >> word;) {
    const bool hex = word.size() > 2 && word.starts_with("0x") &&
                     word.find_first_not_of("0123456789abcdefABCDEF", 2) == std::string::npos;
    out += (out.empty() ? "" : " ") + (hex ? std::to_string(std::stoul(word, nullptr, 16)) : word);
  }
  return out;
}

// Fills `store` as `load 30s` says. Errors: what cannot be read.
Status load(const std::string& text, rules::SeriesStore& store) {
  std::istringstream lines(text);
  std::string word;
  std::string line;
  lines >> word >> line;
  const auto step = parse_duration(line);
  if (word != "load" || !step) {
    return error("no load: " + word + " " + line);
  }
  std::getline(lines, line);
  while (std::getline(lines, line)) {
    if (line.find_first_not_of(' ') == std::string::npos) {
      continue;
    }
    const auto series = rules::promql::parse_series(without_hex(line));
    if (!series) {
      return series.error();
    }
    for (std::size_t i = 0; i < series->values.size(); ++i) {
      if (series->values[i]) {
        store.append(
            Sample{series->labels, WallTime(*step * static_cast<int>(i)), *series->values[i]});
      }
    }
  }
  return {};
}

class Driver {
 public:
  Driver()
      : clock_(io_.get_executor()),
        api_(clock_, {workers_, workers_}, store_, ApiOptions(), sources()),
        routes_(api_.routes()) {}

  rules::SeriesStore& store() { return store_; }

  HttpReply ask(const HttpCall& call) {
    HttpReply reply = text_reply(500, "no answer");
    const RouteTable::Match match = routes_.find(call.method, call.path);
    if (match.route == nullptr) {
      return text_reply(404, "404 page not found\n");
    }
    boost::asio::co_spawn(
        io_, match.route->handler(call), [&](std::exception_ptr, HttpReply got) { reply = got; });
    io_.restart();
    io_.run();
    return reply;
  }

 private:
  static ApiSources sources() {
    ApiSources sources;
    sources.rules = [] { return std::vector<ApiRuleGroup>(); };
    sources.targets = [] { return std::vector<ApiTarget>(); };
    sources.status = [] { return ApiStatus(); };
    sources.config = [] { return [] { return std::string(); }; };
    sources.engine = [] { return rules::promql::EngineOptions(); };
    sources.query_timeout = [] { return Millis(120'000); };
    sources.query_bytes_max = [] { return std::size_t{1} << 30U; };
    return sources;
  }

  boost::asio::io_context io_{1};
  SystemClock clock_;
  fakes::InlineWorkerPool workers_;
  rules::SeriesStore store_;
  PrometheusApi api_;
  RouteTable routes_;
};

std::string text(const json::value& value) {
  return json::value_to<std::string>(value);
}

// Series are a set, so the items of a result go by their text.
void sort_results(json::value& body) {
  if (!body.is_object() || !body.as_object().contains("data")) {
    return;
  }
  json::value& data = body.as_object().at("data");
  json::value* list = data.is_object() ? data.as_object().if_contains("result") : nullptr;
  if (list != nullptr && list->is_array() && !list->as_array().empty() &&
      list->as_array()[0].is_object()) {
    std::sort(list->as_array().begin(),
              list->as_array().end(),
              [](const json::value& a, const json::value& b) {
                return json::serialize(a) < json::serialize(b);
              });
  }
}

// The body as the record has it: text without its line end, names alone of build information.
json::value as_recorded(const HttpReply& reply, const std::string& path) {
  boost::system::error_code failed;
  json::value body = json::parse(reply.body, failed);
  if (failed) {
    return json::value(reply.body.substr(0, reply.body.find_last_not_of('\n') + 1));
  }
  if (path.ends_with("/buildinfo")) {
    std::vector<std::string> names;
    for (const auto& entry : body.at("data").as_object()) {
      names.emplace_back(entry.key());
    }
    std::sort(names.begin(), names.end());
    body.as_object()["data"] = json::value_from(names);
  }
  return body;
}

HttpCall call_of(const json::object& row) {
  HttpCall call;
  call.method = "GET";
  call.path = text(row.at("path"));
  for (const json::value& pair : row.at("query").as_array()) {
    call.query.emplace_back(text(pair.at(0)), text(pair.at(1)));
  }
  return call;
}

}  // namespace

int main(int argc, char** argv) {
  std::ifstream file(argc == 2 ? argv[1] : "");
  std::string line;
  if (!std::getline(file, line)) {
    std::cerr << "usage: prometheus_apitest FILE.jsonl\n";
    return 2;
  }
  Driver driver;
  const Status loaded = load(text(json::parse(line).at("load")), driver.store());
  if (!loaded) {
    std::cerr << loaded.error() << "\n";
    return 2;
  }
  int passed = 0;
  int failed = 0;
  while (std::getline(file, line)) {
    const json::object row = json::parse(line).as_object();
    const HttpCall call = call_of(row);
    const HttpReply reply = driver.ask(call);
    json::value got = as_recorded(reply, call.path);
    json::value want = row.at("body");
    if (call.parameter("query").find("sort") == std::string_view::npos) {
      sort_results(got);
      sort_results(want);
    }
    if (reply.status == row.at("status").as_int64() && got == want) {
      ++passed;
    } else {
      ++failed;
      std::cout << call.path << " " << json::serialize(row.at("query")) << ": got " << reply.status
                << " " << json::serialize(got) << ", want " << row.at("status").as_int64() << " "
                << json::serialize(want) << "\n";
    }
  }
  std::cout << passed << " passed, " << failed << " failed\n";
  return failed == 0 ? 0 : 1;
}
