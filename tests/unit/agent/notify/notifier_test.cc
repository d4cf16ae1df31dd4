#include "tests/unit/agent/notify/notifier_world.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

TEST_CASE("an alert is told once, with the external labels it has not, and its end once") {
  NotifierWorld world;
  for (int i = 0; i < 10; ++i) {
    world.take({world.alert("Down")});
    world.loop.run_for(1min);
  }
  REQUIRE(world.told.size() == 1);
  const Labels& labels = world.told[0].alerts.at(0).labels;
  CHECK(labels.get("site") == "north");
  CHECK(labels.get("severity") == "info");
  world.take({world.alert("Down", Millis(0))});
  world.loop.run_for(10min);
  REQUIRE(world.told.size() == 2);
  CHECK(world.told[1].reason == "resolved");
}

TEST_CASE("an alert that nobody speaks of any more is resolved by time, and that is told") {
  NotifierWorld world;
  world.take({world.alert("Down")});
  world.loop.run_for(10min);
  REQUIRE(world.told.size() == 2);
  CHECK(world.told[1].reason == "resolved");
}

TEST_CASE("groups that are due together are accepted together") {
  NotifierWorld world;
  for (const char name : std::string("abcdefghijklmnopqrst")) {
    world.take({world.alert({name})});
  }
  world.loop.run_for(1min);
  CHECK(world.told.size() == 20);  // each of which has a commit of its own
  CHECK(world.store->stats().commits < 35);
}

TEST_CASE("what two routes with the same matchers tell the same receiver at once is told once") {
  NotifierWorld world;
  std::string text = kNotify;
  text.insert(text.find("receivers:"), "  routes: [{continue: true}, {}]\n");
  world.notifier->apply(world.config, notify_config(text));
  world.take({world.alert("Down")});
  world.loop.run_for(1min);
  CHECK(world.told.size() == 1);
}

TEST_CASE("a reload tells nothing twice") {
  NotifierWorld world;
  world.take({world.alert("Down")});
  world.loop.run_for(1min);
  world.notifier->apply(world.config, notify_config(kNotify));
  world.loop.run_for(2min);
  CHECK(world.told.size() == 1);
}

TEST_CASE("a restart tells nothing twice: the log was kept with the notice") {
  NotifierWorld world;
  world.take({world.alert("Down")});
  world.loop.run_for(1min);
  Notifier next(world.ports(), *world.store, world.deliverer, world.history);
  world.current = &next;
  next.restore(*world.run(world.store->load_all(std::string(kNotificationLogSpace))));
  next.apply(world.config, notify_config(kNotify));
  world.tasks.spawn("next", next.run());
  world.take(next, {world.alert("Down")});
  world.loop.run_for(2min);
  CHECK(world.told.size() == 1);
  world.end_tasks();
}

constexpr const char* kEscalating = R"(
route:
  receiver: team
  group_by: [alertname]
  group_wait: 10s
  group_interval: 10m
  escalate: [{after: 3m30s, receiver: lead, unless: acked}]
receivers:
  - name: team
    webhook_configs: [{url: http://hooks.test/team}]
  - name: lead
    webhook_configs: [{url: http://hooks.test/lead}]
)";

TEST_CASE("a step of an escalation comes between two turns, and once over a restart") {
  NotifierWorld world;
  world.notifier->apply(world.config, notify_config(kEscalating));
  world.take({world.alert("Down", Millis(-1h))});
  world.loop.run_for(3min + 44s);  // the first round, and what the step waits, but for a second
  CHECK(world.told.size() == 1);
  SECTION("told before the restart") {
    world.loop.run_for(2s);
    REQUIRE(world.told.size() == 2);
    CHECK(world.told[1].receiver == "lead");
    CHECK(world.told[1].reason == "escalated");
  }
  Notifier next(world.ports(), *world.store, world.deliverer, world.history);
  world.current = &next;
  next.restore(*world.run(world.store->load_all(std::string(kNotificationLogSpace))));
  next.apply(world.config, notify_config(kEscalating));
  world.tasks.spawn("next", next.run());
  world.take(next, {world.alert("Down", Millis(-1h))});
  world.notifier->apply(world.config, nullptr);
  world.loop.run_for(15min);
  CHECK(world.told.size() == 2);
  world.end_tasks();
}

TEST_CASE("a notice that the outbox refused is decided again when there is room") {
  NotifierWorld world(0);
  world.take({world.alert("Down")});
  world.loop.run_for(30s);
  CHECK(world.told.empty());
  CHECK(*world.run(world.store->load_all(std::string(kNotificationLogSpace))) ==
        std::vector<KeyValue>{});
}

TEST_CASE("what is decided is journalled when it changes, also over a restart and a reload") {
  NotifierWorld world;
  KeptSilences& kept = world.notifier->silences();
  rules::Silence silence;
  silence.matchers = {rules::Matcher::make(rules::MatchType::equal, "alertname", "Down").value()};
  silence.starts_at = world.started;
  silence.ends_at = world.started + Millis(10min);
  REQUIRE(world.run(kept.set(silence)).kind == SilenceAnswer::Kind::done);
  world.take({world.alert("Down", Millis(-1h))});
  world.loop.run_for(2min);
  using Texts = std::vector<std::string>;
  CHECK(world.journal() == Texts{"grouped Down", "silenced Down"});
  world.notifier->apply(world.config, notify_config(kNotify));
  world.loop.run_for(2min);
  CHECK(world.journal() == Texts{"grouped Down", "silenced Down"});
  world.notifier->apply(world.config, nullptr);

  History history(world.loop.clock, *world.store);
  Notifier next(world.ports(), *world.store, world.deliverer, history);
  world.current = &next;
  REQUIRE(world.run(next.restore_history()).has_value());
  next.silences().restore_silences(*world.run(world.store->load_all(std::string(kSilenceSpace))));
  next.apply(world.config, notify_config(kNotify));
  world.tasks.spawn("next", next.run());
  world.take(next, {world.alert("Down", Millis(-1h))});
  world.loop.run_for(4min);
  CHECK(world.journal(history) == Texts{"grouped Down", "silenced Down"});
  world.loop.run_for(5min);
  CHECK(world.journal(history) ==
        Texts{"grouped Down", "silenced Down", "queued Down", "deduplicated Down"});
  const Labels labels = next.alerts().at(0).alert.labels;
  const WallTime now = world.loop.clock.wall_now();
  REQUIRE(world.run(next.silences().acknowledge({labels, "me", "", now, now + Millis(1h)}))
              .has_value());
  REQUIRE(*world.run(next.silences().take_back(labels.fingerprint())));
  const Texts all = world.journal(history);
  CHECK(Texts(all.end() - 2, all.end()) == Texts{"acked Down", "unacked Down"});
  world.end_tasks();
}

TEST_CASE("a notice that the outbox refuses again and again is one entry") {
  NotifierWorld world(0);
  world.take({world.alert("Down", Millis(-1h))});
  world.loop.run_for(5min);
  CHECK(world.journal() == std::vector<std::string>{"grouped Down", "refused Down"});
}

TEST_CASE("a clock that is set back holds no group back") {
  NotifierWorld world;
  world.take({world.alert("Down")});
  world.loop.run_for(2s);
  world.loop.clock.jump_wall(Millis(-3h));
  world.loop.run_for(1min);
  CHECK(world.told.size() == 1);
}

TEST_CASE("past alerts_max new alerts are refused and known ones still move") {
  NotifierWorld world;
  world.config->notification.alerts_max = 1;
  world.take({world.alert("A"), world.alert("B")});
  CHECK(world.notifier->alerts().size() == 1);
  world.take({world.alert("A", Millis(0))});
  CHECK(world.notifier->alerts().empty());
  CHECK(world.notifier->alert_counts().refused_own == 1);
  CHECK(world.notifier->alert_counts().refused_posted == 0);
}

TEST_CASE("without a notification file alerts are shown and nobody is told") {
  NotifierWorld world;
  world.notifier->apply(world.config, nullptr);
  world.take({world.alert("A")});
  world.loop.run_for(1min);
  CHECK(world.notifier->alerts().size() == 1);
  CHECK(world.told.empty());
}

TEST_CASE("the end of an alert, once told, takes its ack from the list") {
  NotifierWorld world;
  world.take({world.alert("Down")});
  world.loop.run_for(1min);
  const Labels labels = world.notifier->alerts().at(0).alert.labels;
  KeptSilences& kept = world.notifier->silences();
  const WallTime now = world.loop.clock.wall_now();
  REQUIRE(world.run(kept.acknowledge({labels, "me", "", now, now + Millis(4h)})).has_value());
  Alert ended = world.alert("Down");
  ended.ends_at = now + Millis(1);
  world.take({ended});
  CHECK(kept.acks().all().size() == 1);
  world.loop.run_for(10min);
  CHECK(kept.acks().all().empty());
  CHECK(world.run(world.store->load_all(std::string(kAckSpace)))->empty());

  // Who has taken it on again since it fired again keeps it.
  const WallTime later = world.loop.clock.wall_now();
  REQUIRE(world.run(kept.acknowledge({labels, "me", "", later, later + Millis(4h)})).has_value());
  auto old = std::make_shared<Alert>(ended);
  old->labels = labels;
  world.run(kept.end_acks({old}));
  CHECK(kept.acks().all().size() == 1);
}

TEST_CASE("what stands in silences and acks is redacted, and says who") {
  NotifierWorld world;
  world.take({world.alert("Down")});
  KeptSilences& kept = world.notifier->silences();
  rules::Silence silence;
  silence.matchers = {rules::Matcher::make(rules::MatchType::equal, "alertname", "Down").value()};
  silence.starts_at = world.started;
  silence.ends_at = world.started + Millis(1h);
  silence.created_by = "Jane Doe token=abc";
  silence.comment = "ask joe@example.org, password=x";
  silence.annotations = Labels{{"ticket", "https://u:p@tickets.test/7"}};
  const SilenceAnswer set = world.run(kept.set(silence));
  REQUIRE(set.kind == SilenceAnswer::Kind::done);
  const rules::Silence& stored = *kept.silences().find(set.text);
  CHECK(stored.created_by == "Jane Doe token=<secret>");
  CHECK(stored.comment == "ask <email>, password=<secret>");
  CHECK(stored.annotations.get("ticket") == "https://<secret>@tickets.test/7");
  const Labels labels = world.notifier->alerts()[0].alert.labels;
  const WallTime now = world.loop.clock.wall_now();
  for (const auto& [owner, want] : std::vector<std::pair<std::string, std::string>>{
           {"jane@example.org", "jane@example.org"},
           {"Jane Doe, Konto 12345678", "Jane Doe, Konto <account>"}}) {
    CHECK(
        world.run(kept.acknowledge({labels, owner, "card 4111111111111111", now, now + Millis(1h)}))
            .has_value());
    const rules::Ack& ack = kept.acks().all().at(labels.fingerprint());
    CHECK(ack.owner == want);
    CHECK(ack.comment == "card <card>");
  }
}

TEST_CASE("silences and acks are durable before they hold") {
  NotifierWorld world;
  world.take({world.alert("Down")});
  KeptSilences& kept = world.notifier->silences();
  rules::Silence silence;
  silence.matchers = {rules::Matcher::make(rules::MatchType::equal, "alertname", "Down").value()};
  silence.starts_at = world.started;
  silence.ends_at = world.started + Millis(1h);
  const SilenceAnswer set = world.run(kept.set(silence));
  REQUIRE(set.kind == SilenceAnswer::Kind::done);
  CHECK(world.notifier->alerts().at(0).silenced_by == std::vector<std::string>{set.text});
  const Labels labels = world.notifier->alerts()[0].alert.labels;
  const WallTime now = world.loop.clock.wall_now();
  CHECK(world.run(kept.acknowledge({labels, "me", "", now, now + Millis(1h)})).has_value());
  CHECK(world.notifier->alerts().at(0).ack.has_value());

  KeptSilences next(world.ports(), *world.store, world.history);
  next.restore_silences(*world.run(world.store->load_all(std::string(kSilenceSpace))));
  next.restore_acks(*world.run(world.store->load_all(std::string(kAckSpace))));
  CHECK(next.silences().silenced_by(labels, now).size() == 1);
  CHECK(next.acks().all().size() == 1);
  next.apply({}, Millis(1min), {}, {});
  world.run(next.clean_up(now + Millis(2h)));
  CHECK(world.run(world.store->load_all(std::string(kSilenceSpace)))->empty());
  CHECK(world.run(world.store->load_all(std::string(kAckSpace)))->empty());

  silence.id = "unknown";
  CHECK(world.run(kept.set(silence)).kind == SilenceAnswer::Kind::not_found);
  silence.id.clear();
  silence.matchers.clear();
  CHECK(world.run(kept.set(silence)).kind == SilenceAnswer::Kind::refused);
  world.store->stop();
  CHECK(world.run(kept.expire(set.text)).kind == SilenceAnswer::Kind::not_stored);
  CHECK(kept.silences().silenced_by(labels, now).size() == 1);
}
