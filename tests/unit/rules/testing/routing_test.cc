#include "rules/testing/routing_run.h"
#include "tests/unit/rules/testing/files.h"

namespace seamwatch::rules::testing {
namespace {

constexpr const char* kNotify = R"(
route:
  receiver: all
  group_by: [alertname]
  group_wait: 30s
  group_interval: 1m
  repeat_interval: 10m
  routes:
    - matchers: [owner="x"]
      receiver: team
      continue: true
      group_by: ['...']
    - matchers: [severity="page"]
      receiver: pager
      mute_time_intervals: [nights]
receivers:
  - {name: all, webhook_configs: [{url: 'http://h/'}]}
  - name: team
    webhook_configs: [{url: 'http://h/'}]
    email_configs: [{to: 'a@example.org', from: 'b@example.org', smarthost: 'h:25'}]
  - {name: pager, webhook_configs: [{url: 'http://h/'}]}
inhibit_rules:
  - {source_matchers: [alertname="Big"], target_matchers: [alertname="Small"], equal: [site]}
time_intervals:
  - {name: nights, time_intervals: [{times: [{start_time: '00:00', end_time: '01:00'}]}]}
)";

constexpr const char* kRules = R"(
groups:
  - name: g
    rules:
      - {alert: Held, expr: m > 1, for: 1m, labels: {owner: x}, annotations: {s: 'v {{$value}}'}}
)";

std::string run_test_of(const std::string& test, Coverage* coverage = nullptr) {
  const TestFile file = test_file("notification_file: n.yml\ntests:\n- " + test);
  REQUIRE(file.tests.size() == 1);
  const std::vector<RuleFile> rules = rule_files(kRules);
  const auto notify = notify_config(kNotify);
  if (coverage != nullptr) {
    *coverage = Coverage(rules, notify.get());
  }
  return failures(run_test(file, file.tests.front(), {rules, notify}, coverage));
}

std::string run_route(const std::string& check, const std::string& inputs = "") {
  return run_test_of("{" + inputs + "alert_route_test: [" + check + "]}");
}

TEST_CASE("routes: where an alert goes, in order, and how it is grouped") {
  CHECK(run_route("{labels: {a: b}, exp_receivers: [all], exp_groups: [{}]}") == "");
  CHECK(run_route("{labels: {owner: x, severity: page, alertname: A}, exp_receivers: [team, pager],"
                  " exp_groups: [{alertname: A, owner: x, severity: page}, {alertname: A}]}") ==
        "");
  CHECK(run_route("{labels: {owner: x, severity: page}, exp_receivers: [pager, team]}") ==
        "routing of {owner=\"x\", severity=\"page\"} at 0s\n"
        "  - receivers: pager, team\n"
        "  + receivers: team, pager\n"
        "  note: taken by the route to team at n.yml:9:7\n"
        "  note: taken by the route to pager at n.yml:13:7\n");
  CHECK(run_route("{labels: {owner: x}, exp_receivers: [teams], exp_groups: []}") ==
        "routing of {owner=\"x\"} at 0s\n"
        "  - receivers: teams\n"
        "  + receivers: team\n"
        "  - groups: nothing\n"
        "  + groups: {owner=\"x\"}\n"
        "  note: taken by the route to team at n.yml:9:7\n"
        "  note: there is no receiver \"teams\"; did you mean \"team\"?\n");
}

TEST_CASE("routes: muted at its time") {
  const std::string page = "labels: {severity: page}";
  CHECK(run_route("{eval_time: 59m, " + page + ", exp_muted_by: [nights]}") == "");
  CHECK(run_route("{eval_time: 1h, " + page + ", exp_muted_by: []}") == "");
  CHECK_THAT(run_route("{eval_time: 1h, " + page + ", exp_muted_by: [nihgts]}"),
             Catch::Contains("  - muted by: nihgts\n  + muted by: nothing\n") &&
                 Catch::Contains("there is no time interval \"nihgts\"; did you mean \"nights\"?"));
  CHECK(run_route("{labels: {severity: page}, exp_muted_by: []}",
                  "start_timestamp: 2026-01-01T12:00:00Z, ") == "");
}

TEST_CASE("routes: inhibited while the other fires") {
  const std::string big =
      "input_alerts: [{labels: {alertname: Big, site: a, n: '1'}, starts_at: 2m, ends_at: 4m}], ";
  const auto asked = [&](const std::string& at, const std::string& site, const std::string& by) {
    return run_route("{eval_time: " + at + ", labels: {alertname: Small, site: " + site +
                         "}, exp_inhibited_by: " + by + "}",
                     big);
  };
  CHECK(asked("1m59s999ms", "a", "[]") == "");
  CHECK(asked("2m", "a", "[{alertname: Big}]") == "");
  CHECK(asked("3m59s", "a", "[{alertname: Big, n: '1'}]") == "");
  CHECK(asked("4m", "a", "[]") == "");
  CHECK(asked("3m", "b", "[]") == "");
  CHECK_THAT(asked("3m", "a", "[{alertname: Big, n: '2'}]"),
             Catch::Contains("  - inhibited by: {alertname=\"Big\", n=\"2\"}\n"
                             "  + inhibited by: {alertname=\"Big\", n=\"1\", site=\"a\"}\n"));
  CHECK_THAT(asked("3m", "a", "[]"), Catch::Contains("  - inhibited by: nothing\n"));
}

TEST_CASE("routes: silenced, once or again and again") {
  const std::string one =
      "input_silences: [{id: work, matchers: ['a=~\"b|c\"', d=e], starts_at: 1m, ends_at: 2m}], ";
  const auto asked = [&](const std::string& at, const std::string& by) {
    return run_route("{eval_time: " + at + ", labels: {a: b, d: e}, exp_silenced_by: " + by + "}",
                     one);
  };
  CHECK(asked("59s", "[]") == "");
  CHECK(asked("1m", "[work]") == "");
  CHECK(asked("2m", "[]") == "");
  CHECK_THAT(asked("1m", "[wrok]"), Catch::Contains("there is no input silence \"wrok\""));
  // The epoch was a Thursday.
  const std::string weekly =
      "input_silences: [{matchers: [a=b], recurrence: {rule: FREQ=WEEKLY;BYDAY=FR, duration: 2h}}],"
      " ";
  CHECK(run_route("{eval_time: 25h, labels: {a: b}, exp_silenced_by: [silence 1]}", weekly) == "");
  CHECK(run_route("{eval_time: 27h, labels: {a: b}, exp_silenced_by: []}", weekly) == "");
}

TEST_CASE("routes: of what the rules fire") {
  const std::string test =
      "{interval: 1m, external_labels: {site: a, owner: z}, input_series: [{series: 'm{i=\"1\"}',"
      " values: 0 2 2 2}, {series: 'm{i=\"2\"}', values: 2 2 2 2}], alert_route_test: [";
  CHECK(run_test_of(test + "{eval_time: 2m, alertname: Held, exp_receivers: [team], exp_groups:"
                           " [{alertname: Held, owner: x, i: '2', site: a}]}]}") ==
        "routing of {alertname=\"Held\", i=\"1\", owner=\"x\", site=\"a\"} at 2m\n"
        "  - groups: {alertname=\"Held\", i=\"2\", owner=\"x\", site=\"a\"}\n"
        "  + groups: {alertname=\"Held\", i=\"1\", owner=\"x\", site=\"a\"}\n"
        "  note: taken by the route to team at n.yml:9:7\n");
  CHECK(run_test_of(test + "{eval_time: 59s, alertname: Held, exp_receivers: [team]}]}") ==
        "alert Held at 59s: none fires, so there is none to route\n"
        "  note: give the alert by `labels:` where no rule of the test makes it fire\n");
}

TEST_CASE("notifications: what the rules fire goes out, once, and its end") {
  const std::string test =
      "{interval: 1m, input_series: [{series: m, values: 0 2 2 2 0 0 0}], notification_test: [";
  CHECK(run_test_of(test + "{eval_time: 2m29s, exp_notifications: []}]}") == "");
  CHECK(run_test_of(test +
                    "{eval_time: 2m30s, exp_notifications: [{receiver: team, sent_at: 2m30s,"
                    " status: firing, reason: first, sinks: ['webhook[0]', 'email[0]'],"
                    " group_labels: {alertname: Held, owner: x}, exp_alerts: [{exp_status: firing,"
                    " exp_labels: {alertname: Held, owner: x}, exp_annotations: {s: v 2}}]}]}]}") ==
        "");
  CHECK(run_test_of(test +
                    "{eval_time: 10m, since: 3m, exp_notifications: [{receiver: team, status:"
                    " resolved, sent_at: 4m30s, sinks: ['webhook[0]'], exp_alerts: [{exp_labels: "
                    "{alertname: Held, owner: x}}]}]}]}") == "");
}

TEST_CASE("notifications: a diff shows the nearest one") {
  const std::string test =
      "{input_alerts: [{labels: {a: b}, annotations: {s: text}, ends_at: 3m}], notification_test: ";
  CHECK(run_test_of(test +
                    "[{eval_time: 5m, exp_notifications: [{receiver: all, sent_at: 1m, reason: "
                    "first, exp_alerts: [{exp_labels: {a: c}}]}, {receiver: pager, status: firing}"
                    "]}]}") ==
        "notifications by 5m: 2 expected, 2 sent\n"
        "  ~ 30s to all, firing, first: {a=\"b\"}\n"
        "      - sent_at: 1m\n"
        "      + sent_at: 30s\n"
        "      - alert {a=\"c\"}\n"
        "      + alert {a=\"b\"} firing\n"
        "          + annotation s=\"text\"\n"
        "  - to pager, firing\n"
        "  + 3m30s to all, resolved, resolved: {a=\"b\"}\n");
  CHECK(run_test_of(test + "[{eval_time: 5m, match: subset, exp_notifications: [{receiver: all, "
                           "exp_alerts: [{exp_labels: {}, exp_annotations: {s: text}}]}]}]}") ==
        "");
  CHECK(run_test_of(
            test + "[{eval_time: 5m, receiver: gaper, exp_notifications: [{receiver: gaper}]}]}") ==
        "notifications to gaper by 5m: 1 expected, 0 sent\n"
        "  - to gaper\n"
        "  note: there is no receiver \"gaper\"\n"
        "  note: there is no receiver \"gaper\"\n");
}

TEST_CASE("notifications: what is held back is said beside") {
  CHECK(
      run_test_of("{input_alerts: [{labels: {a: b}}], input_silences: [{matchers: [a=b], ends_at: "
                  "2m}], notification_test: [{eval_time: 1m, exp_notifications: [{receiver: "
                  "all}]}, {eval_time: 3m, exp_notifications: [{receiver: all, sent_at: "
                  "2m30s}]}]}") ==
      "notifications by 1m: 1 expected, 0 sent\n"
      "  - to all\n"
      "  note: held back from all at 30s: {a=\"b\"} silenced by silence 1\n");
}

TEST_CASE("notifications: what somebody takes on is not repeated") {
  const auto repeated = [](const std::string& acks) {
    return run_test_of("{input_alerts: [{labels: {a: b}}], " + acks +
                       "notification_test: [{eval_time: 25m, since: 1m, exp_notifications: "
                       "[{receiver: all, reason: repeat}, {receiver: all, reason: repeat}]}]}") ==
           "";
  };
  CHECK(repeated(""));
  CHECK_FALSE(repeated("input_acks: [{matchers: [a=b], starts_at: 5m}], "));
  CHECK(repeated("input_acks: [{matchers: [a=c], starts_at: 5m}], "));
  CHECK(repeated("input_acks: [{matchers: [a=b], starts_at: 5m, ends_at: 6m}], "));
}

TEST_CASE("routes that no alert of a test came to count in the coverage") {
  Coverage coverage;
  CHECK(run_test_of("{input_alerts: [{labels: {a: b}}], alert_route_test: [{labels: {owner: x}, "
                    "exp_receivers: [team]}]}",
                    &coverage) == "");
  std::string gaps;
  for (const Diagnostic& gap : coverage.gaps()) {
    gaps += gap.to_string() + "\n";
  }
  CHECK(gaps ==
        "r.yml:5:9: alert Held never fired\n"
        "n.yml:13:7: route {}/{severity=\"page\"} to pager: no alert of a test came to it\n");
  CHECK(coverage.item_count() == 4);
  CHECK(coverage.seen_count() == 2);
}

TEST_CASE("what is wrong with tests of routes has its place") {
  struct Case {
    const char* name;
    const char* test;
    const char* want;  // the whole line, after the place of the test
  };

  const Case cases[] = {
      {"unknown key",
       "{alert_route_test: [{labels: {a: b}, exp_recievers: [x], exp_muted_by: []}]}",
       "3:40: unknown key \"exp_recievers\" in alert_route_test; did you mean \"exp_receivers\"?"},
      {"nobody to route",
       "{alert_route_test: [{exp_receivers: [x]}]}",
       "3:23: test \"test 1\": there is no alert to route; write `labels:` for an alert of your "
       "own, or `alertname:` for those that fire"},
      {"two to route",
       "{alert_route_test: [{alertname: A, labels: {a: b}, exp_receivers: [x]}]}",
       "3:23: test \"test 1\": alertname and labels are both there; write `labels:` for an alert "
       "of "
       "your own, or `alertname:` for those that fire"},
      {"no labels",
       "{alert_route_test: [{labels: {}, exp_receivers: [x]}]}",
       "3:32: test \"test 1\": an alert has at least one label; name its labels"},
      {"nothing expected",
       "{alert_route_test: [{labels: {a: b}}]}",
       "3:23: test \"test 1\": an item under alert_route_test expects nothing; add `exp_receivers: "
       "[...]`"},
      {"groups are maps",
       "{alert_route_test: [{labels: {a: b}, exp_groups: [x]}]}",
       "3:53: test \"test 1\": \"exp_groups\" must be a list of labels; write `- {alertname: X}`"},
      {"match",
       "{alert_route_test: [{labels: {a: b}, exp_receivers: [x], match: subset}]}",
       "3:60: unknown key \"match\" in alert_route_test; remove it"},
      {"status",
       "{notification_test: [{exp_notifications: [{receiver: a, status: fired}]}]}",
       "3:67: test \"test 1\": unknown status \"fired\"; use one of firing, resolved"},
      {"reason",
       "{notification_test: [{exp_notifications: [{receiver: a, reason: new}]}]}",
       "3:67: test \"test 1\": unknown reason \"new\"; use one of first, new_alerts, resolved, "
       "repeat, escalated"},
      {"no receiver",
       "{notification_test: [{exp_notifications: [{status: firing}]}]}",
       "3:45: expected notification has no \"receiver\"; add `receiver:`"},
      {"since",
       "{notification_test: [{eval_time: 1m, since: 2m}]}",
       "3:47: test \"test 1\": since 2m is after eval_time 1m; give an earlier time"},
      {"alert without labels",
       "{input_alerts: [{starts_at: 1m}]}",
       "3:19: test \"test 1\": an input alert has no labels; add `labels: {alertname: X}`"},
      {"span",
       "{input_alerts: [{labels: {a: b}, starts_at: 2m, ends_at: 2m}]}",
       "3:60: test \"test 1\": ends_at 2m is not after starts_at 2m; give a later ends_at, or "
       "none"},
      {"matchers",
       "{input_silences: [{}]}",
       "3:21: input silence has no \"matchers\"; add `matchers: ['alertname=\"X\"']`"},
      {"silence twice",
       "{input_silences: [{id: a, matchers: [b=c]}, {id: a, matchers: [b=c]}]}",
       "3:47: test \"test 1\": silence \"a\" is there twice; give it another id"},
  };
  for (const Case& c : cases) {
    DYNAMIC_SECTION(c.name) {
      CHECK(problems_of("notification_file: n.yml\ntests:\n- " + std::string(c.test)) ==
            "t.yml:" + std::string(c.want) + "\n");
    }
  }
  CHECK(problems_of("tests: [{alert_route_test: [{labels: {a: b}, exp_receivers: [x]}]}]") ==
        "t.yml:1:29: test \"test 1\": alert_route_test needs a notification file; add "
        "`notification_file:` beside `rule_files:`\n");
  CHECK(problems_of("tests: [{notification_test: [{eval_time: 1m}]}]") ==
        "t.yml:1:30: test \"test 1\": notification_test needs a notification file; add "
        "`notification_file:` beside `rule_files:`\n");
  CHECK_THAT(problems_of("tests: [{input_silences: [{matchers: ['a b']}]}]"),
             Catch::StartsWith("t.yml:1:39: test \"test 1\": ") &&
                 Catch::EndsWith("; write a matcher like 'alertname=\"X\"'\n"));
  CHECK_THAT(problems_of("tests: [{input_silences: [{matchers: [a=b], recurrence: {rule: x}}]}]"),
             Catch::StartsWith("t.yml:1:57: test \"test 1\": "));
}

}  // namespace
}  // namespace seamwatch::rules::testing
