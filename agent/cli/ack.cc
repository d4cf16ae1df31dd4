#include <iostream>
#include <memory>

#include <boost/json.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/subcommands.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct AckOptions {
  ClientOptions client;
  std::vector<std::string> matchers;
  std::string owner = current_user();
  std::string comment;
  std::string duration = "4h";
  bool list = false;
  std::string take_back;
};

int print_acks(const json::value& acks, bool as_json) {
  if (as_json) {
    std::cout << json::serialize(acks) << "\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"Fingerprint", "Alertname", "Owner", "Until", "Comment"}};
  for (const json::value& value : acks.as_array()) {
    const json::object& ack = value.as_object();
    rows.push_back({text_of(ack, "fingerprint"),
                    text_of(ack.at("labels").as_object(), "alertname"),
                    text_of(ack, "owner"),
                    shown_time(text_of(ack, "expiresAt")),
                    text_of(ack, "comment")});
  }
  print_table(rows);
  for (const json::value& value : acks.as_array()) {
    const json::object& ack = value.as_object();
    if (const json::value* before = ack.if_contains("replaces")) {
      const std::string comment = text_of(before->as_object(), "comment");
      std::cout << text_of(ack, "fingerprint") << " was taken on by "
                << text_of(before->as_object(), "owner") << " until "
                << shown_time(text_of(before->as_object(), "expiresAt"))
                << (comment.empty() ? "" : ": " + comment) << "\n";
    }
  }
  return 0;
}

int run_ack(const AckOptions& options) {
  ApiRequest request;
  request.path = "/api/acks";
  if (!options.take_back.empty()) {
    request.method = "DELETE";
    request.path += "/" + options.take_back;
    return with_answer(options.client, std::move(request), [](const json::value&) { return 0; });
  }
  if (!options.list) {
    if (options.matchers.empty()) {
      return usage("name the alerts, like alertname=IntegrationDown, or ask with --list");
    }
    json::array matchers;
    for (const std::string& matcher : matcher_arguments(options.matchers)) {
      matchers.emplace_back(matcher);
    }
    const json::object body{{"matchers", std::move(matchers)},
                            {"owner", options.owner},
                            {"comment", options.comment},
                            {"duration", options.duration}};
    request.method = "POST";
    request.body = json::serialize(body);
  }
  return with_answer(options.client, std::move(request), [&](const json::value& acks) {
    return print_acks(acks.as_array(), options.client.json);
  });
}

}  // namespace

void add_ack(Command app) {
  auto options = std::make_shared<AckOptions>();
  Command command = app.add_subcommand(
      "ack", "Take on alerts of a running agent: they are not repeated; their end is still told");
  command.add_option(
      "MATCHER", options->matchers, "NAME, or label=value, label=~regexp ... of active alerts");
  command.add_option("-a,--author", options->owner, "Who takes them on (you)");
  command.add_option("-c,--comment", options->comment, "What others should know");
  command.add_option("-d,--duration", options->duration, "For how long (4h)");
  command.add_flag("--list", options->list, "Show who has taken on what");
  command.add_option("--take-back", options->take_back, "Of the alert with this fingerprint");
  add_client_options(command, options->client);
  command.footer("Exit codes: 0 good, 1 no answer, or no active alert is meant, 2 usage.");
  command.runs([options] { return run_ack(*options); });
}

}  // namespace seamwatch::agent
