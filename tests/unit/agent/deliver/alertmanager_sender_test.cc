#include "agent/deliver/alertmanager_sender.h"

#include <boost/json.hpp>

#include "agent/io/yaml.h"
#include "tests/unit/agent/agent_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

namespace {

namespace json = boost::json;

struct Attempt {
  std::string address;
  std::size_t alerts = 0;
  bool accepted = false;
};

std::shared_ptr<const Config> config_of(std::vector<std::string> targets,
                                        std::int64_t queue_max = 10'000) {
  auto out = std::make_shared<Config>();
  AlertmanagerConfig entry;
  entry.targets = std::move(targets);
  out->alertmanagers.push_back(std::move(entry));
  out->notification.alertmanager_queue_max = queue_max;
  return out;
}

struct AlertmanagerSenderWorld : SimPorts {
  AlertmanagerSenderWorld() { make(); }

  ~AlertmanagerSenderWorld() { end_tasks(); }

  // As a restart does; what was queued is forgotten unless it was kept.
  void make() {
    sender = std::make_unique<AlertmanagerSender>(
        ports(),
        *store,
        tasks,
        AlertmanagerSender::Hooks{
            [this](const Alert& alert) -> const PrivacyClass& {
              return privacy.class_named(alert.labels.has("secret") ? "confidential" : "");
            },
            [this](const std::string& address, std::size_t alerts, bool accepted, Nanos) {
              attempts.push_back({address, alerts, accepted});
            }},
        [](std::string_view) { return std::nullopt; });
    sender->restore(*run(store->load_all(std::string(kAlertmanagerSpace))));
  }

  void start(std::shared_ptr<const Config> config) {
    sender->apply(std::move(config));
    tasks.spawn("alertmanagers", sender->run());
  }

  Alert alert(const std::string& name, Millis ends_in) {
    Alert out;
    out.labels = Labels{{"alertname", name}, {"site", "berlin"}};
    out.starts_at = loop.clock.wall_now() - Millis(60'000);
    out.ends_at = loop.clock.wall_now() + ends_in;
    out.updated_at = loop.clock.wall_now();
    return out;
  }

  Alert firing(const std::string& name) { return alert(name, Millis(240'000)); }

  Alert resolved(const std::string& name) { return alert(name, Millis(0)); }

  void pass(Nanos span) {
    loop.run_until(loop.clock.mono_now() + span, [] { return false; });
  }

  // The alert names of every request that `host` answered with `status`, one text a request.
  std::vector<std::string> got(const std::string& host, int status = 200) {
    std::vector<std::string> out;
    for (const fakes::SentWebhook& post : network.webhooks()) {
      if (post.url == "http://" + host + "/api/v2/alerts" && post.status == status) {
        std::string names;
        const json::value body = json::parse(post.body);  // outlives the loop over it
        for (const json::value& each : body.as_array()) {
          names += std::string(each.at("labels").at("alertname").as_string()) + " ";
        }
        out.push_back(names);
      }
    }
    return out;
  }

  std::size_t kept_rows() {
    REQUIRE(run(sender->keep()).has_value());
    return run(store->load_all(std::string(kAlertmanagerSpace)))->size();
  }

  Privacy privacy;
  std::vector<Attempt> attempts;
  std::unique_ptr<AlertmanagerSender> sender;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("every Alertmanager is told") {
  AlertmanagerSenderWorld world;
  world.start(config_of({"a.test", "b.test"}));
  world.sender->take({world.firing("x"), world.resolved("y")});
  world.pass(1s);
  CHECK(world.got("a.test") == Texts{"x y "});
  CHECK(world.got("b.test") == Texts{"x y "});
  CHECK(world.sender->standings().at(0).queue == 0);
  CHECK(world.attempts.size() == 2);
  CHECK(world.kept_rows() == 0);
}

TEST_CASE("alerts are relabelled for all Alertmanagers, then for each") {
  const auto rules = [](const std::string& yaml) {
    Diagnostics problems;
    const Document document = parse_yaml("c.yml", yaml, problems);
    auto out = rules::read_relabel_rules(document, document.root, problems);
    REQUIRE(problems.to_string() == "");
    return out;
  };
  Config config = *config_of({"a.test"});
  config.alertmanagers.push_back(config.alertmanagers.front());
  config.alertmanagers.back().targets = {"b.test"};
  // No set of rules sees what another one made of an alert.
  config.alert_relabel = rules(
      "[{source_labels: [alertname], regex: 'debug.*', action: drop}, {source_labels: [site], "
      "target_label: alertname, regex: (.*), replacement: 'of ${1}'}]");
  config.alertmanagers.back().relabel = rules(
      "[{source_labels: [alertname], regex: 'of .*', target_label: alertname, replacement: b}"
      "]");
  AlertmanagerSenderWorld world;
  world.start(std::make_shared<const Config>(config));
  world.sender->take({world.firing("x"), world.firing("debug1")});
  world.pass(1s);
  CHECK(world.got("a.test") == Texts{"of berlin "});
  CHECK(world.got("b.test") == Texts{"b "});
  config.alertmanagers.back().relabel = rules("[{action: keep, source_labels: [x], regex: y}]");
  world.sender->apply(std::make_shared<const Config>(config));
  world.sender->take({world.firing("z")});
  world.pass(1s);
  CHECK(world.got("a.test").size() == 2);
  CHECK(world.got("b.test").size() == 1);
}

TEST_CASE("what leaves is decided by who an alert was before it was relabelled") {
  Config config = *config_of({"a.test"});
  Diagnostics problems;
  const Document document =
      parse_yaml("c.yml", "[{regex: 'secret|integration', action: labeldrop}]", problems);
  config.alert_relabel = rules::read_relabel_rules(document, document.root, problems);
  REQUIRE(problems.to_string() == "");
  AlertmanagerSenderWorld world;
  world.network.host("a.test").status = 503;
  world.start(std::make_shared<const Config>(config));
  Alert alert = world.resolved("x");
  alert.labels.set("secret", "yes");
  alert.labels.set("integration", "refunds");
  alert.annotations.set("note", "about Jane");
  world.sender->take({alert, world.resolved("y")});
  REQUIRE(world.kept_rows() == 2);
  const auto rows = world.run(world.store->load_all(std::string(kAlertmanagerSpace)));
  for (const KeyValue& row : *rows) {
    CHECK(row.value.find("Jane") == std::string::npos);
  }
  world.pass(300ms);
  world.network.host("a.test").status = 200;
  world.pass(10s);
  REQUIRE(world.network.webhooks().size() == 2);
  const fakes::SentWebhook& post = world.network.webhooks().back();
  CHECK(post.status == 200);
  CHECK(post.body.find("Jane") == std::string::npos);
  CHECK(post.body.find("alert_id") != std::string::npos);
  CHECK(post.body.find("berlin") != std::string::npos);  // of the other one
  CHECK(world.kept_rows() == 0);
}

TEST_CASE("one that is down holds up no other, and is told the newest word when it is back") {
  AlertmanagerSenderWorld world;
  world.network.host("a.test").fault = "refuse";
  world.start(config_of({"a.test", "b.test"}));
  world.sender->take({world.firing("x"), world.firing("y")});
  world.pass(5s);
  CHECK(world.got("b.test") == Texts{"x y "});
  CHECK(world.sender->standings().at(0).queue == 2);
  CHECK(world.sender->standings().at(0).failing);
  world.sender->take({world.resolved("x")});
  world.network.host("a.test").fault = "";
  world.pass(60s);
  CHECK(world.got("a.test") == Texts{"x y "});
  CHECK_FALSE(world.sender->standings().at(0).failing);
  const std::string& body = world.network.webhooks().back().body;
  const json::value told = json::parse(body);
  const std::string ends(told.as_array()[0].at("endsAt").as_string());
  CHECK(*parse_rfc3339(ends) < world.loop.clock.wall_now());
}

TEST_CASE("retries by class, with growing delays") {
  struct Case {
    const char* name;
    const char* fault;
    int status;
    bool again;
  };

  for (const Case& c : {Case{"refused", "refuse", 200, true},
                        Case{"hangs", "hang", 200, true},
                        Case{"busy", "", 503, true},
                        Case{"too many", "", 429, true},
                        Case{"internal", "", 500, true},
                        Case{"bad request", "", 400, false},
                        Case{"unauthorized", "", 401, false},
                        Case{"not found", "", 404, false},
                        Case{"too large, one alert", "", 413, false}}) {
    DYNAMIC_SECTION(c.name) {
      AlertmanagerSenderWorld world;
      world.network.host("a.test").fault = c.fault;
      world.network.host("a.test").status = c.status;
      world.start(config_of({"a.test"}));
      world.sender->take({world.firing("x")});
      world.pass(200s);
      const AlertmanagerSender::Standing standing = world.sender->standings().at(0);
      CHECK(standing.drops.rejected == (c.again ? 0U : 1U));
      CHECK(standing.queue == (c.again ? 1U : 0U));
      // Delays of 1, 2, 4 ... 60 s, each spread over its upper half.
      CHECK((world.attempts.size() > 4) == c.again);
      CHECK(world.attempts.size() <= 14);
    }
  }
}

TEST_CASE("Retry-After is obeyed") {
  AlertmanagerSenderWorld world;
  world.network.host("a.test").status = 429;
  world.network.host("a.test").headers["Retry-After"] = "120";
  world.start(config_of({"a.test"}));
  world.sender->take({world.firing("x")});
  world.pass(119s);
  CHECK(world.attempts.size() == 1);
  world.pass(3s);
  CHECK(world.attempts.size() == 2);
}

TEST_CASE("a firing alert is not told after its end, and the queue ends empty") {
  AlertmanagerSenderWorld world;
  world.network.host("a.test").fault = "refuse";
  world.start(config_of({"a.test"}));
  world.sender->take({world.firing("x")});
  world.pass(400s);
  CHECK(world.sender->standings().at(0).drops.expired == 1);
  world.network.host("a.test").fault = "";
  world.pass(120s);
  CHECK(world.got("a.test").empty());
}

TEST_CASE("batches hold 256 alerts, fewer for who finds that too large") {
  AlertmanagerSenderWorld world;
  std::vector<Alert> alerts;
  for (int i = 0; i < 600; ++i) {
    alerts.push_back(world.firing("x" + std::to_string(i)));
  }
  world.start(config_of({"a.test"}));
  SECTION("taken") {
    world.sender->take(alerts);
    world.pass(1s);
    REQUIRE(world.attempts.size() == 3);
    CHECK(world.attempts[0].alerts == 256);
    CHECK(world.attempts[1].alerts == 256);
    CHECK(world.attempts[2].alerts == 88);
  }
  SECTION("too large") {
    world.network.host("a.test").status = 413;
    world.sender->take(alerts);
    world.loop.run_until(world.loop.clock.mono_now() + 10s,
                         [&] { return world.attempts.size() == 3; });
    world.network.host("a.test").status = 200;
    world.pass(1s);
    CHECK(world.attempts[1].alerts == 128);
    CHECK(world.attempts[2].alerts == 64);
    CHECK(world.sender->standings().at(0).queue == 0);
    CHECK(world.sender->standings().at(0).drops.rejected == 0);
  }
}

TEST_CASE("one that refuses names with dots gets them with underscores from then on") {
  AlertmanagerSenderWorld world;
  world.network.host("a.test").status = 400;
  world.start(config_of({"a.test"}));
  Alert dotted = world.firing("x");
  dotted.labels.set("host.name", "h");
  world.sender->take({dotted});
  world.loop.run_until(world.loop.clock.mono_now() + 10s,
                       [&] { return world.attempts.size() == 1; });
  world.network.host("a.test").status = 200;
  world.pass(1s);
  REQUIRE(world.network.webhooks().size() == 2);
  CHECK(world.network.webhooks()[0].body.find("host.name") != std::string::npos);
  CHECK(world.network.webhooks()[1].body.find("host_name") != std::string::npos);
}

TEST_CASE("resolved alerts that are not told outlive a restart") {
  AlertmanagerSenderWorld world;
  world.network.host("a.test").fault = "refuse";
  world.start(config_of({"a.test"}));
  world.sender->take({world.resolved("x"), world.firing("y")});
  world.pass(2s);
  CHECK(world.kept_rows() == 1);
  world.end_tasks();

  world.make();
  SECTION("it is told") {
    world.sender->apply(config_of({"a.test"}));
    CHECK(world.sender->standings().at(0).queue == 1);
    CHECK(world.kept_rows() == 1);
  }
  SECTION("nobody is to be told any more") {
    world.sender->apply(config_of({"b.test"}));
    CHECK(world.sender->standings().at(0).queue == 0);
    CHECK(world.kept_rows() == 0);
  }
}

TEST_CASE("what may leave of an alert is decided once, however often the agent starts") {
  AlertmanagerSenderWorld world;
  world.network.host("a.test").fault = "refuse";
  world.start(config_of({"a.test"}));
  Alert alert = world.resolved("x");
  alert.labels.set("secret", "yes");
  alert.annotations.set("note", "about Jane");
  world.sender->take({alert});
  REQUIRE(world.kept_rows() == 1);
  world.end_tasks();
  const auto rows = [&] {
    return *world.run(world.store->load_all(std::string(kAlertmanagerSpace)));
  };
  const auto before = rows();
  CHECK(before[0].value.find("alert_id") != std::string::npos);
  for (int start = 0; start < 2; ++start) {
    world.make();
    world.sender->apply(config_of({"a.test"}));
    CHECK(world.kept_rows() == 1);
    CHECK(rows() == before);
  }
  // Versions before kept it whole.
  KeyValue whole = before[0];
  Notification row;
  row.alerts.push_back(alert);
  whole.value = to_json(row);
  whole.key = "http://a.test/api/v2/alerts\n" + fingerprint_hex(alert.labels.fingerprint());
  REQUIRE(world.run(world.store->put_all(std::string(kAlertmanagerSpace), {whole}, {before[0].key}))
              .has_value());
  world.make();
  world.sender->apply(config_of({"a.test"}));
  CHECK(world.kept_rows() == 1);
  CHECK(rows() == before);
}

TEST_CASE("a reload keeps the queues of addresses that stay, and forgets the others") {
  AlertmanagerSenderWorld world;
  world.network.host("a.test").fault = "refuse";
  world.network.host("b.test").fault = "refuse";
  world.start(config_of({"a.test", "b.test"}));
  world.sender->take({world.resolved("x"), world.firing("y"), world.firing("z")});
  world.pass(1s);
  CHECK(world.kept_rows() == 2);
  world.sender->apply(config_of({"b.test", "c.test"}, 2));
  REQUIRE(world.sender->standings().size() == 2);
  CHECK(world.sender->standings()[0].address == "http://b.test/api/v2/alerts");
  CHECK(world.sender->standings()[0].queue == 2);
  CHECK(world.sender->standings()[0].drops.queue_full == 1);
  CHECK(world.sender->standings()[1].queue == 0);
  CHECK(world.kept_rows() == 1);
}

TEST_CASE("an unreadable secret is no reason to drop alerts") {
  AlertmanagerSenderWorld world;
  auto config = std::make_shared<Config>(*config_of({"a.test"}));
  config->alertmanagers[0].http.authorization.file = "/no/such/secret";
  world.start(config);
  world.sender->take({world.firing("x")});
  world.pass(5s);
  CHECK(world.network.webhooks().empty());
  CHECK(world.sender->standings().at(0).queue == 1);
}
