#include "exporters/sinks/msteamsv2.h"

#include <algorithm>
#include <charconv>

#include <boost/json.hpp>

#include "agent/core/notice_text.h"
#include "exporters/sinks/outcome.h"
#include "exporters/sinks/template_text.h"

namespace seamwatch::exporters {
namespace {

namespace json = boost::json;

// Source: connectors-using, "The message size limit is 28 KB".
constexpr std::size_t kBodyBytesMax = 28 * 1024;

std::string card(const std::string& title, const std::string& text, bool firing) {
  const json::object heading{{"type", "TextBlock"},
                             {"text", title},
                             {"weight", "Bolder"},
                             {"size", "Medium"},
                             {"wrap", true},
                             {"style", "heading"},
                             {"color", firing ? "Attention" : "Good"}};
  const json::object body{{"type", "TextBlock"}, {"text", text}, {"wrap", true}};
  const json::object content{{"$schema", "http://adaptivecards.io/schemas/adaptive-card.json"},
                             {"type", "AdaptiveCard"},
                             {"version", "1.2"},
                             {"body", json::array{heading, body}},
                             {"msteams", json::object{{"width", "Full"}}}};
  const json::object attachment{{"contentType", "application/vnd.microsoft.card.adaptive"},
                                {"contentUrl", nullptr},
                                {"content", content}};
  const json::object message{{"type", "message"}, {"attachments", json::array{attachment}}};
  return json::serialize(message);
}

std::string teams_body(const TeamsOptions& options,
                       const Notification& notification,
                       WallTime now) {
  TemplateText texts(options.render, notification);
  std::string title = texts.expand(options.fields, "title");
  std::string text = texts.expand(options.fields, "text");
  // Templates that tell what all alerts share say nothing of alerts that share nothing.
  if (!texts.failure().empty() || all_blank(title + text)) {
    title = notice_subject(notification);
    text = plain_text(notification, now, texts.failure());
  }
  title = cut_runes(title, 1024);
  const bool firing = std::any_of(notification.alerts.begin(),
                                  notification.alerts.end(),
                                  [](const Alert& alert) { return !alert.ends_at; });
  std::string out = card(title, text, firing);
  for (std::size_t runes = kBodyBytesMax; out.size() > kBodyBytesMax && runes > 64;) {
    runes = runes * 3 / 4;
    out = card(title, cut_runes(text, runes), firing);
  }
  return out;
}

// The status that an answer of 200 tells of: "... Microsoft Teams endpoint returned HTTP error 429
// with ContextId ...". Source: connectors-using, "Rate limiting for connectors".
int told_status(std::string_view body) {
  constexpr std::string_view kWords = "returned HTTP error ";
  const std::size_t at = body.find(kWords);
  int status = 0;
  if (at != std::string_view::npos) {
    const char* first = body.data() + at + kWords.size();
    std::from_chars(first, body.data() + body.size(), status);
  }
  return status;
}

Delivery teams_outcome(const HttpResponse& response, WallTime now) {
  const int told = response.fault ? 0 : told_status(response.body);
  if (response.status < 200 || response.status >= 300 || told < 400 || told > 599) {
    return http_outcome(response, now);
  }
  HttpResponse behind = response;
  behind.status = told;
  return http_outcome(behind, now);
}

}  // namespace

std::unique_ptr<Sink> make_teams(TeamsOptions options, HttpClient& http, Clock& clock) {
  HttpSinkParts parts;
  parts.http = options.http;
  parts.timeout = options.timeout;
  parts.compose = [options = std::move(options)](const Notification& notification, WallTime now) {
    Composed out;
    out.requests.push_back(json_post(options.url, teams_body(options, notification, now)));
    return out;
  };
  parts.classify = teams_outcome;
  return make_http_sink(std::move(parts), http, clock);
}

}  // namespace seamwatch::exporters
