#include "agent/deliver/template_check.h"

#include <optional>
#include <string_view>

#include "agent/config/files.h"
#include "agent/core/ascii.h"
#include "agent/core/labels.h"
#include "agent/deliver/sink_options.h"

namespace seamwatch::agent {
namespace {

using rules::templates::Mode;

// Of the sample notices: no clock is read here.
constexpr WallTime kNow = wall_from_unix_millis(1'767'225'600'000);

constexpr const char* kPlainWords = "plain words are sent where it fails";

// The secrets of types that are sent which the sink expands; others go out as they are.
constexpr std::string_view kTemplatedSecrets[] = {"api_key", "routing_key", "service_key"};

// What comes of a notice without its address or key.
const char* unsent(const rules::Receiver& receiver) {
  return receiver.fallback.empty()
             ? "the notice cannot be sent where it fails, and becomes a dead letter"
             : "the notice cannot be sent where it fails, and fallback_receiver is told instead";
}

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
    instead_ = kPlainWords;
    receiver_ = receiver;
    entry_ = entry;
    place_ = place;
  }

  // What becomes of texts that fail.
  void instead(const std::string& what) { instead_ = what; }

  void text(const std::string& key, const std::string& text, Mode mode = Mode::text) {
    const auto failure = attempt(text, mode);
    if (failure) {
      report(key, *failure, failure->reason);
    }
  }

  // The text or its file. What is wrong with it could show some of it, and is not said.
  void secret(const std::string& key, const rules::SecretSource& source) {
    const bool in_file = !source.file.empty();
    std::string text = source.text.reveal();
    if (in_file && !is_pipe(source.file)) {
      const auto read = read_file(source.file);
      text = read ? trimmed(*read, " \t\r\n") : std::string_view();
    }
    if (const auto failure = attempt(text, Mode::text)) {
      Failure told = *failure;
      told.parsed =
          told.parsed || in_file;  // it may be mended until it is needed, as in a rotation
      report(in_file ? key + "_file" : key,
             told,
             std::string("the template ") + (in_file ? "in the file " : "") + "cannot be " +
                 (failure->parsed ? "expanded" : "parsed"));
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
  struct Failure {
    bool parsed = false;
    std::string reason;
  };

  // Absent where `text` is good.
  std::optional<Failure> attempt(const std::string& text, Mode mode) const {
    if (text.find("{{") == std::string::npos) {
      return std::nullopt;
    }
    if (const Status parsed = templates_.check(text); !parsed) {
      return Failure{false, parsed.error().message};
    }
    for (const bool firing : {true, false}) {
      const auto expanded = templates_.expand(text, sample(receiver_, firing), kNow, mode);
      if (!expanded) {
        return Failure{true, expanded.error().message};
      }
    }
    return std::nullopt;
  }

  void report(const std::string& key, const Failure& failure, const std::string& reason) {
    const std::string what =
        "receiver " + quoted(receiver_) + ", " + entry_ + ", " + key + ": " + reason;
    if (failure.parsed) {
      findings.execution.add(place_, what, "correct it; " + instead_);
    } else {
      findings.syntax.add(place_, what, "correct the template");
    }
  }

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

void check_webhooks(const rules::Receiver& receiver, Checker& checker) {
  for (const rules::WebhookConfig& webhook : receiver.webhooks) {
    checker.start(receiver.name, "webhook_configs", receiver.place);
    checker.instead(unsent(receiver));
    if (webhook.url.file.empty()) {
      checker.text("url", webhook.url.text.reveal());
    } else {
      checker.secret("url", webhook.url);
    }
    if (webhook.payload) {
      checker.instead("Alertmanager's JSON of version 4 is sent where it fails");
      checker.tree("payload", *webhook.payload);
    }
  }
}

void check_emails(const rules::Receiver& receiver,
                  const rules::templates::NotificationTemplates& templates,
                  Checker& checker) {
  for (const rules::EmailConfig& entry : receiver.emails) {
    const rules::EmailConfig email = with_default_texts(entry, templates);
    checker.start(receiver.name, "email_configs", receiver.place);
    checker.instead(unsent(receiver));
    checker.text("to", email.to);
    checker.text("from", email.from);
    checker.instead(kPlainWords);
    checker.text("html", email.html.value_or(""), Mode::html);
    checker.text("text", email.text.value_or(""));
    checker.instead("the mail is sent with its own header or none where it fails");
    for (const auto& [name, value] : email.headers) {
      checker.text("headers." + name, value);
    }
  }
}

void check_vendors(const rules::Receiver& receiver, Checker& checker) {
  for (const rules::VendorConfig& vendor : receiver.vendors) {
    if (!vendor.sent) {
      continue;
    }
    checker.start(receiver.name, vendor.type + "_configs", vendor.place);
    checker.tree("", vendor.fields);
    checker.instead(unsent(receiver));
    for (const std::string_view key : kTemplatedSecrets) {
      if (const auto secret = vendor.secrets.find(key); secret != vendor.secrets.end()) {
        checker.secret(secret->first, secret->second);
      }
    }
  }
}

}  // namespace

TemplateFindings check_templates(const rules::NotifyConfig& notify,
                                 const rules::templates::NotificationTemplates& templates) {
  Checker checker(templates);
  for (const rules::Receiver& receiver : notify.receivers) {
    check_webhooks(receiver, checker);
    check_emails(receiver, templates, checker);
    check_vendors(receiver, checker);
  }
  check_route_labels(notify.route, Labels(), checker);
  return std::move(checker.findings);
}

}  // namespace seamwatch::agent
