#include "tests/unit/agent/notify/notifier_world.h"

using namespace seamwatch;
using namespace seamwatch::agent;
using namespace std::chrono_literals;

TEST_CASE("alerts that are posted leave room for own ones, and these for those") {
  NotifierWorld world;
  world.config->notification.alerts_max = 1;
  rules::PostedAlert posted;
  posted.labels = Labels{{"alertname", "Posted"}};
  rules::PostedAlert more;
  more.labels = Labels{{"alertname", "More"}};
  const bool own_first = GENERATE(false, true);
  if (own_first) {
    world.take({world.alert("Own")});
  }
  CHECK(world.run(world.notifier->post({posted, more})).refused.size() == 1);
  if (!own_first) {
    world.take({world.alert("Own")});
  }
  CHECK(world.notifier->alerts().size() == 2);
  CHECK(world.notifier->alert_counts().own == 1);
  CHECK(world.notifier->alert_counts().posted == 1);
  CHECK(world.notifier->alert_counts().refused_own == 0);
  CHECK(world.notifier->alert_counts().refused_posted == 1);
}

TEST_CASE("alerts from outside are told like own ones, and a restart brings them back") {
  NotifierWorld world;
  rules::PostedAlert posted;
  posted.labels = Labels{{"alertname", "Theirs"}};
  posted.starts_at = world.started;
  rules::PostedAlert bad;
  const PostOutcome outcome = world.run(world.notifier->post({posted, bad}));
  CHECK(outcome.refused == std::vector<std::string>{"at least one label pair required"});
  CHECK(outcome.stored.has_value());
  world.loop.run_for(1min);
  REQUIRE(world.told.size() == 1);
  CHECK(world.told[0].alerts.at(0).labels == posted.labels);  // without external labels

  const auto restarted = [&](Nanos away) {
    world.loop.run_for(away);
    auto next =
        std::make_unique<Notifier>(world.ports(), *world.store, world.deliverer, world.history);
    next->restore(*world.run(world.store->load_all(std::string(kNotificationLogSpace))));
    next->restore_posted(*world.run(world.store->load_all(std::string(kPostedAlertSpace))));
    next->apply(world.config, notify_config(kNotify));
    return next;
  };
  SECTION("as it was") {
    auto next = restarted(1s);
    CHECK(next->alerts().size() == 1);
  }
  SECTION("its end, which passed while nobody looked, waits for a word of those who posted it") {
    world.end_tasks();
    auto next = restarted(20min);
    REQUIRE(next->alerts().size() == 1);
    CHECK(next->alerts()[0].alert.ends_at == world.loop.clock.wall_now() + Millis(5min));
  }
  SECTION("but not where its end was told") {
    world.loop.run_for(10min);
    CHECK(world.told.size() == 2);
    auto next = restarted(1s);
    CHECK(next->alerts().empty());
    CHECK(world.run(world.store->load_all(std::string(kPostedAlertSpace)))->empty());
  }
}

TEST_CASE("posts past alerts_max are refused, and a store that fails is said") {
  NotifierWorld world;
  world.config->notification.alerts_max = 1;
  rules::PostedAlert one;
  one.labels = Labels{{"alertname", "One"}};
  rules::PostedAlert two;
  two.labels = Labels{{"alertname", "Two"}};
  CHECK(world.run(world.notifier->post({one, two})).refused.size() == 1);
  CHECK(world.run(world.notifier->post({one})).refused.empty());
  world.store->stop();
  CHECK_FALSE(world.run(world.notifier->post({one})).stored.has_value());
  CHECK(world.notifier->alerts().size() == 1);
}
