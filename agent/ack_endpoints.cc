#include "agent/ack_endpoints.h"

#include <charconv>
#include <optional>

#include "agent/agent.h"
#include "agent/privacy/alert_privacy.h"
#include "agent/web/alertmanager/acks_json.h"
#include "agent/web/alertmanager/api_error.h"
#include "agent/web/html.h"
#include "rules/routing/utc_text.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::string_view kPath = "/api/acks/";
constexpr std::string_view kLinkPath = "/ack/";
constexpr std::size_t kTextMax = 1000;

asio::awaitable<HttpReply> get_acks(Agent* agent, HttpCall) {
  std::map<std::uint64_t, rules::Ack> acks = agent->notifier().silences().acks().all();
  const WallTime now = agent->clock().wall_now();
  std::erase_if(acks, [now](const auto& one) { return one.second.expires_at <= now; });
  co_return acks_reply(acks);
}

asio::awaitable<HttpReply> post_ack(Agent* agent, HttpCall call) {
  PostedAck posted = read_posted_ack(call);
  if (posted.refused) {
    co_return std::move(*posted.refused);
  }
  const WallTime now = agent->clock().wall_now();
  posted.matchers = agent->notifier().silences().as_asked(std::move(posted.matchers));
  std::map<std::uint64_t, rules::Ack> taken;
  std::map<std::uint64_t, rules::Ack> replaced;
  for (const rules::AlertPtr& alert : agent->notifier().active_alerts()) {
    if (!rules::match_all(posted.matchers, alert->labels)) {
      continue;
    }
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    if (const rules::Ack* before = agent->notifier().silences().acks().find(*alert, now)) {
      replaced.emplace(fingerprint, *before);
    }
    rules::Ack ack{
        alert->labels, posted.owner, posted.comment, now, now + posted.duration, alert->starts_at};
    auto status = co_await agent->notifier().silences().acknowledge(std::move(ack));
    if (!status) {
      co_return api_v2_error(500, "the ack could not be stored: " + status.error().message);
    }
    taken.emplace(fingerprint, agent->notifier().silences().acks().all().at(fingerprint));
  }
  if (taken.empty()) {
    co_return api_v2_error(404, "no active alert matches; seamwatch alerts shows those there are");
  }
  co_return acks_reply(taken, replaced);
}

asio::awaitable<HttpReply> delete_ack(Agent* agent, HttpCall call) {
  const std::string id = call.path.substr(kPath.size());
  std::uint64_t fingerprint = 0;
  const auto read = std::from_chars(id.data(), id.data() + id.size(), fingerprint, 16);
  if (read.ec != std::errc() || read.ptr != id.data() + id.size()) {
    co_return api_v2_error(400, "not the fingerprint of an alert");
  }
  auto gone = co_await agent->notifier().silences().take_back(fingerprint);
  if (!gone) {
    co_return api_v2_error(500, gone.error().message);
  }
  co_return *gone ? json_reply(200, "") : api_v2_error(404, "nobody has taken this alert on");
}

// A page with one paragraph and, where there is a link to confirm, the form that does so.
HttpReply page(int status, std::string_view text, bool with_form) {
  std::string body =
      "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Seamwatch</title>"
      "<meta name=\"viewport\" content=\"width=device-width\"></head><body>" +
      html_element("p", text);
  if (with_form) {
    body +=
        "<form method=\"post\"><p><label>Your name <input name=\"owner\" required></label></p>"
        "<p><label>Comment <input name=\"comment\"></label></p>"
        "<p><label>For <select name=\"duration\"><option value=\"1h\">an hour</option>"
        "<option value=\"4h\" selected>four hours</option><option value=\"8h\">eight hours</option>"
        "<option value=\"1d\">a day</option><option value=\"3d\">three "
        "days</option></select></label>"
        "</p><p><button>Take it on</button></p></form>";
  }
  return html_reply(status, body + "</body></html>\n");
}

std::string form_value(const HttpCall& call, std::string_view name) {
  std::string out;
  for (const auto& [key, value] : call.form()) {
    out = key == name ? value : out;
  }
  return out.substr(0, kTextMax);
}

// The firing alert that the link of `call` speaks of, or the page that says why there is none.
struct Linked {
  std::string token;
  AckLink link;
  rules::AlertPtr alert;
  std::optional<HttpReply> refused = std::nullopt;
};

Linked find_linked(Agent& agent, const HttpCall& call) {
  Linked out;
  out.token = call.path.substr(kLinkPath.size());
  const WallTime now = agent.clock().wall_now();
  switch (agent.notifier().ack_links().look(out.token, now, out.link)) {
    case AckLinks::Standing::unknown:
      out.refused = page(404, "This link was not made by this agent.", false);
      return out;
    case AckLinks::Standing::expired:
      out.refused = page(410, "This link has expired.", false);
      return out;
    case AckLinks::Standing::used:
      out.refused = page(410, "This link was used already.", false);
      return out;
    case AckLinks::Standing::good:
      break;
  }
  for (const rules::AlertPtr& alert : agent.notifier().active_alerts()) {
    if (alert->labels.fingerprint() == out.link.fingerprint) {
      out.alert = alert;
    }
  }
  if (out.alert == nullptr) {
    out.refused = page(410, "This alert does not fire any more.", false);
  }
  return out;
}

// What the notice with the link said of it: whoever has the link has no more right than that.
std::string name_of(Agent& agent, const Alert& alert) {
  return for_receivers(alert.labels, agent.notifier().privacy_class(alert)).to_string();
}

// "anna has it until 2026-11-24 08:30:00 UTC: restarting it"; empty where nobody has.
std::string who_has_it(Agent& agent, const Alert& alert, std::string_view has = "has") {
  const rules::Ack* ack = agent.notifier().silences().acks().find(alert, agent.clock().wall_now());
  return ack == nullptr
             ? ""
             : ack->owner + " " + std::string(has) + " it until " + rules::utc(ack->expires_at) +
                   (ack->comment.empty() ? "." : ": " + ack->comment);
}

// Changes nothing: programs follow links.
asio::awaitable<HttpReply> get_link(Agent* agent, HttpCall call) {
  Linked linked = find_linked(*agent, call);
  if (linked.refused) {
    co_return std::move(*linked.refused);
  }
  const std::string other = who_has_it(*agent, *linked.alert);
  co_return page(200,
                 "Take on " + name_of(*agent, *linked.alert) + "?" +
                     (other.empty() ? "" : " " + other + " You would take it over."),
                 true);
}

asio::awaitable<HttpReply> post_link(Agent* agent, HttpCall call) {
  Linked linked = find_linked(*agent, call);
  if (linked.refused) {
    co_return std::move(*linked.refused);
  }
  const std::string owner = form_value(call, "owner");
  if (owner.empty()) {
    co_return page(400, "Please say who you are.", true);
  }
  const std::string asked = form_value(call, "duration");
  const auto duration =
      asked.empty() ? Result<Millis>(PostedAck().duration) : read_ack_duration(asked);
  if (!duration) {
    co_return page(400, duration.error().message, true);
  }
  const std::string other = who_has_it(*agent, *linked.alert, "had");
  const WallTime now = agent->clock().wall_now();
  auto used = co_await agent->notifier().ack_links().use(linked.token, linked.link.expires_at, now);
  if (!used) {
    co_return page(500, "This could not be stored; please try again.", true);
  }
  rules::Ack ack{linked.alert->labels,
                 owner,
                 form_value(call, "comment"),
                 now,
                 now + *duration,
                 linked.alert->starts_at};
  auto stored = co_await agent->notifier().silences().acknowledge(std::move(ack));
  if (!stored) {
    co_return page(500, "This could not be stored; please use seamwatch ack.", false);
  }
  const std::string from = other.empty() ? "" : " Before, " + other;
  co_return page(
      200, "You have taken it on. It is not repeated; its end will be told." + from, false);
}

}  // namespace

std::vector<Route> ack_endpoints(Agent& agent) {
  Agent* const self = &agent;
  std::vector<Route> routes;
  routes.push_back(
      {{"GET"}, "/api/acks", [self](HttpCall c) { return get_acks(self, std::move(c)); }});
  routes.push_back(
      {{"POST"}, "/api/acks", [self](HttpCall c) { return post_ack(self, std::move(c)); }});
  routes.push_back(
      {{"DELETE"}, "/api/acks/*", [self](HttpCall c) { return delete_ack(self, std::move(c)); }});
  routes.push_back(
      {{"GET"}, "/ack/*", [self](HttpCall c) { return get_link(self, std::move(c)); }});
  routes.push_back(
      {{"POST"}, "/ack/*", [self](HttpCall c) { return post_link(self, std::move(c)); }});
  return routes;
}

}  // namespace seamwatch::agent
