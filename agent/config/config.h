// Config: all of seamwatch.yml and the files it includes, typed, checked and with every default
// filled in. Made by load.h; immutable after load, so any thread may read it. A reload makes a new
// one. Paths are already joined with the folder of the file that names them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "agent/core/diagnostics.h"
#include "agent/core/labels.h"
#include "agent/core/shared_text.h"
#include "agent/core/times.h"
#include "agent/landscape/landscape.h"
#include "agent/privacy/privacy.h"
#include "probes/flows/heartbeat.h"
#include "probes/probe.h"
#include "rules/noise/noise_policy.h"
#include "rules/promql/features.h"
#include "rules/routing/notify_http_config.h"
#include "rules/routing/relabel.h"

namespace seamwatch::agent {

struct GlobalConfig {
  Millis interval = Millis(15'000);             // between two runs of a probe
  Millis timeout = Millis(5'000);               // of one run
  Millis evaluation_interval = Millis(15'000);  // of rule groups without their own
  int confirm_retries = 2;                      // of a failed probe, inside its interval
  std::int64_t probes_in_flight_max = 256;      // later starts wait and are counted
  std::int64_t probes_per_target_max = 1;       // of one host and port at a time; likewise
  Labels external_labels;                       // added to every alert that leaves
  std::string external_url;  // where people reach this agent, no / at its end; may be empty

  friend bool operator==(const GlobalConfig&, const GlobalConfig&) = default;
};

// A way to probe, which many probes share.
struct ModuleConfig {
  SharedText name;
  const probes::ProbeKind* kind = nullptr;  // never nullptr after load
  Millis timeout{};                         // 0 = the probe's
  std::shared_ptr<const probes::Module> options;
  SharedText definition;  // digest of kind, timeout and options
  Place place;            // without file for a built-in one
};

struct StorageConfig {
  std::string path = "data";                     // folder; made at start
  Millis retention = Millis(7'200'000);          // of series in memory: 2 h
  std::int64_t series_max = 1'000'000;           // new series past it are refused and counted
  std::int64_t series_bytes_max = 1LL << 30;     // in memory; the oldest points go first; 0: any
  std::int64_t integration_series_max = 50'000;  // of one integration; 0: any
  bool history = true;                           // series are kept on disk, for a restart
  Millis history_checkpoint_interval = Millis(15 * 60'000);
  std::int64_t history_bytes_max = 2LL << 30;                // on disk: twice series_bytes_max
  Millis journal_retention = Millis(30LL * 24 * 3'600'000);  // of the error journal: 30 d
  std::int64_t journal_bytes_max = 1LL << 30;                // oldest entries go first

  friend bool operator==(const StorageConfig&, const StorageConfig&) = default;
};

// POST /api/v1/write, by which another Prometheus hands over samples.
struct RemoteWriteConfig {
  bool enabled = false;
  std::int64_t body_bytes_max = 4 << 20;      // of one request, compressed
  std::int64_t decoded_bytes_max = 32 << 20;  // the same, uncompressed
  std::int64_t series_max = 20'000;           // of one request, as the rest
  std::int64_t samples_max = 200'000;
  std::int64_t labels_max = 64;  // of one series
  std::int64_t label_name_bytes_max = 256;
  std::int64_t label_value_bytes_max = 4096;

  friend bool operator==(const RemoteWriteConfig&, const RemoteWriteConfig&) = default;
};

struct WebConfig {
  std::string listen = "127.0.0.1:9720";  // host:port; port 0 takes a free one
  std::int64_t connections_max = 512;
  std::int64_t header_bytes_max = 16 << 10;
  std::int64_t body_bytes_max = 32 << 20;
  Millis read_timeout = Millis(30'000);   // for one request to arrive
  Millis write_timeout = Millis(60'000);  // for one response to leave
  Millis idle_timeout = Millis(300'000);  // between two requests of a connection
  RemoteWriteConfig remote_write;

  friend bool operator==(const WebConfig&, const WebConfig&) = default;
};

// Queries over the HTTP API and of rules. Named as Prometheus's flags are.
struct QueryConfig {
  Millis timeout = Millis(120'000);
  std::int64_t max_concurrency = 4;          // at the same time; more wait
  std::int64_t max_samples = 50'000'000;     // loaded or made by one query
  std::int64_t memory_bytes_max = 32 << 20;  // held by all of the HTTP API and their answers
  Millis lookback_delta = Millis(300'000);
  std::vector<std::string> enable_features;  // as named, those of the command line too
  rules::promql::Features features;          // what the names switch on

  friend bool operator==(const QueryConfig&, const QueryConfig&) = default;
};

struct NotificationConfig {
  Millis retry_budget = Millis(3'600'000);       // after it a notice is a dead letter, or told late
  Millis retry_delay = Millis(5'000);            // before the second attempt; doubles
  Millis retry_delay_max = Millis(300'000);      // of the doubling; Retry-After may ask for more
  Millis timeout = Millis(10'000);               // of one attempt
  std::int64_t concurrency = 16;                 // attempts at a time
  std::int64_t sink_concurrency = 0;             // of them at one sink; 0 = half of all
  std::int64_t outbox_max = 100'000;             // undelivered notices kept
  std::int64_t outbox_bytes_max = 256 << 20;     // they take on disk; dead letters as much
  std::int64_t dead_letters_max = 10'000;        // the oldest go first
  std::int64_t breaker_failures = 5;             // in a row, then a sink is left alone
  Millis breaker_pause = Millis(5'000);          // until the first trial; doubles
  Millis breaker_pause_max = Millis(300'000);    // of the doubling
  Millis start_delay = Millis(0);                // for that long after a start nothing is told
  std::int64_t alerts_max = 100'000;             // posted alerts held; own ones: as many again
  std::int64_t alertmanager_queue_max = 10'000;  // alerts that wait for one Alertmanager
  Millis ack_links = Millis(0);               // how long a notice's link works; 0 = there is none
  std::int64_t history_rows_max = 100'000;    // decisions kept in the journal
  std::int64_t history_bytes_max = 64 << 20;  // that they take on disk
  Millis history_keep = Millis(30LL * 24 * 3'600'000);  // 30 d
  rules::NoisePolicy noise;

  friend bool operator==(const NotificationConfig&, const NotificationConfig&) = default;
};

// One entry of alerting.alertmanagers: Alertmanagers that are reached in the same way.
struct AlertmanagerConfig {
  std::vector<std::string> targets;  // host:port; at least one
  std::string scheme = "http";
  std::string path_prefix;
  Millis timeout = Millis(10'000);  // of one request
  rules::HttpConfig http;           // files joined with the folder
  rules::RelabelRules relabel;      // of alerts for these alone, after those for all

  // Where alerts for `target` are posted: "http://host:9093/prefix/api/v2/alerts".
  std::string address(const std::string& target) const;
};

// What may be silenced. 0 = no limit.
struct SilenceConfig {
  std::int64_t max = 10'000;                     // silences kept, ended ones included
  Millis length_max{365LL * 24 * 3'600'000};     // of one silence; of windows that touch; 0 = any
  std::int64_t matchers_min = 1;                 // that tell alerts apart
  Millis retention = Millis(120LL * 3'600'000);  // of ended ones: 5 d

  friend bool operator==(const SilenceConfig&, const SilenceConfig&) = default;
};

struct Config {
  std::string file;  // the main file, as given; empty where there is none
  GlobalConfig global;
  Landscape landscape;
  std::map<std::string, ModuleConfig, std::less<>> modules;  // with the built-in ones
  // What the heartbeat probes wait for, by "integration/probe"; no two have the same key.
  std::map<std::string, probes::HeartbeatConfig, std::less<>> heartbeats;
  std::vector<std::string> rule_files;  // existing files, each once, in the order of the globs
  bool default_rules = true;            // load the shipped rule packs as well
  std::string notification_file;        // Alertmanager's format; empty = nobody is told
  std::vector<AlertmanagerConfig> alertmanagers;  // are told beside or instead of it
  rules::RelabelRules alert_relabel;              // of alerts for all of these
  NotificationConfig notification;
  SilenceConfig silences;
  Privacy privacy;
  StorageConfig storage;
  WebConfig web;
  QueryConfig query;

  // The module of a probe that is not a heartbeat. Requires: `name` came from a ProbeConfig here.
  const ModuleConfig& module(std::string_view name) const;

  // That of the integration called so, or the default one.
  const PrivacyClass& privacy_class(std::string_view integration) const;
};

}  // namespace seamwatch::agent
