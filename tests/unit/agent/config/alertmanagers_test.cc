#include "agent/config/alertmanagers.h"

#include <catch2/catch.hpp>

#include "agent/config/load.h"
#include "tests/unit/agent/config/cases.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

// The variables of full.good.yml.
}  // namespace

TEST_CASE("the Alertmanagers of a full configuration arrive") {
  ConfigSources sources;
  sources.config_file = kCases + "full.good.yml";
  const LoadedConfig loaded = load_config(sources, test_environment);
  INFO(loaded.problems.to_string());
  REQUIRE(loaded.config != nullptr);
  REQUIRE(loaded.config->alertmanagers.size() == 2);
  const AlertmanagerConfig& first = loaded.config->alertmanagers[0];
  CHECK(first.targets == std::vector<std::string>{"am-1:9093", "[::1]:9093", "am-3"});
  CHECK(first.address(first.targets[1]) == "https://[::1]:9093/alerts/api/v2/alerts");
  CHECK(first.timeout == Millis(3'000));
  CHECK(first.http.basic_user.text == Secret("bot"));
  CHECK(first.http.basic_password.file == kCases + "bot.pass");
  CHECK(first.http.tls.ca_file == kCases + "authority.pem");
  CHECK(first.http.tls.server_name == "am");
  CHECK(first.http.proxy.url == "http://proxy:3128");
  CHECK_FALSE(first.http.follow_redirects);
  CHECK_FALSE(first.http.enable_http2);
  const AlertmanagerConfig& second = loaded.config->alertmanagers[1];
  CHECK(second.address(second.targets[0]) == "http://am-1:9093/api/v2/alerts");
  CHECK(second.timeout == Millis(10'000));
  CHECK(second.http.authorization_type == "Bearer");
  CHECK(second.http.authorization.text == Secret("s3cr3t-t0ken"));
  CHECK(loaded.config->notification.alertmanager_queue_max == 300);
}

TEST_CASE("the address of an Alertmanager") {
  struct Case {
    const char* prefix;
    const char* want;
  };

  for (const Case& c : {Case{"", "http://am:9093/api/v2/alerts"},
                        Case{"/", "http://am:9093/api/v2/alerts"},
                        Case{"am", "http://am:9093/am/api/v2/alerts"},
                        Case{"/am", "http://am:9093/am/api/v2/alerts"},
                        Case{"/a/m//", "http://am:9093/a/m/api/v2/alerts"}}) {
    AlertmanagerConfig config;
    config.path_prefix = c.prefix;
    CHECK(config.address("am:9093") == c.want);
  }
}
