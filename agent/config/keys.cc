#include "agent/config/keys.h"

#include "agent/config/keys_notification.h"
#include "agent/config/keys_privacy.h"

namespace seamwatch::agent {
namespace {

using enum KeyType;

constexpr std::string_view kCriticalities = "critical non-critical";
constexpr std::string_view kPatterns =
    "real_time asynchronous push pull one_way_sync bidirectional_sync aggregation embedding "
    "batching";

constexpr KeySpec kGlobalKeys[] = {
    {.key = "interval",
     .type = duration,
     .help = "between two runs of a probe",
     .fallback = "15s",
     .minimum = 1000},
    {.key = "timeout",
     .type = duration,
     .help = "of one run of a probe; at most its interval",
     .fallback = "5s",
     .minimum = 1},
    {.key = "evaluation_interval",
     .type = duration,
     .help = "of rule groups that name none themselves",
     .fallback = "15s",
     .minimum = 1000},
    {.key = "confirm_retries",
     .type = count,
     .help = "how often a failed probe is repeated at once before it counts",
     .fallback = "2",
     .maximum = 10},
    {.key = "probes_in_flight_max",
     .type = count,
     .help = "probes that run at the same time; later ones wait and are counted",
     .fallback = "256",
     .minimum = 1,
     .maximum = 65536},
    {.key = "probes_per_target_max",
     .type = count,
     .help = "probes of one host and port that run at the same time; more than 1 where a path that "
             "hangs must not hold up the others behind the same gateway",
     .fallback = "1",
     .minimum = 1,
     .maximum = 1000},
    {.key = "external_labels", .type = labels, .help = "labels added to every alert that leaves"},
    {.key = "external_url",
     .type = url,
     .help = "where people reach this agent; used in notices. All is served below its path too"},
};
constexpr Section kGlobal = {"global", kGlobalKeys};

constexpr KeySpec kOwnerKeys[] = {
    {.key = "display", .type = text, .help = "name for people"},
    {.key = "contact", .type = text, .help = "how to reach them: a phone number, a channel"},
    {.key = "email", .type = email, .help = "address that notices may go to"},
    {.key = "faq_url", .type = url, .help = "page with their frequent questions"},
};
constexpr Section kOwner = {"owner", kOwnerKeys};

constexpr KeySpec kSystemKeys[] = {
    {.key = "display", .type = text, .help = "name for people"},
    {.key = "owner", .type = name, .help = "who answers for it: a name in `owners`"},
    {.key = "kind", .type = text, .help = "free word: erp, broker, shop"},
    {.key = "notes", .type = text, .help = "free text"},
};
constexpr Section kSystem = {"system", kSystemKeys};

// Read by probes/flows, except that config puts the text of key_file into key.
constexpr KeySpec kHeartbeatKeys[] = {
    {.key = "key", .type = text, .help = "the secret part of the URL to ping: /ping/KEY"},
    {.key = "key_file", .type = text, .help = "file that holds the key"},
    {.key = "every", .type = duration, .help = "how often a run is expected", .minimum = 1000},
    {.key = "cron", .type = text, .help = "when runs are expected, as a cron expression"},
    {.key = "time_zone", .type = text, .help = "of the cron expression", .fallback = "UTC"},
    {.key = "grace", .type = duration, .help = "how late a run may be", .fallback = "5m"},
    {.key = "max_runtime", .type = duration, .help = "how long a run may take from /start on"},
};
constexpr Section kHeartbeat = {"heartbeat", kHeartbeatKeys};

constexpr KeySpec kProbeKeys[] = {
    {.key = "name",
     .type = name,
     .help = "unique in its integration; by default the module's name, or heartbeat"},
    {.key = "module",
     .type = text,
     .help = "how to probe; by default http_2xx for an http(s) target, tcp_connect for host:port"},
    {.key = "target", .type = text, .help = "what to probe: a URL or host:port"},
    {.key = "interval",
     .type = duration,
     .help = "between two runs; by default global.interval",
     .minimum = 1000},
    {.key = "timeout",
     .type = duration,
     .help = "of one run; by default the module's, else global.timeout",
     .minimum = 1},
    {.key = "criticality",
     .type = word,
     .help = "by default the integration's",
     .words = kCriticalities},
    {.key = "confirm_retries",
     .type = count,
     .help = "by default global.confirm_retries",
     .maximum = 10},
    {.key = "heartbeat",
     .type = map,
     .help = "wait for pings instead of probing",
     .section = &kHeartbeat},
};
constexpr Section kProbe = {"probe", kProbeKeys};

constexpr KeySpec kIntegrationKeys[] = {
    {.key = "display", .type = text, .help = "name for people"},
    {.key = "source",
     .type = name,
     .required = true,
     .help = "the system that the data comes from"},
    {.key = "target", .type = name, .required = true, .help = "the system that the data goes to"},
    {.key = "pattern", .type = word, .help = "how the data moves", .words = kPatterns},
    {.key = "criticality",
     .type = word,
     .help = "whether the business stops with it",
     .fallback = "non-critical",
     .words = kCriticalities},
    {.key = "owner",
     .type = name,
     .help = "who answers for it; by default the target's owner, else the source's"},
    {.key = "faq_url", .type = url, .help = "page for the people who use it"},
    {.key = "advice", .type = text, .help = "what to do when it fails"},
    {.key = "freshness",
     .type = duration,
     .help = "how old the data may be; nothing watches it yet",
     .minimum = 1},
    {.key = "latency", .type = duration, .help = "how long one message may take", .minimum = 1},
    {.key = "retry_budget",
     .type = duration,
     .help = "how long an error may pass as transient; 0s: not at all",
     .fallback = "5m"},
    {.key = "privacy",
     .type = name,
     .help = "its privacy class: what of it may leave; by default privacy.default_class"},
    {.key = "probes", .type = list_of, .help = "what is looked at", .section = &kProbe},
};
constexpr Section kIntegration = {"integration", kIntegrationKeys};

constexpr KeySpec kModuleKeys[] = {
    // The loader asks probes/registry.cc; the words are what it answers.
    {.key = "prober",
     .type = text,
     .required = true,
     .help = "the kind of probe",
     .words = "http tcp rabbitmq"},
    {.key = "timeout",
     .type = duration,
     .help = "of one run, where the probe names none",
     .minimum = 1},
    {.key = "http", .type = options, .help = "options of prober http"},
    {.key = "tcp", .type = options, .help = "options of prober tcp"},
    {.key = "rabbitmq", .type = options, .help = "options of prober rabbitmq"},
    {.key = "dns", .type = options, .help = "blackbox_exporter's, taken and not used"},
    {.key = "icmp", .type = options, .help = "blackbox_exporter's, taken and not used"},
    {.key = "grpc", .type = options, .help = "blackbox_exporter's, taken and not used"},
    {.key = "unix", .type = options, .help = "blackbox_exporter's, taken and not used"},
    {.key = "websocket", .type = options, .help = "blackbox_exporter's, taken and not used"},
};
constexpr Section kModule = {"module", kModuleKeys};

constexpr KeySpec kModulesFileKeys[] = {
    {.key = "modules", .type = map_of, .help = "ways to probe, by name", .section = &kModule},
};
constexpr Section kModulesFile = {"module file", kModulesFileKeys};

constexpr KeySpec kSilencesKeys[] = {
    {.key = "max",
     .type = count,
     .help = "silences kept, ended ones included; 0 = no limit",
     .fallback = "10000"},
    {.key = "length_max",
     .type = duration,
     .help = "how long one silence may hold at a stretch: of a recurring one, windows that touch; "
             "0s = no limit",
     .fallback = "1y"},
    {.key = "matchers_min",
     .type = count,
     .help =
         "matchers a silence must have that tell alerts apart, which what matches any text does "
         "not; 0 = as Alertmanager",
     .fallback = "1",
     .minimum = 0,
     .maximum = 100},
    {.key = "retention",
     .type = duration,
     .help = "how long ended silences are shown",
     .fallback = "5d",
     .minimum = 60'000},
};
constexpr Section kSilences = {"silences", kSilencesKeys};

constexpr KeySpec kJournalKeys[] = {
    {.key = "retention",
     .type = duration,
     .help = "of errors in the journal",
     .fallback = "30d",
     .minimum = 3'600'000},
    {.key = "bytes_max",
     .type = count,
     .help = "of the journal; the oldest entries go first",
     .fallback = "1073741824",
     .minimum = 1 << 20},
};
constexpr Section kJournal = {"journal", kJournalKeys};

constexpr KeySpec kHistoryKeys[] = {
    {.key = "enabled",
     .type = flag,
     .help = "whether series are kept on disk, so that a restart finds them",
     .fallback = "true"},
    {.key = "checkpoint_interval",
     .type = duration,
     .help = "how often all series are written; in between only what came since",
     .fallback = "15m",
     .minimum = 60'000},
    {.key = "bytes_max",
     .type = count,
     .help = "of the files; where they would be larger, nothing is written until there is room, so "
             "it should be more than series_bytes_max; by default twice that, and at least",
     .fallback = "2147483648",
     .minimum = 1 << 20},
};
constexpr Section kHistory = {"history", kHistoryKeys};

constexpr KeySpec kStorageKeys[] = {
    {.key = "path", .type = text, .help = "folder of the agent's database", .fallback = "data"},
    {.key = "retention",
     .type = duration,
     .help = "of series in memory",
     .fallback = "2h",
     .minimum = 60'000},
    {.key = "series_max",
     .type = count,
     .help = "series kept; new ones past it are refused and counted; remote write gets nine tenths",
     .fallback = "1000000",
     .minimum = 100},
    {.key = "series_bytes_max",
     .type = count,
     .help = "of memory for series; past it the oldest points go first, down to a tenth of the "
             "retention, and new series are refused; 0 = no limit",
     .fallback = "1073741824"},
    {.key = "integration_series_max",
     .type = count,
     .help = "series of one integration; new ones past it are refused and counted; 0 = no limit",
     .fallback = "50000"},
    {.key = "history", .type = map, .help = "of series on disk", .section = &kHistory},
    {.key = "journal", .type = map, .help = "the error journal", .section = &kJournal},
};
constexpr Section kStorage = {"storage", kStorageKeys};

constexpr KeySpec kLimitsKeys[] = {
    {.key = "connections_max",
     .type = count,
     .help = "open at the same time",
     .fallback = "512",
     .minimum = 1},
    {.key = "header_bytes_max",
     .type = count,
     .help = "of one request",
     .fallback = "16384",
     .minimum = 1024},
    {.key = "body_bytes_max",
     .type = count,
     .help = "of one request",
     .fallback = "33554432",
     .minimum = 1024},
    {.key = "read_timeout",
     .type = duration,
     .help = "for one request to arrive",
     .fallback = "30s",
     .minimum = 100},
    {.key = "write_timeout",
     .type = duration,
     .help = "for one response to leave",
     .fallback = "1m",
     .minimum = 100},
    {.key = "idle_timeout",
     .type = duration,
     .help = "between two requests of a connection",
     .fallback = "5m",
     .minimum = 100},
};
constexpr Section kLimits = {"limits", kLimitsKeys};

constexpr KeySpec kRemoteWriteKeys[] = {
    {.key = "enabled",
     .type = flag,
     .help = "take POST /api/v1/write of other Prometheus servers",
     .fallback = "false"},
    {.key = "body_bytes_max",
     .type = count,
     .help = "of one request, compressed",
     .fallback = "4194304",
     .minimum = 1024,
     .maximum = 1 << 30},
    {.key = "decoded_bytes_max",
     .type = count,
     .help = "of one request, uncompressed",
     .fallback = "33554432",
     .minimum = 1024,
     .maximum = 1 << 30},
    {.key = "series_max",
     .type = count,
     .help = "of one request",
     .fallback = "20000",
     .minimum = 1},
    {.key = "samples_max",
     .type = count,
     .help = "of one request",
     .fallback = "200000",
     .minimum = 1},
    {.key = "labels_max",
     .type = count,
     .help = "of one series",
     .fallback = "64",
     .minimum = 1,
     .maximum = 1000},
    {.key = "label_name_bytes_max",
     .type = count,
     .help = "of the name of one label",
     .fallback = "256",
     .minimum = 1},
    {.key = "label_value_bytes_max",
     .type = count,
     .help = "of the value of one label",
     .fallback = "4096",
     .minimum = 1},
};
constexpr Section kRemoteWrite = {"remote_write_receiver", kRemoteWriteKeys};

constexpr KeySpec kWebKeys[] = {
    {.key = "listen",
     .type = text,
     .help = "host:port to serve on; port 0 takes a free one",
     .fallback = "127.0.0.1:9720"},
    {.key = "limits",
     .type = map,
     .help = "what a client may ask of the agent",
     .section = &kLimits},
    {.key = "remote_write_receiver",
     .type = map,
     .help = "samples that others bring",
     .section = &kRemoteWrite},
};
constexpr Section kWeb = {"web", kWebKeys};

constexpr KeySpec kQueryKeys[] = {
    {.key = "timeout",
     .type = duration,
     .help = "of one query, its wait included",
     .fallback = "2m",
     .minimum = 1},
    {.key = "max_concurrency",
     .type = count,
     .help = "PromQL queries of the HTTP API at the same time; more wait",
     .fallback = "4",
     .minimum = 1,
     .maximum = 256},
    {.key = "max_samples",
     .type = count,
     .help = "loaded or made by one query",
     .fallback = "50000000",
     .minimum = 1},
    {.key = "memory_bytes_max",
     .type = count,
     .help = "what all queries of the HTTP API may hold together, with their answers until these "
             "are sent; Prometheus has no such limit, but more memory",
     .fallback = "33554432",
     .minimum = 1 << 20},
    {.key = "lookback_delta",
     .type = duration,
     .help = "how old the last sample of a series may be",
     .fallback = "5m",
     .minimum = 1},
    {.key = "enable_features",
     .type = texts,
     .help =
         "experimental features of PromQL, by Prometheus's names: promql-experimental-functions"},
};
constexpr Section kQuery = {"query", kQueryKeys};

constexpr KeySpec kRootKeys[] = {
    {.key = "include",
     .type = texts,
     .help = "globs of files to read as well; by default conf.d/*.yml and conf.d/*.yaml"},
    {.key = "global",
     .type = map,
     .help = "defaults for all probes and rules",
     .section = &kGlobal},
    {.key = "owners", .type = map_of, .help = "who answers for what", .section = &kOwner},
    {.key = "systems", .type = map_of, .help = "what is integrated", .section = &kSystem},
    {.key = "integrations",
     .type = map_of,
     .help = "the seams that are watched",
     .section = &kIntegration},
    {.key = "modules", .type = map_of, .help = "ways to probe, by name", .section = &kModule},
    {.key = "modules_files",
     .type = texts,
     .help = "globs of module files in blackbox_exporter's format"},
    {.key = "rule_files", .type = texts, .help = "globs of rule files in Prometheus's format"},
    {.key = "default_rules",
     .type = flag,
     .help = "evaluate the shipped rules too",
     .fallback = "true"},
    {.key = "alerting", .type = map, .help = "who is told", .section = &alerting_section},
    {.key = "notification",
     .type = map,
     .help = "limits of telling",
     .section = &notification_section},
    {.key = "silences", .type = map, .help = "what may be silenced", .section = &kSilences},
    {.key = "privacy", .type = map, .help = "what may leave", .section = &privacy_section},
    {.key = "storage", .type = map, .help = "what is kept, and how long", .section = &kStorage},
    {.key = "web", .type = map, .help = "pages, metrics and APIs", .section = &kWeb},
    {.key = "query", .type = map, .help = "queries by HTTP and of rules", .section = &kQuery},
};
constexpr Section kRoot = {"configuration", kRootKeys};

}  // namespace

const Section& root_section() {
  return kRoot;
}

const Section& module_section() {
  return kModule;
}

const Section& modules_file_section() {
  return kModulesFile;
}

}  // namespace seamwatch::agent
