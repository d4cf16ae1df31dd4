#include <string>
#include <vector>

#include <catch2/catch.hpp>

#include "agent/core/notice_text.h"

namespace seamwatch {
namespace {

Alert alert_of(Labels labels, Labels annotations = {}) {
  Alert out;
  out.labels = std::move(labels);
  out.annotations = std::move(annotations);
  return out;
}

Alert resolved(Alert alert) {
  alert.ends_at = WallTime(Millis(1));
  return alert;
}

struct Case {
  std::string name;
  std::vector<Alert> alerts;
  Labels group;
  std::string want;
};

Alert down(const std::string& integration) {
  return alert_of({{"alertname", "IntegrationDown"},
                   {"integration", integration},
                   {"source", "shop"},
                   {"target", "erp"}});
}

Labels disk_full(const std::string& instance) {
  return {
      {"alertname", "DiskFull"}, {"instance", instance}, {"job", "node"}, {"severity", "warning"}};
}

std::vector<Case> cases_of_integrations() {
  const Alert orders = alert_of({{"alertname", "IntegrationDown"},
                                 {"integration", "orders"},
                                 {"criticality", "critical"},
                                 {"severity", "page"},
                                 {"source", "shop"}},
                                {{"display", "Orders to the ERP"}});
  Alert queue = orders;
  queue.labels.set("alertname", "QueueNoConsumer");
  queue.labels.set("queue", "orders-in");
  const Labels by_flow{{"alertname", "IntegrationDown"}, {"integration", "orders"}};
  return {
      {"alert and integration",
       {orders},
       by_flow,
       "[FIRING:1] IntegrationDown: Orders to the ERP (critical)"},
      {"another alert of the integration has another subject",
       {queue},
       {{"integration", "orders"}},
       "[FIRING:1] QueueNoConsumer: Orders to the ERP (critical)"},
      {"two alerts of one integration",
       {orders, queue},
       {{"integration", "orders"}},
       "[FIRING:2] IntegrationDown, QueueNoConsumer: Orders to the ERP (critical)"},
      {"one alert of many integrations",
       {down("a"), down("b"), down("c"), down("d"), down("e")},
       {{"alertname", "IntegrationDown"}},
       "[FIRING:5] IntegrationDown: a, b, c and 2 more"},
      {"it is about what fires",
       {queue, resolved(orders)},
       {{"integration", "orders"}},
       "[FIRING:1] QueueNoConsumer: Orders to the ERP (critical)"},
      {"what the group is told apart by",
       {queue},
       {{"integration", "orders"}, {"queue", "orders-in"}},
       "[FIRING:1] QueueNoConsumer: Orders to the ERP, orders-in (critical)"},
      {"all is over",
       {resolved(orders)},
       by_flow,
       "[RESOLVED] IntegrationDown: Orders to the ERP (critical)"},
  };
}

std::vector<Case> other_cases() {
  return {
      {"a system",
       {alert_of(
           {{"alertname", "SystemDown"}, {"system", "erp"}, {"owner", "team"}, {"site", "north"}})},
       {{"alertname", "SystemDown"}},
       "[FIRING:1] SystemDown: erp"},
      {"an alert of others, as Alertmanager names it",
       {alert_of(disk_full("db1:9100"))},
       {{"alertname", "DiskFull"}},
       "[FIRING:1] DiskFull: db1:9100, node (warning)"},
      {"what many share, and what the group is",
       {alert_of(disk_full("db1")), alert_of(disk_full("db2"))},
       {{"storm", "2 notices in one"}},
       "[FIRING:2] DiskFull: 2 notices in one, node (warning)"},
      {"no name at all",
       {alert_of({{"x", "y"}}), alert_of({{"x", "z"}})},
       {},
       "[FIRING:2] 2 alerts"},
      {"what is less than a name gives way",
       {alert_of(disk_full(std::string(90, 'i')))},
       {},
       "[FIRING:1] DiskFull: node (warning)"},
      {"no line ends within",
       {alert_of({{"alertname", "A\r\nBcc: x@y.org"}, {"integration", "b\nc"}})},
       {{"queue", "d\re"}},
       "[FIRING:1] A  Bcc: x@y.org: b c, d e"},
  };
}

}  // namespace

TEST_CASE("the subject names the alert and what it is about") {
  for (const auto& cases : {cases_of_integrations(), other_cases()}) {
    for (const Case& c : cases) {
      Notification notice;
      notice.alerts = c.alerts;
      notice.group_labels = c.group;
      INFO(c.name);
      CHECK(notice_subject(notice) == c.want);
    }
  }
}

TEST_CASE("a subject stays short where labels are long") {
  Notification notice;
  notice.alerts = {alert_of({{"alertname", std::string(60, 'A')},
                             {"integration", std::string(300, 'b')},
                             {"criticality", "critical"}})};
  notice.group_labels = Labels{{"zone", std::string(200, 'z')}};
  const std::string subject = notice_subject(notice);
  CHECK(subject.size() == 183);
  CHECK(subject.ends_with("b..."));
}

}  // namespace seamwatch
