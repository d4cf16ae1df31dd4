#include "agent/notify/route_privacy.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "agent/notify/silence_privacy.h"

using namespace seamwatch;
using namespace seamwatch::agent;

namespace {

rules::NotifyConfig notify_of(const std::string& rest) {
  Diagnostics problems;
  const std::string text = "receivers: [{name: a}]\n" + rest;
  auto out = rules::load_notify_config(parse_yaml("n.yml", text, problems), problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

std::string found(const std::string& matcher, const Privacy& privacy = {}) {
  return find_redacted_matchers(
             notify_of("route: {receiver: a, routes: [{matchers: ['" + matcher + "']}]}\n"),
             privacy)
      .to_string();
}

rules::AlertPtr alert_of(const std::string& owner) {
  Alert alert;
  alert.labels = Labels{{"alertname", "X"}, {"owner", owner}};
  return std::make_shared<const Alert>(alert);
}

rules::Matchers matchers_of(const std::string& text) {
  return {*rules::parse_matcher(text)};
}

}  // namespace

TEST_CASE("matchers that privacy leaves nothing to find are told with place and remedy") {
  CHECK(found("owner=\"ops@corp.example\"") ==
        "n.yml:2:31: a matcher of label \"owner\" matches no alert: privacy takes its value out of "
        "labels (\"<email>\") before alerts are routed; list the value under privacy.allow in "
        "seamwatch.yml, or match another label\n");
  CHECK(found("owner!=\"ops@corp.example\"").find("matches every alert") != std::string::npos);
  CHECK(found("owner=~\"a@corp\\\\.example|b@corp\\\\.example\"").find("\"owner\"") !=
        std::string::npos);
  CHECK(found("owner=~\".*@corp.example\"").find("\"owner\"") != std::string::npos);
  const std::string secret = found("dsn=\"mysql://u:hunter2@db\"");
  CHECK(secret.find("match another label\n") != std::string::npos);
  CHECK(secret.find("hunter2") == std::string::npos);
  CHECK(secret.find("privacy.allow") == std::string::npos);
}

TEST_CASE("matchers of inhibit rules are looked at as well") {
  const auto notify = notify_of(
      "route: {receiver: a}\n"
      "inhibit_rules: [{source_matchers: ['x=\"1\"'], target_matchers: ['u=\"a@b.example\"']}]\n");
  CHECK(
      find_redacted_matchers(notify, {}).to_string().find("n.yml:3:17: a matcher of label \"u\"") ==
      0);
}

TEST_CASE("other matchers, allowed values and redacted ones are no matter") {
  for (const std::string text : {"owner=\"ops\"",
                                 "instance=~\"https://.*:9100/.*\"",
                                 "severity=~\"page|warning\"",
                                 "owner=\"<email>#0123456789\""}) {
    INFO(text);
    CHECK(found(text) == "");
  }
  Privacy privacy;
  privacy.redactor = Redactor({}, {"ops@corp.example"});
  CHECK(found("owner=\"ops@corp.example\"", privacy) == "");
  privacy.redactor = Redactor();
  privacy.default_class = "public";
  CHECK(found("owner=\"ops@corp.example\"", privacy) == "");
}

TEST_CASE("a regular expression that does not see what privacy took out is told") {
  const std::vector<rules::AlertPtr> alerts = {alert_of("<email>#0123456789"), alert_of("team")};
  const auto told = blind_matchers(matchers_of("owner=~\".*corp.example\""), alerts);
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("privacy redacted label \"owner\" of 1 alert, ") == 0);
  CHECK(blind_matchers(matchers_of("owner!~\".*corp.example\""), alerts).size() == 1);
  CHECK(blind_matchers(matchers_of("owner=~\".+\""), alerts).empty());
  CHECK(blind_matchers(matchers_of("owner=\"team\""), alerts).empty());
  CHECK(blind_matchers(matchers_of("host=~\".*corp.example\""), alerts).empty());
  CHECK(blind_matchers(matchers_of("owner=~\".*corp.example\""), {alert_of("team")}).empty());
}
