#include "rules/templates/notice_functions.h"

#include <chrono>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "agent/core/go_regexp.h"
#include "agent/core/notice_text.h"

namespace seamwatch::rules::templates {
namespace {

Labels labels_of(const Value* kv) {
  std::vector<Labels::Pair> pairs;
  if (kv != nullptr && kv->kind() == Value::Kind::map) {
    for (const auto& [name, value] : kv->as_map()) {
      if (value.kind() == Value::Kind::string && !value.as_string().empty()) {
        pairs.emplace_back(name, value.as_string());
      }
    }
  }
  return Labels(std::move(pairs));
}

std::string text_of(const Value* value) {
  return value != nullptr && value->kind() == Value::Kind::string ? value->as_string() : "";
}

// Go's zero time, and what lies beyond our clock, become its start.
WallTime wall_time(const Value* value) {
  if (value == nullptr || value->kind() != Value::Kind::time) {
    return WallTime();
  }
  constexpr std::int64_t kSecondsMax = 253'402'300'799;  // the end of the year 9999
  const GoTime& at = value->as_time();
  return at.seconds < 0 || at.seconds > kSecondsMax
             ? WallTime()
             : wall_from_unix_millis(at.seconds * 1000 + at.nanos / 1'000'000);
}

bool is_of_type(const Value& value, std::string_view name) {
  return value.kind() == Value::Kind::structure && value.as_struct().type->name == name;
}

Result<std::vector<Alert>> alerts_of(const Value& list) {
  std::vector<Alert> out;
  if (list.is_nil()) {
    return out;
  }
  if (list.kind() != Value::Kind::list) {
    return error("wants a list of alerts, got " + list.type_name());
  }
  for (const Value& item : list.as_list()) {
    if (!is_of_type(item, "template.Alert")) {
      return error("wants a list of alerts, got " + list.type_name());
    }
    const Struct& fields = item.as_struct();
    Alert alert;
    alert.labels = labels_of(fields.field("Labels"));
    alert.annotations = labels_of(fields.field("Annotations"));
    alert.starts_at = wall_time(fields.field("StartsAt"));
    if (text_of(fields.field("Status")) == "resolved") {
      alert.ends_at = wall_time(fields.field("EndsAt"));
    }
    alert.generator_url = text_of(fields.field("GeneratorURL"));
    out.push_back(std::move(alert));
  }
  return out;
}

using Words = std::function<Value(const Notification& notification)>;

Function notice_function(const NoticeExtras& extras, Words words) {
  return {{Parameter::any}, false, [extras, words = std::move(words)](const List& args) {
            auto notification = notification_of(args[0]);
            if (!notification) {
              return Result<Value>(notification.error());
            }
            notification->late = extras.late;
            notification->escalation = extras.escalation;
            notification->instead_of = extras.instead_of;
            return Result<Value>(words(*notification));
          }};
}

}  // namespace

Result<Notification> notification_of(const Value& data) {
  if (!is_of_type(data, "template.Data")) {
    return error("wants the data of a notice (.), got " + data.type_name());
  }
  const Struct& fields = data.as_struct();
  Notification out;
  const Value* list = fields.field("Alerts");
  auto alerts = alerts_of(list == nullptr ? Value() : *list);
  if (!alerts) {
    return alerts.error();
  }
  out.alerts = std::move(*alerts);
  out.receiver = unquote_meta(text_of(fields.field("Receiver")));
  out.group_labels = labels_of(fields.field("GroupLabels"));
  out.external_url = text_of(fields.field("ExternalURL"));
  return out;
}

Functions notice_functions(WallTime now, const NoticeExtras& extras) {
  Functions all;
  all["noticeSubject"] =
      notice_function(extras, [](const Notification& one) { return Value(notice_subject(one)); });
  all["noticeLine"] = notice_function(
      extras, [now](const Notification& one) { return Value(notice_line(one, now)); });
  all["noticeText"] = notice_function(
      extras, [now](const Notification& one) { return Value(notice_text(one, now)); });
  all["noticeHtml"] = notice_function(
      extras, [now](const Notification& one) { return Value(notice_html(one, now), html_type()); });
  all["escalation"] = {
      {}, false, [text = extras.escalation](const List&) { return Result<Value>(Value(text)); }};
  all["alertsText"] = {{Parameter::any}, false, [now](const List& args) {
                         const auto alerts = alerts_of(args[0]);
                         return alerts ? Result<Value>(Value(notice_text_of(*alerts, now)))
                                       : Result<Value>(alerts.error());
                       }};
  return all;
}

}  // namespace seamwatch::rules::templates
