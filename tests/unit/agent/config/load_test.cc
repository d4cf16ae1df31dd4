#include "agent/config/load.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include <catch2/catch.hpp>

#include "probes/flows/heartbeat.h"
#include "tests/unit/agent/config/cases.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

namespace fs = std::filesystem;

// A folder of its own for each test, gone afterwards.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (fs::temp_directory_path() / "seamwatch-XXXXXX").string();
    REQUIRE(::mkdtemp(pattern.data()) != nullptr);
    folder_ = pattern;
  }

  ~Scratch() { fs::remove_all(folder_); }

  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    const fs::path path = folder_ / name;
    fs::create_directories(path.parent_path());
    std::ofstream(path) << text;
    return path.string();
  }

  std::string path(const std::string& name) const { return (folder_ / name).string(); }

 private:
  fs::path folder_;
};

LoadedConfig load(const std::string& file) {
  ConfigSources sources;
  sources.config_file = file;
  return load_config(sources, test_environment);
}

// Loads `text` as the only file; it must be good.
std::shared_ptr<const Config> good(const Scratch& scratch, const std::string& text) {
  LoadedConfig loaded = load(scratch.write("seamwatch.yml", text));
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  return loaded.config;
}

const std::string kOrders =
    "systems: {shop: , erp: }\n"
    "integrations:\n"
    "  orders:\n"
    "    source: shop\n"
    "    target: erp\n"
    "    probes:\n";

const std::string kToken = "modules: {token: {prober: http, http: {bearer_token: \"${TOKEN}\"}}}\n";

}  // namespace

TEST_CASE("every value of a full configuration arrives") {
  const LoadedConfig loaded = load(kCases + "full.good.yml");
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  const Config& config = *loaded.config;
  CHECK(config.global.interval == Millis(30000));
  CHECK(config.global.timeout == Millis(10000));
  CHECK(config.global.evaluation_interval == Millis(60000));
  CHECK(config.global.confirm_retries == 0);
  CHECK(config.global.probes_in_flight_max == 64);
  CHECK(config.global.external_labels == Labels{{"site", "berlin"}, {"tier", "1"}});
  CHECK(config.global.external_url == "https://seamwatch.example.org");
  CHECK(config.rule_files == std::vector<std::string>{kCases + "minimal.good.yml"});
  CHECK_FALSE(config.default_rules);
  CHECK(config.notification_file == kCases + "minimal.good.yml");
  CHECK(config.notification.retry_budget == Millis(7'200'000));
  CHECK(config.notification.timeout == Millis(5000));
  CHECK(config.notification.concurrency == 4);
  CHECK(config.notification.outbox_max == 100);
  CHECK(config.notification.alerts_max == 200);
  CHECK(config.notification.retry_delay == Millis(2000));
  CHECK(config.notification.retry_delay_max == Millis(180'000));
  CHECK(config.notification.sink_concurrency == 3);
  CHECK(config.notification.outbox_bytes_max == 70'000);
  CHECK(config.notification.dead_letters_max == 60);
  CHECK(config.notification.breaker_failures == 3);
  CHECK(config.notification.breaker_pause == Millis(4000));
  CHECK(config.notification.breaker_pause_max == Millis(240'000));
  CHECK(config.notification.history_rows_max == 700);
  CHECK(config.notification.history_bytes_max == 80'000);
  CHECK(config.notification.history_keep == Millis(604'800'000));
  CHECK(config.storage.path == "/var/lib/seamwatch");
  CHECK(config.storage.retention == Millis(14'400'000));
  CHECK(config.storage.series_max == 5000);
  CHECK(config.storage.series_bytes_max == 90'000'000);
  CHECK(config.storage.integration_series_max == 700);
  CHECK_FALSE(config.storage.history);
  CHECK(config.storage.history_checkpoint_interval == Millis(300'000));
  CHECK(config.storage.history_bytes_max == 3'145'728);
  CHECK(config.storage.journal_retention == Millis(604'800'000));
  CHECK(config.storage.journal_bytes_max == 2097152);
  CHECK(config.web.listen == "[::1]:0");
  CHECK(config.web.connections_max == 9);
  CHECK(config.web.header_bytes_max == 2048);
  CHECK(config.web.body_bytes_max == 4096);
  CHECK(config.web.read_timeout == Millis(1000));
  CHECK(config.web.write_timeout == Millis(2000));
  CHECK(config.web.idle_timeout == Millis(3000));
}

TEST_CASE("the landscape of a full configuration arrives") {
  const LoadedConfig loaded = load(kCases + "full.good.yml");
  REQUIRE(loaded.config != nullptr);
  const Landscape& landscape = loaded.config->landscape;
  CHECK(landscape.find_owner("ops")->display == "Operations");
  CHECK(landscape.find_owner("ops")->contact == "+49 30 1");
  CHECK(landscape.find_owner("ops")->email == "ops@example.org");
  CHECK(landscape.find_owner("ops")->faq_url == "http://faq/");
  CHECK(landscape.find_owner("erp-team")->display == "erp-team");
  CHECK(landscape.find_system("shop")->notes == "costs $5 a day");
  CHECK(landscape.find_system("shop")->kind == "web");
  const Integration* orders = landscape.find_integration("orders");
  REQUIRE(orders != nullptr);
  CHECK(orders->display == "Orders");
  CHECK(orders->pattern == Pattern::asynchronous);
  CHECK(orders->criticality == Criticality::critical);
  CHECK(orders->faq_url == "https://faq.example.org/orders");
  CHECK(orders->advice == "Wait.\nThen call.\n");
  CHECK(orders->latency == Millis(300'000));
  CHECK(orders->retry_budget == Millis(600'000));
  CHECK(landscape.owner_of(*orders)->name == "ops");
  CHECK(orders->place == Place{kCases + "full.good.yml", 16, 3});
}

TEST_CASE("probes come with every default filled in") {
  const LoadedConfig loaded = load(kCases + "full.good.yml");
  REQUIRE(loaded.config != nullptr);
  const Integration& orders = *loaded.config->landscape.find_integration("orders");
  REQUIRE(orders.probes.size() == 5);
  const ProbeConfig& api = orders.probes[0];
  CHECK(api.integration == "orders");
  CHECK(api.target == "https://erp.example.org/");
  CHECK(api.interval == Millis(60000));
  CHECK(api.timeout == Millis(20000));
  CHECK(api.criticality == Criticality::non_critical);
  CHECK(api.confirm_retries == 3);
  CHECK(loaded.config->module(api.module).kind->name == "http");
  const ProbeConfig& port = orders.probes[2];
  CHECK(port.module == "tcp_connect");
  CHECK(port.target == "erp.example.org:443");
  CHECK(port.interval == Millis(30000));
  CHECK(port.timeout == Millis(10000));
  CHECK(port.criticality == Criticality::critical);
  CHECK(port.confirm_retries == 0);
  const ProbeConfig& nightly = orders.probes[3];
  CHECK(nightly.heartbeat);
  const probes::HeartbeatConfig& waits = loaded.config->heartbeats.at("orders/nightly");
  CHECK(waits.key.reveal() == "swordfish-42");
  CHECK(waits.time_zone == "Europe/Berlin");
  CHECK(waits.grace == Millis(1'800'000));
  CHECK(orders.probes[4].name == "heartbeat");
  CHECK(loaded.config->heartbeats.at("orders/heartbeat").every == Millis(3'600'000));
}

TEST_CASE(
    "the timeout is the probe's, else the module's, else the global one, ended before the next "
    "one") {
  struct Case {
    std::string name;
    std::string global;
    std::string module;
    std::string probe;
    int want_millis;
  };

  const auto c = GENERATE(values<Case>({
      {"global default", "", "", "", 5000},
      {"global", "timeout: 7s", "", "", 7000},
      {"module", "timeout: 7s", "timeout: 3s", "", 3000},
      {"probe", "timeout: 7s", "timeout: 3s", "timeout: 4s", 4000},
      {"capped by the probe's interval", "", "", "interval: 2s", 1800},
      {"module capped", "", "timeout: 1m", "", 14500},
      {"exactly the interval", "", "", "timeout: 15s", 14500},
      {"half a second less than the interval", "", "", "timeout: 14500ms", 14500},
      {"less than that", "", "", "timeout: 14499ms", 14499},
      {"capped by the global interval", "interval: 1s", "", "", 900},
  }));
  DYNAMIC_SECTION(c.name) {
    const Scratch scratch;
    const std::string global = "global: {" + c.global + "}\n";
    const std::string module =
        "modules: {m: {prober: http" + (c.module.empty() ? "" : ", " + c.module) + "}}\n";
    const std::string probe = "      - {target: \"http://x/\", module: m" +
                              (c.probe.empty() ? "" : ", " + c.probe) + "}\n";
    const auto config = good(scratch, global + module + kOrders + probe);
    CHECK(config->landscape.find_integration("orders")->probes[0].timeout == Millis(c.want_millis));
  }
}

TEST_CASE("a probe without a module is guessed from its target") {
  struct Case {
    std::string target;
    std::string want_module;
    std::string want_target;
  };

  const auto c = GENERATE(values<Case>({
      {"http://erp/", "http_2xx", "http://erp/"},
      {"https://erp/", "http_2xx", "https://erp/"},
      {"tcp://erp:80", "tcp_connect", "erp:80"},
      {"erp:80", "tcp_connect", "erp:80"},
      {"[::1]:80", "tcp_connect", "[::1]:80"},
  }));
  DYNAMIC_SECTION(c.target) {
    const Scratch scratch;
    const auto config = good(scratch, kOrders + "      - {target: \"" + c.target + "\"}\n");
    const ProbeConfig& probe = config->landscape.find_integration("orders")->probes[0];
    CHECK(probe.module == c.want_module);
    CHECK(probe.name == c.want_module);
    CHECK(probe.target == c.want_target);
  }
}

TEST_CASE("a probe changes exactly when what it does changes") {
  struct Case {
    std::string name;
    std::string before;
    std::string after;
    bool same;
  };

  const std::string probe = kOrders + "      - {target: \"http://x/\", module: token}\n";
  const std::string with_timeout =
      kOrders + "      - {target: \"http://x/\", module: token, timeout: 2s}\n";
  const std::string critical = "    criticality: critical\n    owner: ops\nowners: {ops: }\n";
  const std::string other = "modules: {token: {prober: http, http: {bearer_token: other}}}\n";
  const auto c = GENERATE_COPY(values<Case>({
      {"nothing", kToken + probe, kToken + probe, true},
      {"order of sections", kToken + probe, probe + kToken, true},
      {"criticality", kToken + probe, kToken + probe + critical, true},
      {"timeout", kToken + probe, kToken + with_timeout, false},
      {"module option", kToken + probe, other + probe, false},
      {"global interval", kToken + probe, "global: {interval: 20s}\n" + kToken + probe, false},
      {"global storage", kToken + probe, "storage: {path: x}\n" + kToken + probe, true},
  }));
  DYNAMIC_SECTION(c.name) {
    const Scratch scratch;
    const auto before = good(scratch, c.before);
    const auto after = good(scratch, c.after);
    CHECK(unchanged(before->landscape.find_integration("orders")->probes[0],
                    after->landscape.find_integration("orders")->probes[0]) == c.same);
  }
}

TEST_CASE("a new secret or certificate is a change, and stands in no definition") {
  const Scratch scratch;
  const std::string file =
      "modules: {m: {prober: rabbitmq, rabbitmq: {queue: q, tls_config: {ca_file: ca.pem},\n"
      "  username: a, password_file: p}}}\n" +
      kOrders + "      - {target: \"amqps://x/\", module: m}\n";
  const auto definition = [&] {
    return good(scratch, file)->landscape.find_integration("orders")->probes[0].definition.str();
  };
  scratch.write("p", "swordfish\n");
  scratch.write("ca.pem", "one");
  const std::string first = definition();
  CHECK(first.find("swordfish") == std::string::npos);
  CHECK(definition() == first);
  scratch.write("p", "swordfish \n\n");
  CHECK(definition() == first);
  scratch.write("p", "swordfish2\n");
  const std::string second = definition();
  CHECK(second != first);
  scratch.write("ca.pem", "two");
  CHECK(definition() != second);
}

TEST_CASE("a file that is read at each use may change without a reload") {
  const Scratch scratch;
  const std::string file =
      "modules: {m: {prober: http, http: {authorization: {credentials_file: token}}}}\n" + kOrders +
      "      - {target: \"https://x/\", module: m}\n";
  const auto load_it = [&] { return load(scratch.write("seamwatch.yml", file)); };
  scratch.write("token", "one");
  const LoadedConfig before = load_it();
  REQUIRE(before.config != nullptr);
  CHECK(before.files.back() == scratch.path("token"));
  scratch.write("token", "two");
  const LoadedConfig after = load_it();
  CHECK(unchanged(before.config->landscape.find_integration("orders")->probes[0],
                  after.config->landscape.find_integration("orders")->probes[0]));
}

TEST_CASE("files of conf.d join the main file") {
  const Scratch scratch;
  scratch.write("conf.d/b.yml", "rule_files: [r.yml]\nsystems: {erp: }\n");
  scratch.write("conf.d/a.yml", "owners: {ops: }\nstorage: {path: d}\n");
  scratch.write("conf.d/c.yaml", "modules: {m: {prober: tcp}}\n");
  scratch.write("conf.d/ignored.txt", "nonsense: 1\n");
  scratch.write("conf.d/r.yml.d", "");
  scratch.write("conf.d/nested/no.yml", "nonsense: 1\n");
  scratch.write("conf.d/r.rules", "");
  const std::string main = scratch.write(
      "seamwatch.yml",
      "systems: {shop: {owner: ops}}\nintegrations: {o: {source: shop, target: erp}}\n");
  LoadedConfig loaded = load(main);
  CHECK(loaded.problems.to_string() ==
        scratch.path("conf.d/b.yml") + ":1:14: \"" + scratch.path("conf.d/r.yml") +
            "\" cannot be read: No such file or directory; correct the path, or remove it\n");
  scratch.write("conf.d/b.yml", "rule_files: [r.rules]\nsystems: {erp: }\n");
  loaded = load(main);
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  CHECK(loaded.config->landscape.owners.count("ops") == 1);
  CHECK(loaded.config->landscape.systems.count("erp") == 1);
  CHECK(loaded.config->modules.count("m") == 1);
  CHECK(loaded.config->storage.path == scratch.path("conf.d/d"));
  CHECK(loaded.config->rule_files == std::vector<std::string>{scratch.path("conf.d/r.rules")});
  CHECK(loaded.files == std::vector<std::string>{main,
                                                 scratch.path("conf.d/a.yml"),
                                                 scratch.path("conf.d/b.yml"),
                                                 scratch.path("conf.d/c.yaml")});
}

TEST_CASE("include replaces conf.d, and an empty one turns it off") {
  const Scratch scratch;
  scratch.write("conf.d/a.yml", "nonsense: 1\n");
  scratch.write("more/b.yml", "owners: {ops: }\n");
  CHECK(good(scratch, "include: []\n")->landscape.owners.empty());
  const auto config = good(scratch, "include: [more/*.yml, more/b.yml, none/*.yml]\n");
  CHECK(config->landscape.owners.size() == 1);
}

TEST_CASE("the command line adds files and replaces values") {
  const Scratch scratch;
  ConfigSources sources;
  sources.config_file =
      scratch.write("seamwatch.yml",
                    "rule_files: [a.rules]\nweb: {listen: \"127.0.0.1:1\"}\nstorage: {path: x}\n");
  scratch.write("a.rules", "");
  sources.rule_globs = {scratch.path("*.rules")};
  scratch.write("b.rules", "");
  sources.module_globs = {kCases + "blackbox.modules"};
  sources.notification_file = scratch.write("notify.yml", "");
  sources.listen = "127.0.0.1:0";
  sources.storage_path = "/data";
  const LoadedConfig loaded = load_config(sources, test_environment);
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  CHECK(loaded.config->rule_files ==
        std::vector<std::string>{scratch.path("a.rules"), scratch.path("b.rules")});
  CHECK(loaded.config->modules.count("http_post") == 1);
  CHECK(loaded.config->notification_file == sources.notification_file);
  CHECK(loaded.config->web.listen == "127.0.0.1:0");
  CHECK(loaded.config->storage.path == "/data");
}

TEST_CASE("what the command line names must be there and good") {
  ConfigSources sources;
  sources.rule_globs = {"missing.rules", "none/*.rules"};
  sources.module_globs = {"missing.yml"};
  sources.notification_file = "missing-notify.yml";
  sources.listen = "nowhere";
  const LoadedConfig loaded = load_config(sources, test_environment);
  CHECK(loaded.config == nullptr);
  CHECK(loaded.problems.to_string() ==
        "missing.yml: the file cannot be read: No such file or directory; correct the path, or "
        "remove it\n"
        "missing.rules: the file cannot be read: No such file or directory; correct the path, or "
        "remove it\n"
        "missing-notify.yml: the file cannot be read: No such file or directory; correct the path, "
        "or the file's rights\n"
        "listen address \"nowhere\": no port; write it like 127.0.0.1:9720, [::1]:9720 or "
        ":9720\n");
}

TEST_CASE("without any file all defaults hold") {
  const LoadedConfig loaded = load_config(ConfigSources(), test_environment);
  REQUIRE(loaded.config != nullptr);
  CHECK(loaded.config->modules.size() == 2);
  CHECK(loaded.config->modules.count("http_2xx") == 1);
  CHECK(loaded.config->modules.count("tcp_connect") == 1);
  CHECK(loaded.files.empty());
}

TEST_CASE("a config file that is not there is a problem, not a default") {
  const LoadedConfig loaded = load("no/such.yml");
  CHECK(loaded.config == nullptr);
  CHECK(loaded.problems.to_string() ==
        "no/such.yml: the file cannot be read: No such file or directory; correct the path, or the "
        "file's rights\n");
}

TEST_CASE("a module file of blackbox_exporter is taken as it is") {
  const LoadedConfig loaded = load_modules(kCases + "blackbox.modules", test_environment);
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  CHECK(loaded.config->modules.count("http_post") == 1);
  CHECK(loaded.config->modules.count("dns_udp") == 0);
  CHECK(loaded.warnings.to_string() ==
        kCases +
            "blackbox.modules:9:3: module \"dns_udp\" needs prober \"dns\", which is not built in; "
            "no probe can use it\n");
}

TEST_CASE("an integration that no probe watches is a warning") {
  const Scratch scratch;
  const std::string file = scratch.write("seamwatch.yml",
                                         "systems: {shop: , erp: }\n"
                                         "integrations:\n"
                                         "  orders: {source: shop, target: erp}\n");
  const LoadedConfig loaded = load(file);
  CHECK(loaded.config != nullptr);
  CHECK(loaded.warnings.to_string() ==
        file + ":3:3: integration \"orders\" has no probes; nothing watches it; add `probes:`\n");
}

TEST_CASE("the example runs") {
  const LoadedConfig loaded = load(std::string(SEAMWATCH_SOURCE_DIR) + "/agent/config/example.yml");
  INFO(loaded.problems.to_string());
  CHECK(loaded.warnings.empty());
  REQUIRE(loaded.config != nullptr);
  CHECK(loaded.config->landscape.integrations.size() == 2);
}
