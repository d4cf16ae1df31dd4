#include "agent/config/keys_notification.h"

#include "agent/config/keys_noise.h"

namespace seamwatch::agent {
namespace {

using enum KeyType;

constexpr KeySpec kAlertmanagerTargetsKeys[] = {
    {.key = "targets", .type = texts, .required = true, .help = "each host:port"},
};
constexpr Section kAlertmanagerTargets = {"static_config", kAlertmanagerTargetsKeys};

constexpr KeySpec kRelabelKeys[] = {
    {.key = "source_labels", .type = texts, .help = "whose values are joined"},
    {.key = "separator", .type = text, .help = "between them", .fallback = ";"},
    {.key = "regex", .type = text, .help = "of the joined value, or of names", .fallback = "(.*)"},
    {.key = "modulus", .type = count, .help = "of hashmod"},
    {.key = "target_label", .type = text, .help = "that is written, or compared"},
    {.key = "replacement",
     .type = text,
     .help = "what is written; $1 is a group of regex",
     .fallback = "$1"},
    {.key = "action",
     .type = word,
     .help = "what is done",
     .fallback = "replace",
     .words = "replace keep drop keepequal dropequal hashmod labelmap labeldrop labelkeep "
              "lowercase uppercase"},
};
constexpr Section kRelabel = {"relabel_config", kRelabelKeys};

constexpr KeySpec kAlertmanagerKeys[] = {
    {.key = "static_configs",
     .type = list_of,
     .required = true,
     .help = "where they are",
     .section = &kAlertmanagerTargets},
    {.key = "scheme",
     .type = word,
     .help = "of their address",
     .fallback = "http",
     .words = "http https"},
    {.key = "path_prefix", .type = text, .help = "before /api/v2/alerts", .fallback = "/"},
    {.key = "timeout", .type = duration, .help = "of one request", .fallback = "10s", .minimum = 1},
    {.key = "api_version", .type = word, .help = "of their API", .fallback = "v2", .words = "v2"},
    {.key = "basic_auth", .type = options, .help = "username and password, each also as _file"},
    {.key = "authorization", .type = options, .help = "type and credentials, also as _file"},
    {.key = "oauth2", .type = options, .help = "the client credentials grant"},
    {.key = "tls_config", .type = options, .help = "certificates, as in notification files"},
    {.key = "http_headers", .type = options, .help = "added to each request"},
    {.key = "proxy_url", .type = text, .help = "the proxy on the way there"},
    {.key = "no_proxy", .type = text, .help = "hosts that are reached directly"},
    {.key = "proxy_from_environment",
     .type = flag,
     .help = "HTTP_PROXY and the like count",
     .fallback = "false"},
    {.key = "proxy_connect_header", .type = options, .help = "headers for the proxy"},
    {.key = "follow_redirects", .type = flag, .help = "as HTTP clients do", .fallback = "true"},
    {.key = "enable_http2", .type = flag, .help = "offered over TLS", .fallback = "true"},
    {.key = "alert_relabel_configs",
     .type = list_of,
     .help = "of alerts for these, after those for all, as in Prometheus's configuration",
     .section = &kRelabel},
};
constexpr Section kAlertmanager = {"alertmanager", kAlertmanagerKeys};

constexpr KeySpec kAlertingKeys[] = {
    {.key = "notification_file",
     .type = text,
     .help = "routes and receivers, in Alertmanager's format"},
    {.key = "alertmanagers",
     .type = list_of,
     .help = "Alertmanagers that are told too, as in Prometheus's configuration",
     .section = &kAlertmanager},
    {.key = "alert_relabel_configs",
     .type = list_of,
     .help = "change or drop alerts before all Alertmanagers, as in Prometheus's configuration",
     .section = &kRelabel},
};

constexpr KeySpec kNotificationKeys[] = {
    {.key = "retry_budget",
     .type = duration,
     .help = "how long a notice is tried",
     .fallback = "1h",
     .minimum = 1000},
    {.key = "retry_delay",
     .type = duration,
     .help = "before the second attempt; doubles with each further one",
     .fallback = "5s",
     .minimum = 10},
    {.key = "retry_delay_max",
     .type = duration,
     .help = "of the doubling; what a receiver asks for by Retry-After may be longer",
     .fallback = "5m",
     .minimum = 10},
    {.key = "timeout",
     .type = duration,
     .help = "of one attempt",
     .fallback = "10s",
     .minimum = 100},
    {.key = "concurrency",
     .type = count,
     .help = "attempts at the same time",
     .fallback = "16",
     .minimum = 1,
     .maximum = 1024},
    {.key = "sink_concurrency",
     .type = count,
     .help =
         "of them at one sink of a receiver; 0: half of all, so that one that hangs leaves room",
     .fallback = "0",
     .maximum = 1024},
    {.key = "outbox_max",
     .type = count,
     .help = "undelivered notices kept",
     .fallback = "100000",
     .minimum = 1},
    {.key = "outbox_bytes_max",
     .type = count,
     .help = "that they take on disk; OutboxFillsDisk alarms from four fifths on. Dead letters may "
             "take as much again",
     .fallback = "268435456",
     .minimum = 65536},
    {.key = "dead_letters_max",
     .type = count,
     .help = "notices kept that were given up; the oldest go first",
     .fallback = "10000",
     .minimum = 1},
    {.key = "breaker_failures",
     .type = count,
     .help = "attempts at a sink that fail in a row before it is left alone",
     .fallback = "5",
     .minimum = 1,
     .maximum = 1000000},
    {.key = "breaker_pause",
     .type = duration,
     .help = "how long it is left alone before a trial; doubles with each trial that fails",
     .fallback = "5s",
     .minimum = 10},
    {.key = "breaker_pause_max",
     .type = duration,
     .help = "of the doubling",
     .fallback = "5m",
     .minimum = 10},
    {.key = "start_delay",
     .type = duration,
     .help = "for that long after a start nothing is told, so that what others post is there again "
             "(Alertmanager's --dispatch.start-delay); alerts of own rules wait for one "
             "global.evaluation_interval at least",
     .fallback = "0s"},
    {.key = "alerts_max",
     .type = count,
     .help = "alerts held that others post; those of our own rules have a room of the same size",
     .fallback = "100000",
     .minimum = 1},
    {.key = "alertmanager_queue_max",
     .type = count,
     .help = "alerts that wait for one Alertmanager; past it firing ones go first",
     .fallback = "10000",
     .minimum = 1,
     .maximum = 1000000},
    {.key = "ack_links",
     .type = duration,
     .help = "how long the link in a notice works by which one takes an alert on (annotation "
             "ack_url; needs global.external_url); 0s = no link",
     .fallback = "0s"},
    {.key = "history_rows_max",
     .type = count,
     .help = "decisions that the journal keeps; past it the oldest eighth goes",
     .fallback = "100000",
     .minimum = 100,
     .maximum = 10000000},
    {.key = "history_bytes_max",
     .type = count,
     .help = "that they take on disk; likewise",
     .fallback = "67108864",
     .minimum = 65536},
    {.key = "history_keep",
     .type = duration,
     .help = "how long they are kept at most",
     .fallback = "30d",
     .minimum = 60000},
    {.key = "noise",
     .type = map,
     .help = "what keeps one piece of news from becoming a hundred notices",
     .section = &noise_section},
};

}  // namespace

constinit const Section alerting_section = {"alerting", kAlertingKeys};
constinit const Section notification_section = {"notification", kNotificationKeys};

}  // namespace seamwatch::agent
