#include "rules/replay/replay.h"

#include <catch2/catch.hpp>

#include "rules/groups/group_schedule.h"
#include "rules/replay/compare.h"
#include "rules/replay/report.h"
#include "tests/unit/rules/replay/inputs.h"

namespace seamwatch::rules::replay {
namespace {

// Down from minute 2 to 5, and again at 8, too short to fire.
const char* const kSeries = R"(
interval: 1m
input_series:
- {series: 'up{job="shop"}', values: '1 1 0 0 0 0 1 1 0 1 1'}
)";

const char* const kRules = R"(
groups:
- name: g
  rules:
  - alert: Down
    expr: up == 0
    for: 2m
    labels: {severity: page}
    annotations: {summary: '{{ $labels.job }} is down'}
)";

const char* const kNotify = R"(
route: {receiver: team, group_by: [alertname], group_wait: 30s, group_interval: 1m,
        repeat_interval: 1h}
receivers:
- {name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]}
- {name: nobody}
)";

// Everything that a person would check, a line each.
std::string alerts_of(const ReplayResult& result) {
  std::string out;
  const auto shown = [](const std::optional<WallTime>& at) {
    return at ? format_duration(at->time_since_epoch()) : std::string("-");
  };
  for (const AlertEpisode& each : result.alerts) {
    out += each.alert + " " + shown(each.pending_at) + " " + shown(each.fired_at) + " " +
           shown(each.ended_at) + "\n";
  }
  return out;
}

std::string notices_of(const ReplayResult& result) {
  std::string out;
  for (const Notice& each : result.notices) {
    out += format_duration(each.at.time_since_epoch()) + " " + each.receiver + " " + each.reason +
           " " + std::to_string(each.firing.size()) + " firing " +
           std::to_string(each.resolved.size()) + " resolved\n";
  }
  return out;
}

TEST_CASE("replay: a recording is read a window at a time") {
  const Recording recorded = recording(R"(
interval: 1m
input_series:
- {series: 'up{job="shop"}', values: '1 1 0 0 0 0 1 1 0 1 1'}
- {series: 'up{job="late"}', values: '_x7 0 0 0 0'}
- {series: 'ALERTS{alertname="Down"}', values: '1x10'}
)");
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(kNotify);
  const std::string whole = text_report(replay(recorded, rule_files(kRules), options));
  CHECK(whole.find("late") != std::string::npos);
  for (const std::size_t points : {1, 2, 3, 10, 1000}) {
    DYNAMIC_SECTION(points) {
      options.window_points = points;
      CHECK(text_report(replay(recorded, rule_files(kRules), options)) == whole);
    }
  }
}

TEST_CASE("replay: the JSON holds values that JSON has no numbers for") {
  const Recording recorded = recording("{interval: 1m, input_series: [{series: up, values: 0x3}]}");
  const auto files = rule_files(
      "{groups: [{name: g, rules: [{alert: Endless, expr: 1 / up}, {alert: None, expr: up / "
      "up}]}]}");
  const std::string report = json_report(replay(recorded, files, options_for(recorded)));
  INFO(report);
  CHECK(report.find(R"("value":"+Inf")") != std::string::npos);
  CHECK(report.find(R"("value":"NaN")") != std::string::npos);
}

TEST_CASE("replay: one alert from pending to resolved, and one that never fires") {
  const Recording recorded = recording(kSeries);
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(kNotify);
  const ReplayResult result = replay(recorded, rule_files(kRules), options);
  CHECK(alerts_of(result) == "Down 2m 4m 6m\nDown 8m - 9m\n");
  CHECK(notices_of(result) ==
        "4m30s team first 1 firing 0 resolved\n"
        "6m30s team resolved 0 firing 1 resolved\n");
  CHECK(result.evaluations == 11);
  CHECK(result.fired() == 1);
  CHECK(result.rules == 1);
  CHECK(result.failures.empty());
  CHECK(result.alerts.at(0).annotations == Labels{{"summary", "shop is down"}});
  CHECK(result.alerts.at(0).value == 0);
  REQUIRE(result.receivers.size() == 2);
  CHECK(result.receivers[0].notices == 2);
  CHECK(result.receivers[0].first == 1);
  CHECK(result.receivers[0].resolved == 1);
  CHECK(result.receivers[1].notices == 0);
}

TEST_CASE("replay: rules see of alerts what may be kept of them") {
  const Recording recorded =
      recording("{interval: 1m, input_series: [{series: 'up{job=\"shop\"}', values: 0x3}]}");
  ReplayOptions options = options_for(recorded);
  options.clean = [](Labels& labels, Labels&) {
    if (labels.get("job") == "shop") {
      labels.set("job", "hidden");
    }
  };
  const auto files = rule_files(
      "{groups: [{name: g, rules: [{alert: Down, expr: up == 0},"
      " {alert: Plain, expr: 'ALERTS{job=\"shop\"}'},"
      " {alert: Hidden, expr: 'ALERTS{alertname=\"Down\", job=\"hidden\"}'}]}]}");
  const ReplayResult result = replay(recorded, files, options);
  CHECK(alerts_of(result) == "Down 0s 0s -\nHidden 0s 0s -\n");
  CHECK(result.alerts.at(0).labels.get("job") == "hidden");
}

TEST_CASE("replay: repeats, and an alert that is there at the end") {
  const Recording recorded =
      recording("{interval: 1m, input_series: [{series: up, values: 0x10}]}");
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(
      "{route: {receiver: team, group_wait: 0s, group_interval: 1m, repeat_interval: 4m},"
      " receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]}]}");
  const ReplayResult result = replay(
      recorded, rule_files("{groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]}"), options);
  CHECK(alerts_of(result) == "A 0s 0s -\n");
  CHECK(notices_of(result) ==
        "0s team first 1 firing 0 resolved\n"
        "4m team repeat 1 firing 0 resolved\n"
        "8m team repeat 1 firing 0 resolved\n");
}

TEST_CASE("replay: it stops where groups have more turns than anybody waits for") {
  const Recording recorded =
      recording("{interval: 1m, input_series: [{series: up, values: 0x60}]}");
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(
      "{route: {receiver: team, group_wait: 0s, group_interval: 1s, repeat_interval: 4h},"
      " receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]}]}");
  const auto rules = rule_files("{groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]}");
  CHECK_FALSE(replay(recorded, rules, options).stopped_at);
  options.turns_max = 100;
  const ReplayResult result = replay(recorded, rules, options);
  REQUIRE(result.stopped_at);
  CHECK(*result.stopped_at == minute(1) + Millis(42'000));  // 59 turns in each minute
  CHECK(text_report(result).find("stopped at 1970-01-01T00:01:42Z: groups of alerts had too many "
                                 "turns; choose a shorter span") != std::string::npos);
}

TEST_CASE("replay: noise control holds back as the recording says, and the report says why") {
  const Recording recorded = recording(
      "{interval: 1m, input_series: [{series: 'up{i=\"1\"}', values: 0x10}, {series: "
      "'up{i=\"2\"}', values: 0x10}, {series: 'up{i=\"3\"}', values: 0x10}]}");
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(
      "{route: {receiver: team, group_by: ['...'], group_wait: 0s, group_interval: 1m},"
      " receivers: [{name: team, email_configs: [{to: 'a@b.c', from: 'a@b.c', smarthost: 'h:25'}]"
      "}]}");
  options.noise.emplace();
  options.noise->policy.storm.notices_per_minute = 1;
  const ReplayResult result = replay(
      recorded, rule_files("{groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]}"), options);
  CHECK(notices_of(result) ==
        "0s team first 1 firing 0 resolved\n1m team new_alerts 2 firing 0 resolved\n");
  const std::string text = text_report(result);
  CHECK(text.find("storm summary of 2 notices: firing A{i=\"2\"}, A{i=\"3\"}") !=
        std::string::npos);
  CHECK(text.find("held back by cause:\n  storm: 2\n") != std::string::npos);
  CHECK(text.find("  team: 2 (1 first, 1 storm summary)\n") != std::string::npos);
}

TEST_CASE("replay: a step of an escalation between two turns of its group") {
  const Recording recorded =
      recording("{interval: 1m, input_series: [{series: up, values: 0 0 0 0 0 0 1 1 1 1 1}]}");
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(
      "{route: {receiver: team, group_wait: 0s, group_interval: 2m,"
      " escalate: [{after: 3m30s, receiver: lead, unless: acked}]},"
      " receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]},"
      " {name: lead, webhook_configs: [{url: 'http://127.0.0.1/l'}]}]}");
  const ReplayResult result = replay(
      recorded, rule_files("{groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]}"), options);
  CHECK(notices_of(result) ==
        "0s team first 1 firing 0 resolved\n"
        "3m30s lead escalated 1 firing 0 resolved\n"
        "6m team resolved 0 firing 1 resolved\n"
        "6m lead resolved 0 firing 1 resolved\n");
  CHECK(result.receivers.at(1).escalated == 1);
}

TEST_CASE("replay: what is inhibited or muted is held back, and told once each") {
  const Recording recorded = recording(
      "{interval: 1m, input_series: [{series: a, values: 1x3}, {series: b, values: 1x3}]}");
  const auto files =
      rule_files("{groups: [{name: g, rules: [{alert: A, expr: a}, {alert: B, expr: b}]}]}");
  ReplayOptions options = options_for(recorded);
  SECTION("inhibited") {
    options.notify = notify_config(R"(
route: {receiver: team, group_by: [alertname], group_wait: 0s, group_interval: 1m}
receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]}]
inhibit_rules: [{source_matchers: [alertname=A], target_matchers: [alertname=B]}]
)");
    const ReplayResult result = replay(recorded, files, options);
    CHECK(notices_of(result) == "0s team first 1 firing 0 resolved\n");
    REQUIRE(result.held_back.size() == 1);
    CHECK(result.held_back[0].alert == Labels{{"alertname", "B"}});
    CHECK(result.held_back[0].why.starts_with("inhibited by "));
    CHECK(result.fired() == 2);
  }
  SECTION("muted") {
    options.notify = notify_config(R"(
route: {receiver: team, group_wait: 0s, group_interval: 1m,
        routes: [{matchers: [alertname=B], mute_time_intervals: [always]}]}
receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]}]
time_intervals: [{name: always, time_intervals: [{times: [{start_time: '00:00', end_time: '24:00'}]}]}]
)");
    const ReplayResult result = replay(recorded, files, options);
    CHECK(notices_of(result) == "0s team first 1 firing 0 resolved\n");
    REQUIRE(result.held_back.size() == 1);
    CHECK_FALSE(result.held_back[0].alert.has_value());
    CHECK(result.held_back[0].why == "in mute_time_intervals \"always\"");
  }
}

TEST_CASE("replay: labels that the agent adds are routed by, rules see them in templates only") {
  const Recording recorded = recording("{interval: 1m, input_series: [{series: a, values: 1 1}]}");
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(
      "{route: {receiver: other, routes: [{matchers: [owner=team], receiver: team, "
      "group_wait: 0s}]},"
      " receivers: [{name: other}, {name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]}]}");
  options.as_told = [](Alert alert) {
    alert.labels.set("owner", "team");
    return alert;
  };
  const ReplayResult result =
      replay(recorded, rule_files("{groups: [{name: g, rules: [{alert: A, expr: a}]}]}"), options);
  REQUIRE(result.notices.size() == 1);
  CHECK(result.notices[0].firing.at(0).labels == Labels{{"alertname", "A"}, {"owner", "team"}});
  CHECK(result.alerts.at(0).labels == Labels{{"alertname", "A"}});
}

TEST_CASE("replay: what rules write is made anew, and no rule sees the future") {
  const auto files = rule_files(R"(
groups:
- name: g
  rules:
  - {record: twice, expr: 2 * a}
  - {alert: Recorded, expr: twice > 5}
  - {alert: Early, expr: a offset -2m > 2}
  - {alert: Old, expr: 'ALERTS{alertname="Gone"}'}
)");
  const Recording recorded = recording(R"(
interval: 1m
input_series:
- {series: a, values: 1 2 3}
- {series: twice, values: 9 9 9}
- {series: 'ALERTS{alertname="Gone"}', values: 1 1 1}
)");
  const ReplayResult result = replay(recorded, files, options_for(recorded));
  CHECK(alerts_of(result) == "Recorded 2m 2m -\nEarly 2m 2m -\n");
  CHECK(result.left_out == std::vector<std::string>{"ALERTS", "twice"});

  ReplayOptions later = options_for(recorded);
  later.span.from = minute(1);
  // The recorded 9 of minute 0 is history; the rule goes on from it with 4.
  const auto history = rule_files(
      "{groups: [{name: g, rules: [{record: twice, expr: 2 * a},"
      " {alert: H, expr: 'max_over_time(twice[2m]) == 9'}]}]}");
  CHECK(alerts_of(replay(recorded, history, later)) == "H 1m 1m 2m\n");
}

TEST_CASE("replay: groups have their own interval, and rules that fail are said once") {
  const Recording recorded = recording(R"(
interval: 1m
input_series: [{series: 'a{x="1"}', values: 1x4}, {series: 'a{x="2"}', values: 1x4},
               {series: b, values: 1x4}]
)");
  const auto files = rule_files(R"(
groups:
- {name: slow, interval: 2m, rules: [{alert: A, expr: a * on() b}]}
- {name: each, rules: [{alert: B, expr: b * on() a}]}
)");
  const ReplayResult result = replay(recorded, files, options_for(recorded));
  CHECK(result.evaluations == 3 + 5);
  REQUIRE(result.failures.size() == 2);
  CHECK(result.failures[0].times == 3);
  CHECK(result.failures[1].times == 5);
  CHECK(result.failures[1].rule == "B");
  CHECK(result.failures[1].place.line == 4);
}

TEST_CASE("replay: what is silenced is held back while it is, what is acknowledged not repeated") {
  const Recording recorded =
      recording("{interval: 1m, input_series: [{series: up, values: 0x20}]}");
  const auto files = rule_files("{groups: [{name: g, rules: [{alert: A, expr: up == 0}]}]}");
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(
      "{route: {receiver: team, group_wait: 0s, group_interval: 1m, repeat_interval: 4m},"
      " receivers: [{name: team, webhook_configs: [{url: 'http://127.0.0.1/'}]}]}");
  SECTION("silenced") {
    options.silenced_by = [](const Labels& labels, WallTime now) {
      CHECK(labels == Labels{{"alertname", "A"}});
      return now < minute(3) ? std::vector<std::string>{"s1"} : std::vector<std::string>();
    };
    const ReplayResult result = replay(recorded, files, options);
    CHECK_THAT(notices_of(result), Catch::StartsWith("3m team first 1 firing 0 resolved\n7m team"));
    REQUIRE(result.held_back.size() == 1);
    CHECK(result.held_back[0].why == "silenced by s1");
    CHECK(result.held_back[0].at == minute(0));
  }
  SECTION("acknowledged") {
    options.acknowledged = [](const Alert&, WallTime now) {
      return now >= minute(6) && now < minute(14);
    };
    CHECK(notices_of(replay(recorded, files, options)) ==
          "0s team first 1 firing 0 resolved\n"
          "4m team repeat 1 firing 0 resolved\n"
          "14m team repeat 1 firing 0 resolved\n"
          "18m team repeat 1 firing 0 resolved\n");
  }
}

TEST_CASE("replay: groups at their own offsets") {
  const Recording recorded =
      recording("{interval: 1m, input_series: [{series: up, values: 0x20}]}");
  const auto files = rule_files(
      "{groups: [{name: g, interval: 5m, rules: [{alert: A, expr: up == 0}]},"
      " {name: h, interval: 5m, rules: [{alert: B, expr: up == 0}]}]}");
  ReplayOptions options = options_for(recorded);
  options.span.from = minute(1);
  options.own_offsets = true;
  const ReplayResult result = replay(recorded, files, options);
  REQUIRE(result.alerts.size() == 2);
  for (const AlertEpisode& each : result.alerts) {
    const RuleGroup& group = files[0].groups[each.alert == "A" ? 0 : 1];
    CHECK(each.pending_at >= minute(1));
    CHECK(each.pending_at < minute(6));
    CHECK(each.pending_at.time_since_epoch() % Millis(300'000) ==
          evaluation_offset(group, Millis(300'000)));
  }
  CHECK(result.alerts[0].pending_at != result.alerts[1].pending_at);
}

TEST_CASE("replay: comparison of two rule files") {
  const Recording recorded = recording(kSeries);
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(kNotify);
  const ReplayResult before = replay(recorded, rule_files(kRules), options);
  SECTION("the same") {
    const Comparison same = compare(before, before);
    CHECK(same.equal());
    CHECK(same.same == 1);
  }
  SECTION("fires sooner, and for the short outage too") {
    std::string sooner = kRules;
    sooner.replace(sooner.find("for: 2m"), 7, "for: 0m");
    const ReplayResult after = replay(recorded, rule_files(sooner), options);
    CHECK(alerts_of(after) == "Down 2m 2m 6m\nDown 8m 8m 9m\n");
    const Comparison changes = compare(before, after);
    CHECK(changes.gone.empty());
    CHECK(changes.added == std::vector<std::size_t>{1});
    REQUIRE(changes.moved.size() == 1);
    CHECK(changes.same == 0);
    REQUIRE(changes.receivers.size() == 2);
    CHECK(changes.receivers[0].before == 2);
    CHECK(changes.receivers[0].after == after.notices.size());
    const std::string text = text_report(before, after, changes);
    INFO(text);
    CHECK(text.find("  + Down{job=\"shop\", severity=\"page\"}: firing 1970-01-01T00:08:00Z, "
                    "resolved 1970-01-01T00:09:00Z (1 min)\n") != text.npos);
    CHECK(text.find("  ~ Down") != text.npos);
    CHECK(text.find("alerts fired: 1 -> 2 (0 unchanged)") != text.npos);
  }
  SECTION("no rule") {
    const ReplayResult after = replay(recorded, {}, options);
    const Comparison changes = compare(before, after);
    CHECK(changes.gone == std::vector<std::size_t>{0});
    CHECK(changes.notices_gone.size() == 2);
    CHECK(json_report(before, after, changes).find(R"("alerts_same":0)") != std::string::npos);
  }
}

TEST_CASE("replay: text and JSON of one run") {
  const Recording recorded = recording(kSeries);
  ReplayOptions options = options_for(recorded);
  options.notify = notify_config(kNotify);
  const ReplayResult result = replay(recorded, rule_files(kRules), options);
  CHECK(text_report(result) ==
        "1970-01-01T00:00:00Z to 1970-01-01T00:10:00Z (10 min): 1 rule, 11 evaluations, 1 series\n"
        "alerts:\n"
        "  Down{job=\"shop\", severity=\"page\"}: pending 1970-01-01T00:02:00Z, firing "
        "1970-01-01T00:04:00Z, resolved 1970-01-01T00:06:00Z (2 min)\n"
        "  Down{job=\"shop\", severity=\"page\"}: pending 1970-01-01T00:08:00Z, over "
        "1970-01-01T00:09:00Z, never fired\n"
        "notices:\n"
        "  1970-01-01T00:04:30Z team webhook[0] first: firing Down{job=\"shop\", "
        "severity=\"page\"}\n"
        "  1970-01-01T00:06:30Z team webhook[0] resolved: resolved Down{job=\"shop\", "
        "severity=\"page\"}\n"
        "notices by receiver:\n"
        "  team: 2 (1 first, 1 resolved)\n"
        "  nobody: 0\n"
        "1 alert fired, 2 notices\n");
  CHECK(json_report(result).find(R"("fired_at":"1970-01-01T00:04:00Z")") != std::string::npos);
}

}  // namespace
}  // namespace seamwatch::rules::replay
