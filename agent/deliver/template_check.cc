#include "agent/deliver/template_check.h"

#include "agent/core/labels.h"
#include "agent/deliver/sink_options.h"

namespace seamwatch::agent {
namespace {

using rules::templates::Mode;

// Of the sample notices: no clock is read here.
constexpr WallTime kNow = wall_from_unix_millis(1'767'225'600'000);

Notification sample(const std::string& receiver, bool firing) {
  Alert alert;
  alert.labels = Labels{{"alertname", "Sample"},
                        {"integration", "Sample"},
                        {"owner", "sample"},
                        {"criticality", "critical"},
                        {"severity", "page"}};
  alert.annotations = Labels{{"summary", "A sample"}, {"description", "It tries the templates."}};
  alert.starts_at = kNow - Millis(60'000);
  if (!firing) {
    alert.ends_at = kNow;
  }
  Notification out;
  out.id = "sample";
  out.receiver = receiver;
  out.group_key = "{}:{alertname=\"Sample\"}";
  out.group_labels = Labels{{"alertname", "Sample"}};
  out.alerts = {alert};
  out.created_at = kNow;
  out.reason = firing ? "first" : "resolved";
  out.external_url = "http://localhost";
  return out;
}

class Checker {
 public:
  explicit Checker(const rules::templates::NotificationTemplates& templates)
      : templates_(templates) {}

  // A receiver, or an entry of it, at `place`.
  void start(const std::string& receiver, const std::string& entry, const Place& place) {
    instead_ = "plain words are sent where it fails";
    receiver_ = receiver;
    entry_ = entry;
    place_ = place;
  }

  // What becomes of texts that fail.
  void instead(const std::string& what) { instead_ = what; }

  void text(const std::string& key, const std::string& text, Mode mode = Mode::text) {
    if (text.find("{{") == std::string::npos) {
      return;
    }
    const std::string what = "receiver " + quoted(receiver_) + ", " + entry_ + ", " + key + ": ";
    const Status parsed = templates_.check(text);
    if (!parsed) {
      findings.syntax.add(place_, what + parsed.error().message, "correct the template");
      return;
    }
    for (const bool firing : {true, false}) {
      const auto expanded = templates_.expand(text, sample(receiver_, firing), kNow, mode);
      if (!expanded) {
        findings.execution.add(place_, what + expanded.error().message, "correct it; " + instead_);
        return;
      }
    }
  }

  void tree(const std::string& path, const Node& node) {
    text(path, node.scalar);
    for (const Node& item : node.items) {
      tree(path, item);
    }
    for (const NodeEntry& entry : node.entries) {
      tree(path.empty() ? entry.key.scalar : path + "." + entry.key.scalar, entry.value);
    }
  }

  TemplateFindings findings;

 private:
  const rules::templates::NotificationTemplates& templates_;
  std::string instead_;
  std::string receiver_;
  std::string entry_;
  Place place_;
};

// What a route has of the one above it was looked at there.
void check_route_labels(const rules::Route& route, const Labels& above, Checker& checker) {
  checker.start(route.receiver, "route " + route.key, route.place);
  checker.instead("the template itself is sent where it fails");
  for (const auto& [name, text] : route.labels) {
    if (above.get(name) != text) {
      checker.text("labels." + std::string(name), std::string(text));
    }
  }
  for (const rules::Route& child : route.routes) {
    check_route_labels(child, route.labels, checker);
  }
}

}  // namespace

TemplateFindings check_templates(const rules::NotifyConfig& notify,
                                 const rules::templates::NotificationTemplates& templates) {
  Checker checker(templates);
  for (const rules::Receiver& receiver : notify.receivers) {
    for (const rules::WebhookConfig& webhook : receiver.webhooks) {
      checker.start(receiver.name, "webhook_configs", receiver.place);
      checker.text("url", webhook.url.text.reveal());
      if (webhook.payload) {
        checker.tree("payload", *webhook.payload);
      }
    }
    for (const rules::EmailConfig& entry : receiver.emails) {
      const rules::EmailConfig email = with_default_texts(entry, templates);
      checker.start(receiver.name, "email_configs", receiver.place);
      checker.text("to", email.to);
      checker.text("from", email.from);
      checker.text("html", email.html.value_or(""), Mode::html);
      checker.text("text", email.text.value_or(""));
      for (const auto& [name, value] : email.headers) {
        checker.text("headers." + name, value);
      }
    }
    for (const rules::VendorConfig& vendor : receiver.vendors) {
      if (vendor.sent) {
        checker.start(receiver.name, vendor.type + "_configs", vendor.place);
        checker.tree("", vendor.fields);
      }
    }
  }
  check_route_labels(notify.route, Labels(), checker);
  return std::move(checker.findings);
}

}  // namespace seamwatch::agent
