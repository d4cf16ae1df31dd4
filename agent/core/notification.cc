#include "agent/core/notification.h"

#include <boost/json.hpp>

#include "agent/core/alert_json.h"
#include "agent/core/common_labels.h"
#include "agent/core/json_text.h"
#include "agent/core/labels_json.h"

namespace seamwatch {
namespace {

namespace json = boost::json;

std::string text(const json::value& value) {
  return std::string(value.as_string());
}

Labels common(const std::vector<Alert>& alerts, Labels Alert::*field) {
  std::vector<const Labels*> all;
  all.reserve(alerts.size());
  for (const Alert& alert : alerts) {
    all.push_back(&(alert.*field));
  }
  return common_of(all);
}

// What all alerts have; of the first one where that need not be so.
Alert common_alert(const std::vector<Alert>& alerts) {
  Alert out;
  if (!alerts.empty()) {
    out = alerts.front();
    out.labels = common(alerts, &Alert::labels);
    out.annotations = common(alerts, &Alert::annotations);
    out.ends_at.reset();
  }
  return out;
}

void append_text(std::string& out, std::string_view before, std::string_view value) {
  out += before;
  append_json_string(out, value);
}

void append_parts(std::string& out, const std::vector<NoticePart>& parts) {
  for (const NoticePart& part : parts) {
    out += out.back() == '[' ? "{" : ",{";
    append_text(out, "\"group_key\":", part.group_key);
    append_text(out, ",\"notice\":", part.notice);
    append_text(out, ",\"reason\":", part.reason);
    out += ",\"group_labels\":";
    append_json_labels(out, part.group_labels);
    out += ",\"route_labels\":";
    append_json_labels(out, part.route_labels);
    out += ",\"alerts\":[";
    for (const std::uint64_t fingerprint : part.alerts) {
      out += out.back() == '[' ? "" : ",";
      append_json_fingerprint(out, fingerprint);
    }
    out += "]}";
  }
}

std::vector<NoticePart> parts_of(const json::array& in) {
  std::vector<NoticePart> out;
  for (const json::value& item : in) {
    NoticePart part{text(item.at("group_key")),
                    text(item.at("notice")),
                    text(item.at("reason")),
                    labels_from_json(item.at("group_labels")),
                    labels_from_json(item.at("route_labels")),
                    {}};
    for (const json::value& fingerprint : item.at("alerts").as_array()) {
      part.alerts.push_back(std::stoull(text(fingerprint), nullptr, 16));
    }
    out.push_back(std::move(part));
  }
  return out;
}

}  // namespace

std::string_view to_string(DeliveryOutcome outcome) {
  switch (outcome) {
    case DeliveryOutcome::delivered:
      return "delivered";
    case DeliveryOutcome::retry:
      return "retry";
    case DeliveryOutcome::rejected:
      return "rejected";
  }
  return "rejected";
}

Labels common_labels(const std::vector<Alert>& alerts) {
  return common(alerts, &Alert::labels);
}

Labels common_annotations(const std::vector<Alert>& alerts) {
  return common(alerts, &Alert::annotations);
}

std::string to_json(const Notification& notification) {
  std::string out;
  append_text(out, "{\"id\":", notification.id);
  append_text(out, ",\"receiver\":", notification.receiver);
  append_text(out, ",\"sink\":", notification.sink);
  append_text(out, ",\"group_key\":", notification.group_key);
  out += ",\"group_labels\":";
  append_json_labels(out, notification.group_labels);
  out += ",\"route_labels\":";
  append_json_labels(out, notification.route_labels);
  // The alerts of a group are much alike: what they share is said once.
  const Alert common = common_alert(notification.alerts);
  out += ",\"common\":{";
  append_alert_members(out, common);
  out += "},\"alerts\":[";
  const std::size_t before = out.size();
  for (const Alert& alert : notification.alerts) {
    out += out.back() == '[' ? "{" : ",{";
    append_alert_members(out, alert, common);
    out += '}';
    if (&alert == &notification.alerts.front()) {  // the others are about as long
      out.reserve(out.size() + (out.size() - before + 2) * notification.alerts.size());
    }
  }
  out += "],\"created_at\":";
  append_json_number(out, unix_millis(notification.created_at));
  append_text(out, ",\"reason\":", notification.reason);
  out += notification.late ? ",\"late\":true" : ",\"late\":false";
  append_text(out, ",\"external_url\":", notification.external_url);
  if (!notification.escalation.empty()) {
    append_text(out, ",\"escalation\":", notification.escalation);
  }
  if (!notification.instead_of.empty()) {
    append_text(out, ",\"instead_of\":", notification.instead_of);
  }
  if (!notification.parts.empty()) {
    out += ",\"parts\":[";
    append_parts(out, notification.parts);
    out += ']';
  }
  out += '}';
  return out;
}

Result<Notification> notification_from_json(std::string_view text_in) {
  try {
    const json::value parsed = json::parse(json::string_view(text_in.data(), text_in.size()));
    const json::object& in = parsed.as_object();
    Notification out;
    out.id = text(in.at("id"));
    out.receiver = text(in.at("receiver"));
    out.sink = text(in.at("sink"));
    out.group_key = text(in.at("group_key"));
    out.group_labels = labels_from_json(in.at("group_labels"));
    if (const json::value* labels = in.if_contains("route_labels")) {
      out.route_labels = labels_from_json(*labels);
    }
    const json::value* common = in.if_contains("common");  // not in those of earlier versions
    const Alert shared = common != nullptr ? alert_from_json(common->as_object()) : Alert();
    for (const json::value& alert : in.at("alerts").as_array()) {
      out.alerts.push_back(common != nullptr ? alert_from_json(alert.as_object(), shared)
                                             : alert_from_json(alert.as_object()));
    }
    out.created_at = wall_from_unix_millis(in.at("created_at").as_int64());
    out.reason = text(in.at("reason"));
    out.late = in.at("late").as_bool();
    out.external_url = text(in.at("external_url"));
    if (const json::value* escalation = in.if_contains("escalation")) {
      out.escalation = text(*escalation);
    }
    if (const json::value* instead_of = in.if_contains("instead_of")) {
      out.instead_of = text(*instead_of);
    }
    if (const json::value* parts = in.if_contains("parts")) {
      out.parts = parts_of(parts->as_array());
    }
    return out;
  } catch (const std::exception& failure) {
    return error(std::string("a stored notification cannot be read: ") + failure.what());
  }
}

}  // namespace seamwatch
