#include <iostream>
#include <memory>

#include <boost/json.hpp>

#include "agent/cli/agent_client.h"
#include "agent/cli/alert_history.h"
#include "agent/cli/subcommands.h"

namespace seamwatch::agent {
namespace {

namespace json = boost::json;

struct AlertsOptions {
  ClientOptions client;
  std::vector<std::string> matchers;
  std::string receiver;
  bool active = false;
  bool silenced = false;
  bool inhibited = false;
  bool unprocessed = false;
  bool history = false;
  HistoryOptions journal;
};

// Why nobody is told of it now: "silenced", "inhibited", "muted", "held: ...", "acknowledged by
// me", or its state.
std::string standing_of(const json::object& alert) {
  if (const std::string held = text_of(alert, "heldBack"); !held.empty()) {
    return held;
  }
  const json::object& status = alert.at("status").as_object();
  for (const auto& [key, word] :
       {std::pair{"silencedBy", "silenced"}, {"inhibitedBy", "inhibited"}, {"mutedBy", "muted"}}) {
    if (!status.at(key).as_array().empty()) {
      return word;
    }
  }
  if (const json::value* ack = alert.if_contains("acknowledgement")) {
    return "acknowledged by " + text_of(ack->as_object(), "acknowledgedBy");
  }
  return text_of(status, "state");
}

// Whose it is, and how they are reached: "Logistics (+49 30 555 0100)".
std::string owner_of(const json::object& alert) {
  const json::object& annotations = alert.at("annotations").as_object();
  std::string owner = text_of(annotations, "owner_display");
  owner = owner.empty() ? text_of(alert.at("labels").as_object(), "owner") : owner;
  const std::string contact = text_of(annotations, "contact");
  return contact.empty() ? owner : owner + (owner.empty() ? "" : " ") + "(" + contact + ")";
}

int print_alerts(const json::array& alerts) {
  if (alerts.empty()) {
    std::cout << "No alerts.\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {
      {"Alertname", "Starts At", "Summary", "State", "Receivers", "Owner"}};
  for (const json::value& value : alerts) {
    const json::object& alert = value.as_object();
    std::string receivers;
    for (const json::value& receiver : alert.at("receivers").as_array()) {
      receivers += (receivers.empty() ? "" : ", ") + text_of(receiver.as_object(), "name");
    }
    rows.push_back({text_of(alert.at("labels").as_object(), "alertname"),
                    shown_time(text_of(alert, "startsAt")),
                    text_of(alert.at("annotations").as_object(), "summary"),
                    standing_of(alert),
                    receivers,
                    owner_of(alert)});
  }
  print_table(rows);
  return 0;
}

int run_alerts(const AlertsOptions& options) {
  if (options.history) {
    return run_alert_history(options.client, options.journal, options.matchers, options.receiver);
  }
  ApiRequest request;
  request.path = "/api/v2/alerts";
  const bool chosen =
      options.active || options.silenced || options.inhibited || options.unprocessed;
  if (chosen) {
    const auto flag = [](bool on) { return std::string(on ? "true" : "false"); };
    request.query = {{"active", flag(options.active)},
                     {"silenced", flag(options.silenced)},
                     {"inhibited", flag(options.inhibited)},
                     {"unprocessed", flag(options.unprocessed)}};
  }
  for (const std::string& matcher : matcher_arguments(options.matchers)) {
    request.query.emplace_back("filter", matcher);
  }
  if (!options.receiver.empty()) {
    request.query.emplace_back("receiver", options.receiver);
  }
  return with_answer(options.client, std::move(request), [&](const json::value& answer) {
    const json::array& alerts = answer.as_array();
    if (options.client.json) {
      std::cout << json::serialize(alerts) << "\n";
      return 0;
    }
    const int code = print_alerts(alerts);
    // Of an agent that is not well the list says less than it seems to.
    if (const std::string trouble = trouble_of(options.client); !trouble.empty()) {
      std::cerr << "warning: the agent: " << trouble << "\n";
    }
    return code;
  });
}

}  // namespace

void add_alerts(Command app) {
  auto options = std::make_shared<AlertsOptions>();
  Command command = app.add_subcommand(
      "alerts", "Alerts of a running agent, with why nobody is told of them where that is so");
  command.add_option(
      "MATCHER", options->matchers, "NAME, or label=value, label=~regexp, label!=value ...");
  command.add_flag("-a,--active", options->active, "Active ones; states add up, none means all");
  command.add_flag("-s,--silenced", options->silenced, "Silenced ones");
  command.add_flag("-i,--inhibited", options->inhibited, "Inhibited ones");
  command.add_flag("-u,--unprocessed", options->unprocessed, "Those not routed yet");
  command.add_option("-r,--receiver", options->receiver, "Of receivers whose name matches");
  add_history_options(command, options->journal, options->history);
  add_client_options(command, options->client);
  command.footer("Exit codes: 0 good, 1 no answer, 2 usage.");
  command.runs([options] { return run_alerts(*options); });
}

}  // namespace seamwatch::agent
