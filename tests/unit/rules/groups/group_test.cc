#include "rules/groups/group.h"

#include "tests/unit/rules/groups/world.h"

namespace seamwatch::rules {
namespace {

struct Step {
  double second;
  bool holds;
  std::string phase;  // after the evaluation; "" where the alert is forgotten
};

struct MachineCase {
  std::string name;
  std::string timing;  // the `for` and `keep_firing_for` lines
  std::vector<Step> steps;
};

TEST_CASE("an alert goes through its phases") {
  const std::vector<MachineCase> cases = {
      {"without for it fires at once", "", {{0, true, "firing"}, {60, false, "inactive"}}},
      {"for counts from the first time it holds",
       "for: 2m",
       {{0, true, "pending"}, {60, true, "pending"}, {119.999, true, "pending"}}},
      {"at exactly for it fires", "for: 2m", {{0, true, "pending"}, {120, true, "firing"}}},
      {"one after for it fires", "for: 2m", {{0, true, "pending"}, {120.001, true, "firing"}}},
      {"a gap starts for anew",
       "for: 2m",
       {{0, true, "pending"},
        {60, false, ""},
        {119, true, "pending"},
        {238, true, "pending"},
        {239, true, "firing"}}},
      {"keep_firing_for holds on just before its end",
       "keep_firing_for: 2m",
       {{0, true, "firing"},
        {60, false, "firing"},
        {179.999, false, "firing"},
        {180, false, "inactive"}}},
      {"keep_firing_for starts anew when it holds again",
       "keep_firing_for: 2m",
       {{0, true, "firing"},
        {60, false, "firing"},
        {120, true, "firing"},
        {180, false, "firing"},
        {299, false, "firing"},
        {300, false, "inactive"}}},
      {"keep_firing_for does not keep a pending alert",
       "for: 2m\n        keep_firing_for: 5m",
       {{0, true, "pending"}, {60, false, ""}}},
      {"a resolved alert is kept for fifteen minutes",
       "",
       {{0, true, "firing"}, {60, false, "inactive"}, {960, false, "inactive"}, {961, false, ""}}},
      {"a resolved alert that holds again is a new one",
       "for: 1m",
       {{0, true, "pending"},
        {60, true, "firing"},
        {120, false, "inactive"},
        {180, true, "pending"},
        {240, true, "firing"}}},
  };
  for (const MachineCase& c : cases) {
    DYNAMIC_SECTION(c.name) {
      World world(R"(
groups:
  - name: g
    rules:
      - alert: A
        expr: m == 1
        )" + c.timing +
                  "\n");
      for (const Step& step : c.steps) {
        INFO("at " << step.second);
        world.sample("m", step.second, step.holds ? 1 : 0);
        const GroupResult result = world.evaluate(step.second);
        CHECK(result.errors.empty());
        CHECK(phase_of(world.group) == step.phase);
      }
    }
  }
}

TEST_CASE("an alert leaves the series ALERTS and ALERTS_FOR_STATE") {
  World world(R"(
groups:
  - name: g
    rules:
      - alert: A
        expr: m == 1
        for: 1m
        labels: {severity: page}
)");
  world.sample("m{a=\"x\"}", 10, 1);
  world.evaluate(10);
  CHECK(world.value(R"(ALERTS{alertname="A",alertstate="pending",severity="page",a="x"})", 10) ==
        1);
  CHECK(world.value(R"(ALERTS_FOR_STATE{alertname="A",severity="page",a="x"})", 10) == 10);

  world.sample("m{a=\"x\"}", 70, 1);
  world.evaluate(70);
  CHECK(world.value(R"(ALERTS{alertstate="firing"})", 70) == 1);
  // The series of the phase before has ended, though its last point is within the lookback.
  CHECK(!world.value(R"(ALERTS{alertstate="pending"})", 70));

  world.sample("m{a=\"x\"}", 130, 0);
  world.evaluate(130);
  CHECK(!world.value("ALERTS", 130));
  CHECK(!world.value("ALERTS_FOR_STATE", 130));
}

TEST_CASE("transitions tell each change once") {
  World world(R"(
groups:
  - name: g
    rules:
      - alert: A
        expr: m > 0
        for: 1m
)");
  const auto change = [](const GroupResult& result) -> std::string {
    if (result.transitions.empty()) {
      return "";
    }
    REQUIRE(result.transitions.size() == 1);
    const AlertTransition& t = result.transitions.front();
    return std::string(to_string(t.from)) + ">" + std::string(to_string(t.to)) + " " +
           std::to_string(static_cast<int>(t.value));
  };
  world.sample("m", 0, 3);
  CHECK(change(world.evaluate(0)) == "inactive>pending 3");
  CHECK(change(world.evaluate(30)) == "");
  world.sample("m", 60, 4);
  CHECK(change(world.evaluate(60)) == "pending>firing 4");
  world.sample("m", 90, 0);
  CHECK(change(world.evaluate(90)) == "firing>inactive 4");
  CHECK(change(world.evaluate(120)) == "");
  world.sample("m", 150, 5);
  CHECK(change(world.evaluate(150)) == "inactive>pending 5");
  world.sample("m", 160, 0);
  CHECK(change(world.evaluate(160)) == "pending>inactive 5");
}

TEST_CASE("alerts are sent at once, again after the resend delay, and when resolved") {
  GroupOptions options;
  options.external_url = "https://sw.example";
  World world(R"(
groups:
  - name: g
    interval: 30s
    rules:
      - alert: A
        expr: m == 1
        for: 30s
        annotations: {summary: "{{ $labels.a }} is {{ $value }}"}
)",
              options);
  const auto sent_at = [&](double second, double value) {
    world.sample("m{a=\"x\"}", second, value);
    return world.evaluate(second).to_send;
  };
  CHECK(sent_at(0, 1).empty());  // pending
  const std::vector<Alert> first = sent_at(30, 1);
  REQUIRE(first.size() == 1);
  CHECK(first[0].labels == Labels{{"alertname", "A"}, {"a", "x"}});
  CHECK(first[0].annotations.get("summary") == "x is 1");
  CHECK(first[0].annotations.size() == 1);
  CHECK(first[0].active_at == at_second(0));
  CHECK(first[0].starts_at == at_second(30));
  CHECK(first[0].ends_at == at_second(30 + 4 * 60));  // four times the resend delay
  CHECK(first[0].generator_url == "https://sw.example/graph?g0.expr=m+%3D%3D+1&g0.tab=1");
  CHECK(sent_at(60, 1).empty());
  CHECK(sent_at(90, 1).empty());  // the delay must have passed, not just come
  CHECK(sent_at(120, 1).size() == 1);
  const std::vector<Alert> resolved = sent_at(150, 0);
  REQUIRE(resolved.size() == 1);
  CHECK(resolved[0].ends_at == at_second(150));
  CHECK(resolved[0].starts_at == at_second(30));
  CHECK(sent_at(180, 0).empty());
  CHECK(sent_at(240, 0).size() == 1);   // told again while it is remembered
  CHECK(sent_at(1050, 0).size() == 1);  // fifteen minutes after it was resolved
  CHECK(sent_at(1080, 0).empty());
}

TEST_CASE("rules see the results of earlier rules of the same evaluation") {
  World world(R"(
groups:
  - name: g
    rules:
      - {record: "a:double", expr: 2 * m, labels: {x: "y", gone: ""}}
      - {record: "b:sum", expr: sum(a:double)}
      - {alert: High, expr: b:sum > 5}
)");
  world.sample("m{gone=\"1\"}", 0, 3);
  const GroupResult result = world.evaluate(0);
  CHECK(result.errors.empty());
  CHECK(world.value("a:double{x=\"y\",gone=\"\"}", 0) == 6);
  CHECK(world.value("b:sum", 0) == 6);
  CHECK(result.to_send.size() == 1);
}

TEST_CASE("a series that a rule no longer gives ends at once") {
  World world(R"(
groups:
  - name: g
    rules:
      - {record: "r", expr: m > 0}
)");
  world.sample("m{a=\"1\"}", 0, 1);
  world.sample("m{a=\"2\"}", 0, 2);
  CHECK(world.evaluate(0).samples_appended == 2);
  world.sample("m{a=\"1\"}", 60, 0);
  world.sample("m{a=\"2\"}", 60, 3);
  CHECK(world.evaluate(60).samples_appended == 2);  // one value, one marker
  CHECK(!world.value("r{a=\"1\"}", 60));
  CHECK(world.value("r{a=\"2\"}", 60) == 3);
}

TEST_CASE("query_offset moves queries and samples, not the time of the alert") {
  World world(R"(
groups:
  - name: g
    query_offset: 1m
    rules:
      - {record: "r", expr: m}
      - {alert: A, expr: m == 7}
)");
  world.sample("m", 0, 7);
  world.sample("m", 60, 8);
  world.evaluate(60);
  CHECK(world.value("r", 0) == 7);
  CHECK(world.group.states().at(0).active_at == at_second(60));
}

struct ErrorCase {
  std::string name;
  std::string group;  // further lines of the group
  std::string rule;
  std::string want;
};

TEST_CASE("a rule that fails says why and leaves its state alone") {
  const std::vector<ErrorCase> cases = {
      {"equal labels after the rule's labels",
       "",
       "{record: r, expr: m, labels: {a: same}}",
       "vector contains metrics with the same labelset after applying rule labels"},
      {"equal labels after templating",
       "",
       "{alert: A, expr: m, labels: {a: \"{{ $labels.b }}\"}}",
       "vector contains metrics with the same labelset after applying alert labels"},
      {"more series than the limit",
       "limit: 1",
       "{record: r, expr: m}",
       "exceeded limit of 1 with 2 series"},
      {"more alerts than the limit",
       "limit: 1",
       "{alert: A, expr: m}",
       "exceeded limit of 1 with 2 alerts"},
      {"as many as the limit", "limit: 2", "{alert: A, expr: m}", ""},
      {"a string", "", "{record: r, expr: '\"x\"'}", "rule result is not a vector or scalar"},
  };
  for (const ErrorCase& c : cases) {
    DYNAMIC_SECTION(c.name) {
      World world("groups:\n  - name: g\n    " + (c.group.empty() ? "limit: 0" : c.group) +
                  "\n    rules:\n      - " + c.rule + "\n");
      world.sample("m{a=\"1\"}", 0, 1);
      world.sample("m{a=\"2\"}", 0, 1);
      const GroupResult result = world.evaluate(0);
      const RuleStatus status = world.group.statuses().at(0);
      CHECK(status.last_evaluation == at_second(0));
      CHECK(status.last_error == c.want);
      if (c.want.empty()) {
        CHECK(result.errors.empty());
        CHECK(to_string(status.health) == "ok");
        CHECK(status.alerts.size() == 2);
      } else {
        REQUIRE(result.errors.size() == 1);
        CHECK(to_string(status.health) == "err");
        CHECK(result.samples_appended == 0);
        CHECK(result.to_send.empty());
      }
    }
  }
}

TEST_CASE("a template that fails stands in the text and is counted") {
  World world(R"(
groups:
  - name: g
    rules:
      - alert: A
        expr: m
        annotations: {summary: '{{ $labels.a | humanize }}', q: '{{ query "m" | first | value }}'}
)");
  world.sample("m{a=\"x\"}", 0, 5);
  const GroupResult result = world.evaluate(0);
  CHECK(result.template_failures == 1);
  CHECK(result.errors.empty());
  REQUIRE(result.failed_templates.size() == 1);
  CHECK(result.failed_templates[0].what.find("summary: <error expanding template: ") == 0);
  REQUIRE(result.to_send.size() == 1);
  const Labels& texts = result.to_send[0].annotations;
  CHECK(texts.get("summary").find(
            "<error expanding template: error executing template __alert_A") == 0);
  CHECK(texts.get("q") == "5");
}

}  // namespace
}  // namespace seamwatch::rules
