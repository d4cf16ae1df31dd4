#include <algorithm>

#include "agent/core/go_regexp.h"
#include "agent/core/labels.h"
#include "rules/templates/notification_template.h"

namespace seamwatch::rules::templates {
namespace {

using P = Parameter;

const Type* kv_type();
const Type* pairs_type();

const Type* pair_type() {
  static const Type type{"template.Pair", {{"Name", "Name"}, {"Value", "Value"}}, {}, {}};
  return &type;
}

// alertname first, then by name.
Value sorted_pairs(const Value& kv) {
  List pairs;
  const auto add = [&](const std::string& name, const Value& value) {
    pairs.emplace_back(Struct{pair_type(), {Value(name), value}});
  };
  const Map& entries = kv.as_map();
  if (const auto found = entries.find("alertname"); found != entries.end()) {
    add(found->first, found->second);
  }
  for (const auto& [name, value] : entries) {
    if (name != "alertname") {
      add(name, value);
    }
  }
  return Value(std::move(pairs), pairs_type());
}

// Names (0) or values (1) of pairs.
Value column(const Value& pairs, std::size_t index) {
  List texts;
  for (const Value& pair : pairs.as_list()) {
    texts.push_back(pair.as_struct().values[index]);
  }
  return Value(std::move(texts), strings_type());
}

std::string pairs_text(const Value& pairs) {
  std::string text;
  for (const Value& pair : pairs.as_list()) {
    const List& values = pair.as_struct().values;
    text += (text.empty() ? "" : ", ") + values[0].as_string() + "=" + values[1].as_string();
  }
  return text;
}

Result<Value> remove_names(const Value& kv, const List& args) {
  const List& names = args[0].as_list();
  Map kept;
  for (const auto& [name, value] : kv.as_map()) {
    const bool removed = std::any_of(names.begin(), names.end(), [&](const Value& candidate) {
      return candidate.as_string() == name;
    });
    if (!removed) {
      kept.emplace(name, value);
    }
  }
  return Value(std::move(kept), kv_type());
}

const Type* pairs_type() {
  static const Type type{
      "template.Pairs",
      {},
      {{"Names",
        {},
        [](const Value& self, const List&) -> Result<Value> { return column(self, 0); }},
       {"Values",
        {},
        [](const Value& self, const List&) -> Result<Value> { return column(self, 1); }},
       {"String",
        {},
        [](const Value& self, const List&) -> Result<Value> { return Value(pairs_text(self)); }}},
      pairs_text};
  return &type;
}

std::string kv_text(const Value& kv) {
  return pairs_text(sorted_pairs(kv));
}

const Type* kv_type() {
  static const Type type{
      "template.KV",
      {},
      {{"SortedPairs",
        {},
        [](const Value& self, const List&) -> Result<Value> { return sorted_pairs(self); }},
       {"Names",
        {},
        [](const Value& self, const List&) -> Result<Value> {
          return column(sorted_pairs(self), 0);
        }},
       {"Values",
        {},
        [](const Value& self, const List&) -> Result<Value> {
          return column(sorted_pairs(self), 1);
        }},
       {"Remove", {P::strings}, remove_names},
       {"String",
        {},
        [](const Value& self, const List&) -> Result<Value> { return Value(kv_text(self)); }}},
      kv_text};
  return &type;
}

const Type* alert_type() {
  static const Type type{"template.Alert",
                         {{"Status", "status"},
                          {"Labels", "labels"},
                          {"Annotations", "annotations"},
                          {"StartsAt", "startsAt"},
                          {"EndsAt", "endsAt"},
                          {"GeneratorURL", "generatorURL"},
                          {"Fingerprint", "fingerprint"}},
                         {},
                         {}};
  return &type;
}

const Type* alert_list_type() {
  static const Type type{"[]template.Alert", {}, {}, {}};
  return &type;
}

// The alerts with this status, as a plain list without methods.
Type::Method status_method(std::string name, std::string status) {
  return {std::move(name), {}, [status](const Value& self, const List&) -> Result<Value> {
            List chosen;
            for (const Value& alert : self.as_list()) {
              if (alert.as_struct().values[0].as_string() == status) {
                chosen.push_back(alert);
              }
            }
            return Value(std::move(chosen), alert_list_type());
          }};
}

const Type* alerts_type() {
  static const Type type{"template.Alerts",
                         {},
                         {status_method("Firing", "firing"), status_method("Resolved", "resolved")},
                         {}};
  return &type;
}

const Type* data_type() {
  static const Type type{"template.Data",
                         {{"Receiver", "receiver"},
                          {"Status", "status"},
                          {"Alerts", "alerts"},
                          {"NotificationReason", "notification_reason", true},
                          {"GroupLabels", "groupLabels"},
                          {"CommonLabels", "commonLabels"},
                          {"CommonAnnotations", "commonAnnotations"},
                          {"RouteLabels", "routeLabels", true},
                          {"ExternalURL", "externalURL"}},
                         {},
                         {}};
  return &type;
}

std::string reason_text(const Notification& notification, bool all_resolved) {
  const std::string& reason = notification.reason;
  return reason == "first"        ? "first notification"
         : reason == "new_alerts" ? "new alerts added"
         : reason == "resolved"   ? (all_resolved ? "all alerts resolved" : "some alerts resolved")
         : reason == "repeat"     ? "repeat interval elapsed"
         : reason == "again"      ? "earlier notification not delivered"
         : reason == "escalated"  ? "escalated"
         : reason == "fallback"   ? "fallback"
                                  : "unknown";
}

// A text of a JSON object, or an error where it is something else.
Result<std::string> json_text(const Map& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || found->second.is_nil()) {
    return std::string();
  }
  if (found->second.kind() != Value::Kind::string) {
    return error("\"" + std::string(key) + "\" must be a text");
  }
  return found->second.as_string();
}

Result<Value> json_kv(const Map& object, std::string_view key) {
  const auto found = object.find(key);
  if (found == object.end() || found->second.is_nil()) {
    return Value::nil_map(kv_type());
  }
  if (found->second.kind() != Value::Kind::map) {
    return error("\"" + std::string(key) + "\" must be an object");
  }
  for (const auto& [name, value] : found->second.as_map()) {
    if (value.kind() != Value::Kind::string) {
      return error("\"" + std::string(key) + "\": \"" + name + "\" must be a text");
    }
  }
  return Value(found->second.as_map(), kv_type());
}

Result<Value> json_time(const Map& object, std::string_view key) {
  const auto text = json_text(object, key);
  if (!text) {
    return text.error();
  }
  if (text->empty()) {
    return Value(GoTime());
  }
  const auto at = parse_time("2006-01-02T15:04:05Z07:00", *text);
  if (!at) {
    return at.error();
  }
  return Value(*at);
}

// Puts `fields` together; the first that failed is the error.
Result<Value> assemble(const Type* type, const std::vector<Result<Value>>& fields) {
  List values;
  for (const auto& field : fields) {
    if (!field) {
      return field.error();
    }
    values.push_back(*field);
  }
  return Value(Struct{type, std::move(values)});
}

Result<Value> text_value(const Map& object, std::string_view key) {
  auto text = json_text(object, key);
  if (!text) {
    return text.error();
  }
  return Value(std::move(*text));
}

Result<Value> json_alert(const Value& json) {
  if (json.kind() != Value::Kind::map) {
    return error("an alert must be an object");
  }
  const Map& object = json.as_map();
  return assemble(alert_type(),
                  {text_value(object, "status"),
                   json_kv(object, "labels"),
                   json_kv(object, "annotations"),
                   json_time(object, "startsAt"),
                   json_time(object, "endsAt"),
                   text_value(object, "generatorURL"),
                   text_value(object, "fingerprint")});
}

Result<Value> json_alerts(const Map& object) {
  const auto found = object.find("alerts");
  if (found == object.end() || found->second.is_nil()) {
    return Value::nil_list(alerts_type());
  }
  if (found->second.kind() != Value::Kind::list) {
    return error("\"alerts\" must be a list");
  }
  List alerts;
  for (const Value& item : found->second.as_list()) {
    auto alert = json_alert(item);
    if (!alert) {
      return alert;
    }
    alerts.push_back(std::move(*alert));
  }
  return Value(std::move(alerts), alerts_type());
}

}  // namespace

Value kv_value(const Labels& labels) {
  Map entries;
  for (const auto& [name, value] : labels) {
    entries.emplace(name, Value(value));
  }
  return Value(std::move(entries), kv_type());
}

Value notification_data(const Notification& notification, WallTime now) {
  List alerts;
  bool firing = false;
  for (const Alert& alert : notification.alerts) {
    const bool resolved = alert.resolved(now);
    firing = firing || !resolved;
    alerts.emplace_back(Struct{alert_type(),
                               {Value(resolved ? "resolved" : "firing"),
                                kv_value(alert.labels),
                                kv_value(alert.annotations),
                                Value(go_time(alert.starts_at)),
                                // A firing alert shows no end, though one may be set ahead.
                                Value(resolved ? go_time(*alert.ends_at) : GoTime()),
                                Value(alert.generator_url),
                                Value(fingerprint_hex(alert.labels.fingerprint()))}});
  }
  return Value(Struct{data_type(),
                      {Value(quote_meta(notification.receiver)),
                       Value(firing ? "firing" : "resolved"),
                       Value(std::move(alerts), alerts_type()),
                       Value(reason_text(notification, !firing)),
                       kv_value(notification.group_labels),
                       kv_value(common_labels(notification.alerts)),
                       kv_value(common_annotations(notification.alerts)),
                       kv_value(notification.route_labels),
                       Value(notification.external_url)}});
}

Result<Value> notification_data_from_json(std::string_view json) {
  const auto parsed = value_from_json(json);
  if (!parsed) {
    return parsed;
  }
  if (parsed->kind() != Value::Kind::map) {
    return error("the data of a notification must be a JSON object");
  }
  const Map& object = parsed->as_map();
  return assemble(data_type(),
                  {text_value(object, "receiver"),
                   text_value(object, "status"),
                   json_alerts(object),
                   text_value(object, "notification_reason"),
                   json_kv(object, "groupLabels"),
                   json_kv(object, "commonLabels"),
                   json_kv(object, "commonAnnotations"),
                   json_kv(object, "routeLabels"),
                   text_value(object, "externalURL")});
}

}  // namespace seamwatch::rules::templates
