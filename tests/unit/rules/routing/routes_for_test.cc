#include "rules/routing/routes_for.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

NotifyConfig config_of(const std::string& text) {
  Diagnostics problems;
  auto out = load_notify_config(parse_yaml("n.yml", text, problems), problems);
  REQUIRE(problems.to_string() == "");
  return out;
}

// Who is told of dead letters of `receiver`.
std::string told(const NotifyConfig& config, const std::string& receiver) {
  const Labels labels{{"alertname", "NotificationsDeadLettered"}, {"receiver", receiver}};
  std::string out;
  for (const Route* route : routes_for(config, labels)) {
    out += (out.empty() ? "" : ",") + route->receiver;
  }
  return out;
}

constexpr const char* kReceivers = R"(
receivers:
  - {name: a, webhook_configs: [{url: "http://a"}]}
  - {name: b, webhook_configs: [{url: "http://b"}]}
  - {name: c, webhook_configs: [{url: "http://c"}]}
  - {name: nobody}
)";

std::string with_route(const std::string& route) {
  return kReceivers + ("route: " + route) + "\n";
}

}  // namespace

TEST_CASE("no receiver is told of its own dead letters while another can be") {
  struct Case {
    std::string name;
    std::string route;
    std::string of_a;
    std::string of_b;
  };

  const auto c = GENERATE(values<Case>({
      {"root only, the next receiver of the file", "{receiver: a}", "b", "a"},
      {"another of the tree", "{receiver: a, routes: [{receiver: c, matchers: [x=1]}]}", "c", "a"},
      {"a child whose root is another",
       "{receiver: b, routes: [{receiver: a, matchers: [receiver=a]}]}",
       "b",
       "a"},
      {"an own route stays",
       "{receiver: a, routes: [{receiver: c, matchers: [alertname=NotificationsDeadLettered]}]}",
       "c",
       "c"},
      {"others that are told as well are enough",
       "{receiver: b, routes: [{receiver: a, matchers: [receiver=~a|b], continue: true}, "
       "{receiver: c, matchers: [receiver=~a|b]}]}",
       "c",
       "a,c"},
      {"nobody is nobody to tell",
       "{receiver: a, routes: [{receiver: nobody, matchers: [x=1]}]}",
       "b",
       "a"},
  }));
  DYNAMIC_SECTION(c.name) {
    const NotifyConfig config = config_of(with_route(c.route));
    CHECK(told(config, "a") == c.of_a);
    CHECK(told(config, "b") == c.of_b);
    CHECK(find_unheard_dead_letters(config).empty());
  }
}

TEST_CASE("a route that is never muted is rather taken") {
  const NotifyConfig config = config_of(
      std::string(kReceivers) +
      "time_intervals: [{name: night, time_intervals: [{months: ['1']}]}]\n"
      "route: {receiver: a, routes: [{receiver: b, matchers: [x=1], mute_time_intervals: [night]}, "
      "{receiver: c, matchers: [x=2]}]}\n");
  CHECK(told(config, "a") == "c");
}

TEST_CASE("a fallback comes before other receivers without a route") {
  const NotifyConfig config = config_of(
      "receivers:\n"
      "  - {name: a, fallback_receiver: c, webhook_configs: [{url: 'http://a'}]}\n"
      "  - {name: b, webhook_configs: [{url: 'http://b'}]}\n"
      "  - {name: c, webhook_configs: [{url: 'http://c'}]}\n"
      "route: {receiver: a, group_by: [alertname]}\n");
  CHECK(told(config, "a") == "c");
  CHECK(config.detour->group_by == std::vector<std::string>{"alertname"});
}

TEST_CASE("where nobody else can be told, the receiver is, and the check says so") {
  const NotifyConfig config = config_of(
      "receivers:\n  - {name: a, webhook_configs: [{url: 'http://a'}]}\n  - {name: nobody}\n"
      "route: {receiver: a}\n");
  CHECK(told(config, "a") == "a");
  CHECK(find_unheard_dead_letters(config).to_string() ==
        "n.yml:2:5: nobody but receiver \"a\" would be told that it could not be told (alert "
        "NotificationsDeadLettered); add another receiver; a `fallback_receiver` of this one is "
        "enough\n");
}

TEST_CASE("other alerts keep their routes") {
  const NotifyConfig config = config_of(with_route("{receiver: a}"));
  for (const Labels& labels : {Labels{{"alertname", "X"}, {"receiver", "a"}},
                               Labels{{"alertname", "NotificationsDeadLettered"}}}) {
    REQUIRE(routes_for(config, labels).size() == 1);
    CHECK(routes_for(config, labels)[0]->receiver == "a");
  }
}
