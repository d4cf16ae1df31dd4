#include "agent/config/shown_config.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

namespace seamwatch::agent {

TEST_CASE("the configuration is shown without secrets, as YAML") {
  Config config;
  config.global.external_labels = Labels{{"site", "a: \"b\"\n# c"}};
  Integration orders;
  orders.name = "orders";
  orders.source = "shop";
  orders.target = "erp";
  ProbeConfig api;
  api.integration = "orders";
  api.name = "api";
  api.target = "https://user:geheim1@erp/x?token=geheim2";
  api.module = "http_2xx";
  ProbeConfig beat;
  beat.integration = "orders";
  beat.name = "beat";
  beat.heartbeat = true;
  orders.probes = {api, beat};
  config.landscape.integrations["orders"] = orders;
  config.heartbeats["orders/beat"].key = Secret("geheim3");
  AlertmanagerConfig alertmanager;
  alertmanager.targets = {"am:9093"};
  alertmanager.http.basic_user.text = Secret("agent");
  alertmanager.http.basic_password.text = Secret("geheim4");
  AlertmanagerConfig other;
  other.targets = {"other:9093"};
  other.http.authorization.text = Secret("geheim5");
  config.alertmanagers = {alertmanager, other};
  const std::string shown = shown_config(config);
  CHECK(shown.find("geheim") == std::string::npos);
  CHECK(shown.find("https://<secret>@erp/x?token=<secret>") != std::string::npos);
  Diagnostics problems;
  const Document document = parse_yaml("shown.yml", shown, problems);
  INFO(problems.to_string() << shown);
  REQUIRE(problems.empty());
  const Node* global = document.root.find("global");
  REQUIRE(global != nullptr);
  CHECK(global->find("external_labels")->find("site")->scalar == "a: \"b\"\n# c");
  const Node* shown_alertmanagers = document.root.find("alerting")->find("alertmanagers");
  REQUIRE(shown_alertmanagers->items.size() == 2);
  CHECK(shown_alertmanagers->items[0].find("basic_auth")->find("username")->scalar == "agent");
  CHECK(shown_alertmanagers->items[1]
            .find("static_configs")
            ->items[0]
            .find("targets")
            ->items[0]
            .scalar == "other:9093");
  const Node* shown_orders = document.root.find("integrations")->find("orders");
  REQUIRE(shown_orders != nullptr);
  REQUIRE(shown_orders->find("probes")->items.size() == 2);
  CHECK(shown_orders->find("probes")->items[1].find("heartbeat")->find("key")->scalar ==
        "<secret>");
}

}  // namespace seamwatch::agent
