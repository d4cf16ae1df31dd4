#include "rules/testing/routing_check_reader.h"

#include <algorithm>

namespace seamwatch::rules::testing {
namespace {

constexpr std::string_view kReasons[] = {"first", "new_alerts", "resolved", "repeat", "escalated"};
constexpr std::string_view kStatuses[] = {"firing", "resolved"};

HeldSpan span(CheckReader& reader, MapReader& entry) {
  HeldSpan out;
  reader.duration(entry, "starts_at", out.from);
  Millis to{};
  reader.duration(entry, "ends_at", to);
  const Node* end = entry.node().find("ends_at");
  if (end == nullptr) {
    return out;
  }
  out.to = to;
  if (to <= out.from) {
    reader.report(
        *end,
        "ends_at " + format_duration(to) + " is not after starts_at " + format_duration(out.from),
        "give a later ends_at, or none");
  }
  return out;
}

void add_alert(CheckReader& reader, const Node& node, RoutingChecks& into) {
  MapReader entry(reader.document, node, "input alert", reader.problems);
  InputAlert made;
  made.labels = reader.labels(entry, "labels");
  if (made.labels.empty() && (node.is_map() || node.is_null())) {
    reader.report(node, "an input alert has no labels", "add `labels: {alertname: X}`");
  }
  made.annotations = reader.labels(entry, "annotations");
  made.span = span(reader, entry);
  entry.done();
  into.alerts.push_back(std::move(made));
}

SilenceRecurrence recurrence(CheckReader& reader, const Node& node) {
  MapReader entry(reader.document, node, "recurrence", reader.problems);
  SilenceRecurrence out;
  entry.read("rule", out.rule);
  entry.read("time_zone", out.time_zone);
  reader.duration(entry, "duration", out.duration);
  entry.done();
  if (const Status good = check_recurrence(out); !good) {
    reader.report(node,
                  good.error().message,
                  "write `{rule: FREQ=WEEKLY;BYDAY=SA, duration: 4h, time_zone: Europe/Berlin}`");
  }
  return out;
}

void add_silence(CheckReader& reader, const Node& node, RoutingChecks& into) {
  MapReader entry(reader.document, node, "input silence", reader.problems);
  InputSilence made;
  made.id = "silence " + std::to_string(into.silences.size() + 1);
  entry.read("id", made.id);
  made.matchers = reader.matchers(entry, "matchers");
  made.span = span(reader, entry);
  if (const Node* recurring = entry.find("recurrence")) {
    made.recurrence = recurrence(reader, *recurring);
  }
  entry.done();
  const bool twice = std::any_of(into.silences.begin(),
                                 into.silences.end(),
                                 [&](const InputSilence& other) { return other.id == made.id; });
  if (twice) {
    reader.report(node, "silence " + quoted(made.id) + " is there twice", "give it another id");
  }
  into.silences.push_back(std::move(made));
}

void add_ack(CheckReader& reader, const Node& node, RoutingChecks& into) {
  MapReader entry(reader.document, node, "input ack", reader.problems);
  InputAck made;
  made.matchers = reader.matchers(entry, "matchers");
  made.span = span(reader, entry);
  entry.done();
  into.acks.push_back(std::move(made));
}

// Whether a key is there, be it empty.
bool has(const MapReader& entry, std::string_view key) {
  return entry.node().find(key) != nullptr;
}

// A list that is there, be it empty; nothing where it is not.
std::optional<std::vector<std::string>> names(MapReader& entry, std::string_view key) {
  std::vector<std::string> out;
  entry.read(key, out);
  return has(entry, key) ? std::optional(std::move(out)) : std::nullopt;
}

// The same of a list of maps.
std::optional<std::vector<LabelTexts>> maps(CheckReader& reader,
                                            MapReader& entry,
                                            std::string_view key) {
  std::vector<LabelTexts> out;
  entry.each(key, [&](const Node& item) {
    LabelTexts texts;
    if (!item.is_map()) {
      reader.report(item, quoted(key) + " must be a list of labels", "write `- {alertname: X}`");
      return;
    }
    for (const NodeEntry& pair : item.entries) {
      if (!pair.value.is_scalar() && !pair.value.is_null()) {
        reader.report(pair.value, quoted(pair.key.scalar) + " must be a text", "put it in quotes");
      }
      texts.emplace_back(pair.key.scalar, pair.value.scalar);
    }
    std::sort(texts.begin(), texts.end());
    out.push_back(std::move(texts));
  });
  return has(entry, key) ? std::optional(std::move(out)) : std::nullopt;
}

void read_whom(CheckReader& reader, MapReader& entry, RouteCheck& made) {
  entry.read("alertname", made.alert);
  const Node& node = entry.node();
  Labels labels = reader.labels(entry, "labels");
  if (has(entry, "labels")) {
    if (labels.empty()) {
      reader.report(*node.find("labels"), "an alert has at least one label", "name its labels");
    }
    made.labels = std::move(labels);
  }
  if (!node.is_map() && !node.is_null()) {
    return;
  }
  if (made.alert.empty() == !made.labels) {
    reader.report(
        node,
        made.labels ? "alertname and labels are both there" : "there is no alert to route",
        "write `labels:` for an alert of your own, or `alertname:` for those that fire");
  }
}

// A text out of a short list; anything else is reported with the nearest of it.
template <std::size_t kCount>
std::optional<std::string> word(CheckReader& reader,
                                MapReader& entry,
                                std::string_view key,
                                const std::string_view (&known)[kCount]) {
  std::string text;
  if (!entry.read(key, text)) {
    return std::nullopt;
  }
  if (std::find(std::begin(known), std::end(known), text) == std::end(known)) {
    std::string all;
    for (const std::string_view each : known) {
      all += (all.empty() ? "" : ", ") + std::string(each);
    }
    reader.report(*entry.node().find(key),
                  "unknown " + std::string(key) + " " + quoted(text),
                  "use one of " + all);
  }
  return text;
}

ExpectedAlert alert(CheckReader& reader, const Node& node) {
  MapReader entry(reader.document, node, "expected alert", reader.problems);
  ExpectedAlert made;
  made.place = reader.document.place(node);
  made.labels = reader.texts(entry, "exp_labels");
  made.annotations = reader.texts(entry, "exp_annotations");
  made.asks_annotations = has(entry, "exp_annotations");
  made.status = word(reader, entry, "exp_status", kStatuses).value_or("");
  entry.done();
  return made;
}

ExpectedNotification notification(CheckReader& reader, const Node& node) {
  MapReader entry(reader.document, node, "expected notification", reader.problems);
  ExpectedNotification made;
  made.place = reader.document.place(node);
  entry.require("receiver", "add `receiver:`");
  entry.read("receiver", made.receiver);
  Millis sent_at{};
  reader.duration(entry, "sent_at", sent_at);
  if (has(entry, "sent_at")) {
    made.sent_at = sent_at;
  }
  made.status = word(reader, entry, "status", kStatuses);
  made.reason = word(reader, entry, "reason", kReasons);
  made.sinks = names(entry, "sinks");
  Labels group = reader.labels(entry, "group_labels");
  if (has(entry, "group_labels")) {
    made.group_labels = std::move(group);
  }
  std::vector<ExpectedAlert> alerts;
  entry.each("exp_alerts", [&](const Node& item) { alerts.push_back(alert(reader, item)); });
  if (has(entry, "exp_alerts")) {
    made.alerts = std::move(alerts);
  }
  entry.done();
  return made;
}

}  // namespace

Millis RoutingChecks::last_check() const {
  Millis last{0};
  for (const RouteCheck& check : routes) {
    last = std::max(last, check.at);
  }
  for (const NotificationCheck& check : notifications) {
    last = std::max(last, check.at);
  }
  return last;
}

void read_routing_inputs(CheckReader& reader, MapReader& test, RoutingChecks& into) {
  test.each("input_alerts", [&](const Node& node) { add_alert(reader, node, into); });
  test.each("input_silences", [&](const Node& node) { add_silence(reader, node, into); });
  test.each("input_acks", [&](const Node& node) { add_ack(reader, node, into); });
}

void read_route_check(CheckReader& reader, const Node& node, RoutingChecks& into) {
  RouteCheck made;
  made.place = reader.document.place(node);
  MapReader entry(reader.document, node, "alert_route_test", reader.problems);
  reader.duration(entry, "eval_time", made.at);
  read_whom(reader, entry, made);
  made.receivers = names(entry, "exp_receivers");
  made.silenced_by = names(entry, "exp_silenced_by");
  made.muted_by = names(entry, "exp_muted_by");
  made.inhibited_by = maps(reader, entry, "exp_inhibited_by");
  if (const auto groups = maps(reader, entry, "exp_groups")) {
    made.groups.emplace();
    for (const LabelTexts& texts : *groups) {
      made.groups->emplace_back(std::vector<Labels::Pair>(texts.begin(), texts.end()));
    }
  }
  entry.done();
  const bool asks =
      made.receivers || made.groups || made.inhibited_by || made.silenced_by || made.muted_by;
  if (!asks && (node.is_map() || node.is_null())) {
    reader.report(
        node, "an item under alert_route_test expects nothing", "add `exp_receivers: [...]`");
  }
  into.routes.push_back(std::move(made));
}

void read_notification_check(CheckReader& reader, const Node& node, RoutingChecks& into) {
  NotificationCheck made;
  made.place = reader.document.place(node);
  MapReader entry(reader.document, node, "notification_test", reader.problems);
  reader.duration(entry, "eval_time", made.at);
  reader.duration(entry, "since", made.from);
  entry.read("receiver", made.receiver);
  entry.each("exp_notifications",
             [&](const Node& item) { made.notifications.push_back(notification(reader, item)); });
  made.compare = reader.compare(entry, !made.notifications.empty());
  entry.done();
  if (made.from > made.at) {
    reader.report(
        *node.find("since"),
        "since " + format_duration(made.from) + " is after eval_time " + format_duration(made.at),
        "give an earlier time");
  }
  into.notifications.push_back(std::move(made));
}

}  // namespace seamwatch::rules::testing
