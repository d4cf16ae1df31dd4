#include <cstdio>

#include <boost/json.hpp>

#include "agent/core/go_regexp.h"
#include "tests/scenario/alert_steps.h"
#include "tests/scenario/folder.h"
#include "tests/scenario/history_look.h"
#include "tests/scenario/scenario.h"
#include "tests/scenario/sim_world.h"

namespace seamwatch::fakes {
namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

void change_host(SimHost& host, const Labels& values) {
  host = SimHost{};
  for (const auto& [name, value] : values) {
    if (name == "fault") {
      host.fault = value;
    } else if (name == "status") {
      host.status = std::stoi(std::string(value));
    } else if (name == "latency") {
      host.latency = *parse_duration(value);
    } else if (name == "body") {
      host.body = value;
    } else if (name.starts_with("headers:")) {
      host.headers[std::string(name.substr(8))] = value;
    }
  }
}

std::string at_text(Millis at) {
  return "at " + format_duration(at) + ": ";
}

// Does what happens; returns what is wrong, "" for nothing.
std::string happen(const Happening& now, SimWorld& world, const Folder& folder) {
  if (now.kind == "host") {
    change_host(world.network().host(now.name), now.values);
  } else if (now.kind == "own_network") {
    world.network().set_own_network(now.name == "up");
  } else if (now.kind == "restart") {
    world.restart();
  } else if (now.kind == "ping") {
    const std::string kind(now.values.get("kind"));
    const auto ping =
        probes::parse_ping("POST", "/ping/" + now.name + (kind.empty() ? "" : "/" + kind));
    if (!ping || !world.agent().ping(*ping)) {
      return at_text(now.at) + "the ping was not taken";
    }
  } else if (now.kind == "reload") {
    folder.write("seamwatch.yml", std::string(now.values.get("config")));
    const bool good = world.reload().empty();
    if (good != (now.name != "refused")) {
      return at_text(now.at) + "the reload was " + (good ? "taken" : "refused");
    }
  } else if (now.kind == "silence" || now.kind == "end_silence" || now.kind == "post" ||
             now.kind == "ack" || now.kind == "shown" || now.kind == "get") {
    const std::string problem = alert_step(now, world);
    return problem.empty() ? "" : at_text(now.at) + problem;
  } else if (now.kind == "state") {
    const auto& all = world.agent().pipeline().integrations();
    const auto found = all.find(now.name);
    const std::string state =
        found == all.end() ? "absent" : std::string(to_string(found->second.health.state));
    if (state != now.values.get("is")) {
      return at_text(now.at) + now.name + " is " + state + ", not " +
             std::string(now.values.get("is"));
    }
  }
  return "";
}

bool alert_fits(const json::object& alert, const Labels& values) {
  const json::object& labels = alert.at("labels").as_object();
  const auto label = [&labels](std::string_view name) {
    const json::value* value = labels.if_contains(json::string_view(name.data(), name.size()));
    return value == nullptr ? std::string() : text(*value);
  };
  for (const auto& [name, value] : values) {
    if (name == "alert" && label("alertname") != value) {
      return false;
    }
    if (name.starts_with("labels:") && label(name.substr(7)) != value) {
      return false;
    }
  }
  return values.get("status").empty() || text(alert.at("status")) == values.get("status");
}

// Webhooks that arrived in the window and hold an alert as described.
int count_webhooks(const Expectation& want, const SimWorld& world, const SimNetwork& network) {
  int count = 0;
  for (const SentWebhook& sent : network.webhooks()) {
    const bool in_window = sent.at >= world.wall_at(want.from) && sent.at <= world.wall_at(want.to);
    if (!in_window || sent.status < 200 || sent.status > 299) {
      continue;
    }
    const json::value payload = json::parse(sent.body);
    if (payload.is_array()) {
      continue;  // to an Alertmanager
    }
    if (text(payload.at("receiver")) != quote_meta(want.name)) {
      continue;
    }
    bool fits = false;
    for (const json::value& alert : payload.at("alerts").as_array()) {
      fits = fits || alert_fits(alert.as_object(), want.values);
    }
    count += fits ? 1 : 0;
  }
  return count;
}

// Alerts that an Alertmanager at this host took in the window; of several words on one alert each
// counts. The status is as of that moment.
int count_posted(const Expectation& want, const SimWorld& world, const SimNetwork& network) {
  int count = 0;
  for (const SentWebhook& sent : network.webhooks()) {
    const bool in_window = sent.at >= world.wall_at(want.from) && sent.at <= world.wall_at(want.to);
    const bool to_it = sent.url == "http://" + want.name + "/api/v2/alerts";
    if (!in_window || !to_it || sent.status < 200 || sent.status > 299) {
      continue;
    }
    json::value posted = json::parse(sent.body);
    for (json::value& alert : posted.as_array()) {
      const auto ends = parse_rfc3339(text(alert.at("endsAt")));
      alert.as_object()["status"] = ends && *ends <= sent.at ? "resolved" : "firing";
      count += alert_fits(alert.as_object(), want.values) ? 1 : 0;
    }
  }
  return count;
}

// The message without the soft breaks of long lines.
std::string unfolded(std::string message) {
  for (std::size_t at = 0; (at = message.find("=\r\n", at)) != std::string::npos;) {
    message.erase(at, 3);
  }
  return message;
}

int count_mails(const Expectation& want, const SimWorld& world, const SimNetwork& network) {
  int count = 0;
  for (const SentMail& sent : network.mails()) {
    const bool in_window = sent.at >= world.wall_at(want.from) && sent.at <= world.wall_at(want.to);
    const bool to_them = std::find(sent.to.begin(), sent.to.end(), want.name) != sent.to.end();
    const std::string contains(want.values.get("contains"));
    if (in_window && to_them && sent.taken &&
        unfolded(sent.message).find(contains) != std::string::npos) {
      ++count;
    }
  }
  return count;
}

std::string miss(const Expectation& want, int count) {
  const auto bound = [&want](std::string_view name, int otherwise) {
    const std::string_view value = want.values.get(name);
    return value.empty() ? otherwise : std::stoi(std::string(value));
  };
  const int exact = bound("count", -1);
  const int least = exact >= 0 ? exact : bound("at_least", want.values.has("at_most") ? 0 : 1);
  const int most = exact >= 0 ? exact : bound("at_most", 1'000'000);
  if (count >= least && count <= most) {
    return "";
  }
  return "line " + std::to_string(want.place.line) + ": " + std::to_string(count) + " " +
         want.kind + " for " + want.name + " between " + format_duration(want.from) + " and " +
         format_duration(want.to) + ", " + want.values.to_string();
}

}  // namespace

std::vector<std::string> run_scenario(const Scenario& scenario, std::uint64_t seed) {
  std::vector<std::string> wrong;
  const Folder folder(scenario.files);
  agent::ConfigSources sources;
  sources.config_file = folder.file("seamwatch.yml");
  sources.listen = "127.0.0.1:0";
  const agent::LoadResult loads =
      agent::load_all(sources, [](std::string_view) { return std::optional<std::string>(); });
  if (!loads.loaded) {
    return {loads.problems.to_string()};
  }
  SimWorld world(seed, sources);
  // Requests within a window are counted by looking at its ends.
  std::map<const Expectation*, int> requests;
  std::multimap<Millis, std::function<void()>> marks;
  for (const Expectation& want : scenario.expectations) {
    if (want.kind == "requests") {
      marks.emplace(want.from, [&] { requests[&want] -= world.network().requests(want.name); });
      marks.emplace(want.to, [&] { requests[&want] += world.network().requests(want.name); });
    }
  }
  for (const Happening& happening : scenario.happenings) {
    marks.emplace(happening.at, [&] {
      const std::string problem = happen(happening, world, folder);
      if (!problem.empty()) {
        wrong.push_back(problem);
      }
    });
  }
  for (const auto& [at, mark] : marks) {
    world.run_until(at);
    mark();
  }
  world.run_until(scenario.span);
  if (std::getenv("SEAMWATCH_LOG") != nullptr) {
    for (const SentMail& sent : world.network().mails()) {
      std::printf("mail at %s:\n%s\n", to_rfc3339(sent.at).c_str(), sent.message.c_str());
    }
  }
  for (const Expectation& want : scenario.expectations) {
    const int count = want.kind == "webhook"        ? count_webhooks(want, world, world.network())
                      : want.kind == "mail"         ? count_mails(want, world, world.network())
                      : want.kind == "alertmanager" ? count_posted(want, world, world.network())
                      : want.kind == "history"      ? count_history(want, world)
                                                    : requests[&want];
    const std::string problem = miss(want, count);
    if (!problem.empty()) {
      wrong.push_back(problem);
    }
  }
  return wrong;
}

}  // namespace seamwatch::fakes
