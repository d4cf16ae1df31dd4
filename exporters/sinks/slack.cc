#include "exporters/sinks/slack.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/ascii.h"
#include "agent/core/notice_text.h"
#include "exporters/sinks/outcome.h"
#include "exporters/sinks/template_text.h"

namespace seamwatch::exporters {
namespace {

namespace asio = boost::asio;
namespace json = boost::json;

constexpr std::size_t kTitleRunesMax = 1024;
// Source: https://api.slack.com/methods/chat.postMessage#truncating: 40,000 characters a message.
constexpr std::size_t kTextRunesMax = 30'000;

// Error codes of the API that pass. Source: https://api.slack.com/methods/chat.postMessage#errors.
constexpr std::string_view kPassing[] = {"fatal_error",
                                         "internal_error",
                                         "message_limit_exceeded",
                                         "rate_limited",
                                         "ratelimited",
                                         "request_timeout",
                                         "rollup_error",
                                         "service_unavailable",
                                         "team_added_to_org"};

// Those of chat.update that say that this message cannot be changed, or not any more.
// Source: https://api.slack.com/methods/chat.update#errors.
constexpr std::string_view kUnchangeable[] = {"cant_update_message",
                                              "channel_not_found",
                                              "edit_window_closed",
                                              "is_inactive",
                                              "message_not_found"};

bool is_unchangeable(std::string_view code) {
  return std::find(std::begin(kUnchangeable), std::end(kUnchangeable), code) !=
         std::end(kUnchangeable);
}

// The text under `key`; "" where there is none.
std::string text_of(const json::object& object, std::string_view key) {
  const json::value* value = object.if_contains(key);
  return value != nullptr && value->is_string() ? std::string(value->as_string()) : "";
}

void set(json::object& out, std::string_view key, std::string text) {
  if (!text.empty()) {
    out[key] = std::move(text);
  }
}

json::object fields_of(const Node& node,
                       TemplateText& texts,
                       std::initializer_list<const char*> keys) {
  json::object out;
  for (const char* key : keys) {
    set(out, key, texts.expand(node, key));
  }
  return out;
}

json::array field_list(const Node& config, TemplateText& texts) {
  json::array out;
  const Node* list = config.find("fields");
  for (const Node& field : list == nullptr ? std::vector<Node>() : list->items) {
    json::object one = fields_of(field, texts, {"title", "value"});
    one["short"] = is_on(field.find("short") == nullptr ? config : field,
                         field.find("short") == nullptr ? "short_fields" : "short");
    out.emplace_back(std::move(one));
  }
  return out;
}

// A link has no name, no value and nothing to confirm.
// Source: Alertmanager, SlackAction.UnmarshalYAML.
json::object action_of(const Node& action, TemplateText& texts) {
  const Node* url = action.find("url");
  if (url != nullptr && !url->scalar.empty()) {
    return fields_of(action, texts, {"type", "text", "url", "style"});
  }
  json::object out = fields_of(action, texts, {"type", "text", "style", "name", "value"});
  if (const Node* confirm = action.find("confirm")) {
    out["confirm"] = fields_of(*confirm, texts, {"title", "text", "ok_text", "dismiss_text"});
  }
  return out;
}

json::array action_list(const Node& config, TemplateText& texts) {
  json::array out;
  const Node* list = config.find("actions");
  for (const Node& action : list == nullptr ? std::vector<Node>() : list->items) {
    out.emplace_back(action_of(action, texts));
  }
  return out;
}

json::array markdown_in(const Node& config) {
  json::array out;
  const Node* list = config.find("mrkdwn_in");
  if (list == nullptr) {
    return {"fallback", "pretext", "text"};
  }
  for (const Node& item : list->items) {
    out.emplace_back(item.scalar);
  }
  return out;
}

bool says_nothing(const json::object& message, const json::object& attachment) {
  for (const char* key : {"title", "pretext", "text"}) {
    if (!all_blank(text_of(attachment, key))) {
      return false;
    }
  }
  return !attachment.contains("fields") && all_blank(text_of(message, "text"));
}

json::object slack_body(const SlackOptions& options,
                        const Notification& notification,
                        WallTime now) {
  TemplateText texts(options.render, notification);
  const Node& config = options.fields;
  json::object attachment = fields_of(config,
                                      texts,
                                      {"title_link",
                                       "pretext",
                                       "fallback",
                                       "callback_id",
                                       "image_url",
                                       "thumb_url",
                                       "footer",
                                       "color"});
  set(attachment, "title", cut_runes(texts.expand(config, "title"), kTitleRunesMax));
  set(attachment, "text", cut_runes(texts.expand(config, "text"), kTextRunesMax));
  json::array fields = field_list(config, texts);
  if (!fields.empty()) {
    attachment["fields"] = std::move(fields);
  }
  json::array actions = action_list(config, texts);
  if (!actions.empty()) {
    attachment["actions"] = std::move(actions);
  }
  attachment["mrkdwn_in"] = markdown_in(config);
  json::object out = fields_of(config, texts, {"channel", "username", "icon_emoji", "icon_url"});
  set(out, "text", texts.expand(config, "message_text"));
  if (is_on(config, "link_names")) {
    out["link_names"] = true;
  }
  // Templates that tell what all alerts share say nothing of alerts that share nothing.
  if (!texts.failure().empty() || says_nothing(out, attachment)) {
    attachment["title"] = notice_subject(notification);
    attachment["fallback"] = notice_subject(notification);
    attachment["text"] = cut_runes(plain_text(notification, now, texts.failure()), kTextRunesMax);
  }
  out["attachments"] = json::array{std::move(attachment)};
  return out;
}

// Slack's word for what is wrong: letters, digits and _ alone.
std::string code_of(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, 80)) {
    const bool plain = is_lower(c) || is_digit(c) || c == '_';
    if (!plain) {
      break;
    }
    out += c;
  }
  return out;
}

Delivery refused(const HttpResponse& response, std::string code, WallTime now) {
  code = code.empty() ? "unreadable_answer" : code;
  Fault fault;
  fault.signal = {"slack", code, "", ""};
  fault.phase = "processing";
  fault.detail = "Slack answered " + code + " with HTTP " + std::to_string(response.status);
  const bool passes =
      std::find(std::begin(kPassing), std::end(kPassing), code) != std::end(kPassing);
  if (passes) {
    fault.retry_after = retry_after(header(response.headers, "retry-after"), now);
  }
  return {passes ? DeliveryOutcome::retry : DeliveryOutcome::rejected, std::move(fault)};
}

// What Slack made of a message; `shown` is what it calls it, where it says so.
Delivery slack_outcome(const HttpResponse& response, WallTime now, SentMessage& shown) {
  Delivery out = http_outcome(response, now);
  const bool json_answer =
      header(response.headers, "content-type").find("json") != std::string_view::npos;
  if (out.outcome == DeliveryOutcome::delivered) {
    if (!json_answer) {
      return response.body == "ok" ? out : refused(response, code_of(response.body), now);
    }
    boost::system::error_code failure;
    const json::value parsed = json::parse(response.body, failure);
    const json::object* object = failure ? nullptr : parsed.if_object();
    const json::value* ok = object == nullptr ? nullptr : object->if_contains("ok");
    if (ok != nullptr && ok->is_bool() && ok->as_bool()) {
      shown = {text_of(*object, "channel"), text_of(*object, "ts")};
      return out;
    }
    return refused(response, object == nullptr ? "" : code_of(text_of(*object, "error")), now);
  }
  if (response.status >= 400 && !json_answer && !code_of(response.body).empty()) {
    out.fault->detail += ": " + code_of(response.body);
  }
  return out;
}

// chat.update beside chat.postMessage.
Secret update_url(const Secret& post_url) {
  const std::string& url = post_url.reveal();
  return Secret(url.substr(0, url.rfind('/') + 1) + "chat.update");
}

class SlackSink final : public Sink {
 public:
  SlackSink(SlackOptions options, HttpClient& http, Clock& clock)
      : options_(std::move(options)), http_(http), clock_(clock) {}

  asio::awaitable<Delivery> deliver(Notification notification,
                                    WallTime now,
                                    MonoTime deadline) override {
    if (options_.messages == nullptr || !is_on(options_.fields, "update_message")) {
      SentMessage ignored;
      const auto poster = sink(std::nullopt, ignored);
      co_return co_await poster->deliver(std::move(notification), now, deadline);
    }
    SentMessage shown;
    const std::optional<SentMessage> earlier = options_.messages->find(notification);
    if (earlier) {
      const auto updater = sink(earlier, shown);
      Delivery updated = co_await updater->deliver(notification, now, deadline);
      const bool gone = updated.fault && is_unchangeable(updated.fault->signal.code);
      if (!gone) {
        note(notification, updated, shown, now);
        co_return updated;
      }
      options_.messages->erase(notification);
    }
    const auto poster = sink(std::nullopt, shown);
    Delivery posted = co_await poster->deliver(notification, now, deadline);
    note(notification, posted, shown, now);
    co_return posted;
  }

 private:
  // Posts, or changes `earlier`. Requires: `shown` outlives the sink.
  std::unique_ptr<Sink> sink(std::optional<SentMessage> earlier, SentMessage& shown) {
    HttpSinkParts parts;
    parts.http = options_.http;
    parts.timeout = options_.timeout;
    parts.compose = [this, earlier = std::move(earlier)](const Notification& notification,
                                                         WallTime now) {
      json::object body = slack_body(options_, notification, now);
      if (earlier) {
        body["channel"] = earlier->channel;
        body["ts"] = earlier->id;
      }
      Composed out;
      out.requests.push_back(
          json_post(earlier ? update_url(options_.url) : options_.url, json::serialize(body)));
      if (!options_.token.empty()) {
        out.requests.back().headers.emplace_back("Authorization",
                                                 "Bearer " + options_.token.reveal());
      }
      return out;
    };
    parts.classify = [&shown](const HttpResponse& response, WallTime now) {
      return slack_outcome(response, now, shown);
    };
    return make_http_sink(std::move(parts), http_, clock_);
  }

  // A group that is over begins anew with a message of its own: a change calls nobody.
  void note(const Notification& notification,
            const Delivery& delivery,
            const SentMessage& shown,
            WallTime now) {
    if (delivery.outcome != DeliveryOutcome::delivered) {
      return;
    }
    const bool over = std::all_of(notification.alerts.begin(),
                                  notification.alerts.end(),
                                  [now](const Alert& alert) { return alert.resolved(now); });
    if (over) {
      options_.messages->erase(notification);
    } else if (!shown.channel.empty() && !shown.id.empty()) {
      options_.messages->set(notification, shown);
    }
  }

  SlackOptions options_;
  HttpClient& http_;
  Clock& clock_;
};

}  // namespace

std::unique_ptr<Sink> make_slack(SlackOptions options, HttpClient& http, Clock& clock) {
  return std::make_unique<SlackSink>(std::move(options), http, clock);
}

}  // namespace seamwatch::exporters
