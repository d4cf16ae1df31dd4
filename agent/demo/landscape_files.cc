#include "agent/demo/landscape_files.h"

#include <string_view>
#include <vector>

namespace seamwatch::agent::demo {
namespace {

constexpr std::string_view kConfig =
    R"yaml(# The demo's landscape. Intervals are short so that two minutes show a lot.
global: {interval: 2s, timeout: 1s, evaluation_interval: 2s}
owners:
  shop-team: {display: Shop team, contact: "#shop on the team chat"}
  logistics: {display: Logistics, contact: "+49 30 555 0100", faq_url: "https://intranet.example/warehouse"}
  finance: {display: Finance, contact: finance@example.org}
systems:
  shop: {display: Web shop, owner: shop-team}
  warehouse: {display: Warehouse, owner: logistics}
  bank: {display: Bank, owner: finance}
  erp: {display: ERP, owner: finance}
  broker: {display: Message broker, owner: shop-team}
integrations:
  catalogue-from-shop:
    {source: erp, target: shop, pattern: pull, criticality: non-critical, retry_budget: 1m,
     advice: "Nothing is lost; the ERP asks again.",
     probes: [{name: api, target: "http://127.0.0.1:@shop@/catalogue"}]}
  orders-to-warehouse:
    {source: shop, target: warehouse, pattern: real_time, criticality: critical,
     advice: "Orders wait in the shop. Call logistics; they can take orders by phone.",
     probes: [{name: api, target: "https://localhost:@warehouse@/orders", module: warehouse_https}]}
  payments-to-bank:
    {source: erp, target: bank, pattern: push, criticality: critical, retry_budget: 2m,
     advice: "Payments are sent again. Do not send them by hand.",
     probes: [{name: api, target: "http://127.0.0.1:@bank@/payments"}]}
  order-queue:
    {source: shop, target: broker, pattern: asynchronous, criticality: critical,
     advice: "Start the order consumer; orders wait in the queue, none is lost.",
     probes: [{name: queue, target: "amqp://127.0.0.1:@broker@", module: order_queue}]}
  nightly-export:
    {source: erp, target: warehouse, pattern: batching, owner: finance,
     advice: "Start the export job by hand.",
     probes: [{name: export, heartbeat: {key: @key@, every: 5s, grace: 10s}}]}
modules:
  warehouse_https: {prober: http, http: {preferred_ip_protocol: ip4, tls_config: {ca_file: authority.pem}}}
  order_queue: {prober: rabbitmq, rabbitmq: {queue: orders, consumers_min: 1, backlog_max: 500}}
rule_files: [rules.yml]  # beside the shipped rules
alerting: {notification_file: notify.yml}
storage: {path: data}
web: {listen: "@listen@"}
)yaml";

constexpr std::string_view kNotify = R"yaml(route:
  receiver: owners
  group_by: [alertname, integration]
  group_wait: 1s
  group_interval: 4s
receivers:
  - name: owners
    webhook_configs: [{url: "http://127.0.0.1:@webhook@/webhook"}]
    email_configs:
      - {to: on-call@example.org, from: seamwatch@example.org, smarthost: "127.0.0.1:@mail@",
         require_tls: false, send_resolved: true}
)yaml";

constexpr std::string_view kRules =
    R"yaml(# The shipped rule for a backlog waits two minutes. This shop wants to know sooner.
groups:
  - name: shop
    rules:
      - alert: OrdersPileUp
        expr: >-
          max by (integration, queue) (seamwatch_queue_messages_ready) > 500
          and on (integration, queue)
          max by (integration, queue) (seamwatch_queue_consumers) == 0
        for: 10s
        labels: {severity: page}
        annotations:
          summary: 'Nobody reads queue {{ $labels.queue }}: {{ $value }} orders wait'
          expected: needs someone
)yaml";

std::string filled(std::string_view text,
                   const std::vector<std::pair<std::string, std::string>>& values) {
  std::string out(text);
  for (const auto& [name, value] : values) {
    const std::string mark = "@" + name + "@";
    for (std::size_t at = out.find(mark); at != std::string::npos; at = out.find(mark)) {
      out.replace(at, mark.size(), value);
    }
  }
  return out;
}

}  // namespace

std::string seamwatch_yml(const DemoPorts& ports, const std::string& listen) {
  return filled(kConfig,
                {{"shop", std::to_string(ports.shop)},
                 {"bank", std::to_string(ports.bank)},
                 {"warehouse", std::to_string(ports.warehouse)},
                 {"broker", std::to_string(ports.broker)},
                 {"key", kExportKey},
                 {"listen", listen}});
}

std::string rules_yml() {
  return std::string(kRules);
}

std::string notify_yml(const DemoPorts& ports) {
  return filled(kNotify,
                {{"webhook", std::to_string(ports.webhook)}, {"mail", std::to_string(ports.mail)}});
}

}  // namespace seamwatch::agent::demo
