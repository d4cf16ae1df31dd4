#include "tests/conformance/alertmanager_api.h"

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <map>

#include <boost/json.hpp>
#include <unistd.h>

#include "tests/conformance/api_match.h"
#include "tests/conformance/routing_scenario.h"
#include "tests/scenario/sim_world.h"

namespace seamwatch::conformance {
namespace {

namespace json = boost::json;

// `text` with every `{{...}}` replaced.
std::string filled(std::string text, const std::function<std::string(const std::string&)>& value) {
  for (std::size_t at = text.find("{{"); at != std::string::npos; at = text.find("{{", at)) {
    const std::size_t end = text.find("}}", at);
    const std::string got = value(text.substr(at + 2, end - at - 2));
    text.replace(at, end + 2 - at, got);
    at += got.size();
  }
  return text;
}

// An agent with one notification file, whose webhooks are hosts of the simulated network.
class World {
 public:
  // `start_delay` of notices; "" = none.
  explicit World(const std::string& config, const std::string& start_delay = "")
      : folder_(std::filesystem::temp_directory_path() /
                ("seamwatch-api-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    write("notify.yml", filled(config, [](const std::string& name) {
            return "http://" + name.substr(name.find(':') + 1) + ".test/";
          }));
    write("seamwatch.yml",
          "default_rules: false\nalerting: {notification_file: notify.yml}\n" +
              (start_delay.empty() ? "" : "notification: {start_delay: " + start_delay + "}\n"));
    agent::ConfigSources sources;
    sources.config_file = (folder_ / "seamwatch.yml").string();
    sim = std::make_unique<fakes::SimWorld>(1, sources);
  }

  ~World() {
    sim.reset();
    std::filesystem::remove_all(folder_);
  }

  void pass(Nanos span) { sim->run_until(sim->now() + span); }

  WallTime now() const { return sim->wall_at(sim->now()); }

  agent::HttpReply ask(const std::string& method,
                       const std::string& path,
                       agent::QueryParameters query = {},
                       const std::string& body = "") {
    agent::HttpCall call;
    call.method = method;
    call.path = path;
    call.query = std::move(query);
    if (!body.empty()) {
      call.headers.emplace_back("content-type", "application/json");
      call.body = body;
    }
    return sim->call(std::move(call));
  }

  std::unique_ptr<fakes::SimWorld> sim;

 private:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }

  std::filesystem::path folder_;
};

json::value parsed(const std::string& body) {
  json::error_code problem;
  json::value out = json::parse(body, problem);
  return problem ? json::value(body) : out;
}

// Alertmanager's command line of a case; "" where it does not have the flag.
std::string flag(const Node& node, std::string_view name) {
  const Node* flags = node.find("flags");
  return flags == nullptr ? "" : text_of(*flags, name);
}

// One sequence of requests.
class Steps {
 public:
  Steps(const Node& node, std::string name)
      : node_(node), name_(std::move(name)), world_(text_of(node, "config")) {}

  CaseResult run() {
    for (const Node& step : items_of(node_, "steps")) {
      if (step.find("sleep") != nullptr) {
        world_.pass(
            std::chrono::milliseconds(std::llround(std::stod(text_of(step, "sleep")) * 1000)));
      } else {
        take(step);
      }
    }
    check_webhooks();
    return result_;
  }

 private:
  std::string value_of(const std::string& what) const {
    if (what.starts_with("now")) {
      const WallTime now = world_.now();
      return to_rfc3339(what == "now" ? now : now + parse_duration(what.substr(4)).value());
    }
    if (what.starts_with("fp:")) {
      Labels labels;
      std::istringstream pairs(what.substr(3));
      for (std::string pair; std::getline(pairs, pair, ',');) {
        labels.set(pair.substr(0, pair.find('=')), pair.substr(pair.find('=') + 1));
      }
      return fingerprint_hex(labels.fingerprint());
    }
    const auto found = captured_.find(what);
    return found == captured_.end() ? "" : found->second;
  }

  std::string fill(const std::string& text) const {
    return filled(text, [this](const std::string& what) { return value_of(what); });
  }

  Node filled_node(Node node) const {
    node.scalar = fill(node.scalar);
    for (Node& item : node.items) {
      item = filled_node(item);
    }
    for (NodeEntry& entry : node.entries) {
      entry.value = filled_node(entry.value);
    }
    return node;
  }

  void take(const Node& step) {
    const Node& request = *step.find("request");
    agent::QueryParameters query;
    for (const Node& pair : items_of(request, "query")) {
      query.emplace_back(pair.items[0].scalar, fill(pair.items[1].scalar));
    }
    const Node* posted = request.find("json");
    const std::string body =
        posted == nullptr ? "" : json::serialize(to_json(*posted, [this](const std::string& text) {
          return fill(text);
        }));
    const std::string path = fill(text_of(request, "path"));
    const agent::HttpReply reply = world_.ask(text_of(request, "method"), path, query, body);
    world_.pass(std::chrono::milliseconds(1));
    const json::value got = parsed(reply.body);
    std::string wrong = std::to_string(reply.status) == text_of(step, "status")
                            ? ""
                            : "status " + std::to_string(reply.status) + "; ";
    wrong += check_body(step, reply.body, got);
    if (const Node* capture = step.find("capture")) {
      for (const NodeEntry& entry : capture->entries) {
        const json::value id = at_path(got, entry.value.scalar);
        captured_[entry.key.scalar] = id.is_string() ? std::string(id.as_string()) : "";
      }
    }
    ++(wrong.empty() ? result_.passed : result_.failed);
    if (!wrong.empty()) {
      std::cout << name_ << ": " << text_of(request, "method") << " " << path << " " << body << ": "
                << wrong << "\n  got " << reply.body << "\n";
    }
  }

  std::string check_body(const Node& step, const std::string& body, const json::value& got) const {
    std::string wrong;
    if (const Node* want = step.find("body")) {
      const bool empty = want->is_scalar() && want->scalar.empty();
      wrong += (empty ? body.empty() : matches(*want, got)) ? "" : "body differs; ";
    }
    const std::string part = text_of(step, "body_contains");
    wrong += body.find(part) != std::string::npos ? "" : "body lacks " + part + "; ";
    const std::string count = text_of(step, "len");
    if (!count.empty() && (!got.is_array() || std::to_string(got.as_array().size()) != count)) {
      wrong += "length differs; ";
    }
    for (const Node& assertion : items_of(step, "assert")) {
      wrong += check_each(assertion, got);
    }
    return wrong;
  }

  std::string check_each(const Node& assertion, const json::value& got) const {
    for (const json::value& item : got.is_array() ? got.as_array() : json::array()) {
      bool chosen = true;
      for (const NodeEntry& entry : assertion.find("where")->entries) {
        chosen = chosen && matches(entry.value, at_path(item, entry.key.scalar));
      }
      const std::string path = text_of(assertion, "path");
      if (chosen && !matches(filled_node(*assertion.find("equals")), at_path(item, path))) {
        return path + " differs; ";
      }
    }
    return "";
  }

  // What the webhooks got, but for where the agent says it is and texts of a later version.
  void check_webhooks() {
    for (const Node& want : items_of(node_, "webhook_bodies_0.33")) {
      const auto& all = world_.sim->network().webhooks();
      const bool found = std::any_of(all.begin(), all.end(), [&](const auto& sent) {
        const json::value got = parsed(sent.body);
        return std::all_of(want.entries.begin(), want.entries.end(), [&](const NodeEntry& entry) {
          const std::string& key = entry.key.scalar;
          return key == "externalURL" || key == "notification_reason" ||
                 matches(entry.value, at_path(got, key));
        });
      });
      ++(found ? result_.passed : result_.failed);
      if (!found) {
        std::cout << name_ << ": no webhook like that of " << text_of(want, "groupKey") << "\n";
      }
    }
  }

  const Node& node_;
  std::string name_;
  World world_;
  std::map<std::string, std::string> captured_;
  CaseResult result_;
};

// One timed scenario; its clock begins when the agent is ready.
class Timed {
 public:
  explicit Timed(const Node& node)
      : node_(node),
        world_(text_of(node, "config"), flag(node, "dispatch.start-delay")),
        zero_(ready(world_)),
        tolerance_(std::stoi(text_of(node, "tolerance_ms"))) {}

  std::string run() {
    std::string wrong;
    const Nanos start = world_.sim->now();
    for (const Node& action : items_of(node_, "actions")) {
      world_.sim->run_until(start + (at(std::stod(text_of(action, "at"))) - zero_));
      wrong += act(action);
    }
    world_.sim->run_until(start + std::chrono::seconds(60));
    const Node* expect = node_.find("expect");
    for (const NodeEntry& entry : expect->entries) {
      wrong += check_webhook(entry.key.scalar, entry.value);
    }
    return wrong;
  }

 private:
  // A process starts half a second before it is ready, which is where the scenario begins.
  static WallTime ready(World& world) {
    world.pass(Millis(500));
    return world.now();
  }

  WallTime at(double seconds) const { return zero_ + Millis(std::llround(seconds * 1000)); }

  // A start before the scenario is one that was not sent.
  std::string time_text(const Node& node, std::string_view key) const {
    const std::string text = text_of(node, key);
    return text.empty() || text[0] == '-' ? "" : to_rfc3339(at(std::stod(text)));
  }

  static std::string as_it_is(const std::string& text) { return text; }

  json::object alert_json(const Node& node) const {
    json::object out;
    for (const char* key : {"labels", "annotations"}) {
      if (const Node* map = node.find(key)) {
        out[key] = to_json(*map, as_it_is);
      }
    }
    for (const auto& [key, name] : {std::pair{"starts_at", "startsAt"}, {"ends_at", "endsAt"}}) {
      const std::string text = time_text(node, key);
      if (!text.empty()) {
        out[name] = text;
      }
    }
    return out;
  }

  std::string act(const Node& action) {
    json::array alerts;
    for (const Node& item : items_of(action, "post_alerts")) {
      alerts.push_back(alert_json(item));
    }
    int status = 200;
    if (!alerts.empty()) {
      status = world_.ask("POST", "/api/v2/alerts", {}, json::serialize(alerts)).status;
    }
    if (const Node* silence = action.find("create_silence")) {
      json::array matchers;
      for (const Node& matcher : items_of(*silence, "matchers")) {
        matchers.push_back(json::object{{"name", text_of(matcher, "name")},
                                        {"value", text_of(matcher, "value")},
                                        {"isRegex", text_of(matcher, "is_regex") == "true"},
                                        {"isEqual", text_of(matcher, "is_equal") != "false"}});
      }
      const json::object body{{"matchers", std::move(matchers)},
                              {"startsAt", time_text(*silence, "starts_at")},
                              {"endsAt", time_text(*silence, "ends_at")},
                              {"createdBy", "x"},
                              {"comment", "x"}};
      const agent::HttpReply reply =
          world_.ask("POST", "/api/v2/silences", {}, json::serialize(body));
      status = reply.status;
      ids_[text_of(*silence, "id")] =
          std::string(at_path(parsed(reply.body), "silenceID").as_string());
    }
    if (const Node* gone = action.find("delete_silence")) {
      status = world_.ask("DELETE", "/api/v2/silence/" + ids_[gone->scalar]).status;
    }
    if (action.find("reload") != nullptr && !world_.sim->reload().empty()) {
      return "the reload was refused; ";
    }
    return status == 200 ? "" : "an action was answered with " + std::to_string(status) + "; ";
  }

  bool near(const json::object& got, const char* name, const Node& want, const char* key) const {
    const auto time = parse_rfc3339(std::string(got.at(name).as_string()));
    const std::string expected = text_of(want, key);
    if (expected.empty()) {
      return key[0] == 's' || got.at(name).as_string() == "0001-01-01T00:00:00Z";
    }
    return time && std::chrono::abs(*time - at(std::stod(expected))) <= tolerance_;
  }

  bool same(const json::value& body, const std::vector<Node>& want) const {
    const json::array& got = body.at("alerts").as_array();
    const Node none;
    return got.size() == want.size() &&
           std::all_of(want.begin(), want.end(), [&](const Node& node) {
             return std::any_of(got.begin(), got.end(), [&](const json::value& value) {
               const json::object& alert = value.as_object();
               const Node* annotations = node.find("annotations");
               return matches(*node.find("labels"), alert.at("labels")) &&
                      (annotations == nullptr ? alert.at("annotations").as_object().empty()
                                              : matches(*annotations, alert.at("annotations"))) &&
                      near(alert, "startsAt", node, "starts_at") &&
                      near(alert, "endsAt", node, "ends_at");
             });
           });
  }

  std::string check_webhook(const std::string& name, const Node& windows) const {
    const Node* hooks = node_.find("webhooks");
    const Node* hook = hooks == nullptr ? nullptr : hooks->find(name);
    const WallTime since = hook == nullptr ? zero_ : at(std::stod(text_of(*hook, "discard_until")));
    std::string wrong;
    std::size_t want_alerts = 0;
    WallTime last = zero_;
    for (const Node& window : windows.items) {
      const auto& between = items_of(window, "between");
      const WallTime from = at(std::stod(between[0].scalar));
      last = at(std::stod(between[1].scalar));
      const auto& alerts = items_of(window, "alerts");
      want_alerts += alerts.size();
      bool found = false;
      for (const auto& sent : posts(name, since)) {
        found = found || (from <= sent.at && sent.at <= last && same(parsed(sent.body), alerts));
      }
      wrong += found ? ""
                     : name + ": nothing fits between " + between[0].scalar + " and " +
                           between[1].scalar + "; ";
    }
    std::size_t got_alerts = 0;
    for (const auto& sent : posts(name, since)) {
      got_alerts += sent.at <= last ? parsed(sent.body).at("alerts").as_array().size() : 0;
    }
    return got_alerts == want_alerts
               ? wrong
               : wrong + name + ": " + std::to_string(got_alerts) + " alerts were sent, not " +
                     std::to_string(want_alerts) + "; ";
  }

  std::vector<fakes::SentWebhook> posts(const std::string& name, WallTime since) const {
    std::vector<fakes::SentWebhook> out;
    for (const fakes::SentWebhook& sent : world_.sim->network().webhooks()) {
      if (sent.url == "http://" + name + ".test/" && sent.at >= since) {
        out.push_back(sent);
      }
    }
    return out;
  }

  const Node& node_;
  World world_;
  WallTime zero_;
  Millis tolerance_;
  std::map<std::string, std::string> ids_;
};

// Why the agent cannot run a case as it is meant; "" where it can.
std::string hindrance(const Node& node) {
  if (!flag(node, "web.route-prefix").empty()) {
    return "no server is in simulated time; system amtool asks below a prefix";
  }
  for (const Node& step : items_of(node, "steps")) {
    if (node.find("feature_flags") != nullptr && text_of(step, "status") == "400") {
      return "there is no classic mode";
    }
  }
  return "";
}

bool skipped(const Node& node, const std::string& name, CaseResult& result) {
  const std::string why = hindrance(node);
  if (!why.empty()) {
    std::cout << "Skipped: " << name << ": " << why << "\n";
    ++result.skipped;
  }
  return !why.empty();
}

}  // namespace

CaseResult run_steps(const Node& node, const std::string& name) {
  CaseResult result;
  return skipped(node, name, result) ? result : Steps(node, name).run();
}

CaseResult run_timed(const Node& node, const std::string& name) {
  CaseResult result;
  if (skipped(node, name, result)) {
    return result;
  }
  const std::string wrong = Timed(node).run();
  ++(wrong.empty() ? result.passed : result.failed);
  if (!wrong.empty()) {
    std::cout << name << ": " << wrong << "\n";
  }
  return result;
}

}  // namespace seamwatch::conformance
