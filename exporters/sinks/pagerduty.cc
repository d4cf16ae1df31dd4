#include "exporters/sinks/pagerduty.h"

#include <algorithm>

#include <boost/json.hpp>

#include "agent/core/ascii.h"
#include "agent/core/notice_text.h"
#include "exporters/sinks/digest.h"
#include "exporters/sinks/outcome.h"
#include "exporters/sinks/template_text.h"

namespace seamwatch::exporters {
namespace {

namespace json = boost::json;

constexpr std::size_t kSummaryRunesMax = 1024;
constexpr std::size_t kEventBytesMax = 512'000;
constexpr std::string_view kUrlV1 =
    "https://events.pagerduty.com/generic/2010-04-15/create_event.json";

struct DefaultDetail {
  std::string_view name;
  std::string_view text;
};

// Source: Alertmanager, "<pagerduty_config>", default of `details`.
constexpr DefaultDetail kDetails[] = {
    {"firing", R"({{ template "pagerduty.default.instances" .Alerts.Firing }})"},
    {"resolved", R"({{ template "pagerduty.default.instances" .Alerts.Resolved }})"},
    {"num_firing", R"({{ .Alerts.Firing | len }})"},
    {"num_resolved", R"({{ .Alerts.Resolved | len }})"}};

// PagerDuty refuses any other word. What pages is critical to it.
// Source: https://developer.pagerduty.com/docs/events-api-v2/trigger-events/, payload.severity.
std::string severity_of(const std::string& word) {
  const std::string lower = ascii_lower(trimmed(word, " \t\r\n"));
  for (const std::string_view known : {"critical", "error", "warning", "info"}) {
    if (lower == known) {
      return lower;
    }
  }
  return lower == "page" ? "critical" : "error";
}

// Where both keys are there, the service key counts.
// Source: Alertmanager, notify/pagerduty/pagerduty.go.
bool speaks_v2(const PagerDutyOptions& options) {
  return options.service_key.empty();
}

json::object details_of(const Node& config, TemplateText& texts) {
  json::object out;
  if (const Node* details = config.find("details")) {
    const json::value written = texts.tree(*details);
    if (written.is_object()) {
      out = written.as_object();
    }
  }
  for (const DefaultDetail& detail : kDetails) {
    if (!out.contains(detail.name)) {
      out[detail.name] = texts.expand(std::string(detail.text));
    }
  }
  return out;
}

json::array list_of(const Node& config,
                    std::string_view key,
                    std::initializer_list<const char*> keys,
                    TemplateText& texts) {
  json::array out;
  const Node* list = config.find(key);
  for (const Node& item : list == nullptr ? std::vector<Node>() : list->items) {
    json::object one;
    for (const char* name : keys) {
      if (std::string text = texts.expand(item, name); !text.empty()) {
        one[name] = std::move(text);
      }
    }
    // PagerDuty refuses an event with a link or image that leads nowhere.
    if (one.contains("href") || one.contains("src")) {
      out.emplace_back(std::move(one));
    }
  }
  return out;
}

// One event under way: what it says, and its bounds.
class Event {
 public:
  Event(const PagerDutyOptions& options, const Notification& notification, WallTime now)
      : options_(options),
        notification_(notification),
        now_(now),
        texts_(options.render, notification) {
    const auto& alerts = notification.alerts;
    firing_ = std::any_of(
        alerts.begin(), alerts.end(), [](const Alert& alert) { return !alert.ends_at; });
  }

  Composed compose() {
    const bool second = speaks_v2(options_);
    const std::string key =
        texts_.expand((second ? options_.routing_key : options_.service_key).reveal());
    if (key.empty()) {
      return {{}, unsendable("template", "the integration key cannot be expanded; correct it")};
    }
    json::object event = second ? event_v2(key) : event_v1(key);
    std::string body = json::serialize(event);
    if (body.size() > kEventBytesMax) {
      const json::object cut{{"error", "the details are too large for PagerDuty and left out"}};
      (second ? event["payload"].as_object()["custom_details"] : event["details"]) = cut;
      body = json::serialize(event);
    }
    const Node* url = options_.fields.find("url");
    const std::string to = second && url != nullptr ? url->scalar : std::string(kUrlV1);
    Composed out;
    out.requests.push_back(json_post(Secret(to), std::move(body)));
    return out;
  }

 private:
  std::string text(std::string_view key) { return texts_.expand(options_.fields, key); }

  void set(json::object& out, std::string_view name, std::string value) {
    if (!value.empty()) {
      out[name] = std::move(value);
    }
  }

  // What the incident is called; our own words where a template failed.
  std::string summary() {
    std::string out = text("description");
    if (!texts_.failure().empty() || all_blank(out)) {  // which PagerDuty refuses
      out = notice_subject(notification_);
    }
    return cut_runes(out, kSummaryRunesMax);
  }

  json::object details() {
    json::object out = details_of(options_.fields, texts_);
    if (!texts_.failure().empty()) {
      out["notice"] = plain_text(notification_, now_, texts_.failure());
    }
    return out;
  }

  json::object event_v2(const std::string& key) {
    std::string source = text("source");
    source = source.empty() ? text("client") : source;
    json::object payload;
    set(payload, "source", source.empty() ? "Seamwatch" : source);
    set(payload, "severity", severity_of(text("severity")));
    for (const char* name : {"class", "component", "group"}) {
      set(payload, name, text(name));
    }
    json::object out{{"routing_key", key},
                     {"event_action", firing_ ? "trigger" : "resolve"},
                     {"dedup_key", sha256_hex(incident_of(notification_))}};
    set(out, "client", text("client"));
    set(out, "client_url", text("client_url"));
    json::array images = list_of(options_.fields, "images", {"src", "alt", "href"}, texts_);
    json::array links = list_of(options_.fields, "links", {"href", "text"}, texts_);
    if (!images.empty()) {
      out["images"] = std::move(images);
    }
    if (!links.empty()) {
      out["links"] = std::move(links);
    }
    payload["summary"] = summary();
    payload["custom_details"] = details();  // last: it tells what failed before
    out["payload"] = std::move(payload);
    return out;
  }

  json::object event_v1(const std::string& key) {
    json::object out{{"service_key", key},
                     {"event_type", firing_ ? "trigger" : "resolve"},
                     {"incident_key", sha256_hex(incident_of(notification_))}};
    if (firing_) {
      set(out, "client", text("client"));
      set(out, "client_url", text("client_url"));
    }
    out["description"] = summary();
    out["details"] = details();
    return out;
  }

  const PagerDutyOptions& options_;
  const Notification& notification_;
  WallTime now_;
  TemplateText texts_;
  bool firing_ = false;
};

// The first of the errors that PagerDuty names: "Length of 'routing_key' is incorrect (...)".
std::string told_error(const std::string& body) {
  boost::system::error_code failure;
  const json::value parsed = json::parse(body, failure);
  const json::object* object = failure ? nullptr : parsed.if_object();
  const json::value* errors = object == nullptr ? nullptr : object->if_contains("errors");
  const bool listed = errors != nullptr && errors->is_array() && !errors->as_array().empty() &&
                      errors->as_array().front().is_string();
  return listed ? cut_runes(errors->as_array().front().as_string(), 200) : "";
}

Delivery pagerduty_outcome(const HttpResponse& response, bool second, WallTime now) {
  Delivery out = http_outcome(response, now);
  if (!second && response.status == 403) {
    out.outcome = DeliveryOutcome::retry;
  }
  const std::string told = response.status >= 400 ? told_error(response.body) : "";
  if (out.fault && !told.empty()) {
    out.fault->detail += ": " + told;
  }
  return out;
}

}  // namespace

std::unique_ptr<Sink> make_pagerduty(PagerDutyOptions options, HttpClient& http, Clock& clock) {
  HttpSinkParts parts;
  parts.http = options.http;
  parts.timeout = options.timeout;
  const bool second = speaks_v2(options);
  parts.compose = [options = std::move(options)](const Notification& notification, WallTime now) {
    return Event(options, notification, now).compose();
  };
  parts.classify = [second](const HttpResponse& response, WallTime now) {
    return pagerduty_outcome(response, second, now);
  };
  return make_http_sink(std::move(parts), http, clock);
}

}  // namespace seamwatch::exporters
