#include "rules/routing/dispatcher.h"

#include <catch2/catch.hpp>

#include "agent/io/yaml.h"

using namespace seamwatch;
using namespace seamwatch::rules;

namespace {

WallTime at(double seconds) {
  return wall_from_unix_millis(static_cast<std::int64_t>(seconds * 1000));
}

// Waits 30 s, then every 5 min, as by default.
std::shared_ptr<const NotifyConfig> config() {
  Diagnostics problems;
  const Document document = parse_yaml("n.yml",
                                       R"(
route:
  receiver: r
  group_by: [g]
receivers: [{name: r}]
)",
                                       problems);
  auto out = std::make_shared<NotifyConfig>(load_notify_config(document, problems));
  REQUIRE(problems.to_string() == "");
  return out;
}

AlertPtr alert(const std::string& name, const std::string& group, double starts_at) {
  Alert out;
  out.labels = Labels{{"alertname", name}, {"g", group}};
  out.starts_at = at(starts_at);
  return std::make_shared<const Alert>(out);
}

AlertPtr resolved(const AlertPtr& alert, double ends_at) {
  Alert out = *alert;
  out.ends_at = at(ends_at);
  return std::make_shared<const Alert>(out);
}

std::string names(const GroupFlush& flush) {
  std::string out;
  for (const AlertPtr& each : flush.firing) {
    out += std::string(each->labels.get("alertname")) + "+ ";
  }
  for (const AlertPtr& each : flush.resolved) {
    out += std::string(each->labels.get("alertname")) + "- ";
  }
  return out;
}

}  // namespace

TEST_CASE("dispatcher: group_wait, then every group_interval") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  CHECK_FALSE(dispatcher.next_flush());
  dispatcher.insert({alert("a", "1", 100)}, at(100));
  CHECK(dispatcher.next_flush() == at(130));
  dispatcher.insert({alert("b", "1", 120)}, at(120));
  CHECK(dispatcher.next_flush() == at(130));
  CHECK(dispatcher.flush(at(129.999)).empty());
  const auto first = dispatcher.flush(at(130));
  REQUIRE(first.size() == 1);
  CHECK(names(first[0]) == "a+ b+ ");
  CHECK(first[0].group_key == R"({}:{g="1"})");
  CHECK(first[0].at == at(130));
  CHECK(dispatcher.next_flush() == at(430));
  dispatcher.recorded(first[0]);
  dispatcher.insert({alert("c", "1", 200)}, at(200));
  CHECK(dispatcher.next_flush() == at(430));
  CHECK(names(dispatcher.flush(at(430)).at(0)) == "a+ b+ c+ ");
}

TEST_CASE("dispatcher: an alert that fires for longer than group_wait is due at once") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  SECTION("exactly group_wait is not longer") {
    dispatcher.insert({alert("a", "1", 70)}, at(100));
    CHECK(dispatcher.next_flush() == at(130));
  }
  SECTION("one millisecond more is") {
    dispatcher.insert({alert("a", "1", 69.999)}, at(100));
    CHECK(dispatcher.next_flush() == at(100));
  }
  SECTION("also where it joins a group that waits") {
    dispatcher.insert({alert("a", "1", 100)}, at(100));
    dispatcher.insert({alert("b", "1", 10)}, at(110));
    CHECK(dispatcher.next_flush() == at(110));
  }
  SECTION("but not after the first flush") {
    dispatcher.insert({alert("a", "1", 100)}, at(100));
    dispatcher.flush(at(130));
    dispatcher.insert({alert("b", "1", 10)}, at(140));
    CHECK(dispatcher.next_flush() == at(430));
  }
}

TEST_CASE("dispatcher: nothing is flushed before not_before") {
  Dispatcher dispatcher(config(), at(0), {at(200)});
  dispatcher.insert({alert("a", "1", 10)}, at(100));
  CHECK(dispatcher.next_flush() == at(200));
  dispatcher.insert({alert("b", "1", 190)}, at(190));
  CHECK(names(dispatcher.flush(at(200)).at(0)) == "a+ b+ ");
}

TEST_CASE("dispatcher: groups are apart, in the order they are due") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  dispatcher.insert({alert("a", "2", 100), alert("a", "1", 100)}, at(100));
  const auto flushes = dispatcher.flush(at(200));
  REQUIRE(flushes.size() == 2);
  CHECK(flushes[0].group_labels.get("g") == "2");
  CHECK(flushes[1].group_labels.get("g") == "1");
  CHECK(dispatcher.next_flush() == at(500));
  CHECK(dispatcher.groups(at(300)).size() == 2);
}

TEST_CASE("dispatcher: resolved alerts stay until their flush is recorded") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  const AlertPtr a = alert("a", "1", 100);
  dispatcher.insert({a, alert("b", "1", 100)}, at(100));
  dispatcher.recorded(dispatcher.flush(at(130)).at(0));
  dispatcher.insert({resolved(a, 200)}, at(200));
  const auto lost = dispatcher.flush(at(430));
  CHECK(names(lost.at(0)) == "b+ a- ");
  // The commit failed: it comes again.
  const auto second = dispatcher.flush(at(730));
  CHECK(names(second.at(0)) == "b+ a- ");
  SECTION("recorded") {
    dispatcher.recorded(second.at(0));
    CHECK(names(dispatcher.flush(at(1030)).at(0)) == "b+ ");
  }
  SECTION("fired again before it was recorded") {
    dispatcher.insert({alert("a", "1", 731)}, at(731));
    dispatcher.recorded(second.at(0));
    CHECK(names(dispatcher.flush(at(1030)).at(0)) == "a+ b+ ");
  }
}

TEST_CASE("dispatcher: an end in the future fires until then") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  dispatcher.insert({resolved(alert("a", "1", 100), 130)}, at(100));
  CHECK(names(dispatcher.groups(at(129.999)).at(0)) == "a+ ");
  CHECK(names(dispatcher.flush(at(130)).at(0)) == "a- ");
}

TEST_CASE("dispatcher: empty groups die at the next half minute") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  dispatcher.insert({resolved(alert("a", "1", 100), 110)}, at(100));
  dispatcher.recorded(dispatcher.flush(at(130)).at(0));
  CHECK_FALSE(dispatcher.next_flush());
  SECTION("before, a new alert keeps the rhythm of the group") {
    dispatcher.insert({alert("b", "1", 149)}, at(149.999));
    CHECK(dispatcher.next_flush() == at(430));
  }
  SECTION("then, it starts a new group") {
    dispatcher.insert({alert("b", "1", 150)}, at(150));
    CHECK(dispatcher.next_flush() == at(180));
  }
}

TEST_CASE("dispatcher: the order of alerts in a notice") {
  const auto with = [](Labels labels) {
    Alert out;
    out.labels = std::move(labels);
    return out;
  };
  const Alert by_job = with({{"job", "a"}, {"z", "1"}});
  const Alert by_instance = with({{"instance", "a"}, {"z", "1"}});
  const Alert few = with({{"z", "9"}});
  const Alert many = with({{"a", "1"}, {"b", "1"}});
  CHECK(alert_before(by_job, by_instance));
  CHECK(alert_before(by_instance, few));
  CHECK(alert_before(few, many));
  CHECK_FALSE(alert_before(many, few));
  CHECK_FALSE(alert_before(few, few));
}

TEST_CASE("dispatcher: groups that begin with a posted alert do not wait for not_before") {
  Dispatcher dispatcher(config(), at(0), {at(200)});
  dispatcher.insert({alert("a", "own", 100)}, at(100));
  dispatcher.insert({alert("a", "posted", 100)}, at(100), true);
  dispatcher.insert({alert("b", "own", 101)}, at(101), true);
  CHECK(dispatcher.next_flush() == at(130));
  CHECK(names(dispatcher.flush(at(130)).at(0)) == "a+ ");
  CHECK(dispatcher.next_flush() == at(200));
  CHECK(names(dispatcher.flush(at(200)).at(0)) == "a+ b+ ");
}

TEST_CASE("dispatcher: posted alerts wait as long as they are told to") {
  Dispatcher dispatcher(config(), at(0), {at(200), at(150)});
  dispatcher.insert({alert("a", "posted", 100)}, at(100), true);
  CHECK(dispatcher.next_flush() == at(150));
  CHECK(names(dispatcher.flush(at(150)).at(0)) == "a+ ");
}

TEST_CASE("dispatcher: holds an alert until its end is recorded") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  const AlertPtr firing = alert("a", "1", 100);
  CHECK_FALSE(dispatcher.holds(*firing));
  dispatcher.insert({firing}, at(100));
  CHECK(dispatcher.holds(*firing));
  CHECK_FALSE(dispatcher.holds(*alert("b", "1", 100)));
  dispatcher.recorded(dispatcher.flush(at(130)).at(0));
  dispatcher.insert({resolved(firing, 140)}, at(140));
  CHECK(dispatcher.holds(*firing));
  dispatcher.recorded(dispatcher.flush(at(430)).at(0));
  CHECK_FALSE(dispatcher.holds(*firing));
}

TEST_CASE("dispatcher: who joined is told once, also of a group that is gone") {
  Dispatcher dispatcher(config(), at(0), {at(0)});
  const AlertPtr firing = alert("a", "1", 100);
  dispatcher.insert({firing}, at(100));
  dispatcher.recorded(dispatcher.flush(at(130)).at(0));
  dispatcher.insert({resolved(firing, 140)}, at(140));
  dispatcher.recorded(dispatcher.flush(at(430)).at(0));
  dispatcher.insert({alert("b", "2", 4000)}, at(4000));  // by now the empty group was removed
  const auto joins = dispatcher.take_joins();
  REQUIRE(joins.size() == 2);
  CHECK(joins[0].group_key == R"({}:{g="1"})");
  REQUIRE(joins[0].alerts.size() == 1);
  CHECK(joins[0].alerts[0]->labels.get("alertname") == "a");
  CHECK_FALSE(joins[0].first);
  CHECK(joins[1].group_key == R"({}:{g="2"})");
  CHECK(joins[1].first);
  CHECK(joins[1].due == at(4030));
  CHECK(dispatcher.take_joins().empty());
}

TEST_CASE("dispatcher: an alert that stands for others goes where they go, each route once") {
  Diagnostics problems;
  const Document document = parse_yaml("n.yml",
                                       R"(
route:
  receiver: all
  routes:
    - {receiver: a, matchers: [team="a"]}
    - {receiver: b, matchers: [team="b"]}
    - {receiver: a, matchers: [team="c"], repeat_interval: 12h}
    - {receiver: a, matchers: [team="e"], repeat_interval: 1h}
    - {receiver: a, matchers: [team="f"], group_wait: 0s}
    - {receiver: a, matchers: [team="d"], mute_time_intervals: [night]}
time_intervals: [{name: night, time_intervals: [{times: [{start_time: "20:00", end_time: "24:00"}]}]}]
receivers: [{name: all}, {name: a}, {name: b}]
)",
                                       problems);
  const auto routes = std::make_shared<NotifyConfig>(load_notify_config(document, problems));
  REQUIRE(problems.to_string() == "");
  std::vector<Labels> others = {{{"team", "a"}}, {{"team", "a"}, {"n", "2"}}};
  Dispatcher dispatcher(
      routes, at(0), {at(0)}, [&](const Alert& alert) -> const std::vector<Labels>* {
        return alert.labels.get("alertname") == "SystemDown" ? &others : nullptr;
      });
  const auto receivers = [&] {
    std::string out;
    for (const GroupFlush& group : dispatcher.groups(at(1))) {
      out += group.route->receiver + " ";
    }
    return out;
  };
  const AlertPtr standing_in = alert("SystemDown", "", 0);
  dispatcher.insert({standing_in, alert("Other", "", 0)}, at(0));
  CHECK(receivers() == "a all ");
  CHECK(dispatcher.holds(*standing_in));
  // More stand behind it now.
  others.push_back({{"team", "b"}});
  dispatcher.insert({standing_in}, at(1));
  CHECK(receivers() == "a all b ");
  // Another way to those who are told is none, unless it tells them at other times, or sooner.
  others.push_back({{"team", "c"}});
  dispatcher.insert({standing_in}, at(2));
  CHECK(receivers() == "a all b ");
  others.push_back({{"team", "d"}});
  dispatcher.insert({standing_in}, at(3));
  CHECK(receivers() == "a all b a ");
  others.push_back({{"team", "e"}});
  dispatcher.insert({standing_in}, at(4));
  CHECK(receivers() == "a all b a a ");
  others.push_back({{"team", "f"}});
  dispatcher.insert({standing_in}, at(5));
  CHECK(receivers() == "a all b a a a ");
}
