#include "agent/notify/history.h"

#include "agent/notify/history_query.h"
#include "tests/unit/agent/agent_fixture.h"
#include "tests/unit/agent/store/store_fixture.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;
using rules::HistoryDecision;
using rules::HistoryEntry;

namespace {

rules::HistoryAlert about(const std::string& name, const std::string& team = "x") {
  auto alert = std::make_shared<Alert>();
  alert->labels = Labels{{"alertname", name}, {"team", team}};
  return {alert->labels.fingerprint(), alert};
}

struct HistoryWorld : SimPorts {
  HistoryWorld() { history.apply(limits, Redactor()); }

  HistoryEntry entry(const std::string& alert, const std::string& reason = "why") {
    HistoryEntry out;
    out.at = loop.clock.wall_now();
    out.decision = HistoryDecision::silenced;
    out.receiver = "team";
    out.group_key = "{}:{}";
    out.reason = reason;
    out.firing = {about(alert)};
    return out;
  }

  // What GET /api/seamwatch/history finds, "DECISION ALERT REASON" each.
  std::vector<std::string> ask(std::vector<std::pair<std::string, std::string>> query = {}) {
    HttpCall call;
    call.query = std::move(query);
    const auto read = read_history_query(call, loop.clock.wall_now());
    REQUIRE(read.has_value());
    REQUIRE(run(history.flush()).has_value());
    const auto page = run(find_history(*store, history.segments(), *read));
    REQUIRE(page.has_value());
    next = page->next;
    std::vector<std::string> out;
    for (const FoundEntry& found : page->entries) {
      std::string text = found.row.decision;
      for (const FoundAlert& one : found.alerts) {
        text += " " + std::string(one.labels.get("alertname")) + (one.ended ? "-" : "");
      }
      out.push_back(text + " " + found.row.reason);
    }
    return out;
  }

  NotificationConfig limits;
  History history{loop.clock, *store};
  std::optional<std::int64_t> next;
};

using Texts = std::vector<std::string>;

}  // namespace

TEST_CASE("history: newest first, with its labels, and what was asked for") {
  HistoryWorld world;
  const WallTime start = world.loop.clock.wall_now();
  world.history.record(world.entry("A", "one"));
  world.loop.run_for(1min);
  HistoryEntry two = world.entry("B", "two");
  two.decision = HistoryDecision::muted;
  two.receiver = "lead";
  world.history.record(two);
  world.loop.run_for(1min);
  HistoryEntry three = world.entry("A", "three");
  three.decision = HistoryDecision::acked;
  three.receiver.clear();
  three.ended = {about("B")};
  world.history.record(three);
  CHECK(world.ask() == Texts{"acked A B- three", "muted B two", "silenced A one"});
  CHECK(world.ask({{"filter", "alertname=\"A\""}}) == Texts{"acked A three", "silenced A one"});
  CHECK(world.ask({{"filter", "alertname=~\"A|B\""}, {"filter", "team!=x"}}).empty());
  // Who has taken it on matters to every receiver.
  CHECK(world.ask({{"receiver", "le.*"}}) == Texts{"acked A B- three", "muted B two"});
  CHECK(world.ask({{"decision", "muted"}, {"decision", "silenced"}}) ==
        Texts{"muted B two", "silenced A one"});
  CHECK(world.ask({{"since", "1m"}}) == Texts{"acked A B- three", "muted B two"});
  CHECK(world.ask({{"until", to_rfc3339(start)}}) == Texts{"silenced A one"});
  CHECK(world.ask({{"since", std::to_string(unix_millis(start) / 1000 + 60)}, {"until", "1m"}}) ==
        Texts{"muted B two"});
}

TEST_CASE("history: pages") {
  HistoryWorld world;
  for (const char* reason : {"one", "two", "three"}) {
    world.history.record(world.entry("A", reason));
  }
  CHECK(world.ask({{"limit", "2"}}) == Texts{"silenced A three", "silenced A two"});
  REQUIRE(world.next);
  CHECK(world.ask({{"limit", "2"}, {"before", std::to_string(*world.next)}}) ==
        Texts{"silenced A one"});
  CHECK_FALSE(world.next);
}

TEST_CASE("history: what cannot be asked, and what to write") {
  struct Case {
    const char* name;
    const char* value;
    const char* want;
  };

  const auto c = GENERATE(values<Case>({
      {"filter", "=x", "bad matcher format: "},
      {"receiver", "(", "failed to parse receiver param: "},
      {"decision", "sillenced", "\"sillenced\" is no decision: write one of grouped, silenced"},
      {"since",
       "yesterday",
       "since: \"yesterday\" is no time: write one like 2026-11-24T03:00:00Z"},
      {"until", "-5", "until: \"-5\" is no time"},
      {"limit", "0", "limit is no whole number above 0"},
      {"limit", "9999999999999999999999", "limit is no whole number above 0"},
      {"before", "1.5", "before is no whole number above 0"},
  }));
  HttpCall call;
  call.query = {{c.name, c.value}};
  const auto read = read_history_query(call, wall_from_unix_millis(1'700'000'000'000));
  REQUIRE(read.has_error());
  CHECK(read.error().message.substr(0, std::string(c.want).size()) == c.want);
}

TEST_CASE("history: 50,000 alerts are some small rows, and each of them is found") {
  HistoryWorld world;
  HistoryEntry entry = world.entry("A");
  entry.firing.clear();
  for (int i = 0; i < 50'000; ++i) {
    entry.firing.push_back(about("A", "team" + std::to_string(i)));
  }
  std::sort(entry.firing.begin(), entry.firing.end(), [](const auto& a, const auto& b) {
    return a.fingerprint < b.fingerprint;
  });
  world.history.record(entry);
  REQUIRE(world.run(world.history.flush(), 1min).has_value());
  const std::int64_t once = world.history.stats().bytes;
  CHECK(once < 5'000'000);
  for (int i = 0; i < 100; ++i) {
    world.history.record(entry);
  }
  CHECK(world.ask({{"filter", "team=team49999"}, {"limit", "1000"}}).size() == 101);
  CHECK(world.history.stats().bytes - once < 100'000);
}

TEST_CASE("history: bounded in rows, bytes and age; the oldest go, and all that is theirs") {
  HistoryWorld world;
  SECTION("rows") {
    world.limits.history_rows_max = 100;
    world.history.apply(world.limits, Redactor());
    for (int i = 0; i < 500; ++i) {
      world.history.record(world.entry("A" + std::to_string(i)));
      REQUIRE(world.run(world.history.flush()).has_value());
      REQUIRE(world.history.stats().rows <= 100);
    }
    const Texts left = world.ask({{"limit", "1000"}});
    CHECK(left.size() > 80);
    CHECK(left.front() == "silenced A499 why");
  }
  SECTION("bytes") {
    world.limits.history_bytes_max = 65'536;
    world.history.apply(world.limits, Redactor());
    for (int i = 0; i < 500; ++i) {
      world.history.record(world.entry("A", std::string(1000, 'x')));
      REQUIRE(world.run(world.history.flush()).has_value());
      REQUIRE(world.history.stats().bytes <= 65'536);
    }
    CHECK(world.history.stats().rows > 40);
  }
  SECTION("age") {
    world.limits.history_keep = Millis(8h);
    world.history.apply(world.limits, Redactor());
    world.tasks.spawn("history", world.history.run());
    for (int i = 0; i < 20; ++i) {
      world.history.record(world.entry("A"));
      world.loop.run_for(30min);
    }
    CHECK(world.history.stats().rows <= 18);
    CHECK(world.history.stats().rows >= 14);
    world.loop.run_for(10h);
    CHECK(world.history.stats().rows == 0);
    world.end_tasks();
  }
}

TEST_CASE("history: a restart goes on behind what is there") {
  HistoryWorld world;
  world.history.record(world.entry("A", "one"));
  REQUIRE(world.run(world.history.flush()).has_value());
  History next(world.loop.clock, *world.store);
  next.apply(world.limits, Redactor());
  REQUIRE(world.run(next.restore()).has_value());
  CHECK(next.stats().rows == 1);
  const auto latest = world.run(next.latest(10));
  REQUIRE(latest->size() == 1);
  CHECK((*latest)[0].decision == HistoryDecision::silenced);
  CHECK((*latest)[0].firing.at(0).fingerprint == about("A").fingerprint);
  next.record(world.entry("A", "two"));
  REQUIRE(world.run(next.flush()).has_value());
  CHECK(next.segments().size() == 2);
  const auto page = world.run(find_history(*world.store, next.segments(), HistoryQuery()));
  REQUIRE(page->entries.size() == 2);
  CHECK(page->entries[0].alerts.at(0).labels.get("alertname") == "A");
  CHECK(page->entries[1].alerts.at(0).labels.get("alertname") == "A");
}

TEST_CASE("history: an entry about a notice has its alerts, also where a reload forgot them") {
  HistoryWorld world;
  Notification notice;
  notice.id = "n1";
  notice.receiver = "team";
  notice.sink = "webhook[0]";
  notice.group_key = "{}:{}";
  notice.alerts.resize(2);
  notice.alerts[0].labels = Labels{{"alertname", "A"}};
  notice.alerts[1].labels = Labels{{"alertname", "B"}};
  notice.alerts[1].ends_at = world.loop.clock.wall_now();
  HistoryEntry entry;
  entry.at = world.loop.clock.wall_now();
  entry.decision = HistoryDecision::sent;
  world.history.record(entry, notice);
  CHECK(world.ask() == Texts{"sent A B- "});
}

TEST_CASE("history: reasons are redacted; who took an alert on may be an address") {
  HistoryWorld world;
  HistoryEntry entry = world.entry("A", "password=hunter2xyz told jane@example.org");
  entry.by = "jane@example.org";
  world.history.record(entry);
  const Texts found = world.ask();
  REQUIRE(found.size() == 1);
  CHECK(found[0].find("hunter2xyz") == std::string::npos);
  CHECK(found[0].find("jane@") == std::string::npos);
  const auto page = world.run(find_history(*world.store, world.history.segments(), HistoryQuery()));
  CHECK(page->entries.at(0).row.by == "jane@example.org");
}

TEST_CASE("history: while the store fails entries wait, as many as there is room for") {
  HistoryWorld world;
  TempFolder folder;
  const auto store = open_store(impatient_options(folder.path()));
  History history(world.loop.clock, *store);
  auto held = std::make_unique<HeldDatabase>(folder);
  for (int i = 0; i < 10'300; ++i) {
    history.record(world.entry("A", std::to_string(i)));
    if (i % 100 == 0) {
      CHECK_FALSE(world.run(history.flush()).has_value());
    }
  }
  CHECK(history.stats().dropped > 0);
  CHECK(history.stats().held + history.stats().dropped == 10'300);
  const auto kept = static_cast<std::int64_t>(history.stats().held);
  held.reset();
  REQUIRE(world.run(history.flush()).has_value());
  CHECK(history.stats().held == 0);
  CHECK(history.stats().rows == kept);
  HistoryQuery all;
  all.limit = 10'300;
  const auto page = world.run(find_history(*store, history.segments(), all));
  REQUIRE(page->entries.size() == static_cast<std::size_t>(kept));
  CHECK(page->entries.back().row.reason == "0");
  CHECK(page->entries.front().alerts.at(0).labels.get("alertname") == "A");
}
