#include "exporters/sinks/opsgenie.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/ascii.h"
#include "agent/core/notice_text.h"
#include "agent/core/utf8.h"
#include "exporters/sinks/digest.h"
#include "exporters/sinks/outcome.h"
#include "exporters/sinks/template_text.h"

namespace seamwatch::exporters {
namespace {

namespace json = boost::json;

// Source: alert-api, "Create Alert Request", field limits.
constexpr std::size_t kMessageRunesMax = 130;
constexpr std::size_t kDescriptionRunesMax = 15'000;
constexpr std::size_t kSourceRunesMax = 100;
constexpr std::size_t kEntityRunesMax = 512;
constexpr std::size_t kNoteRunesMax = 25'000;

// The parts of a comma separated text, without blanks around them and without empty ones.
std::vector<std::string> split_list(const std::string& text) {
  std::vector<std::string> out;
  for (std::size_t start = 0; start <= text.size();) {
    const std::size_t end = std::min(text.find(',', start), text.size());
    std::string part = text.substr(start, end - start);
    part.erase(0, part.find_first_not_of(" \t\r\n"));
    part.erase(part.find_last_not_of(" \t\r\n") + 1);
    if (!part.empty()) {
      out.push_back(std::move(part));
    }
    start = end + 1;
  }
  return out;
}

json::array strings(const std::vector<std::string>& texts) {
  json::array out;
  for (const std::string& text : texts) {
    out.emplace_back(text);
  }
  return out;
}

json::array responders_of(const Node& config, TemplateText& texts) {
  json::array out;
  const Node* list = config.find("responders");
  for (const Node& responder : list == nullptr ? std::vector<Node>() : list->items) {
    const std::string type = ascii_lower(texts.expand(responder, "type"));
    if (type == "teams") {
      for (const std::string& team : split_list(texts.expand(responder, "name"))) {
        out.emplace_back(json::object{{"name", team}, {"type", "team"}});
      }
      continue;
    }
    json::object one;
    for (const char* key : {"id", "name", "username"}) {
      if (std::string text = texts.expand(responder, key); !text.empty()) {
        one[key] = std::move(text);
      }
    }
    if (!one.empty()) {  // a template may have left nobody
      one["type"] = type;
      out.emplace_back(std::move(one));
    }
  }
  return out;
}

// The requests for one notice.
class Calls {
 public:
  Calls(const OpsgenieOptions& options, const Notification& notification, WallTime now)
      : options_(options),
        notification_(notification),
        now_(now),
        texts_(options.render, notification),
        alias_(sha256_hex(incident_of(notification))) {}

  Composed compose() {
    key_ = trimmed(texts_.expand(options_.api_key.reveal()), " \t\r\n");
    if (key_.empty()) {
      return {{}, unsendable("template", "the API key cannot be expanded; correct it")};
    }
    const auto& alerts = notification_.alerts;
    const bool firing = std::any_of(
        alerts.begin(), alerts.end(), [](const Alert& alert) { return !alert.ends_at; });
    if (!firing) {
      json::object close;
      set(close, "source", kSourceRunesMax);
      add("POST", "v2/alerts/" + alias_ + "/close?identifierType=alias", close);
      return std::move(out_);
    }
    const json::object alert = create_body();
    add("POST", "v2/alerts", alert);
    if (is_on(options_.fields, "update_alerts")) {
      add("PUT",
          "v2/alerts/" + alias_ + "/message?identifierType=alias",
          {{"message", alert.at("message")}});
      if (const json::value* description = alert.if_contains("description")) {
        add("PUT",
            "v2/alerts/" + alias_ + "/description?identifierType=alias",
            {{"description", *description}});
      }
    }
    return std::move(out_);
  }

 private:
  void set(json::object& body, std::string_view key, std::size_t runes_max) {
    const std::string text = cut_runes(texts_.expand(options_.fields, key), runes_max);
    if (!text.empty()) {
      body[key] = text;
    }
  }

  json::object create_body() {
    json::object out{{"alias", alias_}};
    set(out, "message", kMessageRunesMax);
    set(out, "description", kDescriptionRunesMax);
    set(out, "source", kSourceRunesMax);
    set(out, "entity", kEntityRunesMax);
    set(out, "note", kNoteRunesMax);
    set(out, "priority", 10);
    json::object details;
    for (const auto& [name, value] : common_labels(notification_.alerts)) {
      details[to_valid_utf8(name)] = to_valid_utf8(value);
    }
    if (const Node* written = options_.fields.find("details")) {
      for (const NodeEntry& entry : written->entries) {
        details[entry.key.scalar] = texts_.expand(entry.value.scalar);
      }
    }
    out["details"] = std::move(details);
    json::array responders = responders_of(options_.fields, texts_);
    if (!responders.empty()) {
      out["responders"] = std::move(responders);
    }
    for (const char* key : {"tags", "actions"}) {
      json::array list = strings(split_list(texts_.expand(options_.fields, key)));
      if (!list.empty()) {
        out[key] = std::move(list);
      }
    }
    if (!texts_.failure().empty() || !out.contains("message")) {
      out["message"] = cut_runes(notice_subject(notification_), kMessageRunesMax);
    }
    if (!texts_.failure().empty()) {
      out["description"] =
          cut_runes(plain_text(notification_, now_, texts_.failure()), kDescriptionRunesMax);
    }
    return out;
  }

  void add(const char* method, const std::string& path, const json::object& body) {
    const Node* base = options_.fields.find("api_url");
    std::string url = base == nullptr ? "https://api.opsgenie.com/" : base->scalar;
    url += url.ends_with("/") ? path : "/" + path;
    HttpRequest request = json_post(Secret(std::move(url)), json::serialize(body));
    request.method = method;
    request.headers.emplace_back("Authorization", "GenieKey " + key_);
    out_.requests.push_back(std::move(request));
  }

  const OpsgenieOptions& options_;
  const Notification& notification_;
  WallTime now_;
  TemplateText texts_;
  std::string alias_;
  std::string key_;
  Composed out_;
};

Delivery opsgenie_outcome(const HttpResponse& response, WallTime now) {
  Delivery out = http_outcome(response, now);
  boost::system::error_code failure;
  const json::value parsed = json::parse(response.body, failure);
  const json::object* object = failure ? nullptr : parsed.if_object();
  const json::value* told = object == nullptr ? nullptr : object->if_contains("message");
  if (out.fault && response.status >= 400 && told != nullptr && told->is_string()) {
    out.fault->detail += ": " + cut_runes(told->as_string(), 200);
  }
  return out;
}

}  // namespace

std::unique_ptr<Sink> make_opsgenie(OpsgenieOptions options, HttpClient& http, Clock& clock) {
  HttpSinkParts parts;
  parts.http = options.http;
  parts.timeout = options.timeout;
  parts.compose = [options = std::move(options)](const Notification& notification, WallTime now) {
    return Calls(options, notification, now).compose();
  };
  parts.classify = opsgenie_outcome;
  return make_http_sink(std::move(parts), http, clock);
}

}  // namespace seamwatch::exporters
