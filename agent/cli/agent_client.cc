#include "agent/cli/agent_client.h"

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include <boost/json.hpp>
#include <pwd.h>
#include <unistd.h>

#include "agent/base/task_group.h"
#include "agent/core/hex.h"
#include "agent/real_world.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

constexpr std::size_t kAnswerMax = 512 << 20;

boost::asio::awaitable<void> send(HttpClient& http,
                                  HttpRequest request,
                                  MonoTime deadline,
                                  HttpResponse& out) {
  auto response = co_await http.send(std::move(request), deadline);
  out = std::move(response);
}

std::string full_url(std::string base, const ApiRequest& request) {
  while (base.ends_with('/')) {
    base.pop_back();
  }
  std::string out =
      (base.find("://") == std::string::npos ? "http://" + base : base) + request.path;
  char separator = '?';
  for (const auto& [name, value] : request.query) {
    out += separator + percent_encoded(name) + "=" + percent_encoded(value);
    separator = '&';
  }
  return out;
}

HttpResponse exchange(const ClientOptions& options, Millis timeout, const ApiRequest& request) {
  HttpRequest http;
  http.method = request.method;
  http.url = Secret(full_url(options.url, request));
  http.body_bytes_max = kAnswerMax;
  if (!request.body.empty()) {
    http.headers.emplace_back("Content-Type", "application/json");
    http.body = request.body;
  }
  RealWorld world;
  HttpResponse response;
  TaskGroup tasks(world.io.get_executor(), [](const std::string& task, const std::string& what) {
    std::cerr << "seamwatch: " << task << ": " << what << "\n";
  });
  const MonoTime deadline = world.clock.mono_now() + timeout;
  tasks.spawn("request", send(world.http, std::move(http), deadline, response));
  while (tasks.size() > 0) {
    world.io.run_one();
  }
  return response;
}

bool is_web_page(const HttpResponse& response) {
  const std::size_t first = response.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && response.body[first] == '<';
}

// What the agent says it refused for, or that it answered so: its own words are a JSON string or an
// object with a message. Text may be anybody's, so it goes with the address and the status.
std::string refusal(const ClientOptions& options, const HttpResponse& response) {
  json::error_code problem;
  const json::value body = json::parse(response.body, problem);
  if (!problem && body.is_string()) {
    return std::string(body.as_string());
  }
  if (!problem && body.is_object()) {
    for (const char* key : {"message", "error"}) {
      const json::value* text = body.as_object().if_contains(key);
      if (text != nullptr && text->is_string()) {
        return std::string(text->as_string());
      }
    }
  }
  std::string words = is_web_page(response) ? "" : response.body.substr(0, 500);
  words.resize(words.find_last_not_of(" \t\r\n") + 1);
  return options.url + " answers with status " + std::to_string(response.status) +
         (words.empty() ? "" : ": " + words);
}

// Whether no agent answers so: a web page in place of an answer, or that there is no such path. A
// gateway in front of an agent may refuse with a page too.
bool is_of_another(const HttpResponse& response) {
  const bool unknown_path =
      response.status == 404 || response.status == 405 || response.status == 501;
  if (is_web_page(response)) {
    return unknown_path || response.status < 400;
  }
  json::error_code not_json;
  json::parse(response.body, not_json);
  return unknown_path && not_json && !response.body.empty();
}

}  // namespace

void add_client_options(Command command, ClientOptions& options) {
  command.add_option("--url,--alertmanager.url", options.url, "The agent (http://127.0.0.1:9720)");
  command.add_option("--timeout", options.timeout, "Of each request (30s)");
  command.add_flag("--json", options.json, "Print JSON as the API gives it");
}

Error wrong_server(const ClientOptions& options, std::string_view path) {
  const char* const what = path.starts_with("/api/v1/") ? " is neither an agent nor a Prometheus"
                           : path.starts_with("/api/v2/")
                               ? " is neither an agent nor an Alertmanager"
                               : " is no Seamwatch agent";
  return error("what answers at " + options.url + what + "; check --url");
}

int with_answer(const ClientOptions& options,
                ApiRequest request,
                const std::function<int(const json::value& answer)>& use,
                const std::string& whose) {
  const std::string path = request.path;
  const std::string begin = whose.empty() ? "" : whose + ": ";
  const auto answer = ask(options, std::move(request));
  if (!answer) {
    return fail(begin + answer.error().message);
  }
  try {
    return use(*answer);
  } catch (const std::exception&) {
    return fail(begin + wrong_server(options, path).message);
  }
}

Result<json::value> ask(const ClientOptions& options, ApiRequest request) {
  const auto timeout = parse_duration(options.timeout);
  if (!timeout) {
    return error("--timeout: " + timeout.error().message);
  }
  const HttpResponse response = exchange(options, *timeout, request);
  if (response.fault) {
    return error("the agent at " + options.url + " cannot be asked: " + response.fault->detail +
                 "; is it running, and is --url right?");
  }
  if (is_of_another(response)) {
    return wrong_server(options, request.path);
  }
  if (response.status < 200 || response.status > 299) {
    return error(refusal(options, response));
  }
  if (response.body.empty()) {
    return json::value();
  }
  json::error_code problem;
  json::value out = json::parse(response.body, problem);
  if (problem) {
    return wrong_server(options, request.path);
  }
  return out;
}

std::string trouble_of(const ClientOptions& options) {
  constexpr std::string_view kOurs = "Seamwatch: ";
  const auto timeout = parse_duration(options.timeout);
  ApiRequest request;
  request.path = "/-/ready";
  std::string said = timeout ? exchange(options, *timeout, request).body : "";
  said.resize(said.find_last_not_of(" \t\r\n") + 1);
  return said.starts_with(kOurs) && said != "Seamwatch: ready" ? said.substr(kOurs.size()) : "";
}

std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(json::string_view(key.data(), key.size()));
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

std::vector<std::string> matcher_arguments(std::vector<std::string> arguments) {
  if (!arguments.empty() && arguments[0].find_first_of("=~") == std::string::npos) {
    arguments[0] = "alertname=" + arguments[0];
  }
  return arguments;
}

std::string current_user() {
  if (const char* user = std::getenv("USER"); user != nullptr && *user != '\0') {
    return user;
  }
  const passwd* entry = ::getpwuid(::getuid());
  return entry == nullptr ? std::to_string(::getuid()) : entry->pw_name;
}

int fail(std::string_view text) {
  std::cerr << "seamwatch: " << text << "\n";
  return 1;
}

int usage(std::string_view text) {
  fail(text);
  return 2;
}

std::string shown_time(std::string_view api_time) {
  std::string out(api_time.substr(0, 19));
  std::replace(out.begin(), out.end(), 'T', ' ');
  return out + " UTC";
}

void print_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::size_t> widths;
  for (const auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line +=
          i + 1 == row.size() ? row[i] : row[i] + std::string(widths[i] - row[i].size() + 2, ' ');
    }
    std::cout << line << "\n";
  }
}

}  // namespace seamwatch::agent
