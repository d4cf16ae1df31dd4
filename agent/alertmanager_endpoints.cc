#include "agent/alertmanager_endpoints.h"

#include <algorithm>
#include <memory>
#include <tuple>

#include "agent/agent.h"
#include "agent/notify/silence_privacy.h"
#include "agent/web/alertmanager/ack_silences.h"
#include "agent/web/alertmanager/api_error.h"
#include "agent/web/alertmanager/api_routes.h"
#include "agent/web/alertmanager/posted_body.h"
#include "agent/web/alertmanager/silences_json.h"
#include "exporters/sinks/renderer.h"

namespace seamwatch::agent {
namespace {

namespace asio = boost::asio;

constexpr std::size_t kReadHere = 64 << 10;  // longer bodies are read on another thread
constexpr std::size_t kRefusalsShown = 20;   // of one request

Labels receiver_labels(const Agent& agent, const std::string& name) {
  const rules::NotifyConfig* config = agent.notifier().config();
  const rules::Receiver* receiver = config != nullptr ? config->receiver(name) : nullptr;
  return receiver != nullptr ? receiver->labels : Labels{{"name", name}};
}

HttpReply no_content() {
  return json_reply(200, "");
}

// "a; b; and 7 more".
std::string first_of(const std::vector<std::string>& texts) {
  std::string out;
  for (std::size_t i = 0; i < std::min(texts.size(), kRefusalsShown); ++i) {
    out += (i == 0 ? "" : "; ") + texts[i];
  }
  const std::size_t more = texts.size() - std::min(texts.size(), kRefusalsShown);
  return more == 0 ? out : out + "; and " + std::to_string(more) + " more";
}

asio::awaitable<HttpReply> post_alerts(Agent* agent, HttpCall call) {
  auto body = std::make_shared<HttpCall>(std::move(call));
  auto posted = std::make_shared<PostedAlerts>();
  const auto read = [body, posted] { *posted = read_posted_alerts(*body); };
  if (body->body.size() <= kReadHere) {
    read();
  } else {
    co_await agent->in_background(read);
  }
  body->body.clear();
  if (posted->refused) {
    co_return std::move(*posted->refused);
  }
  auto outcome = co_await agent->notifier().post(std::move(posted->alerts));
  if (!outcome.refused.empty()) {
    co_return api_v2_error(400, first_of(outcome.refused));
  }
  if (!outcome.stored) {  // they are told all the same, but a restart would not know them
    co_return api_v2_error(
        500, "the alerts were taken and could not be stored: " + outcome.stored.error().message);
  }
  co_return no_content();
}

// Hands out `alerts` as they stand when they are asked for.
AlertSource source_of(const Agent& agent, std::vector<rules::AlertPtr> alerts) {
  return [&agent, alerts = std::move(alerts), at = std::size_t{0}](GettableAlert& next) mutable {
    if (at == alerts.size()) {
      return false;
    }
    next = gettable_alert(agent, alerts[at]);
    ++at;
    return true;
  };
}

// Whoever asks need not know what privacy made of labels.
Result<AlertQuery> read_query(const Agent& agent, const HttpCall& call) {
  auto query = read_alert_query(call);
  if (query) {
    query->matchers = agent.notifier().silences().as_asked(std::move(query->matchers));
  }
  return query;
}

HttpReply get_alerts(Agent& agent, const HttpCall& call) {
  auto query = read_query(agent, call);
  if (!query) {
    return api_v2_error(400, query.error().message);
  }
  return api_v2_alerts(std::move(*query),
                       source_of(agent, agent.notifier().active_alerts()),
                       agent.clock().wall_now());
}

// Expanded over `alerts`. A reload may have ended the route meanwhile, so what is needed of it is
// handed in.
Labels expand_route_labels(const Agent& agent,
                           Notification notice,
                           const std::vector<rules::AlertPtr>& alerts) {
  const bool templated =
      std::any_of(notice.route_labels.begin(), notice.route_labels.end(), [](const auto& label) {
        return exporters::holds_template(label.second);
      });
  if (!templated) {
    return notice.route_labels;
  }
  for (const rules::AlertPtr& alert : alerts) {
    notice.alerts.push_back(*alert);
  }
  return agent.with_route_labels(std::move(notice)).route_labels;
}

// A group by what its place in the list depends on, and what is shown of it.
struct ListedGroup {
  Labels labels;
  std::string receiver;
  Labels route_labels;
  std::vector<rules::AlertPtr> alerts;
};

// Sorted by labels, then receiver.
std::vector<ListedGroup> listed_groups(const Agent& agent) {
  std::vector<ListedGroup> out;
  for (rules::GroupFlush& flush : agent.notifier().groups()) {
    out.push_back({std::move(flush.group_labels),
                   flush.route->receiver,
                   flush.route->labels,
                   std::move(flush.firing)});
  }
  std::sort(out.begin(), out.end(), [](const ListedGroup& a, const ListedGroup& b) {
    return std::tie(a.labels, a.receiver) < std::tie(b.labels, b.receiver);
  });
  return out;
}

// In the order of the list. Each fingerprint is worked out once.
std::vector<rules::AlertPtr> by_fingerprint(std::vector<rules::AlertPtr> alerts) {
  std::vector<std::pair<std::uint64_t, rules::AlertPtr>> keyed;
  keyed.reserve(alerts.size());
  for (rules::AlertPtr& alert : alerts) {
    const std::uint64_t fingerprint = alert->labels.fingerprint();
    keyed.emplace_back(fingerprint, std::move(alert));
  }
  std::sort(
      keyed.begin(), keyed.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::transform(keyed.begin(), keyed.end(), alerts.begin(), [](auto& entry) {
    return std::move(entry.second);
  });
  return alerts;
}

GettableGroup gettable_group(const Agent& agent, ListedGroup& listed) {
  GettableGroup out;
  out.labels = listed.labels;
  out.receiver = receiver_labels(agent, listed.receiver);
  Notification notice;
  notice.receiver = listed.receiver;
  notice.group_labels = listed.labels;
  notice.route_labels = std::move(listed.route_labels);
  std::vector<rules::AlertPtr> alerts = std::move(listed.alerts);
  out.route_labels = [&agent, notice = std::move(notice), alerts] {
    return expand_route_labels(agent, notice, alerts);
  };
  out.alerts = source_of(agent, by_fingerprint(std::move(alerts)));
  return out;
}

HttpReply get_groups(Agent& agent, const HttpCall& call) {
  auto query = read_query(agent, call);
  if (!query) {
    return api_v2_error(400, query.error().message);
  }
  auto groups = std::make_shared<std::vector<ListedGroup>>(listed_groups(agent));
  GroupSource source = [&agent, groups, at = std::size_t{0}](GettableGroup& next) mutable {
    if (at == groups->size()) {
      return false;
    }
    next = gettable_group(agent, (*groups)[at]);
    ++at;
    return true;
  };
  return api_v2_groups(std::move(*query), std::move(source), agent.clock().wall_now());
}

HttpReply answer_text(const SilenceAnswer& answer) {
  switch (answer.kind) {
    case SilenceAnswer::Kind::done:
      return api_v2_silence_set(answer.text);
    case SilenceAnswer::Kind::refused:
      return api_v2_error(400, answer.text);
    case SilenceAnswer::Kind::not_found:
      return api_v2_error(404, answer.text);
    case SilenceAnswer::Kind::not_stored:
      return api_v2_error(500, answer.text);
  }
  return api_v2_error(500, answer.text);
}

// Whether it is an ack as it stands, as an import of what was exported posts it.
bool is_standing_ack(const Agent& agent, const rules::Silence& posted, std::uint64_t fingerprint) {
  const auto& acks = agent.notifier().silences().acks().all();
  const auto found = acks.find(fingerprint);
  if (found == acks.end()) {
    return false;
  }
  const rules::Silence standing = ack_silence(found->second);
  return std::tie(standing.created_by, standing.comment, standing.ends_at) ==
         std::tie(posted.created_by, posted.comment, posted.ends_at);
}

asio::awaitable<HttpReply> post_silence(Agent* agent, HttpCall call) {
  PostedSilence posted = read_posted_silence(call);
  if (posted.refused) {
    co_return std::move(*posted.refused);
  }
  KeptSilences& kept = agent->notifier().silences();
  rules::Silence& silence = posted.silence;
  if (const auto fingerprint = acked_alert(silence.id)) {
    if (is_standing_ack(*agent, silence, *fingerprint)) {
      co_return api_v2_silence_set(silence.id);
    }
    co_return api_v2_error(400,
                           "silence " + silence.id +
                               " is an acknowledgement and cannot be edited here; use `seamwatch "
                               "ack` or POST /api/acks, or expire it to take it back");
  }
  const rules::Silence* known = kept.silences().find(silence.id);
  // Debian's amtool knows nothing of these, and must not end them.
  if (known != nullptr && !posted.says_recurrence) {
    silence.recurrence = known->recurrence;
  }
  if (known != nullptr && !posted.says_annotations) {
    silence.annotations = known->annotations;
  }
  if (silence.starts_at >= silence.ends_at) {
    co_return api_v2_error(400, "Failed to create silence: start time must be before end time");
  }
  if (silence.ends_at < agent->clock().wall_now()) {
    co_return api_v2_error(400, "Failed to create silence: end time can't be in the past");
  }
  const std::vector<std::string> warnings =
      blind_matchers(silence.matchers, agent->notifier().active_alerts());
  auto answer = co_await kept.set(std::move(silence));
  if (answer.kind == SilenceAnswer::Kind::done) {
    co_return api_v2_silence_set(answer.text, warnings);
  }
  co_return answer_text(answer);
}

asio::awaitable<HttpReply> delete_silence(Agent* agent, std::string id) {
  if (const auto fingerprint = acked_alert(id)) {
    auto gone = co_await agent->notifier().silences().take_back(*fingerprint);
    co_return !gone ? api_v2_error(500, gone.error().message)
    : *gone         ? no_content()
                    : json_reply(404, "");
  }
  auto answer = co_await agent->notifier().silences().expire(std::move(id));
  if (answer.kind == SilenceAnswer::Kind::done) {
    co_return no_content();
  }
  co_return answer.kind == SilenceAnswer::Kind::not_found ? json_reply(404, "")
                                                          : answer_text(answer);
}

HttpReply get_status(const Agent& agent) {
  ApiV2Status status;
  status.version = kVersion;
  status.started_at = agent.started_at();
  status.config = agent.loaded().notify_text;
  return api_v2_status(status);
}

HttpReply get_receivers(const Agent& agent, const HttpCall& call) {
  const auto matchers = read_receiver_matchers(call);
  if (!matchers) {
    return api_v2_error(400, matchers.error().message);
  }
  std::vector<Labels> receivers;
  if (const rules::NotifyConfig* config = agent.notifier().config()) {
    for (const rules::Receiver& receiver : config->receivers) {
      if (rules::match_all(*matchers, receiver.labels)) {
        receivers.push_back(receiver.labels);
      }
    }
  }
  return api_v2_receivers(receivers);
}

HttpReply get_silence(const Agent& agent, const std::string& id, WallTime now) {
  const KeptSilences& kept = agent.notifier().silences();
  const auto fingerprint = acked_alert(id);
  if (!fingerprint) {
    return api_v2_silence(kept.silences().find(id), now);
  }
  const auto ack = kept.acks().all().find(*fingerprint);
  if (ack == kept.acks().all().end()) {
    return api_v2_silence(nullptr, now);
  }
  const rules::Silence shown = ack_silence(ack->second);
  return api_v2_silence(&shown, now);
}

// What needs no waiting.
HttpReply get(Agent& agent, const HttpCall& call, const ApiV2Request& request) {
  const rules::SilenceSet& silences = agent.notifier().silences().silences();
  const WallTime now = agent.clock().wall_now();
  switch (request.operation) {
    case ApiV2Operation::get_status:
      return get_status(agent);
    case ApiV2Operation::get_receivers:
      return get_receivers(agent, call);
    case ApiV2Operation::get_silences: {
      const auto acks = ack_silences(agent.notifier().silences().acks().all(), now);
      const auto as_asked = [&agent](rules::Matchers matchers) {
        return agent.notifier().silences().as_asked(std::move(matchers));
      };
      return api_v2_silences(call, with_acks(silences.all(now), acks, now), now, as_asked);
    }
    case ApiV2Operation::get_silence:
      return get_silence(agent, request.id, now);
    case ApiV2Operation::get_alerts:
      return get_alerts(agent, call);
    default:
      return get_groups(agent, call);
  }
}

asio::awaitable<HttpReply> serve(Agent* agent, HttpCall call) {
  ApiV2Request request = match_api_v2(call);
  if (request.refused) {
    co_return std::move(*request.refused);
  }
  if (request.operation == ApiV2Operation::post_alerts) {
    co_return co_await post_alerts(agent, std::move(call));
  }
  if (request.operation == ApiV2Operation::post_silence) {
    co_return co_await post_silence(agent, std::move(call));
  }
  if (request.operation == ApiV2Operation::delete_silence) {
    co_return co_await delete_silence(agent, std::move(request.id));
  }
  co_return get(*agent, call, request);
}

}  // namespace

GettableAlert gettable_alert(const Agent& agent, const rules::AlertPtr& alert) {
  AlertStanding standing = agent.notifier().standing(alert);
  GettableAlert out;
  out.alert = std::move(standing.alert);
  if (!out.alert.ends_at) {  // of our own, and holds until we say otherwise; clients want a time
    out.alert.ends_at = agent.clock().wall_now() + rules::NotifyConfig().resolve_timeout;
  }
  for (const std::string& receiver : standing.receivers) {
    out.receivers.push_back(receiver_labels(agent, receiver));
  }
  out.silenced_by = std::move(standing.silenced_by);
  if (standing.inhibited_by) {
    out.inhibited_by.push_back(fingerprint_hex(*standing.inhibited_by));
  }
  out.muted_by = std::move(standing.muted_by);
  out.ack = std::move(standing.ack);
  out.held_back = std::move(standing.held_back);
  return out;
}

Route alertmanager_endpoint(Agent& agent) {
  Agent* const self = &agent;
  return {{"GET", "POST", "PUT", "DELETE", "PATCH", "OPTIONS"}, "/api/v2/*", [self](HttpCall call) {
            return serve(self, std::move(call));
          }};
}

}  // namespace seamwatch::agent
