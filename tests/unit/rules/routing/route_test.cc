#include "rules/routing/route.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"
#include "rules/routing/notify_config.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

constexpr const char* kFile = R"(
route:
  receiver: all
  group_by: [alertname]
  group_wait: 10s
  routes:
    - matchers: [owner="x", env="prod"]
      receiver: x
      group_by: [alertname, cluster]
      continue: true
      routes:
        - match: {severity: critical}
          receiver: x-pager
          group_interval: 1m
    - matchers: [owner=~"x|y"]
      receiver: xy
      group_by: ['...']
      routes:
        - matchers: [deep="yes"]
        - matchers: [deep="no"]
          group_by: []
receivers:
  - name: all
  - name: x
  - name: x-pager
  - name: xy
)";

NotifyConfig config() {
  Diagnostics problems;
  const NotifyConfig out = load_notify_config(parse_yaml("n.yml", kFile, problems), problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

std::string receivers(const NotifyConfig& config, const Labels& labels) {
  std::string out;
  for (const Route* route : match(config.route, labels)) {
    out += (out.empty() ? "" : ",") + route->receiver;
  }
  return out;
}

}  // namespace

TEST_CASE("route: who is told") {
  const NotifyConfig file = config();

  struct Case {
    const char* name;
    Labels labels;
    std::string receivers;
  };

  const auto c = GENERATE(values<Case>({
      {"no labels: the root", {}, "all"},
      {"no child matches: the root", {{"owner", "z"}}, "all"},
      {"continue takes the sibling too", {{"owner", "x"}, {"env", "prod"}}, "x,xy"},
      {"deepest first", {{"owner", "x"}, {"env", "prod"}, {"severity", "critical"}}, "x-pager,xy"},
      {"one matcher of two is not enough", {{"owner", "x"}}, "xy"},
      {"inherits the receiver", {{"owner", "y"}, {"deep", "yes"}}, "xy"},
  }));
  DYNAMIC_SECTION(c.name) {
    CHECK(receivers(file, c.labels) == c.receivers);
  }
}

TEST_CASE("route: children inherit what they do not set") {
  const NotifyConfig file = config();
  const Route& x = file.route.routes.at(0);
  const Route& pager = x.routes.at(0);
  CHECK(pager.group_wait == Millis(10'000));
  CHECK(pager.group_interval == Millis(60'000));
  CHECK(x.group_interval == Millis(300'000));
  CHECK(pager.repeat_interval == Millis(4 * 3'600'000));
  CHECK(pager.group_by == std::vector<std::string>{"alertname", "cluster"});
  CHECK_FALSE(pager.continue_matching);
}

TEST_CASE("route: groups") {
  const NotifyConfig file = config();
  const Labels labels{{"alertname", "A"}, {"cluster", "c"}, {"owner", "x"}};
  const Route& x = file.route.routes.at(0);
  const Route& xy = file.route.routes.at(1);
  CHECK(group_labels(file.route, labels) == Labels{{"alertname", "A"}});
  CHECK(group_labels(x, labels) == Labels{{"alertname", "A"}, {"cluster", "c"}});
  CHECK(group_labels(xy, labels) == labels);
  CHECK(group_labels(xy.routes.at(0), labels) == labels);
  CHECK(group_labels(xy.routes.at(1), labels) == Labels{});
  CHECK(group_key(file.route, Labels{{"alertname", "A"}}) == R"({}:{alertname="A"})");
  CHECK(group_key(x.routes.at(0), Labels{{"a", "1"}, {"b", "2"}}) ==
        R"({}/{env="prod",owner="x"}/{severity="critical"}:{a="1", b="2"})");
}
