#include "agent/privacy/alert_privacy.h"

#include <catch2/catch.hpp>

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

std::string digest(std::string_view value) {
  return std::to_string(value.size());
}

const PrivacyClass& named(std::string_view name) {
  return builtin_privacy_classes().find(name)->second;
}

// Alerts of `orders` are confidential, others internal.
const PrivacyClass& class_of(const Alert& alert) {
  return named(alert.labels.get("integration") == "orders" ? "confidential" : "internal");
}

Alert alert_of(const std::string& integration, const std::string& customer) {
  Alert alert;
  alert.labels = Labels{{"alertname", "Late"},
                        {"integration", integration},
                        {"customer", customer},
                        {"owner", "ops"}};
  alert.annotations = Labels{{"summary", "late for " + customer}, {"ack_url", "http://a/ack/1"}};
  alert.generator_url = "http://a/graph?expr=late";
  return alert;
}

Notification notice_of(std::vector<Alert> alerts) {
  Notification notice;
  notice.group_labels = Labels{{"alertname", "Late"}, {"customer", "acme"}};
  notice.group_key = "{}:{alertname=\"Late\", customer=\"acme\"}";
  notice.alerts = std::move(alerts);
  return notice;
}

}  // namespace

TEST_CASE("texts of an alert are redacted, and two alerts stay two") {
  const Redactor redactor;
  Alert first;
  first.labels = Labels{{"alertname", "Login"}, {"user", "jane@example.org"}};
  first.annotations = Labels{{"summary", "password=x of jane@example.org"}};
  first.generator_url = "https://u:p@h/graph?token=abc";
  Alert second = first;
  second.labels.set("user", "joe@example.org");
  redact_alert(first, redactor, RedactScope::all, digest);
  redact_alert(second, redactor, RedactScope::all, digest);
  CHECK(first.labels == Labels{{"alertname", "Login"}, {"user", "<email>#16"}});
  CHECK(second.labels.get("user") == "<email>#15");
  CHECK(first.annotations.get("summary") == "password=<secret> of <email>");
  CHECK(first.generator_url == "https://<secret>@h/graph?token=<secret>");
  Alert again = first;
  redact_alert(again, redactor, RedactScope::all, digest);
  CHECK(again == first);
}

TEST_CASE("the scope of a class decides about personal data") {
  Alert alert;
  alert.labels = Labels{{"user", "jane@example.org"}, {"dsn", "mysql://u:p@h"}};
  redact_alert(alert, Redactor(), Privacy::scope(named("public")), digest);
  CHECK(alert.labels == Labels{{"user", "jane@example.org"}, {"dsn", "mysql://<secret>@h#13"}});
}

TEST_CASE("a confidential alert leaves with its name, integration and owner only") {
  const Alert whole = alert_of("orders", "acme");
  const Notification told = for_receivers(notice_of({whole}), class_of);
  CHECK(told.alerts[0].labels == Labels{{"alertname", "Late"},
                                        {"integration", "orders"},
                                        {"owner", "ops"},
                                        {"alert_id", fingerprint_hex(whole.labels.fingerprint())}});
  CHECK(told.alerts[0].annotations == Labels{{"ack_url", "http://a/ack/1"}});
  CHECK(told.alerts[0].generator_url.empty());
  CHECK(told.group_labels == Labels{{"alertname", "Late"}});
  CHECK(told.group_key.find("acme") == std::string::npos);
  CHECK(incident_of(told) == notice_of({whole}).group_key);  // receivers see a digest of it
  CHECK(told.group_key == for_receivers(notice_of({whole}), class_of).group_key);
}

TEST_CASE("alerts that differ only in what is left out stay apart") {
  const Notification told =
      for_receivers(notice_of({alert_of("orders", "acme"), alert_of("orders", "bolt")}), class_of);
  CHECK(told.alerts[0].labels != told.alerts[1].labels);
}

TEST_CASE("each alert of a notice leaves by its own class") {
  const Alert open = alert_of("stock", "acme");
  const Notification told = for_receivers(notice_of({alert_of("orders", "acme"), open}), class_of);
  CHECK(told.alerts[0].labels.get("customer").empty());
  CHECK(told.alerts[1] == open);
  CHECK_FALSE(told.group_labels.has("customer"));
  const Notification untouched = for_receivers(notice_of({open}), class_of);
  CHECK(untouched == notice_of({open}));
}

TEST_CASE("which names a filter lets through") {
  struct Case {
    std::string name;
    NameFilter filter;
    bool listed;
    bool other;
  };

  using enum NameFilter::Mode;
  const auto c = GENERATE(values<Case>({{"all", {}, true, true},
                                        {"only", {only, {"a"}}, true, false},
                                        {"only none", {only, {}}, false, false},
                                        {"without", {without, {"a"}}, false, true},
                                        {"without none", {without, {}}, true, true}}));
  DYNAMIC_SECTION(c.name) {
    CHECK(c.filter.lets("a") == c.listed);
    CHECK(c.filter.lets("b") == c.other);
  }
}

TEST_CASE("what becomes of an error text") {
  const Privacy privacy;
  const std::string text = "jane@example.org, password=x";
  CHECK(privacy.error_text(text, named("public")) == "jane@example.org, password=<secret>");
  CHECK(privacy.error_text(text, named("internal")) == "<email>, password=<secret>");
  CHECK(privacy.error_text(text, named("confidential")) == kWithheld);
  CHECK(privacy.error_text("", named("confidential")).empty());
  CHECK(privacy.class_named("").name == "internal");
  CHECK(privacy.class_named("gone").name == "internal");
}
