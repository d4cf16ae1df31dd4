#include "exporters/metrics/probe_families.h"

#include <cstddef>

namespace seamwatch::exporters {
namespace {

struct Row {
  const char* name;
  MetricType type;
  const char* help;
  const char* unit = "";
};

constexpr Row kProbeRows[] = {
    {"probe_success", MetricType::gauge, "Displays whether or not the probe was a success"},
    {"probe_duration_seconds",
     MetricType::gauge,
     "Returns how long the probe took to complete in seconds",
     "seconds"},
    {"probe_dns_additional_rrs",
     MetricType::gauge,
     "Returns number of entries in the additional resource record list"},
    {"probe_dns_answer_rrs",
     MetricType::gauge,
     "Returns number of entries in the answer resource record list"},
    {"probe_dns_authority_rrs",
     MetricType::gauge,
     "Returns number of entries in the authority resource record list"},
    {"probe_dns_duration_seconds",
     MetricType::gauge,
     "Duration of DNS request by phase",
     "seconds"},
    {"probe_dns_lookup_time_seconds",
     MetricType::gauge,
     "Returns the time taken for probe dns lookup in seconds",
     "seconds"},
    {"probe_dns_query_succeeded",
     MetricType::gauge,
     "Displays whether or not the query was executed successfully"},
    {"probe_dns_serial", MetricType::gauge, "Returns the serial number of the zone"},
    {"probe_expect_info", MetricType::gauge, "Explicit content matched"},
    {"probe_failed_due_to_bytes", MetricType::gauge, "Indicates if probe failed due to bytes"},
    {"probe_failed_due_to_regex", MetricType::gauge, "Indicates if probe failed due to regex"},
    {"probe_grpc_duration_seconds",
     MetricType::gauge,
     "Duration of gRPC request by phase",
     "seconds"},
    {"probe_grpc_healthcheck_response", MetricType::gauge, "Response HealthCheck response"},
    {"probe_grpc_ssl", MetricType::gauge, "Indicates if SSL was used for the connection"},
    {"probe_grpc_status_code", MetricType::gauge, "Response gRPC status code"},
    {"probe_http_content_length", MetricType::gauge, "Length of http content response"},
    {"probe_http_duration_seconds",
     MetricType::gauge,
     "Duration of http request by phase, summed over all redirects",
     "seconds"},
    {"probe_http_last_modified_timestamp_seconds",
     MetricType::gauge,
     "Returns the Last-Modified HTTP response header in unixtime",
     "seconds"},
    {"probe_http_redirects", MetricType::gauge, "The number of redirects"},
    {"probe_http_ssl", MetricType::gauge, "Indicates if SSL was used for the final redirect"},
    {"probe_http_status_code", MetricType::gauge, "Response HTTP status code"},
    {"probe_http_uncompressed_body_length",
     MetricType::gauge,
     "Length of uncompressed response body"},
    {"probe_http_version", MetricType::gauge, "Returns the version of HTTP of the probe response"},
    {"probe_icmp_duration_seconds",
     MetricType::gauge,
     "Duration of icmp request by phase",
     "seconds"},
    {"probe_icmp_reply_hop_limit", MetricType::gauge, "Replied packet hop limit (TTL for ipv4)"},
    {"probe_ip_addr_hash",
     MetricType::gauge,
     "Specifies the hash of IP address. It's useful to detect if the IP address changes."},
    {"probe_ip_protocol", MetricType::gauge, "Specifies whether probe ip protocol is IP4 or IP6"},
    {"probe_ssl_earliest_cert_expiry",
     MetricType::gauge,
     "Returns last SSL chain expiry in unixtime"},
    {"probe_ssl_last_chain_expiry_timestamp_seconds",
     MetricType::gauge,
     "Returns last SSL chain expiry in timestamp",
     "seconds"},
    {"probe_ssl_last_chain_info", MetricType::gauge, "Contains SSL leaf certificate information"},
    {"probe_tls_cipher_info",
     MetricType::gauge,
     "Returns the TLS cipher negotiated during handshake"},
    {"probe_tls_version_info",
     MetricType::gauge,
     "Returns the TLS version used or NaN when unknown"},
    {"probe_websocket_connection_upgraded",
     MetricType::gauge,
     "Indicates if the websocket connection was successfully upgraded"},
    {"probe_websocket_duration_seconds",
     MetricType::gauge,
     "Duration of websocket request by phase",
     "seconds"},
    {"probe_websocket_failed_due_to_regex",
     MetricType::gauge,
     "Indicates if probe failed due to regex"},
    {"probe_websocket_status_code", MetricType::gauge, "Response HTTP status code"},
    {"seamwatch_integration_state",
     MetricType::gauge,
     "1 for the state the integration is in, 0 for the others"},
    {"seamwatch_integration_state_since_timestamp_seconds",
     MetricType::gauge,
     "When the integration came into its state, in unixtime",
     "seconds"},
    {"seamwatch_integration_info",
     MetricType::gauge,
     "Source, target, pattern, owner and criticality of the integration, always 1"},
    {"seamwatch_probe_failure_info",
     MetricType::gauge,
     "The verdict on the last failed run of a probe, always 1 while it fails"},
    {"seamwatch_probe_retry_not_before_timestamp_seconds",
     MetricType::gauge,
     "Until when the peer asked to be left alone, in unixtime",
     "seconds"},
    {"seamwatch_errors_total", MetricType::counter, "Failed probe runs by verdict"},
    {"seamwatch_heartbeat_late", MetricType::gauge, "1 while an expected sign of life is overdue"},
    {"seamwatch_heartbeat_last_success_timestamp_seconds",
     MetricType::gauge,
     "When the last run that reported success ended, in unixtime",
     "seconds"},
    {"seamwatch_heartbeat_run_duration_seconds",
     MetricType::gauge,
     "How long the last finished run took, from its start signal to its end signal",
     "seconds"},
    {"seamwatch_heartbeat_due_timestamp_seconds",
     MetricType::gauge,
     "When the next sign of life is due, in unixtime",
     "seconds"},
    {"seamwatch_heartbeat_last_exit_code",
     MetricType::gauge,
     "Exit code that the last finished run reported"},
    {"seamwatch_queue_messages_ready", MetricType::gauge, "Messages that wait for a consumer"},
    {"seamwatch_queue_messages_unacknowledged",
     MetricType::gauge,
     "Messages that a consumer has and has not acknowledged"},
    {"seamwatch_queue_consumers", MetricType::gauge, "Consumers of the queue"},
    {"seamwatch_queue_publish_rate", MetricType::gauge, "Messages that came in, per second"},
    {"seamwatch_queue_deliver_rate",
     MetricType::gauge,
     "Messages that went out to consumers, per second"},
    {"seamwatch_queue_oldest_message_age_seconds",
     MetricType::gauge,
     "Age of the oldest message that waits",
     "seconds"},
    {"seamwatch_queue_dead_letters", MetricType::gauge, "Messages in the dead-letter queue"},
    {"seamwatch_queue_backlog_limit",
     MetricType::gauge,
     "Messages ready beyond which the integration counts as behind"},
};

constexpr Row kAgentRows[] = {
    {"seamwatch_build_info", MetricType::gauge, "Version of the agent, always 1"},
    {"seamwatch_loop_lag_seconds",
     MetricType::gauge,
     "How late the last timer of the loop thread fired",
     "seconds"},
    {"seamwatch_probe_slip_seconds",
     MetricType::histogram,
     "How late probes started after their scheduled time",
     "seconds"},
    {"seamwatch_probe_skipped_total",
     MetricType::counter,
     "Probe runs that were left out because the one before had not ended or too many were under "
     "way"},
    {"seamwatch_probes_in_flight", MetricType::gauge, "Probes that are running"},
    {"seamwatch_series", MetricType::gauge, "Series in the store that rules and queries read"},
    {"seamwatch_exposition_series", MetricType::gauge, "Series that a scrape of the agent gives"},
    {"seamwatch_rule_evaluations_total", MetricType::counter, "Rule evaluations"},
    {"seamwatch_rule_evaluation_failures_total",
     MetricType::counter,
     "Rule evaluations that failed"},
    {"seamwatch_rule_group_missed_iterations_total",
     MetricType::counter,
     "Evaluations of a rule group that were left out because the one before took too long"},
    {"seamwatch_rule_group_last_duration_seconds",
     MetricType::gauge,
     "How long the last evaluation of the rule group took",
     "seconds"},
    {"seamwatch_notifications_total",
     MetricType::counter,
     "Attempts to deliver a notification, by outcome"},
    {"seamwatch_outbox_pending",
     MetricType::gauge,
     "Notifications that are accepted and not delivered yet"},
    {"seamwatch_outbox_held",
     MetricType::gauge,
     "Changes of the outbox that are held in memory because the store cannot write"},
    {"seamwatch_outbox_dead_letters_kept",
     MetricType::gauge,
     "Notifications that were given up and wait for a redrive"},
    {"seamwatch_outbox_dead_letters_total",
     MetricType::counter,
     "Notifications that were given up, by receiver"},
    {"seamwatch_store_healthy", MetricType::gauge, "1 while the store can write, 0 while it fails"},
    {"seamwatch_store_bytes", MetricType::gauge, "Size of the store on disk"},
    {"seamwatch_store_commits_total", MetricType::counter, "Transactions that the store committed"},
    {"seamwatch_store_failed_transactions_total",
     MetricType::counter,
     "Transactions that the store could not commit"},
    {"seamwatch_store_last_commit_duration_seconds",
     MetricType::gauge,
     "How long the last commit of the store took",
     "seconds"},
    {"seamwatch_store_jobs_waiting",
     MetricType::gauge,
     "Jobs that wait for the writer of the store"},
    {"seamwatch_web_connections", MetricType::gauge, "Open connections to the web server"},
    {"seamwatch_web_requests_total", MetricType::counter, "Requests that the web server answered"},
    {"seamwatch_web_refused_connections_total",
     MetricType::counter,
     "Connections refused because too many were open"},
    {"seamwatch_web_bad_requests_total",
     MetricType::counter,
     "Requests refused because they were broken, too large or too slow"},
    {"seamwatch_config_last_reload_successful",
     MetricType::gauge,
     "1 if the last reload of the configuration succeeded"},
    {"seamwatch_config_last_reload_success_timestamp_seconds",
     MetricType::gauge,
     "When the configuration was last loaded, in unixtime",
     "seconds"},
};

template <std::size_t count>
std::vector<Family> families_of(const Row (&rows)[count]) {
  std::vector<Family> families;
  families.reserve(count);
  for (const Row& row : rows) {
    families.push_back(Family{row.name, row.type, row.help, row.unit});
  }
  return families;
}

}  // namespace

const std::vector<Family>& probe_families() {
  static const std::vector<Family> families = families_of(kProbeRows);
  return families;
}

const std::vector<Family>& agent_families() {
  static const std::vector<Family> families = families_of(kAgentRows);
  return families;
}

const Family* find_family(std::string_view name) {
  for (const auto* families : {&probe_families(), &agent_families()}) {
    for (const Family& family : *families) {
      if (family.name == name) {
        return &family;
      }
    }
  }
  return nullptr;
}

}  // namespace seamwatch::exporters
